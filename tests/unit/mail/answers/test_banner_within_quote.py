"""A gateway's banner that stands within the quote below an attribution takes no word of the sender with it."""

import pytest

from mail.inbound.parse import parse
from mail.quoting.comparison import SentText, cut_by_sent
from mail.quoting.signature.banner import banner_end

OURS = (
    "Northwind Support\n\nYour request SD-1042 is resolved\n\nAbout: The invoice for October shows the wrong number\n\n"
    "Ben wrote:\n\nHello Maria,\n\nthe corrected invoice is attached, and the old one is void.\n\nBest wishes\nBen\n"
)
BANNERS = {
    "tag and advice": "[EXTERNAL EMAIL] Do not click links or open attachments\nunless you know the sender.",
    "caution": "CAUTION: This email came from outside the company. Do not open attachments.",
    "German": "ACHTUNG: Diese E-Mail kommt von außerhalb. Öffnen Sie keine Anhänge.",
    "a table of one cell": "| CAUTION: This email came from outside. Do not click links. |\n| ------ |",
}
HEADS = {
    "German": "Am 2026-11-16 09:39, schrieb Northwind Support:",
    "English": "On Mon, 16 Nov 2026 at 09:39, Northwind Support <support@northwind.example> wrote:",
    "French": "Le 16/11/2026 à 09:39, Northwind Support a écrit :",
    "Russian": "Понедельник, 16 ноября 2026, 7:53 +03:00 от Northwind Support <support@northwind.example>:",
}
INSIDE = ("On Friday my colleague saw the same in the other office.", "Can you say when the change comes?")
HEADER = (
    "From: Maria <maria@okafor.example>\nTo: support@northwind.example\nSubject: Re: SD-1042\n"
    "In-Reply-To: <1@x.example>\n"
    "Message-ID: <2@x.example>\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
)


def reply_to_ours(text: str) -> str:
    return cut_by_sent(parse((HEADER + text).encode()), [SentText(OURS, "")]).reply


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("banner", BANNERS)
def test_answers_within_a_quote_that_begins_with_a_banner_are_kept(head: str, banner: str) -> None:
    ours = OURS.rstrip("\n").split("\n")
    below = [*BANNERS[banner].split("\n"), "", *ours[:3], "", INSIDE[0], "", *ours[3:-2], "", INSIDE[1], "", *ours[-2:]]
    quoted = [f"> {line}".rstrip() for line in below]
    assert reply_to_ours("\n".join([HEADS[head], *quoted])).split() == " ".join(INSIDE).split()


@pytest.mark.parametrize("own", ["No, there is more.", "Нет, ещё нет.", "Ja."])
@pytest.mark.parametrize("banner", BANNERS)
def test_the_words_above_a_quote_that_begins_with_a_banner_are_kept(own: str, banner: str) -> None:
    quoted = [HEADS["Russian"], "", *BANNERS[banner].split("\n"), "", *OURS.split("\n")]
    assert reply_to_ours("\n".join([own, *(f"> {line}".rstrip() for line in quoted)])) == own


@pytest.mark.parametrize("banner", BANNERS)
def test_a_banner_ends_where_a_quote_begins_and_never_begins_at_an_attribution(banner: str) -> None:
    lines = BANNERS[banner].split("\n")
    assert banner_end([*lines, *(f"> {line}" for line in lines), "Yes."]) == len(lines)
    assert banner_end([HEADS["German"], *lines, "", "Yes."]) == 0
    assert banner_end(["Yes.", *(f"> {line}" for line in lines), "", "Yes."]) == 0


def test_the_mark_of_our_signature_is_no_answer() -> None:
    ours = f"{OURS}\n-- \nNorthwind Support, Hamburg\nnorthwind.example/help\n"
    quoted = ours.rstrip("\n").split("\n")
    at = quoted.index("-- ")
    text = "\n".join([HEADS["English"], *quoted[:at], "Yes, please.", *quoted[at:]])
    assert cut_by_sent(parse((HEADER + text).encode()), [SentText(ours, "")]).reply == "Yes, please."
