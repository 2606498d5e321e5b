"""What programs in many languages write above a quote is recognised by its shape, and own lines above it stay."""

import pytest

from mail.quoting.reply import visible_reply

SENDER = "Support <support@lifts.example>"
MARKED = "\n> Which lift is it?\n> Is it stuck?\n"
BELOW_BLANK = "\n\n> Which lift is it?\n> Is it stuck?\n"
UNMARKED = "\n\nWhich lift is it?\nIs it stuck?\n"
OWN = "The north one.\nIt is stuck."
# Without the marks of the quote, these are no evidence: persons write the first ones, The Bat marks with initials.
ONLY_ABOVE_MARKS = (
    "Quoting",
    "Zitat",
    "Citando",
    "Cytowanie",
    "Цитирование",
    "Monday, November 2, 2026, 5:02:11 PM, you",
    "Montag, 2. November 2026, 17:02:11, sch",
    "Понедельник, 2 ноября 2026 \u0433., 17:02:11, вы",
)

# Gmail, Apple Mail, Thunderbird, K-9, Yahoo, Proton, Zoho, Mail.ru, Yandex, Spark, Mailbird, Roundcube, Horde, SOGo,
# Evolution, KMail, mutt, The Bat, Tutanota, Gnus and others; {A} stands for name and address.
ATTRIBUTIONS = [
    "On Mon, Nov 2, 2026 at 5:02 PM {A} wrote:",
    "On Mon, 2 Nov 2026 at 17:02, {A} wrote:",
    "Am Mo., 2. Nov. 2026 um 17:02 Uhr schrieb {A}:",
    "Le lun. 2 nov. 2026 à 17:02, {A} a écrit :",
    "El lun, 2 nov 2026 a las 17:02, {A} escribió:",
    "Il giorno lun 2 nov 2026 alle ore 17:02 {A} ha scritto:",
    "Em seg., 2 de nov. de 2026 às 17:02, {A} escreveu:",
    "{A} escreveu no dia segunda, 2/11/2026 à(s) 17:02:",
    "Op ma 2 nov 2026 om 17:02 schreef {A}:",
    "Den mån 2 nov. 2026 kl 17:02 skrev {A}:",
    "Den man. 2. nov. 2026 kl. 17.02 skrev {A}:",
    "man. 2. nov. 2026 kl. 17:02 skrev {A}:",
    "ma 2. marrask. 2026 klo 17.02 {A} kirjoitti:",
    "pon., 2 lis 2026 o 17:02 {A} napisał(a):",
    "po 2. 11. 2026 v 17:02 odesílatel {A} napsal:",
    "{A} ezt írta (időpont: 2026. nov. 2., H, 17:02):",
    "În lun., 2 nov. 2026 la 17:02, {A} a scris:",
    "{A}, 2 Kas 2026 Pzt, 17:02 tarihinde şunu yazd\u0131:",
    "пн, 2 нояб. 2026 \u0433. в 17:02, {A}:",
    "пн, 2 лист. 2026 \u0440. \u043e 17:02 {A} пише:",
    "Στις Δευ 2 Νοε 2026 στις 5:02 μ.μ., \u03bf χρήστης {A} έγραψε:",
    "في الاثنين، 2 نوفمبر 2026 في 5:02 م تمت كتابة ما يلي بواسطة {A}:",
    "{A} 于2026年11月2日周一 17:02写道\uff1a",
    "{A} 於 2026年11月2日 週一 下午5:02寫道\uff1a",
    "2026年11月2日(月) 17:02 {A}:",
    "2026년 11월 2일 (월) 오후 5:02, {A}님이 작성:",
    "2026년 11월 2일 오후 5:02, {A}님의 말:",
    "On 2 Nov 2026, at 17:02, {A} wrote:",
    "On 2 Nov 2026, at 17:02, Support wrote:",
    "Am 02.11.2026 um 17:02 schrieb {A}:",
    "Le 2 nov. 2026 à 17:02, {A} a écrit :",
    "El 2 nov 2026, a las 17:02, {A} escribió:",
    "Il giorno 2 nov 2026, alle ore 17:02, {A} ha scritto:",
    "Op 2 nov. 2026, om 17:02 heeft {A} het volgende geschreven:",
    "2 nov. 2026 kl. 17:02 skrev {A}:",
    "Den 2. nov. 2026 kl. 17.02 skrev {A}:",
    "2. nov. 2026 kl. 17:02 skrev {A}:",
    "{A} kirjoitti 2.11.2026 kello 17.02:",
    "Wiadomość napisana przez {A} w dniu 02.11.2026, o godz. 17:02:",
    "2. 11. 2026 v 17:02, {A}:",
    "{A} írta (2026. nov. 2. dátummal, 17:02):",
    "2 нояб. 2026 \u0433., в 17:02, {A} написал(\u0430):",
    "2 лист. 2026 \u0440. \u043e 17:02 {A} пише:",
    "{A} şunlar\u0131 yazd\u0131 (2 Kas 2026 17:02):",
    "2026/11/02 17:02\u3001{A}のメール:",
    "2026年11月2日 17:02\uff0c{A} 写道\uff1a",
    "2026. 11. 2. 오후 5:02, {A} 작성:",
    "No dia 02/11/2026, às 17:02, {A} escreveu:",
    "Em 2 de nov. de 2026, à(s) 17:02, {A} escreveu:",
    "Στις 2 Νοε 2026, στις 17:02, \u03bf/η {A} έγραψε:",
    "Pe 2 nov. 2026, la 17:02, {A} a scris:",
    "في ٢ نوفمبر ٢٠٢٦، الساعة \u0665:٠٢ م، كتب/كتبت {A}:",
    "On 02/11/2026 17:02, Support wrote:",
    "On 11/2/26 5:02 PM, Support via Desk wrote:",
    "Am 02.11.26 um 17:02 schrieb Support:",
    "Le 02/11/2026 à 17:02, Support a écrit :",
    "El 2/11/26 a las 17:02, Support escribió:",
    "Il 02/11/2026 17:02, Support ha scritto:",
    "Op 2-11-2026 om 17:02 schreef Support:",
    "W dniu 2.11.2026 o 17:02, Support pisze:",
    "Dne 02. 11. 26 v 17:02 Support napsal(a):",
    "Den 2026-11-02 kl. 17:02, skrev Support:",
    "Den 02.11.2026 kl. 17.02 skrev Support:",
    "Den 02.11.2026 17:02, skrev Support:",
    "Support kirjoitti 2.11.2026 klo 17.02:",
    "2026. 11. 02. 17:02 keltezéssel, Support írta:",
    "02.11.2026 17:02, Support пишет:",
    "02.11.26 17:02, Support пише:",
    "02.11.2026 17:02 tarihinde Support yazd\u0131:",
    "On 2026/11/02 17:02, Support wrote:",
    "在 2026/11/2 17:02, Support 写道:",
    "Pe 02.11.2026 17:02, Support a scris:",
    "Στις 2/11/2026 5:02 μ.μ., \u03bf/η Support έγραψε:",
    "בתאריך 02/11/2026 17:02, Support כתב:",
    "Em 02/11/2026 17:02, Support escreveu:",
    "Às 17:02 de 02/11/2026, Support escreveu:",
    "On 2 November 2026 17:02:11 GMT, {A} wrote:",
    "Am 2. November 2026 17:02:11 MEZ schrieb {A}:",
    "Le 2 novembre 2026 17:02:11 GMT+01:00, {A} a écrit :",
    "Dnia 2 listopada 2026 17:02:11 CET, {A} napisał/a:",
    "On Monday, 2 November 2026 at 17:02:11 GMT, {A} wrote:",
    "Am Montag, 2. November 2026 um 17:02:11 MEZ hat {A} Folgendes geschrieben:",
    "Le lundi 2 novembre 2026 à 17:02:11 UTC+1, {A} a écrit :",
    "En lunes, 2 de noviembre de 2026, 17:02:11 CET, {A} escribió:",
    "Il lunedì 2 novembre 2026 alle ore 17:02:11 CET, {A} ha scritto:",
    "Em segunda-feira, 2 de novembro de 2026 17:02:11 BRT, {A} escreveu:",
    "On Monday, 2 November 2026 at 17:02, {A} wrote:",
    "On Monday, November 2nd, 2026 at 5:02 PM, {A} wrote:",
    "Am Montag, 2. November 2026 um 17:02 schrieb {A}:",
    "---- On Mon, 02 Nov 2026 17:02:11 +0000 {A} wrote ----",
    "---- On Mon, 02 Nov 2026 17:02:11 +0000 support@lifts.example wrote ----",
    "---- Am Mo, 02 Nov 2026 17:02:11 +0100 {A} schrieb ----",
    "---- Le lun., 02 nov. 2026 17:02:11 +0100 {A} a écrit ----",
    "---- El lun, 02 nov 2026 17:02:11 +0100 {A} escribió ----",
    "Понедельник, 2 ноября 2026, 17:02 +03:00 от {A}:",
    "Monday, November 2, 2026 5:02 PM +03:00 from {A}:",
    '02.11.2026, 17:02, "Support" <support@lifts.example>:',
    '02.11.2026, 17:02, "Support" <support@lifts.example>:',
    "On 2 Nov 2026, 17:02 +0000, {A}, wrote:",
    "Am 2. Nov. 2026, 17:02 +0100 schrieb {A}:",
    "On 02/11/2026 17:02:11, {A} wrote:",
    "On 11/2/2026 5:02:11 PM, support@lifts.example <support@lifts.example> wrote:",
    "On 2026-11-02 17:02, Support wrote:",
    "Am 2026-11-02 17:02, schrieb Support:",
    "Dne 2026-11-02 17:02, Support napsal:",
    "Quoting {A}:",
    "Zitat von {A}:",
    "{A} a écrit :",
    "{A} escribió:",
    "Citando {A}:",
    "Cytowanie {A}:",
    "Цитирование {A}:",
    'On Monday, November 02, 2026 17:02 CET, "Support" <support@lifts.example> wrote:',
    'Am Montag, 02. November 2026 17:02 CET, schrieb "Support" <support@lifts.example>:',
    "On Mon, 2026-11-02 at 17:02 +0000, Support wrote:",
    "Am Montag, dem 02.11.2026 um 17:02 +0100 schrieb Support:",
    "On Monday, 2 November 2026 17:02:11 GMT Support wrote:",
    "Am Montag, 2. November 2026, 17:02:11 CET schrieb Support:",
    "On Mon, Nov 02, 2026 at 05:02:11PM +0000, Support wrote:",
    "* {A} [2026-11-02 17:02]:",
    "Monday, November 2, 2026, 5:02:11 PM, you wrote:",
    "Montag, 2. November 2026, 17:02:11, schrieben Sie:",
    "Понедельник, 2 ноября 2026 \u0433., 17:02:11, вы писали:",
    "2 Nov 2026, 17:02 by support@lifts.example:",
    "{A} writes:",
    "On November 2, 2026, {A} wrote:",
    "On Mon, Nov 02, 2026 at 5:02 PM, {A} wrote:",
    "On Mon, 2 Nov 2026, at 5:02 PM, Support wrote:",
    "On November 2, 2026, 5:02 PM GMT {A} wrote:",
    "On Nov 2, 2026, 5:02 PM +0100, {A}, wrote:",
    "On 2 November 2026 at 17:02:11, Support (support@lifts.example) wrote:",
    "On Nov 2, 2026 17:02, {A} wrote:",
    "On Nov 2, 2026 5:02 PM, {A} wrote:",
    'On Mon, Nov 2, 2026 at 5:02 PM +0000, "Support" <support@lifts.example> wrote:',
    "Pada Sen, 2 Nov 2026 pukul 17.02 {A} menulis:",
    "Vào Th 2, 2 thg 11, 2026 vào lúc 17:02 {A} đã viết:",
    "ในวันที่ จ. 2 พ.ย. 2026 เวลา 17:02 {A} เขียนว่า:",
    "pon, 2. stu 2026. u 17:02 {A} napisao je:",
    "po 2. 11. 2026 o 17:02 {A} napísal(a):",
    "V V pon., 2. nov. 2026 ob 17:02 je oseba {A} napisala:",
    "\u041d\u0430 пн, 2.11.2026 \u0433. в 17:02 {A} написа:",
    "2026-11-02, pr, 17:02 {A} rašė:",
    "pirmd., 2026. g. 2. nov., plkst. 17:02 — lietotājs {A} rakstīja:",
    "Kuupäev E, 2. november 2026 kell 17:02 kirjutas {A}:",
    "Më hën, 2 nën 2026 në 17:02, {A} shkroi:",
    "در تاریخ دوشنبه ۲ نوامبر ۲۰۲۶،\u200f \u06f1\u06f7:۰۲ {A} نوشت:",
    "सोम, 2 नव॰ 2026 को 5:02 pm बजे को {A} ने लिखा:",
    "2026 aza. 2(a), al. 17:02 {A} igorleak hau idatzi zuen:",
    "Þann mán., 2. nóv. 2026 kl. 17:02 skrifaði {A}:",
    "Ar Luan 2 Samh 2026 ag 17:02, scríobh {A}:",
    "Mnamo Jtt, 2 Nov 2026 saa 17:02 {A} aliandika:",
    "Op Ma. 02 Nov. 2026 om 17:02 het {A} geskryf:",
]
OWN_LINES = [
    "Hello,\nyes, you can reach me at ida@stone.example",
    "On Tuesday we can come.",
    "Please call at 17:30",
    "We have it since 2019.",
    "Am Dienstag geht es.\nIn 2 Tagen auch.",
    "Hi,\nOn the left side\nIn the north wing",
    "I am at ida@stone.example, on 3 Nov 2026 from 10:00",
    "It is from 12/03/2024\nOn floor 2\nOp de hoek",
    "Le bouton ne marche pas",
    "On which floor?",
    "I saw it on 2 Nov 2026 at 17:02",
    "Call +44 131 496 0120 or ida@stone.example",
    "See https://lifts.example/2026/11/02",
    "a@x.example\nb@y.example\nc@z.example",
    "Den här hissen är trasig",
    "V 17:30 přijdu",
    "10:00 or 11:30 suits me,",
]


