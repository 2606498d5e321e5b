"""The sender's own words, told apart from what was quoted; nothing is lost and no text takes long."""

from collections import Counter
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail.quoting.fallback import first_foreign_header, is_likely_header
from mail.quoting.labels import DELIMITER, DELIMITERS
from mail.quoting.reply import visible_reply

QUOTE = f"> {DELIMITER}\n>\n> Our question"
PIECES = st.sampled_from(
    [
        "On Mon, Nov 2, 2026 at 9:12 AM X <x@y.example> wrote:",
        "From: X\nSent: Monday 09:12\nTo: Y\nSubject: Z",
        "-----Original Message-----",
        "________________________________",
        "---------- Forwarded message ---------",
        DELIMITER,
        f"> {DELIMITER}",
        "> quoted",
        "own words",
        "Thanks,",
        "- item",
        "-- ",
        "",
        "Sent from my phone",
        "Am 02.11.2026 schrieb\nX:",
        "Kind regards,\nAnn",
        "-Ann",
        "____________________\nusers mailing list",
    ]
)


def lines_of(*texts: str) -> Counter[str]:
    return Counter(line for text in texts for line in text.split("\n") if line.strip())


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, Nov 2, 2026 at 9:12 AM SupportDesk <support@desk.example> wrote:",
        "On Mon, Nov 2, 2026 at 9:12 AM SupportDesk <\nsupport+n7.abcdefghijklmnop@desk.example> wrote:",
        "On 2 Nov 2026, at 09:12, SupportDesk wrote:",
        "Am 02.11.2026 um 09:12 schrieb SupportDesk:",
        "Am Mo., 2. Nov. 2026 um 09:12 Uhr schrieb SupportDesk <\nsupport@desk.example>:",
        "Le lun. 2 nov. 2026 à 09:12, SupportDesk <support@desk.example> a\nécrit :",
        "El lun, 2 nov 2026 a las 9:12, SupportDesk (<support@desk.example>) escribió:",
        "Il giorno lun 2 nov 2026 alle ore 09:12 SupportDesk <support@desk.example> ha\nscritto:",
        "Em seg., 2 de nov. de 2026 às 09:12, SupportDesk <support@desk.example>\nescreveu:",
        "Op ma 2 nov 2026 om 09:12 schreef SupportDesk <support@desk.example>:",
        "Den mån 2 nov. 2026 kl 09:12 skrev SupportDesk <support@desk.example>:",
        "pon., 2 lis 2026 o 09:12 SupportDesk <support@desk.example> napisał(a):",
        "пн, 2 нояб. 2026 г. в 09:12, SupportDesk <support@desk.example>:",  # noqa: RUF001
        "2026年11月2日(月) 9:12 SupportDesk <support@desk.example>:",
        "Zítra 2. 11. napsal cizí program SupportDesk takto 7:",
        "-----Original Message-----",
    ],
)
def test_what_stands_above_our_delimiter_is_the_reply_without_the_attribution(attribution: str) -> None:
    found = visible_reply(f"My answer: yes.\nIt works.\n\n{attribution}\n\n{QUOTE}")

    assert found.reply == "My answer: yes.\nIt works."
    assert found.confidence >= 0.8


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("just words", "just words"),
        ("words\n> quoted", "words"),
        ("words\n\nOn 2 Nov 2026 at 09:12 X <\nx@y.example>\nwrote:\n\n> old", "words"),
        ("words\n\n-----Original Message-----\nFrom: X\n\nold", "words"),
        ("words\n\nFrom: X <x@y.example>\nSent: Monday\nTo: Z\nSubject: Old\n\nold", "words"),
        ("words\n\n**Von:** X\n**Gesendet:** Montag\n**An:** Z\n\nalt", "words"),
        ("words\n________________________________\nFrom: X\nDate: Monday\nTo: Z\n\nold", "words"),
        ("words\n-- \nAnn\nACME", "words"),
        (f"words\n{DELIMITER}\nold", "words"),
        (f"words\n\n> On 2 Nov 2026, at 09:12, X wrote:\n>\n{QUOTE}", "words"),
        ("> Question?\nAnswer.\n> More?\nNo.\n> Regards", "> Question?\nAnswer.\n> More?\nNo."),
        (
            "top\n\nOn 2 Nov 2026 X <x@y.example> wrote:\n> Question?\nbelow\n> More?\nlast",
            "top\n\nOn 2 Nov 2026 X <x@y.example> wrote:\n> Question?\nbelow\n> More?\nlast",
        ),
        ("> all is quoted", "> all is quoted"),
        ("On Monday I wrote:\nplease call.\nThanks, Ann", "On Monday I wrote:\nplease call.\nThanks, Ann"),
        (
            "Hello,\nThanks, it fails.\n- first\n- second\n\nThanks\nAnn",
            "Hello,\nThanks, it fails.\n- first\n- second\n\nThanks\nAnn",
        ),
        ("From: Berlin\nTo: Paris\nplease book", "From: Berlin\nTo: Paris\nplease book"),
        (
            "FYI\n\n---------- Forwarded message ---------\nFrom: X\nDate: Monday\nTo: Z\n\nold",
            "FYI\n\n---------- Forwarded message ---------\nFrom: X\nDate: Monday\nTo: Z\n\nold",
        ),
        ("Hi,\n\nOn 2 Nov 2026 X <x@y.example> wrote:\n> Question?\n\nbelow", "Hi,\n\n\nbelow"),
        ("On 2 Nov 2026 X <x@y.example> wrote:\n> Question?\n\nbelow", "below"),
        ("words\n\n---- Ann wrote ----\n\nold", "words"),
        ("words\n\n---- On Mon, 2 Nov 2026 9:12:50 +0530 x@y.example wrote ----\n\nold", "words"),
        ("words\n\n2026/11/2 X <\nx@y.example>\n\n> old", "words"),
        ("words\n\nOn Mon, 2 Nov 2026 09:12 X <x@y.example> wrote\n\nold", "words"),
        ("words\n\nOn Mon, 2 Nov 2026 9:12 X\n\n<\nmailto:x@y.example\n> wrote:\nold", "words"),
        ("words\n\nFrom: x@y.example\nDate: Mon, 2 Nov 2026 09:12\n\nold\n> older\nold", "words"),
        ("words\n\n-------- Oprindelig besked --------\nFra: X\nDato: I dag\nTil: Y\n\nold", "words"),
        ("words\n\n====\n\nMessage du : 02/11/2026\nDe : X\nA : Y\n\nold", "words"),
        ("words On Mon, Nov 2, 2026 at 9:12 AM, x@y.example wrote:\n> old", "words"),
        (
            "words\n\nOn 2 Nov 2026 X <x@y.example> wrote:\n> " + "quoted " * 10 + "and\nbroken\n>",
            "words",
        ),
        ("> " + "long " * 20 + "?\nanswer", "> " + "long " * 20 + "?\nanswer"),
        ("words\n\nAnn Smith <x@y.example> schrieb:\n\nold", "words"),
        ("On 2 Nov 2026 I wrote:\nplease call.", "On 2 Nov 2026 I wrote:\nplease call."),
        ("words\n\n02.11.2026 09:12, Ann пишет:\n\nold", "words"),
        ("words\n\nDe la: Ann\nTrimis: luni\nCătre: X\nSubiect: Y\n\nold", "words"),
        ("words\n\n\u202b2 בנוב 2026 ב-9:12 מאת Ann <\u202ax@y.example\u202c>:\u202c\n\nold", "words"),
        ("", ""),
    ],
)
def test_only_what_is_surely_quoted_is_removed(text: str, reply: str) -> None:
    assert visible_reply(text).reply == reply


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAnn\nACME",
        "Sent from my iPhone",
        "SENT FROM MY IPHONE",
        "Sent from Yahoo Mail",
        "Von meinem iPad gesendet",
        "Envoyé de mon iPhone",
        "Get Outlook for iOS<https://x.example>",
        "Kind regards,\nAnn",
        "Mit freundlichen Grüßen\n\nAnn Müller\nTel. 1234",
        "Regards, Ann",
        "-Ann Smith",
        "\u2014Ann",
        "Ann Smith\nEngineer\nTel: +44 1234 567890\nann@x.example\nwww.x.example",
        "This message and its attachments are confidential and intended for the recipient only; do not read it.",
        "THIS MESSAGE AND ITS ATTACHMENTS ARE CONFIDENTIAL AND INTENDED FOR THE RECIPIENT ONLY; DO NOT READ IT.",
        "BU İLETİ VE EKLERİ GİZLİDİR; YALNIZCA ALICISI İÇİNDİR, BAŞKASI OKUMASIN VE HEMEN SİLSİN LÜTFEN.",
        "_______________________________________________\nusers mailing list\nhttps://x.example/listinfo/users",
        "Kind regards,\nAnn\n\nSent from my iPhone",
    ],
)
def test_what_closes_the_mail_is_the_signature(signature: str) -> None:
    found = visible_reply(f"It fails.\n\n{signature}\n\nOn 2 Nov 2026 X <x@y.example> wrote:\n> old")

    assert (found.reply, found.signature) == ("It fails.", signature.strip())


