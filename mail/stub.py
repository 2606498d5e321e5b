"""Plain texts that stand in for HTML and say nothing themselves: programs without HTML are shown them."""

import re

# Beyond these it is a text of its own, whatever it says of programs.
LONGEST = 600
MOST_WORDS = 12

_LINK = re.compile(r"[<(\[]?\s?(?:https?://|www\.|mailto:)[^\s<>()\[\]]{1,2000}\s?[>)\]]?", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
_SENTENCE = re.compile(r"[^.!?\n]{0,400}[.!?\n]?")
# What such a sentence says, in the languages in which senders put it.
_SAYS = re.compile(
    r"\bhtml\b|"
    r"\b(?:view|read|open|see|display)\b.{0,60}\b(?:browser|online|web ?page|web version)\b|"
    r"\bbrowser\b.{0,60}\b(?:anzeigen|ansehen|öffnen|lesen)\b|"
    r"\b(?:navigateur|navegador)\b|\bnel (?:tuo )?browser\b|\bbrowser (?:bekijken|openen)\b|"
    r"\b(?:mail|message) (?:program|client|reader|software)\b.{0,60}\b(?:not|unable|n't)\b",
    re.IGNORECASE,
)


def is_stub(text: str) -> bool:
    """Whether a plain text says nothing but where to read the mail: a link alone, or that its HTML is not shown."""
    if len(text) > LONGEST:
        return False
    bare = _LINK.sub(" ", text)
    if bare != text and not _WORD.search(bare):
        return True
    rest = " ".join(one for one in _SENTENCE.findall(bare) if not _SAYS.search(one))
    return rest != " ".join(_SENTENCE.findall(bare)) and len(_WORD.findall(rest)) <= MOST_WORDS
