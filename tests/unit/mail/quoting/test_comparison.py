"""The sender's own words in an answer, by comparison with the mail of ours that it answers."""

from dataclasses import replace
from textwrap import fill, indent
from time import process_time

import pytest

from mail.inbound.message import Attachment, InboundMail
from mail.inbound.parse import parse
from mail.quoting.comparison import SentText, cut_by_sent

OURS = """-- Please write your answer above this line --

Hello Ida,

Which lift is it?
Is it stuck? On which floor does it stop?

To close your case, answer with these words: Yes, please close it

To write back, just answer this mail.

--
Support Team
You get this mail because you opened the ticket.
[ref 12-abc]
"""
PAGE = "<p>" + OURS.replace("\n\n", "</p><p>") + "</p><a href='https://lifts.example/t/1'>View the ticket</a>"
SENT = (SentText(OURS, f"<html><head><style>p {{}}</style></head><body>{PAGE}</body></html>"),)
HEAD = "On Mon, 2 Nov 2026 at 17:02, Support Team <support@lifts.example> wrote:"
UNKNOWN_HEAD = "Xyz 2.11.2026 17:02 kuya Support Team <support@lifts.example> bubu:"
BLOCK = "From: Support Team <support@lifts.example>\nSent: Monday, 2 November 2026 17:02\nTo: Ida Stone\nSubject: Lift"
UNKNOWN_BLOCK = "Abx: Support Team <support@lifts.example>\nUvw: 2.11.2026 17:02\nXo: Ida Stone\nYqs: Lift stops"
GLUED_BLOCK = (
    "-------- Urspr\u00fcngliche Nachricht --------Von: Support <support@lifts.example> Datum: 02.11.26  17:02 "
    "An: ida@stone.example Betreff: Aufzug "
)
PASTED = "From: ron@stone.example\nTo: ida@stone.example\nDate: 28 October 2026, 07:40\nSubject: Refund"
ONE = "The north one."
# What a customer wrote, as our notice to the agent repeats it: more than a sentence.
REPEATED = (
    "We have reset the lift and looked at its doors, which are as they should be.\n"
    "Please write again if it stops between the floors once more, and tell us on which of them it was."
)
NOTICE = (SentText(f"{OURS}\n\n{indent(REPEATED, '| ')}\n", ""),)


def quoted(text: str, mark: str = "> ") -> str:
    return indent(text, mark, lambda _: True)


def answer(body: str, kind: str = "plain", subject: str = "Re: [SD-2044] Lift stops") -> InboundMail:
    """An answer of Ida Stone to our mail."""
    head = f"From: Ida Stone <ida@stone.example>\nTo: Support Team <support@lifts.example>\nSubject: {subject}\n"
    return parse(f"{head}MIME-Version: 1.0\nContent-Type: text/{kind}; charset=utf-8\n\n{body}".encode())


def words(mail: InboundMail) -> list[str]:
    return [line for line in cut_by_sent(mail, SENT).reply.split("\n") if line.strip()]


@pytest.mark.parametrize(
    "body",
    [
        f"{ONE}\n\n{HEAD}\n{quoted(OURS)}",
        f"{ONE}\n\n{HEAD}   {' '.join(OURS.split())}",
        f"{ONE} {HEAD}   {' '.join(OURS.split())}",
        f"{ONE}\n\n{UNKNOWN_HEAD}\n\n{OURS}",
        f"{ONE}\n{UNKNOWN_HEAD}\n{quoted(OURS)}",
        f"{ONE}\n\nsupport@lifts.example wrote:\n\n{OURS}",
        f"{ONE}\n\nSupport Team schrieb am Mo. 2. Nov. 2026 um 17:02:\n\n{OURS}",
        f"{ONE}\n\n{OURS}",
        f"{ONE}\n\n{quoted(OURS, '    | ')}",
        f"{ONE}\n\n{quoted(OURS, 'ST> ')}",
        f"{ONE}\n\n{quoted(fill(OURS, 30))}",
        f"{ONE}\n\n{HEAD}\n{quoted(OURS.replace(' ', chr(0xA0)))}",
        f"{ONE}\n\n________________________________\n{BLOCK}\n\nCAUTION: this came from outside.\n\n{OURS}",
        f"{ONE}\n\n{UNKNOWN_BLOCK}\n\n{OURS}",
        f"{ONE}\n{GLUED_BLOCK}\n{OURS}",
        f"{ONE}\n-----Original-Nachricht-----\n{BLOCK}\n\n{OURS}",
        f"{HEAD}\n{quoted(OURS)}\n\n{ONE}",
        f"{ONE}\n\n" + f"{HEAD}\n{quoted(OURS)}\n\n" * 10,
        f"{ONE}\n\n" + OURS * 10,
        f"{ONE}\n\n{HEAD}\n{quoted(OURS)}\n> > Somebody else wrote this.\n",
    ],
)
def test_what_stands_in_our_mail_is_quote_in_any_form(body: str) -> None:
    assert words(answer(body)) == [ONE]


