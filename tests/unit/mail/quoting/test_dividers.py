"""Our mail begins where its delimiter says so; lines of other desks and of mail programs are known in languages."""

import pytest

from mail.outbound.catalogue import SHIPPED_TEMPLATES, languages
from mail.quoting.labels import DELIMITER, DELIMITERS, delimiter_in
from mail.quoting.reply import visible_reply

WROTE = "On Mon, 2 Nov 2026 at 17:02, Support <support@lifts.example> wrote:"
HEAD = (
    "From: Support <support@lifts.example>\nSent: Monday, 2 November 2026 17:02\n"
    "To: Ida Stone <ida@stone.example>\nSubject: RE: [SD-2044] Lift"
)
FOLDED = HEAD.replace("To: ", "To: Bob Long <bob@long.example>,\n")
TABLE = (
    "| From | Support<support@lifts.example> |\n| Date | 11/2/2026 17:02 |\n| To | ida@stone.example |\n"
    "| Subject | Re: Lift |"
)
HEADS = {
    "attribution": f"{WROTE}\n> {DELIMITER}\n>\n> Which?",
    "attribution, then a blank line": f"{WROTE}\n\n> {DELIMITER}\n>\n> Which?",
    "block": f"{HEAD}\n\n{DELIMITER}\n\nWhich?",
    "block below a line": f"{'_' * 32}\n{HEAD}\n\n{DELIMITER}\n\nWhich?",
    "block below a divider": f"-----Original Message-----\n{HEAD}\n\n{DELIMITER}\n\nWhich?",
    "block of folded labels": f"{FOLDED}\n\n{DELIMITER}\n\nWhich?",
    "block that is quoted": "> " + f"{HEAD}\n\n{DELIMITER}\n\nWhich?".replace("\n", "\n> "),
    "table": f"---- Replied Message ----\n{TABLE}\n{DELIMITER}\n\nWhich?",
    "nothing": f"{DELIMITER}\n\nWhich?",
}
PASTED = {
    "a journey": "It was this one:\n\nFrom: Leith\nTo: Perth\nDate: 28 October 2026, 07:40\n\nPlease refund it.",
    "a mail": "The firm says:\n\nFrom: Bob <bob@x.example>\nSent: Monday 1 June 2026 10:00\nTo: Ida\nSubject: Plate\n\n"
    "The plate is 12.\n\nCan you use it?",
    "a log": "The log says:\n\n2026-11-02 17:02:11 error: no door\n2026-11-02 17:02:12 from: a@x.example\n\nIs it?",
    "a quote": "Bob says:\n\n> we tried it\n> twice\n\nWhat now?",
    "an answer": "Bob says:\n\nOn Sun, 1 Nov 2026 at 10:00, Bob <bob@x.example> wrote:\n> we tried it\n\nWhat now?",
    "a line": "One\n____________\nTwo",
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("language", DELIMITERS)
@pytest.mark.parametrize("pasted", PASTED)
def test_what_was_pasted_above_our_delimiter_stays(pasted: str, language: str, head: str) -> None:
    quote = HEADS[head].replace(DELIMITER, DELIMITERS[language])

    assert visible_reply(f"{PASTED[pasted]}\n\n{quote}\n").reply == PASTED[pasted]


# As desks write it above their mails, by program and language.
DESKS = [
    "##- Please type your reply above this line -##",
    "- Reply above this line -",
    "\u2014-\u2014-\u2014-\u2014\nReply above this line.",
    "Reply above this line.",
    "-=-=-=- Reply ABOVE THIS LINE to add a comment -=-=-=-",
    "===== Please enter replies above this line =====",
    "## In replies all text above this line is added to the ticket ##",
    "*Please reply above this line*",
    "[Please reply above this line]",
    "\u2500\u2500\u2500\u2500\u2500 Reply above this line \u2500\u2500\u2500\u2500\u2500",
    "Please do not write below this line",
    "##- Bitte geben Sie Ihre Antwort über dieser Zeile ein -##",
    "Bitte antworten Sie oberhalb dieser Linie",
    "##- Veuillez saisir votre réponse au-dessus de cette ligne -##",
    "Répondez au-dessus de cette ligne",
    "##- Escriba su respuesta por encima de esta línea -##",
    "Por favor, escriba su respuesta arriba de esta línea",
    "##- Digita la tua risposta sopra questa riga. -##",
    "Rispondi sopra questa linea",
    "##- Digite sua resposta acima desta linha -##",
    "Responda acima desta linha",
    "##- Typ uw antwoord boven deze regel -##",
    "Gelieve te antwoorden boven deze lijn",
    "##- Skriv ditt svar ovanför den här raden -##",
    "##- Skriv dit svar over denne linje -##",
    "##- Skriv svaret ditt over denne linjen -##",
    "Vastaa tämän rivin yläpuolelle",
    "##- Wpisz odpowiedź powyżej tej linii -##",
    "Proszę odpowiedzieć powyżej tej linii",
    "##- Svou odpověď pište nad tento řádek -##",
    "Prosím, odpovězte nad tímto řádkem",
    "##- Kérjük, e sor fölé írja a válaszát -##",
    "##- Vă rugăm să introduceți răspunsul deasupra acestei linii -##",
    "##- Lütfen yan\u0131t\u0131n\u0131z\u0131 bu sat\u0131r\u0131n üstüne yaz\u0131n -##",
    "Lütfen cevab\u0131n\u0131z\u0131 bu sat\u0131r\u0131n üzerine yaz\u0131n\u0131z",
    "##- Пожалуйста, введите свой ответ над этой строкой -##",
    "Пожалуйста, пишите ваш ответ выше этой линии",
    "##- Будь ласка, введіть свою відповідь над цим рядком -##",
    "##- Παρακαλούμε πληκτρολογήστε την απάντησή σας πάνω από αυτή τη γραμμή -##",
    "##- נא להקליד את תשובתך מעל שורה זו -##",
    "##- يرجى كتابة ردك فوق هذا السطر -##",
    "##- 请在此行上方键入您的回复 -##",
    "请在此行上方回复",
    "##- 請在此行上方輸入您的回覆 -##",
    "この行より上に返信してください",
    "##- 이 줄 위에 회신을 입력하세요 -##",
    "이 줄 위에 답장을 작성해 주세요",
]


@pytest.mark.parametrize("line", DESKS)
def test_the_line_of_another_desk_is_where_its_mail_begins(line: str) -> None:
    own = "It is fixed, thank you."
    assert visible_reply(f"{own}\n\n{line}\n\nYour request 4711 was updated.\n").reply == own
    quoted = f"On Mon, 2 Nov 2026 Desk <d@other.example> wrote:\n{line}\n\nIt was updated.".replace("\n", "\n> ")
    assert visible_reply(f"{own}\n\n{quoted}\n").reply == own


@pytest.mark.parametrize(
    "own",
    [
        "Please type the number that stands above this line on the plate.",
        "Where do I write?\nI did reply above this line, as you asked.\nBut it came back.",
        "The mail says:\n\nI should reply above this line, but how?\n\nIda",
        "Bitte prüfen Sie den Text.\n\nDie Antwort oberhalb dieser Zeile ist falsch.\n\nDanke",
        "The text above this line is mine.\n\nOK?",
        "Above this line is the power cable, so please answer soon; without it we cannot open the doors.\n\nIda",
        "##- Please type your reply above this line -##\n\nYour request 4711 was updated.",
    ],
)
def test_a_sentence_about_such_a_line_and_a_mail_of_such_a_desk_stay(own: str) -> None:
    assert visible_reply(own).reply == own


def samsung(title: str, labels: str) -> str:
    sender, date, to, subject = labels.split("|")
    return (
        f"-------- {title} --------{sender}: Support <support@lifts.example> {date}: 02.11.26  17:02  (GMT+01:00) "
        f"{to}: ida@stone.example {subject}: [SD-2044] Lift \nWhich lift?"
    )


DIVIDERS = [
    samsung("Original message", "From|Date|To|Subject"),
    samsung("Ursprüngliche Nachricht", "Von|Datum|An|Betreff"),
    samsung("Message d'origine", "De |Date |À |Objet "),
    samsung("Mensaje original", "De|Fecha|A|Asunto"),
    samsung("Messaggio originale", "Da|Data|A|Oggetto"),
    samsung("Mensagem original", "De|Data|Para|Assunto"),
    samsung("Oorspronkelijk bericht", "Van|Datum|Aan|Onderwerp"),
    samsung("Oryginalna wiadomość", "Od|Data|Do|Temat"),
    samsung("Исходное сообщение", "От|Дата|Кому|Тема"),
    samsung("Originalmeddelande", "Från|Datum|Till|Ämne"),
    samsung("Eredeti üzenet", "Feladó|Dátum|Címzett|Tárgy"),
    samsung("Αρχικό μήνυμα", "Από|Ημερομηνία|Προς|Θέμα"),
    samsung("원본 이메일", "발신|날짜|받은 사람|제목"),
    samsung("Mensahe orihinal", "Mula|Petsa|Sa|Paksa"),
    (
        "-----Original-Nachricht-----\nBetreff: Aufzug\nDatum: 2026-11-02T17:02:00Z\nVon: Support <s@lifts.example>\n"
        'An: "Ida" <ida@stone.example>\n\nWelcher?'
    ),
    f"\u2014\u2014\u2014\u2014\u2014 Original message \u2014\u2014\u2014\u2014\u2014\n{HEAD}\n\nWhich?",
    "===== Original Message =====\nWhich?",
    f"---- Replied Message ----\n{TABLE}\nWhich?",
    (
        "---- 回复的原邮件 ----\n| 发件人 | Support<support@lifts.example> |\n| 发送日期 | 2026年11月02日 17:02 |\n"
        "| 收件人 | <ida@stone.example> |\n| 主题 | Re: Lift |\nWhich?"
    ),
    f"{TABLE}\nWhich?",
    (
        "------------------ Original ------------------\nFrom: Support<support@lifts.example>;\nDate: Nov 2, 2026\n"
        "To: ida<ida@stone.example>;\nSubject: Re: Lift\n\nWhich?"
    ),
]


@pytest.mark.parametrize("quote", DIVIDERS)
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_a_divider_is_removed_with_its_labels(quote: str, between: str) -> None:
    assert visible_reply(f"The north one.{between}{quote}\n").reply == "The north one."


GERMAN_WROTE = "Am 02.11.2026 um 17:02 schrieb Support <support@lifts.example>:"
GERMAN_HEAD = (
    "Von: Support <support@lifts.example>\nGesendet: Montag, 2. November 2026 17:02\nAn: Ida\nBetreff: AW: Lift"
)


def test_each_language_that_ships_has_its_own_line() -> None:
    assert set(DELIMITERS) == set(languages([SHIPPED_TEMPLATES]))
    assert len(set(DELIMITERS.values())) == len(DELIMITERS)


@pytest.mark.parametrize(("language", "line"), [("de-AT", DELIMITERS["de"]), ("fr", DELIMITER)])
def test_a_language_without_a_line_takes_that_of_the_nearest(language: str, line: str) -> None:
    assert delimiter_in(language) == line


@pytest.mark.parametrize(
    "quote",
    [
        f"{GERMAN_WROTE}\n> {DELIMITERS['de']}\n>\n> Welcher?",
        f"{GERMAN_HEAD}\n\n{DELIMITERS['de']}\n\nWelcher?",
        f"{DELIMITERS['de']}\n\nWelcher?",
        # The line as programs turn it into capitals, or set it without its dashes.
        f"> {DELIMITERS['de'].strip('- ').replace('Antwort', 'ANTWORT')}\n>\n> Welcher?",
    ],
)
def test_a_german_answer_ends_at_the_german_line(quote: str) -> None:
    assert visible_reply(f"Der im Norden.\n\n{quote}\n").reply == "Der im Norden."
