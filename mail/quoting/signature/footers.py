"""Footers that mail programs add of themselves: `Sent from my iPhone`, in the languages that telephones speak.

A footer is known by what it is made of: a word for sending or getting, a device or program, and little words between.
The words are those that the programs show in each language (iOS, Samsung, Outlook, Yahoo, Gmail, Xiaomi, Huawei).
"""

# Letters of other alphabets are intended here.
# ruff: noqa: RUF001

import re
from itertools import pairwise

from mail.mime.text import lowered

LONGEST = 500
MOST_WORDS = 12

FOOTER = re.compile(
    r"[\s>*_\u200e]*(?:sent (?:from|with|via|using) (?:my |(?P<program>[a-z0-9]))|get (?:outlook|bluemail) for |"
    r"(?:outlook|yahoo mail) (?:für|for|pour|para|per|voor|til|för) (?:ios|android|iphone)[\s.]*$|yahoo mail ?: |"
    r"(?:diese nachricht wurde )?(?:gesendet|geschickt) (?:von|mit|über) |envoyé (?:de|depuis|à partir|avec) |"
    r"enviad[oa] (?:desde|do|de|com|a partir) |"
    r"inviato (?:da|dal|con) |verzonden (?:vanaf|met|via|van) |verstuurd (?:vanaf|met|via) |"
    r"wysłan[eo] (?:z|przy) |odesláno z|skickat från |skickades från |sendt fra |lähetetty |"
    r"отправлено (?:с|из) |отправлено из|trimis (?:de|din) |elküldve |εστάλη από |"
    r"(?:gönderen|.{1,40}(?:'dan|'den|mdan|mden) gönderildi)|发自|發自|從我的|나의 iphone|ส่งจาก ?(?:iphone|ipad|"
    r"android|outlook|yahoo)|"
    r"[^ ]{0,6} ?(?:iphone|ipad|android|galaxy|outlook|yahoo|gmail|휴대폰).{0,24}"
    r"(?:から送信|より送信|发送|傳送|送信|에서 보냄|에서 보낸|を入手|다운로드)|"
    r"(?:来自|來自|從|从|通过|透過|获取|取得|下载|下載|適用於).{0,12}(?:iphone|ipad|android|galaxy|outlook|小米|"
    r"华为|微信|邮箱))"
)
# Words for sending and for getting, by how they begin.
SENT = (
    *(
        "sent",
        "gesend",
        "geschick",
        "verschick",
        "versand",
        "envoy",
        "enviad",
        "enviat",
        "invia",
        "verzond",
        "verstuur",
    ),
    *("wysłan", "odesl", "odosl", "poslan", "послан", "послат", "надісл", "відправ", "отправ", "изпрат", "skicka"),
    *("sendt", "sendi", "lähetet", "trimis", "expediat", "küldv", "elküld", "küldt", "εστάλη", "στάλθηκε", "απεστάλη"),
    *("gönderil", "dikirim", "dihantar", "saadet", "išsiųst", "sūtīt", "nosūtīt", "أرسل", "مرسل", "ارسال", "נשלח"),
    *("gửi", "भेजा", "bidali", "gönderen", "الإرسال"),
)
GET = (
    *("get", "hol", "laden", "lade", "herunter", "bezieh", "abruf", "télécharg", "obten", "obtén", "descarg", "scaric"),
    *(
        "ottien",
        "baix",
        "download",
        "verkrijg",
        "krijg",
        "hämta",
        "hent",
        "skaff",
        "hanki",
        "lataa",
        "pobierz",
        "uzysk",
    ),
    *("získ", "stiahn", "stáhn", "letölt", "beszerz", "edin", "indir", "скач", "получ", "отрим", "завантаж", "λήψη"),
    *("λήψης", "κατεβάστε", "dapatkan", "unduh", "tải", "nhận", "obțin", "descăr", "изтегл", "preuzm", "aconsegu"),
    *("다운로드", "احصل", "تنزيل", "קבל", "הורד", "obter", "obtenha", "obteng", "få"),
)
# Devices and programs, by how they begin: many languages add an ending.
DEVICES = (
    *(
        "iphone",
        "ipad",
        "ipod",
        "android",
        "galaxy",
        "samsung",
        "huawei",
        "honor",
        "xiaomi",
        "redmi",
        "oppo",
        "oneplus",
    ),
    *("pixel", "nokia", "sony", "xperia", "motorola", "htc", "blackberry", "fairphone", "windows", "outlook", "ios"),
    *(
        "yahoo",
        "aol",
        "gmail",
        "gmx",
        "web.de",
        "thunderbird",
        "proton",
        "tutanota",
        "tuta",
        "zoho",
        "spark",
        "mailbird",
    ),
    *("bluemail", "fairemail", "k9", "superhuman", "telekom", "vodafone", "smartphone", "tablet", "handy", "phone"),
    *(
        "mobil",
        "mobiel",
        "telefon",
        "téléphone",
        "teléfono",
        "telefono",
        "telemóvel",
        "celular",
        "cellulare",
        "puhelim",
    ),
    *("мобил", "телефон", "смартфон", "айфон", "ponsel", "mac", "imac", "macbook", "mailspring", "canary", "edison"),
    *("airmail", "mailbox", "microsoft", "exchange", "rambler", "яндекс", "yandex", "mail.ru", "orange", "laposte"),
    *("icloud", "fastmail", "posteo", "infomaniak", "libero", "seznam", "onet", "wp.pl", "interia", "iphon"),
)
SMALL = frozenset(
    "from my with via using the a an on of for app by device and "
    "this message was web  diese dieses nachricht wurde gerät "
    "von vom mein meine meinem meiner meinen mit der dem den über aus auf für als kostenlos sie sich kostenlose "
    "de depuis mon ma mes à partir avec du la le les l un une d pour mobile gratuitement application "
    "desde mi el con para del al mío los aplicación dispositivo meu minha meus o os do da com através em no na uma dum "
    "dal dalla dall mio mia il lo per in tramite een van mijn vanaf met voor te mobiele "
    "z ze mojego mojej mého mé mojí ze zo môjho mojho s sa so moj mog moga mojega mojeg mojega iz preko od dla systemu "
    "programu aplikacji aplikace aplikácie pro pre prostredníctvom з із мого моєї за допомогою для с со из от моего "
    "моей мобильного мобільного моя моят моето през на мог са мојег "
    "des minu iš mano min mitt mina mit fra från frå via til till för minu minun laitteesta mano no mana manis pe "
    "din al mea prin "
    "az egy készült készülékemről omról emről ről ról hez höz val vel του μου από το την τη στο μέσω για benim ile "
    "için "
    "dari daripada saya đã từ của tôi được bởi מה שלי מ באמצעות את تم من ال الـ الخاص بي هاتفي جهاز جهازي الهاتف "
    "मेरे से गया "
    "pomocí pomocou użyciu przy telefonu telefónu meva meu dispositiu nirea nire mobiltelefonom hordozható".split()
)
_BEGINNINGS = (*SENT, *GET, "outlook", "yahoo")
_IN_FRONT = "*_>\u200e"
_FIRST_LETTERS = frozenset(word[:3] for word in _BEGINNINGS)
# From this letter on come the alphabets whose words may have an article or nothing in front.
_HEBREW = "\u0590"
_EXCUSE = re.compile(
    r"excus|pardon|forgiv|apolog|\bsorry|typo|brevity|autocorrect|fat finger|entschuldig|verzeih|tippfehler|"
    r"rechtschreib|"
    r"fautes|brièveté|disculp|perdon|errores|erratas|brevedad|scusa|scusi|errori|brevità|desculp|erros|brevidade|"
    r"typefout|beknopt|ursäkt|undskyld|beklager|stavfel|tastefejl|skrivefeil|błędy|wybacz|překlep|preklep|извин|опечат|"
    r"вибач|elírás|elnézést|scuze|greșeli|kusura|yazım"
)
_NAMED_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
_LINK = re.compile(r"<[^<>]*>|[\[(](?:https?:|www\.)[^\s()\[\]]*[\])]")
_HOST = re.compile(r"\bhttps?://(?:www\.)?([\w-]+)\S*")
_ASIDE = re.compile(r"[,;.(\u2013\u2014-](?=\s|\w)")
_BETWEEN = re.compile(r"[\s'\u2019\"\u201c\u201d().,:;!/\\|*_\u200e\u200f-]+")
_MARKS = re.compile("[\u0640\u064b-\u0652]")


