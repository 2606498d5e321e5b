"""What mail programs put around an address that somebody types behind a command."""

_AROUND = "<>()[],;\"'\u201c\u201d\u201e\u200b\u200e\u200f\ufeff"
_LINKS = ("<mailto:", "[mailto:", "(mailto:")


def is_link(word: str) -> bool:
    """True for the link that they put behind an address."""
    return word.lower().startswith(_LINKS)


def bare(word: str) -> str:
    """A word without brackets, quotes and signs that are not seen around it."""
    return word.strip(_AROUND)


def bare_address(word: str) -> str:
    """The same, and without the stop at the end of a sentence."""
    return word.strip(f"{_AROUND}.")
