"""Whether a text is thanks and nothing else, by a table of short thanks: such a mail asks for nothing."""

# Letters of other alphabets are intended here.
# ruff: noqa: RUF001

import unicodedata
from collections.abc import Iterable, Sequence

# More than this is more than thanks.
MOST_WORDS, MOST_SIGNS = 16, 300
# Thanks in the languages of the parser. None that asks for something beforehand ("thanks in advance"), nor any that is
# a refusal or a request as well.
THANKS = """
thank you|thanks|thank you again|thanks again|nochmals danke|danke nochmals|nochmals vielen dank|thank you very much|
thank you so much|thank you both|thank you all|thanks all|thanks both|many thanks|
thanks a lot|thanks so much|thanks very much|thanks a million|thanks a bunch|thx|thanx|ty|tysm|cheers|much appreciated|
greatly appreciated|thank you for your help|thanks for your help|thanks for the help|thank you for the help|
thank you for the quick help|thanks for the quick help|thank you for your quick help|thanks for your quick help|
thank you for your support|thanks for your support|thank you for the support|thanks for the support|
thank you for the quick reply|thanks for the quick reply|thank you for your quick reply|thanks for your quick reply|
thank you for the quick response|thanks for the quick response|thanks for sorting this out|thanks for fixing it|
danke|danke schön|dankeschön|danke sehr|danke dir|danke ihnen|danke euch|vielen dank|vielen lieben dank|besten dank|
herzlichen dank|lieben dank|tausend dank|ich danke ihnen|wir danken ihnen|danke für die hilfe|danke für ihre hilfe|
danke für die schnelle hilfe|vielen dank für die hilfe|vielen dank für ihre hilfe|vielen dank für die schnelle hilfe|
danke für die unterstützung|vielen dank für die unterstützung|vielen dank für ihre unterstützung|merci vielmal|
merci|merci beaucoup|merci bien|mille mercis|un grand merci|merci à vous|je vous remercie|nous vous remercions|
merci pour votre aide|merci beaucoup pour votre aide|merci de votre aide|merci pour votre réponse|
gracias|muchas gracias|mil gracias|muchísimas gracias|gracias por todo|gracias por la ayuda|gracias por su ayuda|
gracias por tu ayuda|muchas gracias por su ayuda|muchas gracias por la ayuda|se lo agradezco|
grazie|grazie mille|molte grazie|tante grazie|vi ringrazio|la ringrazio|ti ringrazio|grazie per l'aiuto|
grazie mille per l'aiuto|grazie di tutto|
obrigado|obrigada|muito obrigado|muito obrigada|obrigado pela ajuda|obrigada pela ajuda|muito obrigado pela ajuda|
muito obrigada pela ajuda|agradeço|
bedankt|dank u|dank u wel|dank je|dank je wel|dankjewel|dankuwel|hartelijk dank|heel erg bedankt|veel dank|
bedankt voor de hulp|bedankt voor uw hulp|bedankt voor je hulp|
tack|tack så mycket|tusen tack|stort tack|tack för hjälpen|tack så mycket för hjälpen|
takk|tusen takk|mange takk|takk for hjelpen|tusen takk for hjelpen|tak|mange tak|tusind tak|tak for hjælpen|
mange tak for hjælpen|takk fyrir|
kiitos|kiitos paljon|suuri kiitos|kiitoksia|kiitos avusta|aitäh|suur aitäh|tänan|tänan väga|paldies|liels paldies|
ačiū|labai ačiū|dėkoju|
dziękuję|dzięki|dziękuję bardzo|bardzo dziękuję|wielkie dzięki|dziękujemy|dziękuję za pomoc|dzięki za pomoc|
děkuji|děkuju|díky|moc děkuji|děkuji moc|mockrát děkuji|děkujeme|děkuji za pomoc|díky za pomoc|
ďakujem|vďaka|ďakujem pekne|veľmi pekne ďakujem|ďakujeme|ďakujem za pomoc|
hvala|hvala lepa|hvala lijepa|puno hvala|hvala puno|hvala vam|najlepša hvala|хвала|хвала пуно|
köszönöm|köszi|köszönjük|köszönöm szépen|nagyon köszönöm|köszönöm a segítséget|
mulțumesc|multumesc|mulțumim|vă mulțumesc|mulțumesc mult|mulțumesc frumos|mersi|mulțumesc pentru ajutor|
teşekkürler|teşekkür ederim|teşekkür ederiz|çok teşekkürler|çok teşekkür ederim|sağ olun|
спасибо|спасибо большое|большое спасибо|благодарю|благодарю вас|спасибо вам|спасибо за помощь|спс|
дякую|щиро дякую|дуже дякую|дякуємо|дякую за допомогу|благодаря|много благодаря|благодаря ви|мерси|
ευχαριστώ|ευχαριστώ πολύ|ευχαριστούμε|σας ευχαριστώ|σας ευχαριστώ πολύ|
תודה|תודה רבה|המון תודה|شكرا|شكراً|شكرا لك|شكرا لكم|شكرا جزيلا|شكراً جزيلاً|شكرا جزيلا لكم|ممنون|متشکرم|
terima kasih|terima kasih banyak|cảm ơn|cám ơn|cảm ơn bạn|cảm ơn nhiều|xin cảm ơn|ขอบคุณ|ขอบคุณครับ|ขอบคุณค่ะ|ขอบคุณมาก|
ขอบคุณมากครับ|ขอบคุณมากค่ะ|
谢谢|谢谢你|谢谢您|非常感谢|多谢|感谢|謝謝|謝謝你|謝謝您|非常感謝|多謝|感謝|
ありがとう|ありがとうございます|ありがとうございました|どうもありがとう|どうもありがとうございます|
どうもありがとうございました|感謝します|
감사합니다|고맙습니다|감사해요|고마워요|대단히 감사합니다
"""
# What people add to their thanks where all is well; alone it is no thanks.
ADDED = """
works|it works|works now|it works now|now it works|this works|that works|that worked|it worked|works fine|works again|
it works again|works perfectly|works great|all good|all good now|all is well|all fine|all set|solved|fixed|sorted|done|
perfect|great|excellent|wonderful|super|awesome|brilliant|fantastic|ok|okay|got it|that helped|that was it|
funktioniert|es funktioniert|funktioniert jetzt|jetzt funktioniert es|es funktioniert jetzt|funktioniert wieder|
es funktioniert wieder|läuft|läuft wieder|läuft jetzt|es läuft wieder|geht|geht wieder|geht jetzt|jetzt geht es|
es geht wieder|hat geklappt|das hat geklappt|klappt|klappt jetzt|alles gut|alles klar|passt|erledigt|perfekt|prima|
toll|bestens|wunderbar|das hat geholfen|
ça marche|ca marche|cela fonctionne|ça fonctionne|tout fonctionne|c'est parfait|parfait|super|génial|c'est bon|résolu|
funciona|ya funciona|ahora funciona|perfecto|todo bien|resuelto|genial|funziona|ora funziona|perfetto|tutto a posto|
risolto|agora funciona|já funciona|perfeito|tudo certo|resolvido|het werkt|werkt|werkt weer|het werkt weer|opgelost|
helemaal goed|perfect|det fungerar|det funkar|fungerar nu|perfekt|det virker|virker nu|det fungerer|löst|
toimii|toimii nyt|działa|już działa|wszystko działa|super|funguje|už funguje|už to funguje|működik|már működik|
funcționează|merge|çalışıyor|работает|всё работает|все работает|заработало|отлично|працює|все працює|работи|λειτουργεί|
解决了|已解决|解決しました|직접 해결했습니다|해결되었습니다
"""
# Stands before or behind thanks, and says nothing.
GREETINGS = """
hi|hello|hey|dear|hallo|guten tag|guten morgen|moin|liebe|lieber|bonjour|salut|hola|buenos días|ciao|buongiorno|salve|
olá|oi|hoi|hej|hei|cześć|dzień dobry|dobrý den|ahoj|szia|bună ziua|merhaba|здравствуйте|привет|добрый день|вітаю|
and|und|et|och|og
"""
# Signs that smile or thank; any other stands for words that are not known.
SMILES = frozenset("👍👌🙏😊🙂😀😃😄😁☺🤗🎉❤💪✅🌷🌸💐🙌👏♥💚💙😉😌🥳")
_SMILEYS = (":-)", ":)", ":-D", ":D", "^^", "(-:", "(:")
_LOOSE = frozenset("\ufe0f\u200d\u200b\u200e\u200f\u2060\ufeff")
# No question mark of any language, and not the semicolon, which is the Greek one.
_STOPS = frozenset('.,!…-–—*_"“”„«»()¡。！，、．·')


