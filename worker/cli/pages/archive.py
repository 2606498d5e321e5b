"""What an archive run did, in sentences."""

from worker.admin.archive import ArchiveRun


def so_far(archived: int) -> str:
    """What was done till now, as a sentence."""
    return f"{_tickets(archived)} archived till then."


def sentence_of(run: ArchiveRun) -> str:
    """What a run did, or would do."""
    if run.dry:
        would = (
            f"{_tickets(run.archived).replace(' were', '').replace(' was', '')} would be archived; nothing was changed."
        )
    else:
        would = f"{_tickets(run.archived)} archived."
    stayed = (
        ""
        if not run.stayed
        else f" As old, and staying, since something about them or one merged with them is not done yet: {run.stayed}."
    )
    return f"{would}{stayed}"


def _tickets(count: int) -> str:
    return "1 ticket was" if count == 1 else f"{count:,} tickets were"
