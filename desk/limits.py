"""The numbers of `[limits]` that decisions ask for, with what holds where the settings say nothing."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From which number on something waits, is held, cut or told; each is a setting of the same name and unit.

    Why each has its value is said with the setting (worker/settings/sections/limits.py), and which numbers are none in
    docs/decisions/0033-what-an-operator-meets-is-a-setting.md. Those with several values are in an hour and in a day,
    and for loops before these in ten minutes.
    """

    tickets_from_address_an_hour: int = 30
    tickets_from_domain_an_hour: int = 200
    mails_to_ticket_an_hour: int = 60
    denied_mails_an_hour: int = 100
    megabytes_from_address_a_day: int = 500
    people_in_cc: int = 10
    questions_waiting: int = 5
    answer_waits_minutes: int = 2
    absence_days: int = 60

    mails_to_customer: tuple[int, int] = (30, 100)
    mails_to_staff: tuple[int, int] = (200, 1000)
    strangers_answered_an_hour: int = 100
    loop_of_customer: tuple[int, int, int] = (20, 40, 100)
    loop_of_staff: tuple[int, int, int] = (60, 200, 600)
    token_days: int = 180
    attached_megabytes: int = 10
    give_up_days: int = 5
    suppressed_days: int = 30

    quarantined_in_digest: int = 50
    dropped_in_digest: int = 25

    alarm_unread_minutes: int = 15
    alarm_waiting_minutes: int = 10
    alarm_failed_mails: int = 5
    alarm_certificate_days: int = 14
    alarm_token_days: int = 7
    alarm_free_gigabytes: int = 1


USUAL: Final = Limits()
