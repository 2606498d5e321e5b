"""The mails of the chaos plan as bytes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from bench.chaos.plan import BY_STAFF, Act, Step, Thread

DESK = "support@desk.example"
# Who checks what comes in for the desk, as chaos.toml pins it. Without a pass of theirs the desk would answer an
# address once a day only, and no agent at all.
CHECKER = "mx.desk.example"
# Some mails are as long as a screen of log lines, so that a connection can be cut in the middle of one.
LINES = 40


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it is handed in over SMTP: the envelope and the bytes."""

    sender: str
    recipient: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class DeskMail:
    """A mail that the desk sent, as its recipient has it."""

    recipient: str
    subject: str
    message_id: str
    reply_to: str
    refers: str = ""


def write(step: Step, thread: Thread, answered: DeskMail | None = None) -> Letter:
    """Write the mail of a step; `answered` is the mail of the desk that it answers, if it answers one."""
    sender = answered.recipient if answered and step.act in BY_STAFF else thread.customer
    mail = EmailMessage(policy=SMTP)
    mail["Authentication-Results"] = f"{CHECKER}; dmarc=pass header.from={sender.rpartition('@')[2]}"
    mail["From"] = sender
    mail["To"] = answered.reply_to if answered else DESK
    mail["Subject"] = f"Re: {answered.subject}" if answered else f"About {thread.topic}"
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{step.message_id}>"
    if answered:
        parent = answered.message_id
    else:
        parent = f"mark{step.refers_to}x@chaos.example" if step.refers_to is not None else ""
    if parent:
        mail["In-Reply-To"] = f"<{parent}>"
        mail["References"] = f"<{parent}>"
    if step.act in {Act.AWAY, Act.ROBOT}:
        mail["Auto-Submitted"] = "auto-replied"
    # No two mails share a long line: an answer that repeats one of an internal note is held.
    long = [f"Line {number} of what machine {step.number} wrote down." for number in range(LINES * (step.number % 3))]
    command = ["", "#resolve"] if step.act is Act.RESOLVES else []
    mail.set_content("\n".join([f"This is what I have to say: {step.marker}", "", *long, *command]) + "\n")
    return Letter(sender, mail["To"], mail.as_bytes())
