"""What can be proven of the literals of a condition: that one holds with another, or that they never hold together."""

from collections.abc import Iterable
from itertools import product
from typing import Final

from desk.routing.literals import Domains, HasText, Literal, OneOf, Opaque, Spot, Term, Value

# What holds text in small letters, whatever the mail had: addresses are compared so.
SMALL: Final = frozenset({"sender.email", "sender.domain", "mail.to", "mail.cc"})


def why_never(term: Term, domains: Domains) -> str:
    """Why the literals of a term never hold together, without a full stop; empty where that is not proven."""
    for literal in sorted(term, key=repr):
        reason = _why_impossible(literal, domains)
        if reason:
            return reason
    for subject in sorted({one.subject for one in term if isinstance(one, OneOf)}):
        if _possible(term, subject) == frozenset():
            return f"{subject} would have to be two things at once"
    literals = sorted(term, key=repr)
    for first, second in product(literals, literals):
        if _implies(first, _negated(second)):
            return f"{_name(first)} would have to be two things at once"
    return ""


def holds_with(term: Term, others: Iterable[Term]) -> bool:
    """True where one of the other terms is proven to hold wherever this one does."""
    return any(all(_follows(term, literal) for literal in other) for other in others)


def _why_impossible(literal: Literal, domains: Domains) -> str:
    if isinstance(literal, Opaque) or not literal.holds:
        return ""
    subject = literal.subject
    texts = [literal.text] if isinstance(literal, HasText) else [one for one in literal.values if isinstance(one, str)]
    if texts and all(_has_wrong_letters(subject, text) for text in texts):
        size = "capital" if subject.endswith(".as_upper") else "small"
        return f'{subject} has {size} letters only, and "{min(texts)}" has others'
    domain = domains.get(subject)
    if domain is not None and isinstance(literal, OneOf) and not domain & literal.values:
        listed = " or ".join(sorted(str(one) for one in domain))
        given = " or ".join(f'"{one}"' for one in sorted(map(str, literal.values)))
        return f"{subject} is {listed} wherever rules are asked" + (f", never {given}" if given else "")
    return ""


def _has_wrong_letters(subject: str, text: str) -> bool:
    """True where a text has ASCII letters of a size that the subject never has."""
    if subject.endswith(".as_upper"):
        return any("a" <= letter <= "z" for letter in text)
    is_small = subject.endswith(".as_lower") or subject in SMALL
    return is_small and any("A" <= letter <= "Z" for letter in text)


def _possible(term: Term, subject: str) -> frozenset[Value] | None:
    """The values that a term leaves to a subject; None where there is no end to them."""
    mine = [one for one in term if isinstance(one, OneOf) and one.subject == subject]
    sets = [one.values for one in mine if one.holds]
    if not sets:
        return None
    left = frozenset.intersection(*sets).difference(*(one.values for one in mine if not one.holds))
    texts = [one for one in term if isinstance(one, HasText) and one.subject == subject]
    return frozenset(value for value in left if all(_fits(value, text) for text in texts))


def _fits(value: Value, literal: HasText) -> bool:
    if not isinstance(value, str):
        return True
    found = {
        Spot.INSIDE: literal.text in value,
        Spot.START: value.startswith(literal.text),
        Spot.END: value.endswith(literal.text),
        Spot.MEMBER: True,
    }[literal.place]
    return found is literal.holds or literal.place is Spot.MEMBER


def _follows(term: Term, literal: Literal) -> bool:
    """True where a literal is proven to hold wherever the whole term does."""
    if any(_implies(one, literal) for one in term):
        return True
    if isinstance(literal, Opaque):
        return False
    values = _possible(term, literal.subject)
    if values is None:
        return False
    if isinstance(literal, OneOf):
        return values <= literal.values if literal.holds else not values & literal.values
    return literal.place is not Spot.MEMBER and all(_fits(value, literal) for value in values)


def _implies(first: Literal, second: Literal) -> bool:
    """True where the second holds wherever the first does."""
    if first == second:
        return True
    if isinstance(first, OneOf) and isinstance(second, OneOf):
        if first.subject != second.subject:
            return False
        if first.holds:
            return first.values <= second.values if second.holds else not first.values & second.values
        return not second.holds and second.values <= first.values
    if isinstance(first, HasText) and isinstance(second, HasText) and first.subject == second.subject:
        return _text_implies(first, second)
    return False


def _text_implies(first: HasText, second: HasText) -> bool:
    if not first.holds:
        # What holds the longer text holds the shorter, so without the shorter the longer is missing, too.
        return not second.holds and _text_implies(_positive(second), _positive(first))
    if second.holds:
        if second.place is Spot.INSIDE and first.place is not Spot.MEMBER:
            return second.text in first.text
        is_start = second.place is Spot.START and first.text.startswith(second.text)
        is_end = second.place is Spot.END and first.text.endswith(second.text)
        return first.place is second.place and (is_start or is_end or first.text == second.text)
    if first.place is not second.place:
        return False
    starts = first.text.startswith(second.text) or second.text.startswith(first.text)
    ends = first.text.endswith(second.text) or second.text.endswith(first.text)
    return (first.place is Spot.START and not starts) or (first.place is Spot.END and not ends)


def _positive(literal: HasText) -> HasText:
    return HasText(literal.subject, literal.place, literal.text)


def _negated(literal: Literal) -> Literal:
    if isinstance(literal, OneOf):
        return OneOf(literal.subject, literal.values, not literal.holds)
    if isinstance(literal, HasText):
        return HasText(literal.subject, literal.place, literal.text, not literal.holds)
    return Opaque(literal.key, not literal.holds)


def _name(literal: Literal) -> str:
    return "a part of the condition" if isinstance(literal, Opaque) else literal.subject
