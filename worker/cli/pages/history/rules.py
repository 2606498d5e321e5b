"""How a mail is routed, and what other rules would change, as lines and rows for people."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.history.rules.compare import TriedMail
    from worker.history.rules.explain import RoutedMail
    from worker.history.rules.routing import Routed


def lines_of(one: "RoutedMail", settings_file: str) -> Iterator[str]:
    """A mail with the answer of each rule, and what comes of it."""
    yield f"{one.file}: from {one.sender}, to mailbox {one.mailbox}: {one.subject}"
    if one.opens is False:
        yield f"  It would open no ticket ({one.decided_by}): {one.reason}"
        yield "  If it opened one, the rules would say:"
    elif one.opens:
        yield f"  It would open a ticket ({one.decided_by}): {one.reason}"
    for place, rule in enumerate(one.rules, 1):
        where = f"{settings_file}:{rule.line}" if rule.line else settings_file
        effect = f" It {rule.sets}." if rule.matched else ""
        yield f'  {place}. "{rule.rule}" ({where}): {rule.sentence}{effect}'
    if not one.rules:
        yield "  There are no rules."
    by = one.routed
    if by.dropped_by:
        yield f'  dropped:  by rule "{by.dropped_by}"'
        return
    category, priority = one.category_reason, one.priority_reason
    yield f"  category: {_by_rule(by.category, by.category_by, category)}"
    yield f"  priority: {_by_rule(by.priority, by.priority_by, priority)}"
    yield f"  owner:    {by.owner or 'nobody'}. {by.owner_reason}."


def row_of(tried: "TriedMail") -> tuple[str, ...]:
    """A mail that other rules would route otherwise, as a row of the table."""
    ticket = f"SD-{tried.ticket}" if tried.ticket else "none"
    was, would = outcome(tried.was), outcome(tried.would)
    return str(tried.mail), ticket, tried.sender, tried.subject, was, would


def outcome(one: "Routed | None") -> str:
    """What comes of a mail by the rules, in a few words."""
    if one is None:
        return "nothing"
    if one.dropped_by:
        return f'dropped by "{one.dropped_by}"'
    return f"{one.category}, {one.priority}, {one.owner or 'nobody'}"


def _by_rule(value: str, rule: str, words: str) -> str:
    return f'{value}, by rule "{rule}".' if rule else words