@pytest.mark.parametrize(
    "ending",
    [
        "Sent from my desk, it is much easier.",
        "Sent from home",
        "Please give my regards to the team.",
        "- apples\n\n-pears",
        "Call me:\n\nAnn\nTel: 123\nFax: 456\nMobile: 789",
        "Thanks\nAnn",
        "Is my message confidential?",
    ],
)
def test_what_may_be_meant_stays_in_the_reply(ending: str) -> None:
    found = visible_reply(f"It fails.\n\n{ending}")

    assert (found.reply, found.signature) == (f"It fails.\n\n{ending}", "")


@pytest.mark.parametrize("text", ["-- \nAnn", "Sent from my iPhone", "Kind regards,\nAnn", "\n\n-Ann"])
def test_a_mail_that_is_nothing_but_a_signature_stays(text: str) -> None:
    found = visible_reply(text)

    assert lines_of(found.reply) == lines_of(text)


@pytest.mark.parametrize("subject", ["Fwd: Printer", "FW: Printer", "WG: Drucker", "TR: Imprimante", "转发: 打印机"])
def test_a_forward_stays_whole(subject: str) -> None:
    text = "see below\n\nFrom: X\nSent: Monday\nTo: Z\nSubject: Old\n\nold"

    found = visible_reply(text, subject)

    assert (found.reply, found.removed) == (text, "")


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=25).map("\n".join)))
def test_no_line_is_lost(text: str) -> None:
    found = visible_reply(text)

    assert lines_of(found.reply, found.signature, found.removed) == lines_of(
        text.replace("\r\n", "\n").replace("\r", "\n")
    )


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=25).map("\n".join))
def test_a_reply_is_never_empty_where_there_is_text(text: str) -> None:
    found = visible_reply(text)

    assert bool(found.reply.strip()) == bool(text.strip())
    assert 0 <= found.confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "On Mon, " * 20_000,
        "\n" * 200_000,
        ">" * 100_000,
        "> \n" * 60_000,
        "On a a a a " * 20_000,
        "-" * 200_000,
        "From: a\n" * 20_000,
        "On Mon, 3 May 2026 wrote\n" * 8_000,
        "Am 1 " * 6_000 + ":",
        "-----\n1:\n" * 5_000,
        f"On Mon 12:30\n> {DELIMITER}\n" * 5_000,
        "> x\n\n" * 40_000 + DELIMITER,
        " " * 300_000,
        "Regards " * 40_000,
        "Regards,\n" * 40_000,
        "Tel: 1\n" * 40_000,
        "a On a a@a " * 20_000 + "wrote:\n> x",
        "---- a wrote " * 20_000,
        "(a:" * 50_000,
        "Sent from my " * 20_000,
        "x\n> y\n" * 30_000,
        "On 2 Nov 2026 X <x@y.example> wrote:\n" + "> y\nz\n" * 30_000 + "--\n" * 3_000,
        "On Mon, 2 Nov 2026, 9:12 X <x@y.example>\nSQL> a\n\n" * 20_000,
    ],
    ids=range(23),
)
def test_no_text_takes_long(text: str) -> None:
    started = process_time()

    visible_reply(text)

    assert process_time() - started < 0.5


