"""What makes a mail without a delivery report a bounce: signs of its envelope, of its layout, and last of its words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mail.bounce.dsn import Original
from mail.bounce.phrases import DAEMON_HINTS, DAEMONS, DELAYS, FAILURES, PASSED_ON, SUBJECTS, says
from mail.bounce.signs import NO_TICKET, UNANSWERED, Sign, weigh
from mail.mime.addresses import read_addresses
from mail.mime.headers import Headers
from mail.mime.subject import without_tags
from mail.mime.text import lowered

DAEMON = "mailer-daemon"
# Local parts of mail systems, at which people may sit, too.
SYSTEMS = re.compile(
    r"\"?(?:post[-_. ]?master|system[-_. ]?administrator|(?:e?mail|message)[-_. ](?:delivery|transfer)"
    r"[-_. ](?:(?:sub)?system|agent|service)|m?daemon|ndr|mail-daemon|bounces?|[\w.-]{0,40}smtp[\w.-]{0,40})\"?(?!\w)"
)
# A question, but for one in the subject that a notice repeats.
_ASKS = re.compile(r"^(?![^\n]{0,200}\b(?:subject|betreff|objet)\b)[^\n?\uff1f]{0,500}[?\uff1f](?:\s|$)", re.MULTILINE)
_CODE = re.compile(
    r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)|(?<![\d.\w-])[45][0-5]\d(?=[ \-,:<)\]]|$)", re.MULTILINE
)
_CODE_LINE = re.compile(
    r"^[ \t>|*-]{0,40}(?:<[^>\n]{1,300}>[ :.]{0,9})?(?:#?[45]\.\d{1,3}\.\d{1,3}\b|[45][0-5]\d[ -])"
    r"|(?:said|error|response|reason|message|replied|status|diagnostic-code)\b[^\n]{0,120}\b"
    r"(?:[45][0-5]\d\b|[45]\.\d{1,3}\.\d{1,3}\b)",
    re.MULTILINE,
)
_FULL = re.compile(
    r"full mailbox|mailbox (?:is )?full|(?:user|host) (?:is )?unknown|unknown (?:user|host)|no such user"
)
# An address, or the name of a mailbox, alone on its line below a line that announces it.
_ALONE = re.compile(
    r"[ \t]{0,40}[<\"'(\[]?[^\s@<>\"']{1,64}(?:@[\w.-]{1,253})?[>\"')\]]?(?:[ \t]\(?[^\n]{0,60}\)?)?[ \t]{0,9}$"
)
_ANNOUNCES = re.compile(r"recipients?|address(?:es)?|users?|deliver|remis|zugestellt|to:?$")
LINES = 60
NEAR = 6


@dataclass(frozen=True, slots=True)
class PossibleNotice:
    """A mail that may be a notice: its headers, its text in lower case, the mail that it returns, and who failed.

    `attached` is True where a part holds the returned mail; `starts` are the lines that begin with a recipient.
    """

    headers: Headers
    text: str
    original: Original
    attached: bool
    starts: Sequence[int]

    @property
    def titled(self) -> bool:
        """Whether the subject begins like that of a notice, behind the tags of gateways."""
        return is_title(lowered(self.headers.words("subject")))

    @property
    def failed(self) -> bool:
        """Whether the text says that a mail did not arrive, or not yet."""
        return says(FAILURES, self.text) or says(DELAYS, self.text)


def is_title(subject: str) -> bool:
    """Whether a subject in lower case begins like that of a notice, as it is or without a tag in front of it."""
    bare = without_tags(subject)
    return SUBJECTS.match(subject) is not None or (bare != subject and SUBJECTS.match(bare) is not None)


def may_be_notice(headers: Headers) -> bool:
    """Whether a mail is worth to be read as a notice; an answer to one, or a forwarded one, is from a person."""
    local = local_of_sender(headers)
    if "x-failed-recipients" in headers.names or local == DAEMON or is_by_null_path(headers):
        return True
    subject, is_system = lowered(headers.words("subject")), SYSTEMS.match(local) is not None
    bare = without_tags(subject)
    passed = PASSED_ON.match(bare)
    if passed:
        # Some gateways answer our mail under its own subject; who answers a notice is a person.
        answers = headers.raw("in-reply-to") or headers.raw("references")
        return is_system and not answers and not is_title(bare[passed.end() :].lstrip())
    return is_system or _names_daemon(lowered(headers.words("from"))) or is_title(subject)


def _names_daemon(sender: str) -> bool:
    return DAEMON_HINTS.stand_in(sender) and DAEMONS.search(sender) is not None


def local_of_sender(headers: Headers) -> str:
    """The local part of the address of From in lower case, without its quotes; empty where there is none."""
    # The address of some systems is none by the rules, and most mails need no more than this.
    return headers.text("from").rpartition("<")[2].lower().partition("@")[0].strip('"\\ ')


def is_by_null_path(headers: Headers) -> bool:
    """Whether the reverse-path is null, or what servers write for it, or From is empty (RFC 5321, section 4.5.5)."""
    path, sender = headers.text("return-path").replace(" ", "").lower(), headers.text("from")
    if path == "<>" or sender.endswith("<>"):
        return True
    address = path.strip("<>")
    local = address.partition("@")[0]
    return local == "double-bounce" or (local == DAEMON and address not in sender.lower())


def notice_signs(notice: PossibleNotice) -> tuple[Sign, ...]:
    """The signs by which a mail is a notice; none where it is not. Below NO_TICKET they only make it probable."""
    envelope = tuple(_envelope(notice))
    layout, words = tuple(_layout(notice)), tuple(_words(notice))
    # No server asks anything, or answers from an address of its own. Who has the name of a server may be a person.
    asks, by_program = _ASKS.search(notice.text) is not None, any(sign.machine for sign in envelope)
    answers = _has_own_path(notice.headers) and bool(notice.headers.raw("in-reply-to"))
    if not words or ((asks or answers) and not by_program):
        return ()
    if not envelope:
        whole = notice.titled and notice.failed and not asks
        listed = notice.attached or _lists_recipients(notice)
        return (Sign(UNANSWERED, "It has the words and the form of a notice."),) if whole and listed else ()
    signs = (*envelope, *layout, *words)
    total, shown = weigh(signs), any(sign.machine for sign in layout)
    return signs if total >= NO_TICKET or (total >= UNANSWERED and (by_program or shown)) else ()


def _envelope(notice: PossibleNotice) -> Iterator[Sign]:
    headers = notice.headers
    if headers.raw("x-failed-recipients"):
        yield Sign(10, "X-Failed-Recipients is set.")
    if is_by_null_path(headers):
        yield Sign(6, "The envelope has no sender.")
    declared = headers.text("content-type").lower()
    if "x-ms-embedded-report" in headers.names or ("multipart/report" in declared and "delivery-status" in declared):
        yield Sign(5, "It says that it holds a delivery report.")
    automatic = headers.text("auto-submitted").strip().lower()
    if (automatic and not automatic.startswith("no")) or "x-autogenerated" in headers.names:
        yield Sign(3, "It says that a program wrote it.")
    local = local_of_sender(headers)
    if local == DAEMON:
        yield Sign(5, f"From is {DAEMON}.", machine=False)
    elif SYSTEMS.match(local):
        yield Sign(2 if _has_own_path(headers) else 3, f"From is {local[:40]}.", machine=False)
    # What stands in the text may be pasted.
    if notice.attached and _returns_to_sender(notice):
        yield Sign(6, "It returns a mail of whom it was sent to.")


def _has_own_path(headers: Headers) -> bool:
    """Whether the reverse-path is the address of From: a notice has a null one, a person at `bounce@` has theirs."""
    path = headers.text("return-path").strip(" <>").lower()
    return bool(path) and path in {one.email for one in read_addresses(headers.texts("from"))}


def _returns_to_sender(notice: PossibleNotice) -> bool:
    """Whether the mail was sent to who wrote the returned one, by somebody whom that was not sent to."""
    headers, original = notice.headers, notice.original
    to = read_addresses((*headers.texts("to"), *headers.texts("delivered-to"), *headers.texts("x-original-to")))
    senders = {one.email for one in read_addresses(headers.texts("from"))}
    return not senders.intersection(original.recipients) and any(one.email in original.senders for one in to)


def _layout(notice: PossibleNotice) -> Iterator[Sign]:
    original = notice.original
    if original.found and (notice.attached or original.by_server):
        yield Sign(4, "It holds the returned mail.")
    elif original.found:
        yield Sign(2, "It holds header fields of a mail.", machine=False)
    if notice.starts or _lists_recipients(notice):
        yield Sign(2, "It lists recipients.")
    lines = notice.text.split("\n")
    about = ("\n".join(lines[at : at + NEAR]) for at in notice.starts[:LINES])
    if _CODE_LINE.search(notice.text) or any(_CODE.search(one) for one in about):
        yield Sign(3, "It shows the answer of a mail server.")
    elif _FULL.search(notice.text):
        yield Sign(1, "It says what is wrong with the mailbox.", machine=False)


def _words(notice: PossibleNotice) -> Iterator[Sign]:
    if notice.titled:
        yield Sign(2, "Subject begins like that of a notice.", machine=False)
    if notice.failed:
        yield Sign(2, "The text says that a mail did not arrive.", machine=False)


def _lists_recipients(notice: PossibleNotice) -> bool:
    """Whether an address or the name of a mailbox stands alone below a line that announces recipients."""
    lines = [line for line in notice.text.split("\n")[: 4 * LINES] if line.strip(" \t=09")][:LINES]
    for above, line in pairwise(lines):
        bare = "@" in line or line[:1] in " \t"
        if bare and len(line) < 120 and _ALONE.match(line) and _ANNOUNCES.search(above[-200:].rstrip(" :<")):
            return True
    return False
