"""Mails that are passed on: whose they are, in any program's style and language."""

import time

import pytest

from mail.quoting.forward import read_forward

TEXT = "The printer burns.\n\nPlease come."
PLAIN = ("From", "Sent", "To", "Subject")


def passed(labels: tuple[str, str, str, str], mark: str, colon: str = ":") -> str:
    values = ("Bob Fire <Bob@Far.example>", "Monday, 2 November 2026 11:00", "ann@desk.example", "It: burns")
    rows = "\n".join(f"{label}{colon} {value}" for label, value in zip(labels, values, strict=True))
    return f"Can you help him?\n\n{mark}\n{rows}\n\n{TEXT}\n"


@pytest.mark.parametrize(
    ("labels", "mark"),
    [
        (PLAIN, "---------- Forwarded message ---------"),
        (PLAIN, "Begin forwarded message:\n"),
        (PLAIN, "________________________________"),
        (PLAIN, "-----Original Message-----"),
        (("*From", "*Sent", "*To", "*Subject"), ""),
        (("**From", "**Sent", "**To", "**Subject"), ""),
        (("Von", "Gesendet", "An", "Betreff"), "-------- Weitergeleitete Nachricht --------"),
        (("De", "Envoyé", "À", "Objet"), "-------- Message transféré --------"),
        (("De", "Enviado el", "Para", "Asunto"), "---------- Mensaje reenviado ---------"),
        (("Da", "Inviato", "A", "Oggetto"), "Inizio messaggio inoltrato:"),
        (("De", "Enviado", "Para", "Assunto"), "-------- Mensagem encaminhada --------"),
        (("Van", "Verzonden", "Aan", "Onderwerp"), "Begin doorgestuurd bericht:"),
        (("Od", "Data", "Do", "Temat"), "--- Treść przekazanej wiadomości ---"),
        (("Od", "Datum", "Komu", "Předmět"), "---------- Přeposlaná zpráva ---------"),
        (("Fra", "Sendt", "Til", "Emne"), "-------- Videresendt meddelelse --------"),
        (("Från", "Skickat", "Till", "Ämne"), "Vidarebefordrat mejl:"),
        (("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"), "---- Välitetty viesti ----"),
        (("Feladó", "Dátum", "Címzett", "Tárgy"), "Továbbított levél kezdete:"),
        (("Expeditor", "Dată", "Către", "Subiect"), "---- Mesaj redirecționat ----"),
        (("Kimden", "Tarih", "Kime", "Konu"), "---------- Yönlendirilen ileti ---------"),
        (("От", "Дата", "Кому", "Тема"), "-------- Пересылаемое сообщение --------"),
        (("Від", "Дата", "Кому", "Тема"), "-------- Перенаправлене повідомлення --------"),
        (("Από", "Ημερομηνία", "Προς", "Θέμα"), "---------- Προωθημένο μήνυμα ---------"),
        (("差出人", "送信日時", "宛先", "件名"), "---------- 転送メッセージ ----------"),
        (("发件人", "发送时间", "收件人", "主题"), "-------- 转发的邮件 --------"),
        (("보낸 사람", "날짜", "받는 사람", "제목"), "---------- 전달된 메일 ---------"),
    ],
)
def test_a_forward_is_read_in_every_style_and_language(labels: tuple[str, str, str, str], mark: str) -> None:
    found = read_forward(passed(labels, mark), "Fwd: It: burns")

    assert found is not None
    assert (found.from_name, found.from_email, found.subject) == ("Bob Fire", "bob@far.example", "It: burns")
    assert (found.text, found.message) == (TEXT, "Can you help him?")


def test_a_colon_may_be_wide_or_stand_after_a_space() -> None:
    found = [read_forward(passed(PLAIN, "", colon), "Fw: x") for colon in (" :", "\uff1a")]

    assert [one.from_email if one else None for one in found] == ["bob@far.example"] * 2


def test_a_quoted_forward_loses_one_level_of_quoting() -> None:
    quoted = "\n".join(f"> {line}" for line in passed(PLAIN, "Begin forwarded message:").splitlines()[2:])

    found = read_forward(f"See below.\n\n{quoted}\n")

    assert found is not None
    assert (found.text, found.message) == (TEXT, "See below.")


def test_a_block_on_one_line_is_taken_apart() -> None:
    line = (
        "----- Weitergeleitete Nachricht ----- Von: Bob Fire <bob@far.example>An: ann@desk.example"
        "Gesendet: Montag, 11:00 MEZBetreff: It burns"
    )

    found = read_forward(f"{line}\n{TEXT}")

    assert found is not None
    assert (found.from_name, found.from_email, found.subject, found.text) == (
        "Bob Fire",
        "bob@far.example",
        "It burns",
        TEXT,
    )


