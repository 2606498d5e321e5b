"""The personal data of one customer in every table that may hold some, and a search for it in all columns."""

from email.message import EmailMessage
from typing import Any

from desk.trust.judge import Proof
from models.outbox.breakers import breaker_key, open_breaker
from models.outbox.suppression import suppress
from tests.support.database.services import SUPPORT, a_raw_mail, execute, process, query, report_is_due, store_in_ledger
from tests.support.values.postfix_bounces import FULL, a_postfix_bounce, mail_to
from tests.support.values.replies import answer, last_mail, write_mail
from worker.admin.digests.quarantine import send_digest
from worker.admin.forget import Forgetting, forget
from worker.admin.search_index import index_changes
from worker.announce.reports import start_due_reports
from worker.announce.run import announce_due
from worker.runtime.clock import now
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

ANN, BOB, DAN = "ann@customer.example", "bob@desk.example", "dan@other.example"
# A word that stands in all that Ann wrote, and in nothing that others wrote by themselves.
WORD = "Rumpelstilz"
SHARED = b"The price list that everybody has."
FROM_ANN = {"authentication_results": "mx.desk.example; dmarc=pass header.from=customer.example"}
FROM_DAN = {"authentication_results": "mx.desk.example; dmarc=pass header.from=other.example"}

COLUMNS = """
SELECT table_schema AS schema, table_name AS table, column_name AS column, data_type AS type
FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
WHERE table_schema IN ('mail', 'public') AND t.table_type = 'BASE TABLE' ORDER BY 1, 2, 3
"""
LOGINS = (
    """INSERT INTO "Account" (id, "userId", type, provider, "providerAccountId", id_token)
    SELECT 'a1', id, 'oauth', 'elsewhere', 'Rumpelstilz', 'Rumpelstilz' FROM "User" WHERE email = :ann""",
    """INSERT INTO "Session" (id, "sessionToken", "userId", expires)
    SELECT 's1', 'Rumpelstilz', id, now() FROM "User" WHERE email = :ann""",
    """INSERT INTO "VerificationToken" (identifier, token, expires)
    VALUES ('Ann@Customer.example', 'Rumpelstilz', now())""",
    """UPDATE "User" SET image = 'Rumpelstilz.png', password = 'Rumpelstilz' WHERE email = :ann""",
)
TAKES_PART = """
INSERT INTO mail.participant (ticket_number, person_number)
SELECT t.number, p.number FROM mail.ticket t JOIN "Ticket" d ON d.id = t.ticket_id, mail.person p
JOIN "User" u ON u.id = p.user_id WHERE d.title = 'Prices' AND u.email = 'ann@customer.example'
"""
# Ann stands in Cc of a ticket of Dan's, and gave a name to whom she put there herself.
GUESTS = """
INSERT INTO mail.guest (ticket_number, address, name, added_by)
SELECT t.number, g.address, 'Rumpelstilz', p.number FROM (VALUES
    ('Prices', 'ann@customer.example', 'dan@other.example'),
    ('Rumpelstilz 2', 'eva@other.example', 'ann@customer.example')
) AS g (title, address, added_by)
JOIN "Ticket" d ON d.title = g.title JOIN mail.ticket t ON t.ticket_id = d.id
JOIN "User" u ON u.email = g.added_by JOIN mail.person p ON p.user_id = u.id
"""
BOB_SAYS = """
INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
SELECT 'c-' || :text, :text, t.ticket_id, u.id, now(), now() FROM mail.ticket t, "User" u
WHERE t.number = :number AND u.email = 'bob@desk.example'
"""
# Rows that a worker may write while Ann is being forgotten.
TELL_ANN = """
INSERT INTO mail.outbox (template, kind, mailbox, person_number, role, recipient, recipient_name, sender, sender_name,
    subject, text, html, message_id, dated, token_expires_at)
SELECT template, kind, mailbox, person_number, role, 'ann@customer.example', recipient_name, sender, sender_name,
    subject, 'Rumpelstilz', html, 'late@desk.example', dated, token_expires_at
FROM mail.outbox WHERE person_number = (SELECT person_number FROM mail.ledger WHERE id = 1) LIMIT 1
"""
DAN_SENDS_HER_FILE = """
INSERT INTO mail.attachment (ledger_id, ticket_number, position, filename, content_type, inline, sha256)
SELECT l.id, l.ticket_number, 9, 'mine.txt', 'text/plain', false, b.sha256 FROM mail.ledger l, mail.blob b
WHERE l.sender = 'dan@other.example' AND encode(b.content, 'escape') LIKE '%Rumpelstilz%'
"""
SENT = "UPDATE mail.outbox SET fate = 'sent', sent_at = now(), reason = '250 taken' WHERE fate IS NULL"
DUE = "UPDATE mail.event SET due_at = now() WHERE fate IS NULL"


def personal_data_settings() -> dict[str, str]:
    """The settings that make a desk believe senders by their DMARC results, and its daily report due."""
    return {"AUTHSERV_ID": "mx.desk.example", **report_is_due()}