def is_footer(line: str) -> bool:
    """Whether the line is a mail program's footer; an excuse for its brevity may follow, any other sentence may not."""
    if len(line) > LONGEST or not _may_be_footer(line):
        return False
    text = line
    if "[" in text or "(" in text or "<" in text or "://" in text:
        text = _HOST.sub(lambda match: match[1].title(), _LINK.sub("", _NAMED_LINK.sub(r"\1", text)))
    text = text.strip()
    return (
        bool(text)
        and not text.endswith("?")
        and any(_is_footer(head) and _is_said_aside(rest) for head, rest in _readings(text))
    )


def _may_be_footer(line: str) -> bool:
    """Whether a word begins like one of sending or getting, or is of a language without blanks: a quick test."""
    # The verb stands at one of the ends.
    for word in (*line.split(None, 3)[:3], *line.rsplit(None, 2)[-2:]):
        if (word[:3].lower() in _FIRST_LETTERS or word[0] in _IN_FRONT) and _begins_like_footer(word):
            return len(line.split()) <= 2 * MOST_WORDS
    return not line.isascii() and max(line) >= _HEBREW and 0 < len(line.split()) <= 2 * MOST_WORDS


def _begins_like_footer(word: str) -> bool:
    return lowered(word.lstrip(_IN_FRONT)).startswith(_BEGINNINGS)