@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_an_attribution_is_removed_with_the_quote(line: str) -> None:
    line = line.replace("{A}", SENDER)
    forms = [line]
    if "<" in line:
        forms += [line.replace("<", "<\n", 1), line.replace(" <", "\n<", 1)]
    for form in forms:
        quotes = (MARKED, BELOW_BLANK) if form.startswith(ONLY_ABOVE_MARKS) else (MARKED, BELOW_BLANK, UNMARKED)
        for quote in quotes[1:] if form is not line else quotes:
            assert visible_reply(f"{OWN}\n\n{form}{quote}").reply == OWN


@pytest.mark.parametrize("own", OWN_LINES)
def test_own_lines_right_above_an_attribution_stay(own: str) -> None:
    for line in ATTRIBUTIONS:
        attribution = line.replace("{A}", SENDER)
        for quote in (MARKED, BELOW_BLANK):
            for form in (attribution, attribution.replace(" <", "\n<", 1)):
                assert own in visible_reply(f"{own}\n{form}{quote}").reply


# Of these, nothing else stays either.
@pytest.mark.parametrize("own", OWN_LINES)
@pytest.mark.parametrize("line", ATTRIBUTIONS[:12])
def test_nothing_else_stays(line: str, own: str) -> None:
    assert visible_reply(f"{own}\n{line.replace('{A}', SENDER)}{MARKED}").reply == own