def test_the_frame_of_a_pgp_signature_is_no_title_of_a_quote() -> None:
    framed = ["Hello.", "-----BEGIN PGP SIGNATURE-----", "abc", "-----END PGP SIGNATURE-----"]

    found = first_foreign_header(framed)

    assert found is None
    assert not any(map(is_likely_header, framed))


BANNER = "CAUTION: This email originated from outside of the organization. Do not click links."


@pytest.mark.parametrize("ours", DELIMITERS.values())
@pytest.mark.parametrize(
    "head", ["From: X <x@y.example>\nSent: Monday\nTo: Z\nSubject: Old", "-----Original Message-----"]
)
@pytest.mark.parametrize("rule", ["", "________________________________\n"])
@pytest.mark.parametrize("pasted", ["", "From: warehouse 3\nTo: office 12\nDate: 2 November 2026, 10:15\n\n"])
def test_the_head_above_our_delimiter_may_have_a_banner_below(ours: str, head: str, rule: str, pasted: str) -> None:
    own = f"{pasted}It works."
    text = f"{own}\n\n{rule}{head}\n\n{BANNER}\n\n{ours}\n\nHello,\n\nold"
    assert visible_reply(text).reply == own

    # Words that are no banner stay with what stands above the delimiter.
    other = text.replace(BANNER, "This is what I meant.")
    assert "This is what I meant." in visible_reply(other).reply


