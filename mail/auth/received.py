"""Who wrote a Received line (RFC 5321, section 4.4): the host of its `by`, never what a sender called itself."""

import re

# Comments are taken out pair by pair, the innermost first: a bracket that a sender wrote into its name opens none.
_BRACKET = re.compile(r"[()]")
_ANGLED = re.compile(r"<[^<>]*>")
_QUOTED = re.compile(r"\"[^\"]*\"")
# It consumes one word only, since a sender may call itself `by`.
_BY = re.compile(r"(?:^|\s)by(?=\s{1,9}([^\s;]{1,255}))", re.IGNORECASE)


def writer(line: str) -> str:
    """Return the host after the last `by` outside comments and quotes, in lower case; empty where there is none.

    Before it stands what the sender chose (HELO), so of several the last is the server's own.
    """
    named = _BY.findall(_QUOTED.sub(" ", _without_comments(_ANGLED.sub(" ", line))))
    return named[-1].lower().rstrip(".") if named else ""


def _without_comments(line: str) -> str:
    """Return the line without all that stands in a pair of brackets, and without single ones; in linear time."""
    pieces, opened, at = [""], [], 0
    for bracket in _BRACKET.finditer(line):
        pieces.append(line[at : bracket.start()])
        at = bracket.end()
        if bracket[0] == "(":
            opened.append(len(pieces))
        elif opened:
            del pieces[opened.pop() :]
        pieces.append(" ")
    return "".join((*pieces, line[at:]))