@pytest.mark.parametrize("quote", ["> a\n> b\n", "\n> a\n> b\n"])
@pytest.mark.parametrize("name", ["Support Team wrote:", "Max schrieb:", "Ida Stone a écrit :", "Support escribió:"])
def test_a_name_that_wrote_is_an_attribution_above_a_quote(name: str, quote: str) -> None:
    assert visible_reply(f"{OWN}\n\n{name}\n{quote}").reply == OWN


@pytest.mark.parametrize(
    "line",
    [
        "support@lifts.example wrote:",
        "<support@lifts.example> wrote:",
        "Support Team schrieb am Mo. 2. Nov. 2026 um 17:02:",
        "Max Roe wrote on 2 Nov 2026 at 17:02:",
        "Support kirjoitti 2.11.2026 klo 17.02:",
    ],
)
def test_an_address_or_a_whole_date_makes_a_name_an_attribution_without_a_quote(line: str) -> None:
    assert visible_reply(f"{OWN}\n\n{line}{UNMARKED}").reply == OWN


# In doubt, the words are the sender's.
@pytest.mark.parametrize(
    "text",
    [
        "Max wrote:\n\nIt is stuck.\n\nIs that so?",
        "As you wrote on 2 Nov 2026 at 17:02:\n\nIt is stuck.",
        "I wrote on 2 Nov 2026 at 17:02:\n\nIt is stuck.",
        "Please send on 3 Nov 2026 at 10:00 to Ida Stone <ida@stone.example> the following:\n\n- plate\n- key",
        "Am 2. November 2026 um 17:02 habe ich an Support <support@lifts.example> dies geschickt:\n\nHilfe",
        "On 3 Nov 2026 at 10:00 I sent Ida <ida@stone.example> this:\n\nHelp",
        "These are the times:\n\n3 Nov 2026 10:00:\nnorth\n\n4 Nov 2026 11:00:\nsouth",
        "Monday, November 2, 2026, 5:02:11 PM, you wrote:\n\nMR> Which lift?\nThe north one.\nMR> Is it stuck?\nYes.",
    ],
)
def test_a_sentence_about_who_wrote_when_stays(text: str) -> None:
    assert visible_reply(text).reply == text


