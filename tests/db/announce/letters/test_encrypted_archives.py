"""An encrypted archive, into which no scanner looks, is named in the mails about a ticket and not sent along."""

import io
import zipfile
from email.message import EmailMessage

import pytest

from tests.support.database.services import AGENT, SUPPORT, process, query
from tests.support.values.replies import last_mail
from worker.runtime.services import Services

ANN, BOB = "ann@customer.example", "bob@desk.example"
# Of a file in a ZIP: the byte of the flags, and the flag that says it is encrypted (APPNOTE, 4.4.4).
FLAGS, ENCRYPTED = 6, 1
pytestmark = pytest.mark.services(AGENT)


def an_archive(*, locked: bool) -> bytes:
    """A ZIP archive with one file in it."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("bill.txt", "100 EUR")
    content = bytearray(kept.getvalue())
    content[FLAGS] |= ENCRYPTED * locked
    return bytes(content)


def write(services: Services, sender: str, to: str, number: int) -> None:
    """A mail with an archive that is open and one that is encrypted."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = sender, to, "Bills", f"<{number}@files>"
    mail.set_content("See the files.")
    for locked in (False, True):
        content = an_archive(locked=locked)
        mail.add_attachment(content, "application", "zip", filename=f"{'locked' if locked else 'open'}.zip")
    assert process(services, mail.as_bytes())["fate"] == "applied"


def sent_with(services: Services, recipient: str) -> list[str]:
    """The files that go along with the last mail to somebody, which names both."""
    mail = last_mail(services, recipient)
    assert [name for name in ("open.zip", "locked.zip") if name in mail["text"]] == ["open.zip", "locked.zip"]
    files = query(services, "SELECT filename FROM mail.outbox_file WHERE outbox_id = :id", id=mail["id"])
    return [str(file["filename"]) for file in files]


def test_of_a_first_mails_archives_the_agent_gets_those_that_can_be_looked_into(services: Services) -> None:
    write(services, ANN, SUPPORT, 1)

    assert sent_with(services, BOB) == ["open.zip"]


@pytest.mark.parametrize(("author", "reader"), [(ANN, BOB), (BOB, ANN)])
def test_of_a_comments_archives_its_reader_gets_those_that_can_be_looked_into(
    services: Services, author: str, reader: str
) -> None:
    write(services, ANN, SUPPORT, 1)

    write(services, author, last_mail(services, author)["reply_to"], 2)

    assert last_mail(services, reader)["template"].startswith("comment-to-")
    assert sent_with(services, reader) == ["open.zip"]
