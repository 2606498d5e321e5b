"""Each number of `[limits]` may be its least and its most; what lies beyond is in tests/settings/mistakes.toml."""

import pytest

from worker.settings.keys import keys_of
from worker.settings.sections.limits import LimitsSettings

MANY = 100_000
# The least and the most of each, which can stand together; `mail_seconds` and `step_seconds` end where a lease does.
BOUNDS: dict[str, tuple[object, object]] = {
    "poll_lease_seconds": (2, 86_400),
    "claim_lease_seconds": (2, 86_400),
    "delivery_lease_seconds": (2, 86_400),
    "step_seconds": (0.1, 17_279),
    "mail_seconds": (1, 86_399),
    "mail_megabytes": (64, 1_048_576),
    "largest_mail_megabytes": (1, 512),
    "retry_seconds": (0, 86_400),
    "tickets_from_address_an_hour": (1, MANY),
    "tickets_from_domain_an_hour": (1, MANY),
    "shared_domains": ((), ("mail.example",)),
    "mails_to_ticket_an_hour": (1, MANY),
    "denied_mails_an_hour": (1, MANY),
    "megabytes_from_address_a_day": (1, 1_000_000),
    "people_in_cc": (0, 100),
    "questions_waiting": (1, 20),
    "answer_waits_minutes": (1, 60),
    "absence_days": (1, 730),
    "mails_to_customer": ((1, 1), (MANY, MANY)),
    "mails_to_staff": ((1, 1), (MANY, MANY)),
    "strangers_answered_an_hour": (1, MANY),
    "loop_of_customer": ((1, 1, 1), (MANY, MANY, MANY)),
    "loop_of_staff": ((1, 1, 1), (MANY, MANY, MANY)),
    "token_days": (7, 730),
    "attached_megabytes": (0, 100),
    "give_up_days": (1, 5),
    "suppressed_days": (1, 365),
    "quarantined_in_digest": (1, 500),
    "dropped_in_digest": (1, 500),
    "alarm_unread_minutes": (2, 1440),
    "alarm_waiting_minutes": (2, 1440),
    "alarm_failed_mails": (1, MANY),
    "alarm_certificate_days": (1, 90),
    "alarm_token_days": (1, 90),
    "alarm_free_gigabytes": (1, 1000),
}


@pytest.mark.parametrize("end", [0, 1], ids=["least", "most"])
def test_each_bound_is_a_value_that_is_taken(end: int) -> None:
    values = {key: bounds[end] for key, bounds in BOUNDS.items()}

    taken = LimitsSettings.model_validate(values)

    assert {key: getattr(taken, key) for key in values} == values


def test_what_must_be_equal_or_more_may_be_equal() -> None:
    """The bounds between two settings, where each is exactly at the other."""
    LimitsSettings(mail_megabytes=480, largest_mail_megabytes=40, megabytes_from_address_a_day=40)


def test_each_setting_is_in_the_table_above() -> None:
    assert sorted(BOUNDS) == sorted(keys_of(LimitsSettings))