def _table(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(_words(phrase) or ()) for phrase in text.replace("\n", "").split("|"))


def _words(text: str) -> Sequence[str] | None:
    """The words of a text in lower case, stops between them as empty words; None where it holds any other sign."""
    for smiley in _SMILEYS:
        text = text.replace(smiley, " , ")
    signs = []
    for sign in unicodedata.normalize("NFC", text.casefold().replace("’", "'")):
        if sign in SMILES or sign in _STOPS or "\U0001f3fb" <= sign <= "\U0001f3ff":
            signs.append(" , ")
        elif sign.isspace() or sign.isalpha() or sign == "'" or unicodedata.category(sign) in {"Mn", "Mc"}:
            signs.append(sign)
        elif sign not in _LOOSE:
            return None
    return ["" if word == "," else word for word in "".join(signs).split()]


_THANKS, _ADDED, _GREETINGS = _table(THANKS), _table(ADDED), _table(GREETINGS)
_KNOWN = _THANKS | _ADDED | _GREETINGS | {("",)}
_LONGEST = max(map(len, _KNOWN))


def is_thanks(text: str, names: Iterable[str] = ()) -> bool:
    """True where a text is thanks of the table and at most that all is well, a greeting and words of these names.

    A question mark, a digit, an address or any word besides makes it more than that.
    """
    words = _words(text) if len(text) <= MOST_SIGNS else None
    if words is None or not 0 < sum(map(bool, words)) <= MOST_WORDS:
        return False
    known = {(word,) for name in names for word in (_words(name) or ()) if word}
    at, thanked = 0, False
    while at < len(words):
        phrases = (tuple(words[at : at + size]) for size in range(_LONGEST, 0, -1))
        phrase = next((one for one in phrases if one in _KNOWN or one in known), None)
        if phrase is None:
            return False
        thanked = thanked or phrase in _THANKS
        at += len(phrase)
    return thanked
