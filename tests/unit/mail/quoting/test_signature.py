"""What programs and habits put around a sender's words is set aside, and the words themselves never are."""

# Letters of other alphabets are intended here.
# ruff: noqa: RUF001

import pytest

from mail.html.text import read_html
from mail.quoting.reply import visible_reply
from mail.quoting.signature.footers import is_footer

OWN = "The north one stops on floor four."
FOOTERS = (
    "Sent from my iPhone",
    "Sent from my iPhone, please excuse typos",
    "Sent from my iPhone (please excuse the brevity)",
    "Sent from my mobile. Please forgive typos",
    "Sent from my Galaxy",
    "Von meinem/meiner Galaxy gesendet",
    "Von meinem iPhone gesendet",
    "Von meinem Samsung Galaxy Smartphone gesendet.",
    "Diese Nachricht wurde von meinem Android-Gerät mit GMX Mail gesendet.",
    "Diese Nachricht wurde von meinem Android Mobiltelefon mit WEB.DE Mail gesendet.",
    "Gesendet mit der GMX Mail App",
    "Gesendet mit der Telekom Mail App",
    "Envoyé de mon iPhone",
    "Envoyé depuis mon appareil Galaxy",
    "Envoyé depuis l'application Mail Orange",
    "Télécharger Outlook pour iOS",
    "Télécharger Outlook pour Android",
    "Obtenir Outlook pour iOS",
    "Outlook für iOS beziehen",
    "Laden Sie Outlook für Android herunter",
    "Holen Sie sich Outlook für iOS",
    "Pobierz program Outlook dla systemu iOS",
    "Hämta Outlook för Android",
    "Hent Outlook til iOS",
    "Skaff deg Outlook for iOS",
    "Hanki Outlook for iOS",
    "Az iOS-hez készült Outlook letöltése",
    "Letöltés: iOS-hez készült Outlook",
    "iOS için Outlook'u edinin",
    "Скачать Outlook для iOS",
    "Outlook for iOS を入手",
    "iOS용 Outlook 다운로드",
    "获取 Outlook for iOS",
    "Enviado desde mi iPhone",
    "Enviado do meu iPhone",
    "Enviado a partir do meu Galaxy",
    "Inviato da iPhone",
    "Inviato dal mio dispositivo Android",
    "Ottieni Outlook per iOS",
    "Verstuurd vanaf mijn iPhone",
    "Verzonden vanaf mijn Galaxy",
    "Skickat från min iPhone",
    "Sendt fra min iPhone",
    "Sendt fra min Samsung Galaxy-smarttelefon.",
    "Lähetetty iPhonesta",
    "Lähetetty Galaxy-laitteesta",
    "Wysłane z iPhone'a",
    "Wysłane z mojego iPhone’a",
    "Wysłano z urządzenia Galaxy",
    "Odesláno z iPhonu",
    "Odoslané z iPhonu",
    "Poslano z mojega iPhona",
    "Poslano s mog iPhonea",
    "Poslano sa mog iPhone-a",
    "Послато са мог iPhone-а",
    "Elküldve az iPhone-omról",
    "Elküldve iPhone-ról",
    "Trimis de pe iPhone-ul meu",
    "iPhone'umdan gönderildi",
    "Galaxy cihazımdan gönderildi",
    "Отправлено с iPhone",
    "Отправлено из мобильной Почты Mail.ru",
    "Отправлено из Яндекс Почты для мобильных",
    "Надіслано з iPhone",
    "Изпратено от моя iPhone",
    "Στάλθηκε από το iPhone μου",
    "Εστάλη από το iPhone μου",
    "أُرسلت من الـ iPhone",
    "تم الإرسال من iPhone الخاص بي",
    "נשלח מה-iPhone שלי",
    "Đã gửi từ iPhone của tôi",
    "ส่งจาก iPhone ของฉัน",
    "Dikirim dari iPhone saya",
    "Dihantar daripada iPhone saya",
    "Enviat des del meu iPhone",
    "Saadetud minu iPhone'ist",
    "Išsiųsta iš mano iPhone",
    "Nosūtīts no mana iPhone",
    "मेरे iPhone से भेजा गया",
    "iPhoneから送信",
    "私のiPhoneから送信",
    "나의 iPhone에서 보냄",
    "내 iPhone에서 보냄",
    "发自我的iPhone",
    "從我的 iPhone 傳送",
    "发自我的小米手机",
    "来自我的华为手机",
    "Sent using Zoho Mail",
    "Sent using https://www.zoho.eu/mail/",
    "Sent with Proton Mail secure email.",
    "Sent with [Proton Mail](https://proton.me/) secure email.",
    "Sent from Outlook for iOS",
    "Sent from Yahoo Mail on Android",
    "Yahoo Mail: Search, Organize, Conquer",
    "Sent from Mail for Windows 10",
    "Sent from AOL on Android",
    "Sent via BlackBerry",
    "Get Outlook for iOS <https://aka.ms/o0ukef>",
    "Get [Outlook for Android](https://aka.ms/AAb9ysg)",
    "Sent from Spark",
)
SENTENCES = (
    "Sent from home, the lift hums",
    "It was sent from my iPhone yesterday",
    "The photo was sent from my iPhone",
    "Sent from my iPhone, please call back before five",
    "Sent from my iPhone (the lift is stuck again)",
    "Von meinem Balkon sehe ich die Tür",
    "Outlook for iOS does not open",
    "Get the Outlook files for Anna",
    "Die Mail wurde gesendet",
    "Enviado ayer por Ana",
    "Please download Outlook for the porter",
    "Can you get Outlook for Android?",
    "My Galaxy has gone",
    "Отправлено вчера курьером",
    "iPhone gone, Android too",
)
CLOSINGS = (
    "Sincerely,\nIda Stone\nTower Estates",
    "Thanks,\nIda",
    "Many thanks,\nIda Stone",
    "Best,\nIda",
    "Cheers\nRon",
    "Cheers,\n\nRon Hale",
    "Yours faithfully,\nIda Stone\nHead of Estates",
    "LG\nIda",
    "VG,\nJan Vogt",
    "Merci,\nLucie",
    "Un saludo,\nMaria del Carmen Lopez",
    "Grazie mille,\nPaolo",
    "Obrigado,\nJoão",
    "Groetjes,\nAnneke",
    "Hälsningar\nÅsa Lind",
    "Kind regards,\n\nIda Stone\nHead of Estates\n\nTower Ltd\n12 Hill Road\nTel: +44 131 496 0120",
    "Kind regards,\nIda Stone\n\nStone Estates Ltd\nwww.stone.example",
    "Mit freundlichen Grüßen\nJan Vogt\n\nVogt Aufzüge GmbH\nHafenstraße 4, 20457 Hamburg",
    "All the best,\n\nIda\n\n* * *\n\nStone Estates, a company of the Tower group",
)
MEANT = (
    "Kind regards,\nIda\n\nPS: the key is at the desk",
    "Kind regards,\nIda\n\nPlease call before noon",
    "Thanks\nAnn",
    "Cheers for the quick help",
    "The best\nlift is the north one",
    "The person to call on site is\n\nRon Hale\nTel: +44 131 496 0120\nMail: ron@stone.example\nWeb: www.stone.example",
    (
        "Here are the details of the porter.\n\nRon Hale\nTel: +44 131 496 0120\nMail: ron@stone.example\nWeb: "
        "www.stone.example"
    ),
    (
        "Bitte rufen Sie unseren Hausmeister an, den Sie so erreichen.\n\nRon Hale\nTel: 030 1234567\nMobil: 0170 "
        "1234567\nWeb: www.stone.example"
    ),
    "These stop:\n--\n- north\n- south",
    "I need:\n--\nfloor four\nfloor five",
    "The contract in this message is confidential: Anna must not see it before Friday, so tell her nothing of it yet.",
    "I sent this email in error, please delete it and the attached file, which is confidential. My apologies for that.",
    (
        "Is this message confidential, and may the person named above delete it, if it reached them by mistake and in "
        "error?"
    ),
    "* * *\n\nThe south one does the same since Monday.",
)
NOTICES = (
    "*"
    * 64
    + "\nThis email and its files are confidential and meant for the person\nnamed above. If it reached you by "
    "mistake, please delete it.\n\nIt has been checked for computer viruses.\n" + "*" * 64,
    "This message is confidential and intended only for the addressee. If you received it in error, delete it.",
    (
        "This message is confidential and intended only for the addressee.\n\nAny copying or distribution is "
        "forbidden; if it came "
        "in error, notify the sender.\n\nThis email has been scanned for viruses."
    ),
    (
        "Kind regards,\nIda\n\nThis email is confidential. Please consider the environment before printing what it "
        "holds, and save paper."
    ),
    (
        "Diese E-Mail ist vertraulich und nur für den genannten Empfänger bestimmt. Wer sie irrtümlich erhält, möge "
        "sie löschen."
    ),
    "Ce message est confidentiel et réservé à son destinataire. Si vous l'avez reçu par erreur, merci de le supprimer.",
    (
        "____________________\nTower Estates Ltd, registered in England no. 1234567, registered office 12 Hill Road. "
        "This message was scanned for malware."
    ),
)
BANNERS = (
    (
        "CAUTION: This email came from outside the organisation. Do not click links or open attachments unless you "
        "know the sender."
    ),
    "[EXTERNAL]",
    "*** EXTERNAL EMAIL ***",
    (
        "WARNING: This message was sent from outside the company.\nPlease do not click links or open attachments "
        "unless you\n"
        "recognise the sender."
    ),
    "EXTERNAL EMAIL: Be careful with links and attachments.",
    (
        "ACHTUNG: Diese E-Mail stammt von außerhalb der Firma. Bitte keine Anhänge öffnen, wenn der Absender unbekannt "
        "ist."
    ),
    "ATTENTION : ce courriel provient de l'extérieur. Ne cliquez pas sur les liens si l'expéditeur est inconnu.",
    "ATENCIÓN: este correo viene de fuera de la organización. No abra los adjuntos si no conoce al remitente.",
    "LET OP: dit bericht komt van buiten de organisatie. Open geen bijlagen van een onbekende afzender.",
    "You don't often get email from ida@stone.example. Learn why this is important <https://banner.example/why>",
    "-----\nCAUTION: External email. Do not click links.\n-----",
    "| CAUTION: This email came from outside. Do not open attachments. |\n| --- |",
)
NO_BANNERS = (
    "Attention: the outside door of the north wing is open, and nobody mails me back.",
    "External access does not work since Monday.",
    "Caution: is this email from outside the organisation safe? It has links and an attachment.",
    "I got an email from outside with an attachment, should I click the links",
    "Warning lights blink on floor four.",
)
MARKED = (
    '<div class="gmail_signature" data-smartmail="gmail_signature">Ida Stone<br>Estates</div>',
    '<div id="Signature"><div>Ida Stone</div><div>Estates, floor two</div></div>',
    '<div class="protonmail_signature_block protonmail_signature_block-user"><div>Ida Stone</div></div>',
    '<pre class="moz-signature" cols="72">-- <br>Ida Stone</pre>',
    '<div class="moz-signature">Ida Stone</div>',
    '<div id="_rc_sig">Ida Stone</div>',
    '<div class="k9mail-signature">Ida Stone</div>',
)
QUOTED = (
    '<div class="gmail_quote">Max wrote:<blockquote><p>Which one?</p><div id="Signature">Max</div></blockquote></div>'
)


