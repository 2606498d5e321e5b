"""A program that becomes another one, as another user, and that the kernel ends when its parent dies."""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def become(parent: int, signal: int, uid: int, command: list[str]) -> None:
    """Give up root for `uid`, tie our life to the parent's, and run the command in this very process.

    The order matters: a change of user unties, exec does not (prctl(2)).
    """
    if uid != os.geteuid():
        import pwd  # noqa: PLC0415

        os.setgroups([])
        os.setgid(pwd.getpwuid(uid).pw_gid)
        os.setuid(uid)
    # Only Linux has it; elsewhere a parent that is killed leaves its servers running.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal)
    # A parent that died before that line will send nothing.
    if os.getppid() == parent:
        os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
