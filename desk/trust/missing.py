"""What a held mail, or one that is only a note, lacks, in a short sentence; the ledger keeps the whole finding."""

from collections.abc import Mapping
from enum import StrEnum

from desk.trust.judge import Shown, Trust
from desk.trust.threads import Thread, ThreadEvidence
from mail.auth.results import AuthOutcome
from mail.outbound.catalogue import Said, said, together


class Missing(StrEnum):
    """The one thing that a mail lacks most; a value is a key in the ledger's evidence and in held.toml.

    Those of a signed right that does not count are named as in `threads.py::Void`.
    """

    NOT_SHOWN = "not_shown"
    NOT_AN_ANSWER = "not_an_answer"
    NOT_CONFIRMED = "not_confirmed"
    DENIED = "denied"
    PASSED_ALONG = "passed_along"
    ANOTHERS = "anothers"
    GONE = "gone"
    ADDRESS = "address"
    EXPIRED = "expired"
    SPENT = "spent"
    ROLE = "role"
    BY_FORM = "form"
    MERGED = "merged"


# Its name in the evidence of a mail that is only a note.
WITHHELD = "withheld"
# How a mail names a ticket; what is said of a signed right that does not count says it already.
NAMES: Mapping[ThreadEvidence, str] = {
    ThreadEvidence.REPLY_ADDRESS: "held.names_by_right",
    ThreadEvidence.OUR_MESSAGE_ID: "held.names_by_right",
    ThreadEvidence.KNOWN_MESSAGE_ID: "held.names_by_message_id",
    ThreadEvidence.QUOTED_REFERENCE: "held.names_by_reference",
    ThreadEvidence.SUBJECT_TAG: "held.names_by_tag",
}


def find_missing(thread: Thread, trust: Trust, *, by_form: bool) -> Missing:
    """What a mail lacks that has less power than its sender may think; `by_form` says that a web form wrote it."""
    if trust.outcome is AuthOutcome.FAIL:
        return Missing.DENIED
    if thread.void is not None:
        return Missing[thread.void.name]
    if by_form:
        return Missing.BY_FORM
    proven = trust.outcome is AuthOutcome.PASS
    if trust.shown is Shown.OWN:
        return Missing.PASSED_ALONG if proven else Missing.NOT_CONFIRMED
    return Missing.NOT_AN_ANSWER if proven else Missing.NOT_SHOWN


def missing_sentence(missing: Missing) -> Said:
    """What a mail lacks, as a sentence to staff: its sender, or who reads it as a note."""
    return said(f"held.why_{missing}")


def why_held(thread: Thread, missing: Missing) -> Said:
    """How a mail names its ticket, and what it lacks."""
    sentence = missing_sentence(missing)
    if thread.number is None or thread.evidence is None or thread.void is not None:
        return sentence
    return together(Said(NAMES[thread.evidence], (("tag", f"SD-{thread.number}"),)), sentence)
