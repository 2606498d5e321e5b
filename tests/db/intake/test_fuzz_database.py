"""Whatever bytes arrive, what is read from them is what PostgreSQL gives back."""

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, text
from sqlalchemy.exc import DataError

from mail.inbound.parse import parse
from mail.quoting.forward import read_forward
from tests.support.values.hostile_bytes import MAILS, MORE, is_storable, mutations, texts_in


@settings(
    max_examples=max(120, MORE),
    deadline=None,
    derandomize=not MORE,
    suppress_health_check=(HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large),
)
@given(raw=MAILS | mutations())
def test_what_is_read_from_a_mail_comes_back_from_the_database_as_it_was(connection: Connection, raw: bytes) -> None:
    mail = parse(raw)
    texts = [*texts_in(mail), *texts_in(read_forward(mail.text, mail.subject) or ())]

    stored = connection.scalar(text("SELECT CAST(:texts AS text[])"), {"texts": texts})

    assert stored == texts


@pytest.mark.parametrize("bad", ["a\0b", "a\ud800b"])
def test_what_the_fuzz_calls_unstorable_the_database_refuses(connection: Connection, bad: str) -> None:
    with pytest.raises((UnicodeEncodeError, DataError)), connection.begin_nested():
        connection.scalar(text("SELECT CAST(:bad AS text)"), {"bad": bad})

    assert not is_storable(bad)