REST = OURS[OURS.index("To close") :]
ASKED = "Is it stuck? On which floor does it stop?"
BEGIN = "-- Please write your answer above this line --\n\nHello Ida,\n\n"


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (
            f"Hi.\n\n{HEAD}\n{quoted(BEGIN)}\n> Which lift is it?\n{ONE}\n\n{quoted(ASKED)}\n\nFour.\n\n{quoted(REST)}",
            ["Hi.", ONE, "Four."],
        ),
        (f"{HEAD}\n{quoted(BEGIN)}\n> Which lift is it? {ONE}\n{quoted(REST)}", [ONE]),
        (
            f"{BEGIN}Which lift is it?\n{ONE}\nIs it stuck? On which floor does it stop?\nFour.\n\n{REST}",
            [ONE, "Four."],
        ),
        (f"{BEGIN}Which lift is it?\nThanks\nIs it stuck? On which floor does it stop?\n\n{REST}", ["Thanks"]),
    ],
)
def test_what_stands_between_behind_and_inside_our_lines_is_the_senders(body: str, kept: list[str]) -> None:
    assert words(answer(body)) == kept


def test_answers_in_colour_below_each_question_stay() -> None:
    blue = PAGE.replace("Which lift is it?", f"Which lift is it?</p><p style='color:blue'>{ONE}</p><p>")
    block = "<b>From:</b> Support<br><b>Sent:</b> Monday, November 2, 2026 5:02 PM<br><b>Subject:</b> Lift"
    body = f'<p>See below.</p><div style="border:none;border-top:solid 1pt"><p>{block}</p></div>{blue}'

    assert words(answer(body, "html")) == ["See below.", ONE]


@pytest.mark.parametrize(
    "own",
    [
        "Yes, please close it",
        "You wrote:\n\nIs it stuck? On which floor does it stop?\n\nI told you already.",
        f"It was this one:\n\n{PASTED}\n\nPlease refund it.",
        "It was this one:\n\nFrom: Leith\nTo: Perth\nDate: 28 October 2026, 07:40\n\nPlease refund it.",
        "Hello,\n\nWhich lift is free?",
    ],
)
@pytest.mark.parametrize("head", [HEAD, UNKNOWN_HEAD])
def test_the_senders_own_words_above_stay(own: str, head: str) -> None:
    assert cut_by_sent(answer(f"{own}\n\n{head}\n{quoted(OURS)}"), SENT).reply == own


@pytest.mark.parametrize(
    "body", ["Hello, which lift is yours?\n\nThank you.", "Hello Ida", "", "Which lift is it?", f"{ONE}\n\n-- \nIda"]
)
@pytest.mark.parametrize("sent", [SENT, (), (SentText("", ""),)])
def test_a_mail_that_holds_nothing_of_ours_is_as_the_layers_read_it(body: str, sent: tuple[SentText, ...]) -> None:
    mail = answer(body)

    cut = cut_by_sent(mail, sent)

    assert (cut.reply, cut.removed, cut.confidence) == (mail.reply, mail.removed, mail.confidence)


def test_no_answer_is_made_empty_that_has_no_file() -> None:
    mail = answer(OURS)
    file = Attachment("plate.jpg", "image/jpeg", b"jpeg")

    assert cut_by_sent(mail, SENT).reply == mail.reply != ""
    assert cut_by_sent(replace(mail, attachments=(file,)), SENT).reply == ""
    assert cut_by_sent(replace(mail, attachments=(replace(file, inline=True),)), SENT).reply == mail.reply


def test_a_forward_stays_whole() -> None:
    mail = answer(f"See this.\n\n{BLOCK}\n\n{OURS}", subject="Fwd: Lift stops")

    assert cut_by_sent(mail, SENT).reply == mail.reply