@pytest.mark.parametrize("line", FOOTERS)
def test_a_footer_of_a_program_is_known_in_its_language(line: str) -> None:
    found = visible_reply(f"{OWN}\n\n{line}")

    assert is_footer(line)
    assert (found.reply, found.signature) == (OWN, line)


@pytest.mark.parametrize("line", SENTENCES)
def test_a_sentence_with_the_words_of_a_footer_stays(line: str) -> None:
    assert visible_reply(f"{OWN}\n\n{line}").reply == f"{OWN}\n\n{line}"


def test_what_stands_below_a_footer_stays_with_it_unless_it_is_an_excuse() -> None:
    assert visible_reply(f"{OWN}\n\nSent from my iPhone\nPlease excuse typos.").reply == OWN
    assert "Call me" in visible_reply(f"{OWN}\n\nSent from my iPhone\nCall me at five.").reply


@pytest.mark.parametrize("ending", [*CLOSINGS, *NOTICES])
def test_what_ends_a_letter_is_set_aside(ending: str) -> None:
    found = visible_reply(f"{OWN}\n\n{ending}")

    assert (found.reply, found.signature) == (OWN, ending.strip())


@pytest.mark.parametrize("ending", MEANT)
def test_what_was_asked_for_or_may_be_meant_stays(ending: str) -> None:
    assert visible_reply(f"{OWN}\n\n{ending}").reply == f"{OWN}\n\n{ending}"


