"""The languages in which a quote is announced: what Gmail, Apple Mail, Thunderbird and Outlook write above it."""

# The letters of other alphabets are meant.
# ruff: noqa: RUF001

import pytest

from mail.quoting.reply import visible_reply

X = "Desk <desk@desk.example>"
# By language: lines that Gmail, Apple Mail, Thunderbird and others put above a quote.
ATTRIBUTIONS: dict[str, tuple[str, ...]] = {
    "English": (
        f"On Mon, Nov 2, 2026 at 9:12 AM {X} wrote:",
        "On 2 Nov 2026, at 09:12, Desk wrote:",
        "On 11/2/26 9:12 AM, Desk wrote:",
        "On Monday, November 2, 2026 at 09:12:00 AM GMT+1, Desk <desk@desk.example> wrote:",
    ),
    "German": (
        f"Am Mo., 2. Nov. 2026 um 09:12 Uhr schrieb {X}:",
        "Am 02.11.2026 um 09:12 schrieb Desk:",
        f"> Am 02.11.2026 um 09:12 schrieb {X}:",
    ),
    "French": (
        f"Le lun. 2 nov. 2026 à 09:12, {X} a écrit :",
        "Le 02/11/2026 à 09:12, Desk a écrit :",
        f"Le 2 nov. 2026 à 09:12, {X} a écrit :",
    ),
    "Spanish": (
        "El lun, 2 nov 2026 a las 9:12, Desk (<desk@desk.example>) escribió:",
        "El 2/11/26 a las 9:12, Desk escribió:",
        f"El 2 nov 2026, a las 9:12, {X} escribió:",
    ),
    "Italian": (
        f"Il giorno lun 2 nov 2026 alle ore 09:12 {X} ha scritto:",
        "Il 02/11/2026 09:12, Desk ha scritto:",
        f"Il giorno 2 nov 2026, alle ore 09:12, {X} ha scritto:",
    ),
    "Portuguese": (
        f"Em seg., 2 de nov. de 2026 às 09:12, {X} escreveu:",
        "Em 02/11/2026 09:12, Desk escreveu:",
        f"{X} escreveu (segunda, 2/11/2026 à(s) 09:12):",
        f"No dia 2 de nov. de 2026, às 09:12, {X} escreveu:",
    ),
    "Dutch": (
        f"Op ma 2 nov 2026 om 09:12 schreef {X}:",
        "Op 02-11-2026 om 09:12 schreef Desk:",
        f"Op 2 nov. 2026 om 09:12 heeft {X} het volgende geschreven:",
    ),
    "Polish": (
        f"pon., 2 lis 2026 o 09:12 {X} napisał(a):",
        "W dniu 2.11.2026 o 09:12, Desk pisze:",
        f"Wiadomość napisana przez {X} w dniu 2 lis 2026, o godz. 09:12:",
    ),
    "Russian": (
        f"пн, 2 нояб. 2026 г. в 09:12, {X}:",
        "02.11.2026 09:12, Desk пишет:",
        f"2 нояб. 2026 г., в 09:12, {X} написал(а):",
    ),
    "Ukrainian": (
        f"пн, 2 лист. 2026 р. о 09:12 {X} пише:",
        "02.11.26 09:12, Desk пише:",
        f"2 лист. 2026 р. о 09:12 {X} написав(-ла):",
    ),
    "Czech": (
        f"po 2. 11. 2026 v 9:12 odesílatel {X} napsal:",
        "Dne 02. 11. 26 v 9:12 Desk napsal(a):",
        f"2. 11. 2026 v 9:12, {X}:",
    ),
    "Slovak": (
        f"po 2. 11. 2026 o 9:12 {X} napísal(a):",
        "Dňa 2. 11. 2026 o 9:12 Desk napísal(a):",
    ),
    "Swedish": (
        f"Den mån 2 nov. 2026 kl 09:12 skrev {X}:",
        "Den 2026-11-02 kl. 09:12, skrev Desk:",
        f"2 nov. 2026 kl. 09:12 skrev {X}:",
    ),
    "Norwegian": (
        f"man. 2. nov. 2026 kl. 09:12 skrev {X}:",
        "Den 02.11.2026 09:12, skrev Desk:",
        f"2. nov. 2026 kl. 09:12 skrev {X}:",
    ),
    "Danish": (
        f"Den man. 2. nov. 2026 kl. 09.12 skrev {X}:",
        "Den 02.11.2026 kl. 09.12 skrev Desk:",
        f"Den 2. nov. 2026 kl. 09.12 skrev {X}:",
    ),
    "Finnish": (
        f"ma 2. marrask. 2026 klo 9.12 {X} kirjoitti:",
        "Desk kirjoitti 2.11.2026 klo 9.12:",
        f"{X} kirjoitti 2.11.2026 kello 9.12:",
    ),
    "Turkish": (
        f"{X}, 2 Kas 2026 Pzt, 09:12 tarihinde şunu yazdı:",
        "2.11.2026 09:12 tarihinde Desk yazdı:",
    ),
    "Hungarian": (
        f"{X} ezt írta (időpont: 2026. nov. 2., H, 9:12):",
        "2026. 11. 02. 9:12 keltezéssel, Desk írta:",
    ),
    "Romanian": (
        f"În lun., 2 nov. 2026 la 09:12, {X} a scris:",
        "Pe 02.11.2026 09:12, Desk a scris:",
    ),
    "Greek": (
        f"Στις Δευ 2 Νοε 2026 στις 9:12 π.μ., ο χρήστης {X} έγραψε:",
        "Στις 2/11/26 09:12, ο Desk έγραψε:",
    ),
    "Bulgarian": (f"На пн, 2.11.2026 г. в 9:12 {X} написа:",),
    "Croatian": (f"pon, 2. stu 2026. u 09:12 {X} napisao je:",),
    "Slovene": (
        f"V V pon., 2. nov. 2026 ob 09:12 je oseba {X} napisala:",
        "Dne 2. 11. 2026 ob 9:12 je Desk napisal(a):",
    ),
    "Serbian": (f"пон, 2. нов 2026. у 09:12 {X} је написао/ла:",),
    "Lithuanian": (f"2026-11-02, pr, 09:12 {X} rašė:",),
    "Latvian": (f"pirmd., 2026. g. 2. nov., plkst. 09:12 — lietotājs {X} rakstīja:",),
    "Estonian": (f"Kontakt {X} kirjutas kuupäeval E, 2. november 2026 kell 09:12:",),
    "Catalan": (f"Missatge de {X} del dia dl., 2 de nov. 2026 a les 9:12:", "El 2/11/26 a les 9:12, Desk ha escrit:"),
    "Japanese": (
        f"2026年11月2日(月) 9:12 {X}:",
        f"2026/11/02 9:12、{X}のメール:",
        "On 2026/11/02 9:12, Desk wrote:",
        "2026/11/02 9:12、Deskさんは書きました:",
    ),
    "Chinese, simplified": (
        "Desk <desk@desk.example> 于2026年11月2日周一 09:12写道：",
        "在 2026/11/2 9:12, Desk 写道:",
        '在 2026-11-02 09:12:00，"Desk" <desk@desk.example> 写道：',
    ),
    "Chinese, traditional": (
        "Desk <desk@desk.example> 於 2026年11月2日 週一 上午9:12寫道：",
        "Desk 於 2026/11/2 上午9:12 寫道:",
    ),
    "Korean": (
        "2026년 11월 2일 (월) 오전 9:12, Desk <desk@desk.example>님이 작성:",
        "2026. 11. 2. 오전 9:12, Desk 작성:",
        f"2026. 11. 2. 오전 9:12, {X} 작성:",
    ),
    "Arabic": (
        f"في الاثنين، 2 نوفمبر 2026 في 9:12 ص تمت كتابة ما يلي بواسطة {X}:",
        f"في ٢ نوفمبر ٢٠٢٦، الساعة ٩:١٢ ص، كتب {X}:",
    ),
    "Hebrew": (
        "\u202bבתאריך יום ב׳, 2 בנוב׳ 2026 ב-9:12 מאת Desk\u200f <desk@desk.example\u202c>:\u202c",
        f"ב-2 בנוב׳ 2026, בשעה 9:12, {X} כתב/ה:",
    ),
    "Vietnamese": (
        f"Vào Th 2, 2 thg 11, 2026 vào lúc 09:12 {X} đã viết:",
        "Vào 02/11/2026 09:12, Desk đã viết:",
    ),
    "Indonesian": (f"Pada Sen, 2 Nov 2026 pukul 09.12 {X} menulis:",),
    "Thai": (f"ในวันที่ จ. 2 พ.ย. 2026 เวลา 09:12 {X} เขียนว่า:",),
}
# The labels of Outlook, on computers and telephones.
LABELS: dict[str, tuple[str, str, str, str]] = {
    "English": ("From", "Sent", "To", "Subject"),
    "German": ("Von", "Gesendet", "An", "Betreff"),
    "French": ("De", "Envoyé", "À", "Objet"),
    "Spanish": ("De", "Enviado", "Para", "Asunto"),
    "Italian": ("Da", "Inviato", "A", "Oggetto"),
    "Portuguese": ("De", "Enviada em", "Para", "Assunto"),
    "Dutch": ("Van", "Verzonden", "Aan", "Onderwerp"),
    "Polish": ("Od", "Wysłane", "Do", "Temat"),
    "Russian": ("От", "Отправлено", "Кому", "Тема"),
    "Ukrainian": ("Від", "Надіслано", "Кому", "Тема"),
    "Czech": ("Od", "Odesláno", "Komu", "Předmět"),
    "Slovak": ("Od", "Odoslané", "Komu", "Predmet"),
    "Swedish": ("Från", "Skickat", "Till", "Ämne"),
    "Norwegian": ("Fra", "Sendt", "Til", "Emne"),
    "Danish": ("Fra", "Sendt", "Til", "Emne"),
    "Finnish": ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"),
    "Turkish": ("Kimden", "Gönderildi", "Kime", "Konu"),
    "Turkish, older": ("Gönderen", "Gönderme Tarihi", "Kime", "Konu"),
    "Hungarian": ("Feladó", "Elküldve", "Címzett", "Tárgy"),
    "Romanian": ("De la", "Trimis", "Către", "Subiect"),
    "Greek": ("Από", "Στάλθηκε", "Προς", "Θέμα"),
    "Bulgarian": ("От", "Изпратено", "До", "Относно"),
    "Croatian": ("Šalje", "Poslano", "Prima", "Predmet"),
    "Slovene": ("Od", "Poslano", "Za", "Zadeva"),
    "Catalan": ("De", "Enviat el", "Per a", "Assumpte"),
    "Estonian": ("Saatja", "Saadetud", "Adressaat", "Teema"),
    "Lithuanian": ("Nuo", "Išsiųsta", "Kam", "Tema"),
    "Latvian": ("No", "Nosūtīts", "Kam", "Tēma"),
    "Japanese": ("差出人", "送信日時", "宛先", "件名"),
    "Chinese, simplified": ("发件人", "发送时间", "收件人", "主题"),
    "Chinese, traditional": ("寄件者", "寄件日期", "收件者", "主旨"),
    "Korean": ("보낸 사람", "보낸 날짜", "받는 사람", "제목"),
    "Arabic": ("من", "تاريخ الإرسال", "إلى", "الموضوع"),
    "Hebrew": ("מאת", "נשלח", "אל", "נושא"),
    "Vietnamese": ("Từ", "Đã gửi", "Tới", "Chủ đề"),
    "Indonesian": ("Dari", "Terkirim", "Kepada", "Subjek"),
    "Thai": ("จาก", "ส่ง", "ถึง", "เรื่อง"),
}
EACH = [(language, line) for language, lines in ATTRIBUTIONS.items() for line in lines]
NAMED = [(language, line) for language, line in EACH if "@" in line]


