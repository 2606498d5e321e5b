"""Whether a program wrote a mail, and which header says so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mail.addresses import read_addresses
from mail.headers import Headers

ROBOTS = frozenset({"mailer-daemon", "postmaster"})
BULK = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
REPORTS = frozenset({"delivery-status", "disposition-notification"})
MARKS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-autorespond-to")
SUBJECTS = (
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto:",
    "out of office",
    "out of the office",
    "abwesenheitsnotiz",
    "automatische antwort",
    "réponse automatique",
    "absence du bureau",
    "respuesta automática",
    "fuera de la oficina",
    "risposta automatica",
    "resposta automática",
    "automatisch antwoord",
    "autosvar",
    "automatiskt svar",
    "automatyczna odpowiedź",
    "autoodpowiedź",
    "автоматический ответ",
    "автоответ",
    "自動応答",
    "自动回复",
)
LISTS = ("list-id", "list-unsubscribe")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The headers of a mail, and the types of its parts with their method or report type."""

    headers: Headers
    kinds: Sequence[str] = ()


def why_automatic(headers: Headers, kinds: Sequence[str] = ()) -> str | None:
    """One sentence naming the header that marks the mail as automatic; None for a person's mail.

    `kinds` are the content types of all parts, each followed by its method or report type:
    `text/calendar; reply`, `multipart/report; delivery-status`.
    """
    evidence = Evidence(headers, kinds)
    return next(filter(None, (rule(evidence) for rule in RULES)), None)


def _auto_submitted(evidence: Evidence) -> str | None:
    """Any value but `no` counts, also one that is yet to be invented (RFC 3834, 5)."""
    value = _keyword(evidence.headers, "auto-submitted")
    return f"Auto-Submitted says {value!r}." if value and value != "no" else None


def _report(evidence: Evidence) -> str | None:
    """Delivery and disposition reports (RFC 3464, RFC 8098)."""
    for kind in evidence.kinds:
        name, _, report = kind.partition("; ")
        if name == "multipart/report" and report in REPORTS:
            return f"Content-Type says multipart/report, {report}."
    return None


def _calendar(evidence: Evidence) -> str | None:
    # An answer to an invitation comes from the calendar, not from the person (RFC 5546, 3.2.3).
    return "Content-Type says text/calendar, method=REPLY." if "text/calendar; reply" in evidence.kinds else None


def _null_sender(evidence: Evidence) -> str | None:
    # The null reverse-path is for mail that must not be answered (RFC 5321, 4.5.5).
    empty = evidence.headers.text("return-path").replace(" ", "") == "<>"
    return "Return-Path is empty." if empty else None


def _robot_sender(evidence: Evidence) -> str | None:
    for sender in read_addresses(evidence.headers.texts("from")):
        local = sender.email.partition("@")[0]
        if local in ROBOTS:
            return f"From is {local}."
    return None


def _mark(evidence: Evidence) -> str | None:
    for name in MARKS:
        value = _keyword(evidence.headers, name)
        if value and value not in {"no", "false", "0"}:
            return f"{_title(name)} is set."
    return None


def _precedence(evidence: Evidence) -> str | None:
    value = _keyword(evidence.headers, "precedence")
    return f"Precedence says {value!r}." if value in BULK else None


def _mailing_list(evidence: Evidence) -> str | None:
    # A list's mail is not written to us (RFC 2919, RFC 2369).
    return next((f"{_title(name)} is set." for name in LISTS if evidence.headers.raw(name)), None)


def _subject(evidence: Evidence) -> str | None:
    """Say so where the subject begins like an out-of-office answer and other headers agree that it answers a mail."""
    headers = evidence.headers
    agrees = any(headers.raw(name) for name in ("in-reply-to", "references", "x-auto-response-suppress"))
    subject = headers.words("subject").casefold()
    return f"Subject begins with {subject[:30]!r}." if agrees and subject.startswith(SUBJECTS) else None


def _keyword(headers: Headers, name: str) -> str:
    """Return the first word of a header in lower case, without the parameters or comment after it."""
    words = headers.text(name).lower().replace(";", " ").replace("(", " ").split()
    return words[0][:40] if words else ""


def _title(name: str) -> str:
    return "-".join(word.capitalize() for word in name.split("-"))


RULES: tuple[Callable[[Evidence], str | None], ...] = (
    _auto_submitted,
    _report,
    _calendar,
    _mark,
    _null_sender,
    _robot_sender,
    _precedence,
    _mailing_list,
    _subject,
)
