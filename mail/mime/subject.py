"""What stands in front of a subject: tags of gateways and desks, and the mark of an answer or a forward."""

import re

# What gateways put in front of a subject, and what other desks do: [EXTERNAL], (ext), *EXTERN*, [ACME #12], EXTERNAL:
_TAG = re.compile(
    r"\s{0,20}(?:\[[^\[\]]{1,40}\]|\((?:ext|extern|external)[^()]{0,20}\)|\{[^{}]{1,40}\}|\*{1,3}[\w -]{1,40}\*{1,3}"
    r"|<(?:ext|extern|external)>|(?:ext|extern|external|externe mail|externe e-mail)\s?[:|>-])\s{0,20}"
)
MOST_TAGS = 4
# What stands before the subject in an answer or a forward of a person: one word and a colon, in any language.
ANSWER = re.compile(
    r"\s{0,9}(?:re|aw|antw|antwort|sv|vs|rv|ref|rif|res|r|ynt|odp|fw|fwd|wg|tr|enc|i|doorst|vb|hl|pd|továbbítás|válasz"
    r"|回复|回覆|答复|答覆|转发|轉寄|返信|転送|atb|на|пере|отв|ha|ответ|תגובה|رد)(?:\[\d{1,3}\])?\s?[:\uff1a]"
)


def without_tags(subject: str) -> str:
    """A subject in lower case without the tags of gateways and desks in front of it."""
    for _ in range(MOST_TAGS):
        match = _TAG.match(subject)
        if match is None or match.end() == len(subject):
            break
        subject = subject[match.end() :]
    return subject.lstrip()