def a_mail_with_files(sender: str, subject: str, text: str, *files: bytes, **headers: str) -> bytes:
    """A mail with text files, each named by the subject."""
    mail = EmailMessage()
    fields = {"from": sender, "to": SUPPORT, "subject": subject, "message_id": f"<{subject.replace(' ', '')}@x>"}
    for name, value in (fields | headers).items():
        mail[name.replace("_", "-").title()] = value
    mail.set_content(text)
    for number, content in enumerate(files):
        mail.add_attachment(content, "text", "plain", filename=f"{subject} {number}.txt")
    return mail.as_bytes()


def announce_all(services: Services) -> None:
    """Announce all events at once, without the pause that follows a change by another program."""
    execute(services, DUE)
    announce_due(services)


def leave_personal_data_everywhere(services: Services) -> None:
    """Leave data of Ann in two tickets, in the quarantine, in reports and in the tables of the web application."""
    own = f"The {WORD} file.".encode()
    first = a_mail_with_files(f"Ann {WORD} <{ANN}>", f"{WORD} 1", f"I am {WORD}.", own, SHARED, **FROM_ANN)
    process(services, first)
    answer(services, last_mail(services, BOB, "ticket-assigned"), "Have you tried another cable?")
    answer(services, last_mail(services, ANN), f"{WORD} has no cable.", subject=f"Re: {WORD} 1")
    write_mail(services, "helper@elsewhere.example", "I help.", subject="[SD-1001] Help")
    process(services, a_mail_with_files(f"Dan <{DAN}>", "Prices", "Mine too.", SHARED, **FROM_DAN))
    execute(services, TAKES_PART)
    answer(services, last_mail(services, BOB, "ticket-assigned"), "Which of them?")
    answer(services, last_mail(services, ANN, "comment-to-customer"), f"{WORD} says all.", subject="Re: Prices")
    process(services, a_postfix_bounce(mail_to(services, ANN)[1], FULL))
    write_mail(services, ANN, f"{WORD} reads along.", to=str(last_mail(services, DAN)["reply_to"]), subject=WORD)
    execute(services, 'UPDATE "Ticket" SET title = :title WHERE title LIKE :word', title=f"{WORD} 2", word=f"{WORD}%")
    execute(services, *LOGINS, ann=ANN)
    put_into_quarantine(services)
    start_due_reports(services)
    announce_all(services)
    execute(services, SENT)
    # One more mail, which is not sent yet.
    comment_by_bob(services, 1001, "The cable is in the post.")
    execute(services, GUESTS)
    with transaction(services.engine) as session:
        suppress(session, ANN, f"{WORD} bounced", now().replace(year=2099))
        open_breaker(session, ANN, f"{WORD} looped")
        open_breaker(session, breaker_key(ANN, Proof.CLAIMED), f"{WORD} looped")
    index_changes(services.engine, 30)


def comment_by_bob(services: Services, ticket: int, text: str) -> None:
    """Add a comment of Bob as the web application does; the mail about it waits in the outbox."""
    execute(services, BOB_SAYS, text=text, number=ticket)
    announce_all(services)


def leave_one_mail(services: Services) -> None:
    """Process one mail of Ann; all that waits then is a mail to her."""
    write_mail(services, f"Ann {WORD} <{ANN}>", f"I am {WORD}.", subject=WORD, **FROM_ANN)
    execute(services, SENT)
    comment_by_bob(services, 1001, "The cable is in the post.")


def forget_customer(services: Services, address: str = ANN) -> Forgetting:
    """Forget a customer, and fail where that is refused."""
    forgotten = forget(services.engine, address)
    assert isinstance(forgotten, Forgetting), forgotten
    return forgotten


def put_into_quarantine(services: Services) -> None:
    """Put two mails of Ann into quarantine: one by a decision, and one that raised an error."""
    process(
        services, a_raw_mail(f"{WORD} twice.", **{"from": f"Eve <eve@x.example>, Ann <{ANN}>"}, message_id="<q1@x>")
    )
    store_in_ledger(services, a_raw_mail(f"{WORD} raised.", message_id="<q2@x>", subject=f"{WORD} 3"))
    execute(services, "UPDATE mail.ledger SET fate = 'quarantined', reason = 'It raised.' WHERE fate IS NULL")
    send_digest(services)


def tables_naming(services: Services, *words: str) -> set[str]:
    """The tables in which any column of any type holds one of the words, in whatever case."""
    found = set()
    for place in query(services, COLUMNS):
        column = f'"{place["column"]}"'
        content = f"encode({column}, 'escape')" if place["type"] == "bytea" else f"CAST({column} AS text)"
        name = f'"{place["schema"]}"."{place["table"]}"'
        there = f"SELECT 1 FROM {name} WHERE position(lower(:word) IN lower({content})) > 0 LIMIT 1"
        if any(query(services, there, word=word) for word in words):
            found.add(f"{place['schema']}.{place['table']}")
    return found


def rows_of_all_tables(services: Services) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    tables = {f'"{place["schema"]}"."{place["table"]}"' for place in query(services, COLUMNS)}
    return {name: query(services, f"SELECT * FROM {name} t ORDER BY CAST(t AS text)") for name in sorted(tables)}
