"""Lower case in which words of every language are looked for, so that expressions need no IGNORECASE.

An expression that disregards case asks each of its words about each letter and takes ten times as long.
"""


def lowered(text: str) -> str:
    """Return the text in lower case; the dotted and the dotless i of Turkish are one letter in it."""
    if text.isascii():
        return text.lower()
    # A capital I with a dot becomes two letters, of which the second is only a dot.
    return text.lower().replace("i\u0307", "i").replace("\u0131", "i")
