"""The table `[limits]`: each number from which on something waits, is held, refused, cut or told, with its reason."""

from collections.abc import Iterator
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from desk.limits import USUAL
from worker.settings.types import Domain, Section

STEPS_OF_ONE_MAIL: Final = 5
# To take a mail in needs up to ten times its size, as measured with an attachment and with a text of 32 MB.
TIMES_ITS_SIZE: Final = 12
# In seconds. For so long what a process had that died is nobody's, at the most.
A_DAY: Final = 86_400

Count = Annotated[int, Field(ge=1, le=100_000)]
HourAndDay = Annotated[tuple[Count, Count], "list of two whole numbers, in an hour and in a day"]
ThreeWindows = Annotated[
    tuple[Count, Count, Count], "list of three whole numbers, in ten minutes, in an hour and in a day"
]


class LimitsSettings(Section):
    """How long work may take and how large a mail may be; after how many mails others wait; when somebody is told.

    A process that dies loses its work when the lease ends.
    """

    poll_lease_seconds: Annotated[int, Field(ge=2, le=A_DAY)] = 300
    """How long a mailbox belongs to the process that polls it; each chunk of mails renews it."""
    claim_lease_seconds: Annotated[int, Field(ge=2, le=A_DAY)] = 120
    """How long mails and events belong to the process that works on them. More than `mail_seconds`."""
    delivery_lease_seconds: Annotated[int, Field(ge=2, le=A_DAY)] = 600
    """How long mails that go out belong to the process that sends them. More than five times `step_seconds`."""
    step_seconds: Annotated[float, Field(gt=0)] = 60
    """How long each step of IMAP or SMTP may take."""
    mail_seconds: Annotated[int, Field(ge=1)] = 60
    """How long one mail may be read and decided; one that takes longer goes to quarantine."""
    mail_megabytes: Annotated[int, Field(ge=64, le=1024 * 1024)] = 1024
    """How much memory one mail may take; one that takes more goes to quarantine. At least twelve times
    `largest_mail_megabytes`, which is what the largest mails need."""
    largest_mail_megabytes: Annotated[int, Field(ge=1, le=512)] = 40
    """A larger mail stays on the server: its headers are stored, and its sender is told."""
    retry_seconds: Annotated[int, Field(ge=0, le=A_DAY)] = 10
    """How long a mail or event waits after an error."""

    # What comes in: floods, and what waits for a word.
    tickets_from_address_an_hour: Count = USUAL.tickets_from_address_an_hour
    """How many tickets one address may open in an hour; further mails wait for an admin. No person writes more, and a
    program that does would bury the others. Staff are never counted."""
    tickets_from_domain_an_hour: Count = USUAL.tickets_from_domain_an_hour
    """The same for all addresses of a domain together, since who forges one address can forge many of it. At least
    `tickets_from_address_an_hour`."""
    shared_domains: tuple[Domain, ...] = ()
    """Too many new tickets from one domain are parked. Those from the domains here are counted by address instead, as
    those from a public mail provider are anyway. Such as `["mail.example"]`."""
    mails_to_ticket_an_hour: Count = USUAL.mails_to_ticket_an_hour
    """How many comments and notes one address may write on a ticket in an hour; further mails wait for an admin.
    Everybody on the ticket gets mail of each."""
    denied_mails_an_hour: Count = USUAL.denied_mails_an_hour
    """How many mails in an hour, whoever they name, are taken in though the servers of their senders deny them; further
    ones wait for an admin. Such mails come in masses only where somebody forges them."""
    megabytes_from_address_a_day: Annotated[int, Field(ge=1, le=1_000_000)] = USUAL.megabytes_from_address_a_day
    """How much one address may send in a day; further mails wait for an admin, so that nobody fills the disk. At least
    `largest_mail_megabytes`."""
    people_in_cc: Annotated[int, Field(ge=0, le=100)] = USUAL.people_in_cc
    """How many people besides its customer get the answers of a ticket because they stood in Cc; further ones are not
    added. A mail to a whole company must not make all of it readers."""
    questions_waiting: Annotated[int, Field(ge=1, le=20)] = USUAL.questions_waiting
    """How many questions whether a mail is theirs wait for one of staff, where one goes in an hour; after these nobody
    is asked, and the admins are told. Forged mails in an agent's name would fill days with questions."""
    answer_waits_minutes: Annotated[int, Field(ge=1, le=60)] = USUAL.answer_waits_minutes
    """How long an answer of staff waits for a word of its author where a colleague answered first: long enough to read
    a mail, too short for the customer to notice."""
    absence_days: Annotated[int, Field(ge=1, le=730)] = USUAL.absence_days
    """For how long `#away` and the out-of-office answer of an agent may say that they are away; a later day is not
    taken. One that was mistyped or misread would leave them without tickets for years."""

    # What goes out: caps, the loop breaker, and what is sent along.
    mails_to_customer: HourAndDay = USUAL.mails_to_customer
    """How many mails one address gets; above, automatic ones are held and all others wait for their turn. More is a
    flood that somebody directs at them. Such as `[60, 200]`."""
    mails_to_staff: HourAndDay = USUAL.mails_to_staff
    """The same for staff, who work on many tickets: theirs wait and are never held. At least as many as
    `mails_to_customer`. Such as `[400, 2000]`."""
    strangers_answered_an_hour: Count = USUAL.strangers_answered_an_hour
    """How many addresses that were never seen before get an answer in an hour; then an admin has to look. Forged
    senders would make the desk write to thousands who asked nothing, and others would take it for a sender of spam."""
    loop_of_customer: ThreeWindows = USUAL.loop_of_customer
    """After how many mails in both directions an address gets no automatic ones until an admin resets it: two programs
    that answer one another never stop. Such as `[40, 80, 200]`."""
    loop_of_staff: ThreeWindows = USUAL.loop_of_staff
    """The same for staff; to work by mail is no loop, so at least as many as `loop_of_customer`. Such as
    `[120, 400, 1200]`."""
    token_days: Annotated[int, Field(ge=7, le=730)] = USUAL.token_days
    """How long the signed address in a mail proves who answers it. Whoever gets hold of an old mail must not have its
    power for ever; a later answer still finds its ticket, without the power. Counts for mails written from now on."""
    attached_megabytes: Annotated[int, Field(ge=0, le=100)] = USUAL.attached_megabytes
    """How large the files are together that a mail of ours sends along; further ones are only named. Most servers take
    mails of 20 to 25 MB, of which a third is lost to their encoding."""
    give_up_days: Annotated[int, Field(ge=1, le=5)] = USUAL.give_up_days
    """How long a mail is tried again that its server does not take; then its ticket gets a note. Not more than five
    days: reports about a mail of more than ten are not believed, and the servers after ours need five themselves.
    Such as `3`."""
    suppressed_days: Annotated[int, Field(ge=1, le=365)] = USUAL.suppressed_days
    """How long nothing is sent to an address that its server says is not there; who keeps sending is taken for a sender
    of spam. People leave and come back, and a server may be wrong, so it ends."""

    # What people are told.
    quarantined_in_digest: Annotated[int, Field(ge=1, le=500)] = USUAL.quarantined_in_digest
    """How many mails in quarantine one mail to the admins lists; the next one lists the others. Nobody reads more."""
    dropped_in_digest: Annotated[int, Field(ge=1, le=500)] = USUAL.dropped_in_digest
    """How many of the mails that were dropped in a day their list names; the rest is counted."""
    alarm_unread_minutes: Annotated[int, Field(ge=2, le=1440)] = USUAL.alarm_unread_minutes
    """After how long without a look at a mailbox the admins are told, and never before two looks are due: a server that
    is restarted is back by then."""
    alarm_waiting_minutes: Annotated[int, Field(ge=2, le=1440)] = USUAL.alarm_waiting_minutes
    """After how long the admins are told that mails or news wait for their turn: more than the busiest moments take."""
    alarm_failed_mails: Count = USUAL.alarm_failed_mails
    """From how many mails on that failed in an hour, more than went out, the admins are told: single ones are the
    recipients' fault."""
    alarm_certificate_days: Annotated[int, Field(ge=1, le=90)] = USUAL.alarm_certificate_days
    """How long before the certificate of a mail server ends the admins are told; those that renew themselves do it
    earlier."""
    alarm_token_days: Annotated[int, Field(ge=1, le=90)] = USUAL.alarm_token_days
    """How long before the consent to a mailbox's tokens ends the admins are told: somebody has to agree again."""
    alarm_free_gigabytes: Annotated[int, Field(ge=1, le=1000)] = USUAL.alarm_free_gigabytes
    """With how little free room on a disk the admins are told; below ten, a twentieth of the disk is too little anyway.
    PostgreSQL stops where there is none."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        for sentence in (*self._of_work(), *self._of_mails()):
            raise ValueError(sentence)
        return self

    def _of_work(self) -> Iterator[str]:
        if self.mail_seconds >= self.claim_lease_seconds:
            yield "mail_seconds: must be less than claim_lease_seconds, or a slow mail is worked twice"
        if STEPS_OF_ONE_MAIL * self.step_seconds >= self.delivery_lease_seconds:
            yield "delivery_lease_seconds: must be more than five times step_seconds"
        least = TIMES_ITS_SIZE * self.largest_mail_megabytes
        if self.mail_megabytes < least:
            yield (
                f"mail_megabytes: must be {least} or more, twelve times largest_mail_megabytes,"
                " or there is no room to read the largest mails"
            )

    def _of_mails(self) -> Iterator[str]:
        if self.tickets_from_domain_an_hour < self.tickets_from_address_an_hour:
            yield "tickets_from_domain_an_hour: must be tickets_from_address_an_hour or more, for it counts them too"
        if self.megabytes_from_address_a_day < self.largest_mail_megabytes:
            yield "megabytes_from_address_a_day: must be largest_mail_megabytes or more, or large mails never come in"
        customers = {"mails_to_customer": self.mails_to_customer, "loop_of_customer": self.loop_of_customer}
        staff = {"mails_to_staff": self.mails_to_staff, "loop_of_staff": self.loop_of_staff}
        for key, numbers in (customers | staff).items():
            if list(numbers) != sorted(numbers):
                yield f"{key}: must not fall from one time to a longer one, which holds the same mails"
        for (key, numbers), (other, fewer) in zip(staff.items(), customers.items(), strict=True):
            if any(one < least for one, least in zip(numbers, fewer, strict=True)):
                yield f"{key}: must nowhere be less than {other}, for staff work on many tickets"
