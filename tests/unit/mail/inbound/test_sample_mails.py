"""Sample mails, each with the value it must be read as in the JSON file beside it."""

import json
from pathlib import Path
from typing import Any

import pytest

from mail.inbound.message import InboundMail
from mail.inbound.parse import parse

FOLDER = Path(__file__).parents[3] / "mails"
SAMPLES = sorted(path.stem for path in FOLDER.glob("*.eml") if path.with_suffix(".json").exists())


def seen(mail: InboundMail) -> dict[str, Any]:
    """Everything of a mail that a sample may name."""
    return {
        "message_id": mail.message_id,
        "refers": list(mail.refers),
        "senders": [address.email for address in mail.senders],
        "sender_names": [address.name for address in mail.senders],
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else None,
        "text": mail.text,
        "reply": mail.reply,
        "automatic": mail.automatic,
        "attachments": [
            [file.filename, file.content_type, len(file.content), file.inline] for file in mail.attachments
        ],
        "repairs": list(mail.repairs),
    }


def test_there_are_samples_to_read() -> None:
    assert len(SAMPLES) >= 12


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_mail_is_read_as_written_beside_it(name: str) -> None:
    wanted = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    starts, ends = wanted.pop("removed_starts", ""), wanted.pop("removed_ends", "")

    mail = parse((FOLDER / f"{name}.eml").read_bytes())

    assert {key: seen(mail)[key] for key in wanted} == wanted
    assert mail.removed.startswith(starts)
    assert mail.removed.endswith(ends)
