"""Reports on DMARC and TLS by their files, and persons who ask what such a file means."""

import gzip
import io
import zipfile
from base64 import encodebytes

import pytest

from mail.inbound.message import InboundMail, MailKind
from mail.inbound.parse import parse

NAME = "tower.example!lifts.example!1793577600!1793664000.xml"


def a_mail(
    name: str = f"{NAME}.gz",
    kind: str = "application/gzip",
    content: bytes = b"xx",
    *,
    sender: str = "ida@stone.example",
    text: str = "Here is the file.",
    head: str = "Subject: Hello\n",
    more: str = "",
) -> InboundMail:
    """A mail of a text and a file."""
    return parse(
        (
            f"From: {sender}\n{head}Content-Type: multipart/mixed; boundary=x\n\n"
            f"--x\nContent-Type: text/plain\n\n{text}\n{more}"
            f'--x\nContent-Type: {kind}\nContent-Disposition: attachment; filename="{name}"\n'
            f"Content-Transfer-Encoding: base64\n\n{encodebytes(content).decode()}\n--x--\n"
        ).encode()
    )


def zipped(name: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, "<feedback/>")
    return target.getvalue()


def gzipped(name: str) -> bytes:
    target = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=target) as packed:
        packed.write(b"<feedback/>")
    return target.getvalue()


ROBOT = "dmarc_support@tower.example"
REPORTS = {
    "gzip": a_mail(sender=ROBOT),
    "with an id": a_mail("tower.example!lifts.example!1793577600!1793664000!4f-1.xml.gz", sender=ROBOT),
    "XML": a_mail(NAME, "application/xml", b"<feedback/>", sender=ROBOT),
    "XML as text": a_mail(NAME, "text/xml", b"<feedback/>", sender=ROBOT),
    "zip": a_mail(NAME[:-3] + "zip", "application/zip", sender=ROBOT),
    "octet-stream": a_mail(kind="application/octet-stream", sender=ROBOT),
    "its name is in the zip": a_mail("report.zip", "application/zip", zipped(NAME), sender=ROBOT),
    "its name is in the gzip": a_mail("report.gz", "application/gzip", gzipped(NAME), sender=ROBOT),
    "without words": a_mail(text=""),
    "both domains in the subject": a_mail(head="Subject: Aggregate: lifts.example by tower.example\n"),
    "the domain that made it": a_mail(sender="reporting@mx.tower.example"),
    "a robot of another domain": a_mail(sender="noreply@stone.example"),
    "TLS": a_mail(NAME.replace("xml", "json.gz"), sender="tls@tower.example"),
    "TLS by its header": a_mail(
        NAME.replace("xml", "json"), "application/json", head="TLS-Report-Domain: lifts.example\n"
    ),
    "TLS by its type": a_mail("x.json", "application/tlsrpt+json"),
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_known_by_its_file_whatever_its_subject_says(name: str) -> None:
    mail = REPORTS[name]

    assert (mail.kind, mail.automatic is not None, len(mail.attachments)) == (MailKind.REPORT, True, 1)


PERSONS = {
    "a question about the file": a_mail(text="What does this mean?"),
    "passed on": a_mail(sender="ida@tower.example", head="Subject: Fwd: Report\n", text="What is this?"),
    "an answer": a_mail(sender=ROBOT, head="Subject: Re: Report\nIn-Reply-To: <1@desk.example>\n"),
    "another name": a_mail("report.xml.gz", sender=ROBOT),
    "another type": a_mail(NAME, "image/png", sender=ROBOT),
    "another file beside it": a_mail(
        sender="ida@tower.example",
        more='--x\nContent-Type: image/png\nContent-Disposition: attachment; filename="a.png"\n\nxx\n',
    ),
}


@pytest.mark.parametrize("name", PERSONS)
def test_a_person_who_sends_a_report_is_a_person(name: str) -> None:
    assert PERSONS[name].kind is MailKind.PERSON