def test_a_signature_is_set_aside_and_an_answer_that_looks_like_one_stays() -> None:
    signed = cut_by_sent(answer(f"{ONE}\n\nKind regards,\nIda Stone\n\n{UNKNOWN_HEAD}\n\n{OURS}"), SENT)

    assert (signed.reply, signed.signature) == (ONE, "Kind regards,\nIda Stone")


@pytest.mark.parametrize(
    ("body", "least", "most"),
    [
        (f"#close\n\n{UNKNOWN_HEAD}\n\n{OURS}", 0.9, 1.0),
        (f"{ONE}\n\n{UNKNOWN_HEAD}\n\nHello Ida,\nWhich lift is it?\nIs it stuck? On which", 0.1, 0.9),
        # Commands among the quoted lines, behind one, and below them are as little trusted as before.
        (f"{ONE}\n\n{UNKNOWN_HEAD}\n\n{BEGIN}Which lift is it?\n#close\n{OURS[70:]}", 0, 0.5),
        (f"{ONE}\n\n{HEAD}\n{quoted(BEGIN)}\n> Which lift is it? #close\n{quoted(REST)}", 0, 0.5),
        (f"{ONE}\n\n{BLOCK}\n\n{OURS}\n\n#close", 0, 0.5),
        (f"#close {HEAD}   {' '.join(OURS.split())}", 0, 0.5),
    ],
)
def test_confidence_is_the_share_that_was_found_and_low_where_a_command_may_be_of_others(
    body: str, least: float, most: float
) -> None:
    assert least <= cut_by_sent(answer(body), SENT).confidence <= most


@pytest.mark.parametrize(
    "text",
    [
        OURS * 1_500,
        "a " * 200_000,
        "> x y z\n" * 50_000,
        "a: b\n" * 80_000,
        "foo. " * 100_000,
        ">" * 1_900_000,
        "Hello\n" * 80_000,
        "> Which lift is it\nWhich lift is it\n" * 10_000,
        f"x: {HEAD} Hello Ida, Which lift is it? Is it stuck?\n" * 3_000,
    ],
    ids=["copies", "words", "marks", "labels", "sentences", "signs", "lines", "turns", "heads"],
)
@pytest.mark.parametrize("ours", [OURS * 200, "a " * 50_000], ids=["long", "repeated"])
def test_a_large_text_takes_linear_time(text: str, ours: str) -> None:
    mail = replace(answer(ONE), text=text, reply=text)
    began = process_time()

    cut_by_sent(mail, (SentText(ours, f"<p>{ours}</p>"),))

    assert process_time() - began < 8


WARNING = "CAUTION: This email came from outside. Do not open attachments unless you know the sender."
BANNERS = (WARNING, "[EXTERNAL EMAIL]", "ACHTUNG: Diese E-Mail kommt von außerhalb. Öffnen Sie keine Anhänge.")


@pytest.mark.parametrize("banner", BANNERS)
def test_the_banner_of_a_gateway_is_set_aside_above_the_words_and_above_our_mail(banner: str) -> None:
    body = f"{banner}\n\n{ONE}\n\n{HEAD}\n{quoted(f'{banner}{chr(10) * 2}{OURS}')}"
    cut = cut_by_sent(answer(body), SENT)
    assert (cut.reply, cut.signature) == (ONE, banner)


@pytest.mark.parametrize("banner", BANNERS)
@pytest.mark.parametrize(
    "head",
    [
        f"{HEAD}   {{}}   {' '.join(OURS.split())}",
        f">>> Support Team <support@lifts.example> 11/2/2026 5:02 PM >>>\n{{}}\n\n{OURS}",
        f">>> Support Team <support@lifts.example> 11/2/2026 5:02 PM >>>\n| {{}}\n|\n{quoted(OURS, '| ')}",
        f"{BLOCK}\n\n{{}}\n\n{OURS}",
    ],
)
def test_a_banner_between_a_head_and_our_mail_keeps_no_head(head: str, banner: str) -> None:
    assert words(answer(f"{ONE}\n\n{head.format(banner)}")) == [ONE]


@pytest.mark.parametrize("mark", ["> ", "    ", "| ", ""])
def test_a_head_that_names_nobody_is_one_above_our_mail(mark: str) -> None:
    body = f"{ONE}\n\nMonday, November 2, 2026, 5:02:00 PM, you wrote:\n\n{quoted(OURS, mark)}"
    assert words(answer(body)) == [ONE]


