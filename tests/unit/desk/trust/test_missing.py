"""What a mail lacks that is held, or only a note, is told in a few words, in the language of its reader."""

from collections.abc import Mapping

import pytest

from desk.trust.judge import Power, Shown, Standing, Trust
from desk.trust.missing import Missing, find_missing, missing_sentence, why_held
from desk.trust.threads import Thread, ThreadEvidence, Void
from mail.auth.results import AuthOutcome
from tests.support.values.words import ENGLISH, GERMAN

TAG = Thread(1042, ThreadEvidence.SUBJECT_TAG)
OWN = Thread(1042, ThreadEvidence.REPLY_ADDRESS, fits=True)
SHOWN: Mapping[Void | None, Shown] = {None: Shown.OWN, Void.ANOTHERS: Shown.ANOTHERS}


def a_trust(outcome: AuthOutcome, shown: Shown = Shown.NONE) -> Trust:
    return Trust(Standing.STAFF, shown, outcome, Power.HELD, "")


FOUND = [
    (Thread(None), AuthOutcome.NONE, Shown.NONE, Missing.NOT_SHOWN),
    (TAG, AuthOutcome.NONE, Shown.NONE, Missing.NOT_SHOWN),
    (TAG, AuthOutcome.PASS, Shown.NONE, Missing.NOT_AN_ANSWER),
    (TAG, AuthOutcome.FAIL, Shown.NONE, Missing.DENIED),
    (OWN, AuthOutcome.FAIL, Shown.OWN, Missing.DENIED),
    (OWN, AuthOutcome.NONE, Shown.OWN, Missing.NOT_CONFIRMED),
    (OWN, AuthOutcome.PASS, Shown.OWN, Missing.PASSED_ALONG),
]


@pytest.mark.parametrize(("thread", "outcome", "shown", "missing"), FOUND)
def test_the_one_thing_that_a_mail_lacks_most_is_found(
    thread: Thread, outcome: AuthOutcome, shown: Shown, missing: Missing
) -> None:
    assert find_missing(thread, a_trust(outcome, shown), by_form=False) is missing


@pytest.mark.parametrize("void", list(Void))
def test_each_reason_why_a_right_does_not_count_has_its_sentence(void: Void) -> None:
    thread = Thread(1042, ThreadEvidence.REPLY_ADDRESS, void=void)
    missing = find_missing(thread, a_trust(AuthOutcome.NONE), by_form=False)

    assert missing.name == void.name
    assert why_held(thread, missing) == missing_sentence(missing)


def test_a_mail_that_a_form_wrote_is_told_so() -> None:
    assert find_missing(TAG, a_trust(AuthOutcome.NONE), by_form=True) is Missing.BY_FORM


SENTENCES = [
    (TAG, "It names SD-1042 in its subject only. Nothing shows that it is yours."),
    (Thread(None), "Nothing shows that it is yours."),
    (Thread(7, ThreadEvidence.QUOTED_REFERENCE), "It quotes a mail about SD-7. Nothing shows that it is yours."),
    (Thread(7, ThreadEvidence.KNOWN_MESSAGE_ID), "It follows a mail about SD-7. Nothing shows that it is yours."),
    (Thread(7, ThreadEvidence.REPLY_ADDRESS), "It answers a mail of ours about SD-7. Nothing shows that it is yours."),
]


@pytest.mark.parametrize(("thread", "sentence"), SENTENCES)
def test_it_is_told_how_a_mail_names_its_ticket_and_what_it_lacks(thread: Thread, sentence: str) -> None:
    assert ENGLISH.say(why_held(thread, Missing.NOT_SHOWN)) == sentence


def test_it_is_told_in_german() -> None:
    told = GERMAN.say(why_held(TAG, Missing.NOT_SHOWN))

    assert told == "Sie nennt SD-1042 nur im Betreff. Nichts zeigt, dass sie von Ihnen ist."
