"""What programs and habits put around the own words is set aside in more languages, and no sentence of a person is."""

# The letters of other alphabets are meant.

import pytest

from mail.quoting.reply import visible_reply

OWN = "The lift stops again at four."
STARS = "*" * 60
BELOW = {
    "Italian, whose `i` is an article": "Questo messaggio e i suoi allegati sono confidenziali e destinati "
    "esclusivamente al destinatario. Se avete ricevuto questo messaggio per errore, vi preghiamo di informare il "
    "mittente e cancellarlo.",
    "Polish, whose `i` is `and`": "Ta wiadomość jest poufna i przeznaczona wyłącznie dla adresata. Jeśli otrzymali "
    "Państwo tę wiadomość omyłkowo, prosimy powiadomić nadawcę i usunąć ją.",
    "a law of the EU": "This message is confidential and intended solely for the addressee. Data of persons is handled "
    "under the law of the EU. If you received it in error, delete it.",
    "rules of asterisks": f"{STARS}\nEsta mensagem é confidencial e destina-se exclusivamente ao destinatário. Se a "
    f"recebeu por engano, apague-a.\n{STARS}",
    "a scanner, German": "---\nDiese E-Mail wurde von Avast-Antivirussoftware auf Viren geprüft.\nwww.avast.example",
    "a scanner, French": "---\nL'absence de virus dans ce courrier a été vérifiée par le logiciel antivirus.\n"
    "https://www.scanner.example/antivirus",
    "AOL, German": "Von AOL Mail auf iPhone gesendet",
    "K-9": "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    "a small letter and an excuse": "Sent from mobile, sorry for brevity",
    "Japanese": "よろしくお願いいたします。\nアイダ",
    "a card below stars": "* * *\nIda Stone\nStone Ltd\n+44 20 1234 5678",
    "a card below more stars": "*****\nIda Stone, Stone GmbH\nTel.: 040 123456\nwww.stone.example",
}
ABOVE = {
    "Swedish": "OBS: Detta mejl kommer utanför organisationen. Klicka inte på länkar och öppna inte bifogade filer.",
    "a title and a sentence": "This Message Is From an External Sender\nThis message came from outside your company.",
    "an untrusted sender": "This Message Is From an Untrusted Sender\nYou have not previously corresponded with this "
    "external sender. Do not click links.",
    "Italian, with an article": "ATTENZIONE: questa e-mail proviene dall'esterno. Non aprire i link o gli allegati.",
    "Polish, with `and`": "UWAGA: ta wiadomość pochodzi spoza organizacji. Nie otwieraj załączników i linków.",
}
PERSONS = {
    "small letters": f"{OWN}\n\ni received this confidential message in error and am not the intended recipient, so i "
    "will delete the e-mail now.",
    "a small i that is not alone": f"{OWN}\n\nshould the confidential e-mail reach the wrong addressee by mistake, i "
    "think it must be deleted at once.",
    "what a scanner said": f"{OWN}\n---\nThe scanner found a virus in the e-mail that came on Monday, the office is "
    "closed.",
    "a question about a banner": "This message is from an external sender, it says. Is that right?",
    "a sentence about outside": "This message came from outside your company, please look at it.",
    "the external door": "Attention: the external door is open since yesterday. Please send somebody.",
    "thanks for something": f"{OWN}\n\nありがとうございます。\n明日もう一度試してみて、結果をお知らせします。",
    "who was asked for": "Please call him, his number is below.\n***\nErik Alm\n+46 8 123 456",
    "announced with a colon": "You asked who is responsible:\n* * *\nErik Alm\nTel. 08 123 456",
    "steps below stars": f"{OWN}\n***\nOpen the door\nCall 112",
    "sent from a place": f"{OWN}\n\nSent from home, the phone does not work",
    "sent by somebody": f"{OWN}\n\nThe parcel was sent from the phone shop in Kiel.",
    "two words that close nothing": "Which brand is it?\n\nLG Electronics",
}


@pytest.mark.parametrize("below", BELOW.values(), ids=BELOW)
def test_what_stands_below_the_own_words_is_set_aside(below: str) -> None:
    found = visible_reply(f"{OWN}\n\n{below}\n", "Re: Lift")
    assert found.reply == OWN
    assert found.signature.split() == below.split()


@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE)
def test_a_banner_above_the_own_words_is_set_aside(above: str) -> None:
    found = visible_reply(f"{above}\n\n{OWN}\n", "Re: Lift")
    assert found.reply == OWN
    assert found.signature.split() == above.split()


@pytest.mark.parametrize("text", PERSONS.values(), ids=PERSONS)
def test_what_a_person_says_stays(text: str) -> None:
    assert visible_reply(text, "Re: Lift").reply == text