@pytest.mark.parametrize(
    ("attribution", "name"),
    [
        ('On 28/10/2026, 12:46, "Bob Fire" <bob@far.example> wrote:', "Bob Fire"),
        ("Le 28/10/2026 12:46, \u00ab Bob Fire \u00bb <bob@far.example> a écrit :", "Bob Fire"),
        ("Den 28.10.2026 12.46 skrev Bob Fire <bob@far.example>:", "Bob Fire"),
    ],
)
def test_an_attribution_counts_where_the_subject_says_forward(attribution: str, name: str) -> None:
    found = read_forward(f"{attribution}\n\n{TEXT}", "WG: It burns")

    assert found is not None
    assert (found.from_name, found.from_email, found.subject) == (name, "bob@far.example", "It burns")
    assert read_forward(f"{attribution}\n\n{TEXT}", "Re: It burns") is None


def test_the_outermost_forward_counts() -> None:
    inner = passed(PLAIN, "---------- Forwarded message ---------").replace("Bob@Far", "eve@evil")
    outer = passed(PLAIN, "---------- Forwarded message ---------") + inner

    found = read_forward(outer)

    assert found is not None
    assert (found.from_email, "eve@evil.example" in found.text) == ("bob@far.example", True)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (passed(PLAIN, ""), "Re: It burns"),
        (passed(PLAIN, "-----Original Message-----"), "AW: It burns"),
        ("From: here to there\nwe walked.\n", "Fwd: A walk"),
        ("A forwarded message:\nnothing\n", "Fwd: x"),
        ("", "Fwd: x"),
    ],
)
def test_an_answer_or_a_text_with_a_colon_is_no_forward(text: str, subject: str) -> None:
    assert read_forward(text, subject) is None


@pytest.mark.parametrize(
    ("value", "name", "email"),
    [
        ("bob@far.example", "", "bob@far.example"),
        ('"Fire, Bob" <bob@far.example>', "Fire, Bob", "bob@far.example"),
        ("Bob Fire [mailto:bob@far.example]", "Bob Fire", "bob@far.example"),
        ("Bob Fire <bob@far.example<mailto:bob@far.example>>", "Bob Fire", "bob@far.example"),
        ("bob@far.example <bob@far.example>", "", "bob@far.example"),
        ("Bob Fire", "Bob Fire", ""),
    ],
)
def test_the_sender_is_read_in_every_form(value: str, name: str, email: str) -> None:
    text = passed(PLAIN, "").replace("Bob Fire <Bob@Far.example>", value)

    found = read_forward(text, "Fwd: x")

    assert found is not None
    assert (found.from_name, found.from_email) == (name, email)


def test_a_folded_list_of_recipients_belongs_to_the_block() -> None:
    text = passed(PLAIN, "").replace("ann@desk.example", "ann@desk.example,\n  joe@desk.example")

    found = read_forward(text, "Fwd: x")

    assert found is not None
    assert (found.subject, found.text) == ("It: burns", TEXT)


def test_a_line_of_the_mail_that_looks_like_a_second_sender_stays() -> None:
    text = passed(PLAIN, "").replace("\n\nThe printer", "\nFrom: here on the printer")

    found = read_forward(text, "Fwd: x")

    assert found is not None
    assert (found.from_email, found.text[:13]) == ("bob@far.example", "From: here on")


@pytest.mark.parametrize(
    "filler", ["\n", " ", "a", ":", "To: a@b.example\n", "From: a\n", "> ", "-", "---- Forwarded ", "a: "]
)
def test_a_million_characters_of_one_thing_take_bounded_time(filler: str) -> None:
    text = filler * (1_000_000 // len(filler))
    started = time.process_time()

    read_forward(text, "Fwd: x")

    assert time.process_time() - started < 5


LABELLED = "---------- Forwarded message ----------\nFrom: Eva <eva@moss.example>\nDate: 1 Nov 2026\nSubject: Door\n\n"


def test_a_text_that_is_quoted_below_bare_labels_loses_its_marks() -> None:
    found = read_forward(f"{LABELLED}> The door is stuck.\n>\n>> since May\n", "Fwd: Door")
    assert found is not None
    assert found.text == "The door is stuck.\n\n> since May"


def test_quotes_in_a_forwarded_text_keep_their_marks() -> None:
    text = "> Which door?\n\nThe north one.\n\n> Since when?\n\nMay."
    found = read_forward(f"{LABELLED}{text}\n", "Fwd: Door")
    assert found is not None
    assert found.text == text