LONG = "> You need not do anything. If there is something to add, just answer"


@pytest.mark.parametrize(
    ("quote", "is_rest"),
    [
        (f"{LONG}\nthis\n> mail.\n>\n> Support", True),
        (f"{LONG}\nthis long\n> mail, or write to us.", True),
        # An answer, for no sentence goes on below it.
        (f"{LONG}:\nthis\n> mail.", False),
        (f"{LONG}\nthis\n> Mail.", False),
        (f"{LONG}\nthis.\n> mail.", False),
        (f"{LONG}\nThis\n> mail.", False),
        (f"{LONG}\nthis\n\n> mail.", False),
        (f"{LONG}\nto which of all of your addresses\n> mail.", False),
        ("> Just answer\nthis\n> mail.", False),
    ],
)
def test_words_that_a_program_broke_off_a_quoted_line_are_quoted_above_the_senders(quote: str, is_rest: bool) -> None:
    found = visible_reply(f"Am 02.11.26 um 09:18 schrieb Support:\n> Hello,\n>\n{quote}\n\nIt works.\n")

    assert (found.reply == "It works.") is is_rest
    assert is_rest or ("this" in found.reply.lower() or "to which" in found.reply)


NESTED = "Hello,\n\nit is mended.\n\nOn 1 Nov 2026, 09:12 UTC, Ida Stone wrote:\n> It stops.\n>> Does it?\n\nBen"
MARKED = "\n".join(f"NS> {line}".rstrip() for line in NESTED.split("\n"))


@pytest.mark.parametrize("between", ["\n", "\n\n"])
@pytest.mark.parametrize("head", ["Monday, November 9, 2026, 11:51:00 AM, you wrote:", "On 9 Nov 2026 Ben wrote:"])
@pytest.mark.parametrize("marks", ["NS", "\u0421\u0411", " BC"])
def test_a_quote_whose_marks_begin_with_initials_is_one_below_its_attribution(
    between: str, head: str, marks: str
) -> None:
    quote = f"{head}{between}{MARKED.replace('NS>', f'{marks}>')}"
    below = visible_reply(f"{quote}\n\nIt works.\n")
    above = visible_reply(f"It works.\n\n{quote}\n")
    inside = visible_reply(f"{quote}\n\nIt works.\n\n{marks}> Thank you.\n")

    assert below.reply == above.reply == "It works."
    assert below.removed == above.removed == quote
    assert "It works." in inside.reply


@pytest.mark.parametrize("head", ["", "Xyz kuya bubu:\n\n", "I tried this today:\n\n", "On Monday I wrote:\n\n"])
def test_lines_below_initials_alone_stay_with_what_follows_them(head: str) -> None:
    session = "\nSQL> select 1;\nSQL>\nSQL> -- On 1 Nov 2026, 09:12 UTC, Ida Stone wrote:\nSQL> > quit\n"
    for prompt in (session, MARKED):
        text = f"Hello,\n\n{head}{prompt}\n\nIt works."
        assert visible_reply(text).reply == text