def is_excuse(line: str) -> bool:
    """Whether the line only asks to excuse short words and typing errors."""
    text = lowered(line[:LONGEST])
    return len(text.split()) <= MOST_WORDS and not text.rstrip().endswith("?") and bool(_EXCUSE.search(text))


def _readings(text: str) -> list[tuple[str, str]]:
    """Return the line as a whole, and as a footer with what follows its first comma, dash or bracket."""
    aside = next((one for one in _ASIDE.finditer(text) if one.start() and one.group().strip() not in {"-", "."}), None)
    whole = not {",", "("} & set(text) or lowered(text).startswith("yahoo mail")
    parts = [(text, "")] if whole else []
    excuse = _ASIDE.split(text, maxsplit=1)
    if aside:
        parts.append((text[: aside.start()], text[aside.end() :].strip()))
    return [*parts, (excuse[0], excuse[1].strip())] if len(excuse) == 2 else parts


def _is_said_aside(text: str) -> bool:
    return not text or is_excuse(text)


def _is_footer(text: str) -> bool:
    if len(text.split()) > MOST_WORDS:
        return False
    low = lowered(text)
    match = FOOTER.match(low)
    if match is not None and len(text.split()) <= 9:
        # Names of programs begin with a capital letter; `Sent from home` is a sentence, `Sent from mobile` is none.
        is_name = not (match["program"] and text[match.start("program")].islower())
        return is_name or _is_made_of_its_words(low)
    return _is_made_of_its_words(low)


def _is_made_of_its_words(low: str) -> bool:
    """Whether the text names a device or program and says that it sent or may be got, with little words only."""
    words = [word for word in _BETWEEN.split(_MARKS.sub("", low).replace("k-9", "k9")) if word]
    devices = sum(word.startswith(DEVICES) for word in words)
    if not devices:
        return False
    verbs = sum(word.startswith(SENT) or (word.startswith(GET) and "outlook" in low) for word in words)
    known = sum(word in SMALL or word.isdigit() or word.startswith((*DEVICES, *SENT, *GET)) for word in words)
    # An ending behind a hyphen or an apostrophe is a word of its own here.
    endings = sum(len(word) <= 3 and before.startswith(DEVICES) for before, word in pairwise(words))
    return bool(verbs) and len(words) - known - endings <= (1 if devices > 1 else 0)