def test_words_between_an_attribution_and_its_quote_stay() -> None:
    text = "Hello,\n\nOn Mon, 2 Nov 2026, Max wrote:\n\nThis is what I mean:\n\n> a\n> b\n\nRight?"
    assert "This is what I mean:" in visible_reply(text).reply


GLUED = [
    "On Mon, Nov 2, 2026 at 5:02 PM, Support<support@lifts.example> wrote:",
    "On Monday, November 2, 2026, 5:02 PM, Support <support@lifts.example> wrote:",
    "Am Montag, 2. November 2026 um 17:02 schrieb Support<support@lifts.example>:",
    "Le lun. 2 nov. 2026 à 17:02, Support<support@lifts.example> a écrit :",
    "El lun, nov 2, 2026 a las 17:02, Support<support@lifts.example> escribió:",
    "Il lun, nov 2, 2026 alle 17:02, Support<support@lifts.example> ha scritto:",
    "Em seg., 2 de nov. de 2026 às 17:02, Support<support@lifts.example> escreveu:",
    "Op ma, nov. 2, 2026 om 17:02 schreef Support<support@lifts.example>:",
    "Den mån 2 nov. 2026 kl 17:02 skrev Support<support@lifts.example>:",
]


@pytest.mark.parametrize("line", GLUED)
def test_a_quote_in_the_line_of_its_attribution_is_removed(line: str) -> None:
    own = "The north one."
    for quote in (f" \n  {line}   Hello Ida,\nwhich lift is it?\nRegards, Max  ", f"{line}    Hello Ida,\nwhich lift?"):
        assert visible_reply(f"{own}\n\n{quote}\n").reply == own
    below_footer = visible_reply(f"{own}\n\nSent from Yahoo Mail on Android\n\n{line} Hello Ida,\nwhich lift?\n")
    assert below_footer.reply == own


@pytest.mark.parametrize("line", GLUED)
def test_a_person_who_cites_in_one_line_keeps_the_words(line: str) -> None:
    text = f"Hello,\n\n{line} which lift? It is the north one.\n\nIda"
    assert "It is the north one." in visible_reply(text).reply
    alone = f"  {line}   which lift?\nIt is the north one."
    assert visible_reply(alone).reply.strip() == alone.strip()