@pytest.mark.parametrize("banner", BANNERS)
def test_the_banner_of_a_gateway_is_set_aside(banner: str) -> None:
    found = visible_reply(f"{banner}\n\n{OWN}")

    assert (found.reply, found.signature) == (OWN, banner)


@pytest.mark.parametrize("text", NO_BANNERS)
def test_a_warning_of_the_sender_stays(text: str) -> None:
    assert visible_reply(f"{text}\n\n{OWN}").reply == f"{text}\n\n{OWN}"


@pytest.mark.parametrize("banner", BANNERS)
def test_a_banner_alone_is_all_the_text_there_is(banner: str) -> None:
    assert visible_reply(banner).reply == banner


@pytest.mark.parametrize("signature", MARKED)
@pytest.mark.parametrize("quote", ["", QUOTED])
def test_what_a_program_marks_as_the_signature_is_set_aside(signature: str, quote: str) -> None:
    found = visible_reply(read_html(f"<html><body><div>{OWN}</div>{signature}{quote}</body></html>").own)

    assert found.reply == OWN
    assert "Ida Stone" in found.signature


@pytest.mark.parametrize("signature", MARKED)
def test_words_below_a_marked_signature_stay(signature: str) -> None:
    html = f"<html><body><div>Hello,</div>{signature}<div>{OWN}</div></body></html>"

    assert OWN in visible_reply(read_html(html).own).reply


