"""What a person formatted is read in every form in which it may show a note, or hold somebody else's address."""

from urllib.parse import quote

import pytest

from desk.gate.leaks import (
    TicketText,
    all_forms_of,
    begun_by,
    find_signatures,
    find_signatures_in_html,
    long_lines,
    secret_lines,
)
from desk.tokens import reply_address
from tests.support.values.builders import BOB, KEYS, NOW, SUPPORT, a_grant

GRANT = a_grant(BOB, id=123_456)
ADDRESS = reply_address(KEYS, GRANT, SUPPORT)
LOCAL, _, DOMAIN = ADDRESS.partition("@")
HELD = {
    "in words": f"<p>{ADDRESS}</p>",
    "in a link target": f'<a href="mailto:{ADDRESS}">write</a>',
    "in a link target with entities": f'<a href="mailto:{ADDRESS.replace(".", "&#46;")}">write</a>',
    "in a link target with hexadecimal entities": f'<a href="mailto:{ADDRESS.replace(".", "&#x2e;")}">write</a>',
    "in an encoded link target": f'<a href="https://x.example/?to={ADDRESS.replace(".", "%2E")}">write</a>',
    "in a link target that was encoded again": f'<a href="https://x.example/?{quote(quote(ADDRESS, safe=""))}">a</a>',
    "in a link in a link in a link": f'<a href="https://x.example/?{quote(quote(quote(ADDRESS, safe="")))}">a</a>',
    "with tags between letters": f"<p>{LOCAL[:-4]}<b>{LOCAL[-4:]}</b>@{DOMAIN}</p>",
    "with a tag at the dot": f"<p>{ADDRESS.replace('.', '<i>.</i>', 1)}</p>",
    "with signs that only join": f"<p>{LOCAL[:-4]}\u034f{LOCAL[-4:]}@{DOMAIN}</p>",
    "with signs of direction": f"<p>{LOCAL[:-4]}\u202a\u2069{LOCAL[-4:]}@{DOMAIN}</p>",
    "with unseen signs": f"<p>{LOCAL[:-4]}\u200b{LOCAL[-4:]}@{DOMAIN}</p>",
    "with an entity that is not seen": f"<p>{LOCAL[:-4]}&#8203;{LOCAL[-4:]}@{DOMAIN}</p>",
    "in the words of a picture": f'<img src="cid:a" alt="{ADDRESS}">',
}


# What stands before, after and within a signature, and may make it one or not.
AROUND = (
    *(
        "<p>{}</p>",
        "x{}",
        "<b>x</b>{}",
        "&nbsp;{}",
        "&lt;{}&gt;",
        "&#120;{}",
        "{}x",
        "{}<b>x</b>",
        "{}<br>x",
        "{}&#x78;",
    ),
    *("{}&amp;", "%20{}%20", "%26lt%3B{}", "&amp;#46;{}", '<a href="a.example?a=1&amp;b={}&quot;">x</a>', "<!--{}-->"),
    *(
        "<style>.{}{{}}</style>",
        "a\ue0a4{}\ue0a4b",
        "<td>{}</td>b",
        "\u200b{}\ufeff",
        "&copy{}",
        "&notit;{}",
        "<p {}",
        "{}>",
    ),
)
WITHIN = (
    "{}",
    "<b></b>{}",
    "<br>{}",
    "&#46;{}",
    "&period;{}",
    "%2E{}",
    "%252e{}",
    "\n{}",
    "&shy;{}",
    "\xad{}",
    "&nbsp;{}",
)


@pytest.mark.parametrize("html", HELD.values(), ids=HELD)
def test_a_signed_address_is_seen_in_html(html: str) -> None:
    assert GRANT.id in {number for number, _ in find_signatures(all_forms_of(html))}
    assert GRANT.id in {number for number, _ in find_signatures_in_html(html)}


@pytest.mark.parametrize("around", AROUND)
def test_no_form_of_html_shows_a_signature_that_is_not_found(around: str) -> None:
    number, _, mac = LOCAL.partition("+")[2].partition(".")
    for within in WITHIN:
        for place in (0, 3, 19):
            broken = mac[:place] + within.format(mac[place:])
            for html in (around.format(f"{number}.{broken}"), around.format(f"{number}{broken}")):
                assert find_signatures_in_html(html) == find_signatures(all_forms_of(html)), html


SECRET = "This customer has not paid since March & will not."
SHOWN = {
    "in a paragraph": f"<p>{SECRET.replace('&', '&amp;')}</p>",
    "broken by the program": "<p>This customer has not\npaid since March &amp; will not.</p>",
    "with bold words": "<div>This customer has <b>not</b> paid since March &#38; will not.</div>",
    "with tags between letters": "<p>This cus<i>tom</i>er has not paid since March &amp; will not.</p>",
    "in an item": "<ul><li>This customer has not paid since March &amp; will not.</li></ul>",
    "in a cell": "<table><tr><td>1</td><td>This customer has not paid since March &amp; will not.</td></tr></table>",
    "with more behind": "<p>This customer has not paid since March &amp; will not. So be careful.</p>",
    "in the words of a picture": '<img src="cid:a" alt="This customer has not paid since March &amp; will not.">',
    "with signs of direction": "<p>This cus\u202atomer\u2069 has not paid since March &amp; wi\ufe0fll not.</p>",
    "with a sign that we use ourselves": "<p>This cus\ue0a4tomer has not paid since March &amp; will not.</p>",
    "with unseen signs": "<p>This cus&#8203;tomer has not paid since March &amp; wi\xadll not.</p>",
}
NOTED = {
    "as it is": SECRET,
    "as an item": f"- {SECRET}",
    "with a bold word": SECRET.replace("not paid", "*not* paid"),
    "broken": "This customer has not paid since\nMarch & will not.",
}


@pytest.mark.parametrize("html", SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize("note", NOTED.values(), ids=NOTED)
def test_a_line_of_a_note_is_seen_in_html(html: str, note: str) -> None:
    secret = secret_lines([TicketText(note, NOW)], [])

    assert begun_by(secret, long_lines(all_forms_of(html)))


def test_what_everybody_could_read_before_is_no_secret() -> None:
    public = TicketText(f"{SECRET} So be careful.", NOW)

    assert not secret_lines([TicketText(SECRET, NOW)], [public])
    assert not begun_by(long_lines(SECRET), long_lines("Quite other words stand in this line."))


# A line of a note, the text around it, an answer, and whether the answer holds it.
BEGUN = {
    "a formula with more behind": (
        "Thank you for your message.",
        "Thank you for your message. We look into it.",
        False,
    ),
    "the same as an item": ("- Thank you for your message.", "Thank you for your message. We look into it.", False),
    "a formula alone": ("Thank you for your message.", "Thank you for your message.", True),
    "a long line with more behind": (SECRET, f"{SECRET} So be careful.", True),
    "a short line that was broken": ("He has paid nothing\nsince March, be careful.", "since March, be careful.", True),
    "a first part that was broken": ("She did not pay since\nMarch.", "She did not pay since March.", True),
    "a short line of its own": ("She will not pay ever.", "She will not pay ever.\nRegards", True),
}


@pytest.mark.parametrize(("note", "answer", "is_held"), BEGUN.values(), ids=BEGUN)
def test_an_answer_may_begin_like_a_short_line_of_a_note(note: str, answer: str, *, is_held: bool) -> None:
    secret = secret_lines([TicketText(f"Hello,\n\n{note}\n\nBob", NOW)], [])

    assert bool(begun_by(secret, long_lines(answer))) is is_held
