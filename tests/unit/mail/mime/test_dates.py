"""Dates of headers: the usual form, which is read quickly, gives what the standard library gives."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from mail.mime.headers import read_date


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 2 Mar 2026 08:00:00 +0000",
        "Thu, 22 Aug 2002 18:26:25 +0700 (ICT)",
        "31 Dec 1999 23:59:59 -0330",
        "Tue, 03 Mar 2026 00:00:01 -0000",
        "Wed, 4 Mar 2026 08:00 +0100",
        "4 Mar 26 08:00:00 GMT",
    ],
)
def test_a_date_is_that_of_the_standard_library(value: str) -> None:
    """A date without zone, and one of an unknown zone, counts as UTC."""
    theirs = parsedate_to_datetime(value)
    found = read_date(value)
    assert found == (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))
    assert isinstance(found, datetime)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    ["", "yesterday", "30 Feb 2026 08:00:00 +0000", "1 Mar 2026 24:00:00 +0000", "1 Mar 2026 08:00:60 +0000",
     "1 Mar 2026 08:00:00 +2400"],
)  # fmt: skip
def test_what_is_no_date_is_none(value: str) -> None:
    """Neither an unknown day nor a zone of a whole day raises."""
    assert read_date(value) is None