@pytest.mark.parametrize(("language", "line"), EACH, ids=[f"{language}-{at}" for at, (language, _) in enumerate(EACH)])
def test_an_attribution_above_a_quote_goes_with_it(language: str, line: str) -> None:
    quoted = "> alt\n> neu" if not line.startswith(">") else "> \n> alt"

    assert visible_reply(f"It works.\n\n{line}\n\n{quoted}\n").reply == "It works."


@pytest.mark.parametrize(
    ("language", "line"), NAMED, ids=[f"{language}-{at}" for at, (language, _) in enumerate(NAMED)]
)
def test_an_attribution_above_a_mail_without_quote_marks_goes_with_it(language: str, line: str) -> None:
    assert visible_reply(f"It works.\n\n{line}\n\nold\nolder\n").reply == "It works."


@pytest.mark.parametrize("shape", ["{}: {}", "*{}:* {}", "**{}:** {}", "{} : {}", "{}\uff1a{}"])
@pytest.mark.parametrize("language", LABELS)
def test_a_block_of_labels_goes_with_what_stands_below(language: str, shape: str) -> None:
    values = (X, "02.11.2026 09:12", "ann@x.example", "It burns")
    block = "\n".join(shape.format(label, value) for label, value in zip(LABELS[language], values, strict=True))

    assert visible_reply(f"It works.\n\n{block}\n\nold\n").reply == "It works."


@pytest.mark.parametrize(
    "text",
    [
        "From: Berlin\nTo: Paris\nDate: 3 May\n\nPlease book it.",
        "No: 17\nDate: 3 May\nTo: our office\n\nWhere is the order?",
        "Von: Berlin\nNach: Paris\nDatum: 3. Mai\nBitte buchen.",
        "Am Montag um 9:12 schrieb ich eine Mail an Ann <ann@x.example>, und sie kam zurück.",
        "Le 2 nov. 2026, notre client nous a écrit : tout va bien.",
        "On Monday at 9:12 the printer wrote: out of paper.",
        "El lunes a las 9:12 la impresora escribió: sin papel. ¿Qué hago?",
        "2026年11月2日 9:12 から動きません。",
    ],
)
def test_a_sentence_of_the_sender_that_looks_like_one_stays(text: str) -> None:
    assert visible_reply(f"Hello,\n\n{text}\n\nThank you").reply == f"Hello,\n\n{text}\n\nThank you"


def test_as_many_languages_are_held_as_are_promised() -> None:
    assert len(ATTRIBUTIONS) >= 35
    assert len(LABELS) >= 35
