"""The mails in a browser on a phone, light and dark: as wide as its screen, and readable."""

import shutil
from collections.abc import Iterator

import pytest

from bench.pictures.look import look_at, page_of
from bench.pictures.mails import RENDERER, rendered
from desk.notices.samples import SAMPLES
from desk.notices.values.template_values import CommentView

PHONE = 390
UNREADABLE = (
    "<style>p { color: #888; } @media (prefers-color-scheme: dark) { p { color: #fff !important; } }</style>"
    f'<p>Pale.</p><div style="width:{PHONE + 1}px">.</div>'
    '<div style="width:30px"><b class="tag">SD- 1</b></div>'
)

# What makes a column wide: a long address, a line of code, a table of many columns; and a link on each kind of paper.
URL = "https://shop.example/" + "a-long-path/" * 20
CELLS = "".join(f"<td>column {number} of many</td>" for number in range(8))
WIDE = CommentView(
    "Maria Okafor",
    URL,
    from_staff=False,
    html=f'<p><a href="{URL}">{URL}</a></p><pre>{"x" * 300}</pre><table><tr>{CELLS}</tr></table><h1>{"W" * 90}</h1>',
)


def mails() -> Iterator[tuple[str, str]]:
    yield "unreadable", UNREADABLE
    yield from ((name, rendered(name).html) for name in SAMPLES)
    for name in ("comment-to-agent", "note-to-agent", "comment-to-customer", "status-resolved"):
        yield f"wide {name}", RENDERER.render(name, {**SAMPLES[name], "comment": WIDE}).html


def test_every_mail_can_be_read_on_a_phone_in_the_light_and_in_the_dark() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed, so no mail is looked at")

    look = look_at(chromium, page_of(dict(mails()), [PHONE]))

    assert sorted({fault for fault in look.faults if fault.startswith("unreadable")}) == [
        "unreadable, dark: 1.00 to 1: Pale.",
        "unreadable, dark: broken over lines: SD- 1",
        "unreadable, dark: wider than 390 pixels",
        "unreadable, light: 3.54 to 1: Pale.",
        "unreadable, light: broken over lines: SD- 1",
        "unreadable, light: wider than 390 pixels",
    ]
    assert [fault for fault in look.faults if not fault.startswith("unreadable")] == []