LETTER = (
    "-- Please write your answer above this line --\n\nHello Ida,\n\n"
    "please open the door of the machine room and follow the steps on the wall.\n\n"
    "If it still stops, send us the log.\n\nIt works now\nBen\n\nStation: north\nFloor: 4\n\n"
    "If there is something to add, just answer this mail.\n"
)


@pytest.mark.parametrize("own", ["It works now, thank you!", "And: it works now, thanks to Ron.", "It works now Ron"])
@pytest.mark.parametrize("mark", [">", "> ", ""])
@pytest.mark.parametrize("below", ["Hello Ida,", "send us the log.", "Floor: 4"])
def test_words_of_ours_in_a_sentence_of_the_sender_are_not_cut_out_of_it(own: str, mark: str, below: str) -> None:
    body = quoted(LETTER, mark).replace(below, f"{below}\n{mark}\n{mark}{own}\n{mark}")
    kept = cut_by_sent(answer(f"{HEAD}\n{body}"), (SentText(LETTER, ""),)).reply
    assert kept.lstrip("> ") == own


@pytest.mark.parametrize(
    ("own", "before"),
    [
        ("It works now, thank you!", "please open the door"),
        ("Please call me tomorrow.", "please open the door"),
        ("Danke", "If there is"),
        ("Ja", "If there is"),
        ("Да, пожалуйста.", "If there is"),
        ("Teşekkürler", "If there is"),
        ("İki gün önce dördüncü katta durdu.", "If there is"),
    ],
)
def test_an_answer_in_one_line_with_our_mail_as_in_the_cell_of_a_table_is_kept_whole(own: str, before: str) -> None:
    line = " ".join(LETTER.replace("Station: north\nFloor: 4\n", "").split()).replace(before, f"{own} {before}")
    table = f"| {line} |\n| --- |\n| Station | north |\n| Floor | 4 |"
    assert words_by(LETTER, f"{HEAD}\n\n{table}") == own


def words_by(sent: str, body: str) -> str:
    return cut_by_sent(answer(body), (SentText(sent, ""),)).reply


@pytest.mark.parametrize("footer", ["Få Outlook for iOS", "Obter o Outlook para iOS", "Obtenha o Outlook para Android"])
def test_the_footer_of_outlook_is_set_aside_in_every_language(footer: str) -> None:
    assert words(answer(f"{ONE}\n\n{footer}\n\n________________________________\n{BLOCK}\n\n{OURS}")) == [ONE]


@pytest.mark.parametrize("head", [HEAD, f"________________________________\n{BLOCK}\n"])
@pytest.mark.parametrize("sent", [SENT, (SentText("Another mail of ours, with other words.", ""), *SENT)])
def test_an_answer_whose_cut_the_layers_found_is_not_compared(
    head: str, sent: tuple[SentText, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail.quoting.comparison.compare", None)
    # Whoever writes an agent's usual answer into a mail of theirs does not make that answer a quote.
    for own, ours in ((ONE, sent), (f"#resolve\n\n{REPEATED}", NOTICE)):
        found = cut_by_sent(answer(f"{own}\n\n{head}\n{quoted(ours[-1].text)}"), ours)
        assert (found.reply, found.confidence) == (own, 1.0)
    with pytest.raises(TypeError):
        cut_by_sent(answer(f"{ONE}\n\n{UNKNOWN_BLOCK}\n\n{OURS}"), sent)


@pytest.mark.parametrize("own", ["#resolve\n\n{}", "Hello Ida,\n\n{}\n\nMax", "{}"])
def test_sentences_of_ours_alone_are_the_senders(own: str) -> None:
    text = own.format(REPEATED)

    assert cut_by_sent(answer(text), NOTICE).reply == text


@pytest.mark.parametrize(
    "link", ["https://lifts.example/t/1", "https://safe.example/?url=https%3A%2F%2Flifts.example%2Ft%2F1"]
)
def test_a_quoted_link_of_ours_between_two_answers_is_quote(link: str) -> None:
    body = f"{HEAD}\n{quoted(BEGIN)}\n> Which lift is it?\n\n{ONE}\n\n> {link}\n\nFour.\n\n{quoted(REST)}"
    assert words(answer(body)) == [ONE, "Four."]
    assert words(answer(body.replace(f"> {link}", link))) == [ONE, link, "Four."]
    assert "https://stone.example/1" in " ".join(words(answer(body.replace(link, "https://stone.example/1"))))