NOTICE_BELOW = (
    "This e-mail and any attachment are confidential and meant for the person named above alone.\n"
    "Tower Estates Ltd, 1 Mill Lane, Leeds. Registered in England, no. 01234567."
)
# What stands between a drawn line and a notice, and how much of it is the sender's text.
PARTS = {
    "Part 2: what comes next\n\nPlease send us the keys.": "Part 2: what comes next\n\nPlease send us the keys.",
    "Part 2: what comes next\n\nserver:\n  port: 5979\n\nKind regards,\nIda": (
        "Part 2: what comes next\n\nserver:\n  port: 5979"
    ),
    "The two keys are here.\n\nIda Stone\nTower Estates\n+44 20 7946 0018": "The two keys are here.",
}


@pytest.mark.parametrize(("part", "own"), PARTS.items())
def test_what_stands_between_a_drawn_line_and_a_notice_stays(part: str, own: str) -> None:
    rule = "-" * 30

    found = visible_reply(f"{OWN}\n\n{rule}\n{part}\n\n{NOTICE_BELOW}")

    assert found.reply.startswith(f"{OWN}\n\n{rule}\n{own}")
    assert NOTICE_BELOW in found.signature


def test_a_notice_with_a_title_below_a_drawn_line_is_set_aside() -> None:
    ending = f"{'_' * 30}\nDisclaimer\n\n{NOTICE_BELOW}\n\nIt was scanned for viruses and malware."

    assert visible_reply(f"{OWN}\n\n{ending}").signature == ending


def test_a_card_below_a_drawn_line_is_set_aside_and_the_name_above_it_stays() -> None:
    found = visible_reply(f"{OWN}\n\nIda Stone\n\n=====\nTower Estates\nFloor two")

    assert (found.reply, found.signature) == (f"{OWN}\n\nIda Stone", "=====\nTower Estates\nFloor two")


def test_a_mail_that_is_all_signature_keeps_it() -> None:
    assert (
        visible_reply(read_html(f"<html><body>{MARKED[1]}</body></html>").own).reply
        == "Ida Stone\n\nEstates, floor two"
    )
