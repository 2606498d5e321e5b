"""A signature that was set aside gives back what its author wrote; what programs added stays away."""

from collections.abc import Sequence

from mail.quoting.signature.banner import banner_end
from mail.quoting.signature.footers import is_excuse, is_footer
from mail.quoting.signature.notices import is_drawn
from mail.quoting.signature.start import added_start

# Stands where the text of the mail stood, so that the rules see an end of it, and no question or sentence.
_TEXT = ("Text.", "")


def sign_off(signature: str) -> tuple[str, str]:
    """Return the closing, name and own block of a signature, and its other lines: footers, banners and notices.

    Both together hold every line of it that is filled.
    """
    lines = signature.split("\n")
    top = min(banner_end([*lines, *reversed(_TEXT)]), len(lines))
    own, below = lines[top:], list[str]()
    if _is_filled(own):
        end = max(added_start([*_TEXT, *own]) - len(_TEXT), 0)
        own, below = own[:end], own[end:]
    added = [_is_added(own, at) for at in range(len(own))]
    written = [line for line, is_added in zip(own, added, strict=True) if not is_added]
    rest = [*lines[:top], *(line for line, is_added in zip(own, added, strict=True) if is_added), *below]
    # A drawn line or dashes alone close nothing.
    has_words = any(line.strip() and not is_drawn(line, least=2) for line in written)
    return (_trimmed(written), _trimmed(rest)) if has_words else ("", signature)


def _is_added(lines: Sequence[str], at: int) -> bool:
    """Whether a line is a program's footer, or an excuse for its brevity right below one."""
    return is_footer(lines[at]) or (at > 0 and is_footer(lines[at - 1]) and is_excuse(lines[at]))


def _is_filled(lines: Sequence[str]) -> bool:
    return any(map(str.strip, lines))


def _trimmed(lines: Sequence[str]) -> str:
    filled = [at for at, line in enumerate(lines) if line.strip()]
    return "\n".join(lines[filled[0] : filled[-1] + 1]) if filled else ""
