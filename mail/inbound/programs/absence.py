"""What the text of an automatic answer says: that its owner is away, or that a program answers (for lower case)."""

import re

# How somebody says that they are away; a person may say the same, so it counts beside other signs only.
ABSENT = re.compile(
    r"\b(?:i am|i'm|i\u2019m|i will be|i'll be|i\u2019ll be|we are) (?:[\w,]+ ){0,3}"
    r"(?:out of (?:the )?office|away|on (?:\w+ )?(?:leave|holiday|vacation)|absent|not in (?:the )?office|travel)"
    r"|\b(?:is|are) (?:currently |presently )?(?:out of (?:the )?office|on (?:\w+ )?leave)\b"
    r"|\bno longer (?:work|employ)"
    r"|\b(?:ich bin|wir sind|ich befinde mich) (?:[\w.,]+ ){0,8}(?:nicht (?:im (?:büro|hause?)|da|erreichbar)"
    r"|abwesend|außer haus|im urlaub)"
    r"|\bje (?:suis|serai) (?:[\w\u2019']+ ){0,4}(?:absent|en (?:cong|vacances|déplacement))"
    r"|\b(?:estoy|estaré|me encuentro) (?:\w+ ){0,3}(?:fuera|ausente|de vacaciones)"
    r"|\b(?:sono|sarò) (?:\w+ ){0,3}(?:fuori|assente|in ferie)"
    r"|\b(?:estou|estarei) (?:\w+ ){0,3}(?:fora|ausente|de férias)"
    r"|\bik ben (?:\w+ ){0,5}(?:afwezig|niet aanwezig|met vakantie|op vakantie)"
    r"|\bjag är (?:\w+ ){0,3}(?:borta|på semester|inte på kontoret|ledig)"
    r"|\bjeg er (?:\w+ ){0,3}(?:ikke på kontoret|på ferie|bortreist|fraværende|ikke til stede)"
    r"|\bolen (?:\w+ ){0,3}(?:poissa|lomalla)|nieobecn|poza biurem|na urlopie|nejsem v kancel|jsem na dovolen"
    r"|házon kívül|szabadságon|ofis dişinda|ofis disinda|izinde(?:yim)?\b"
    r"|в отпуске|отсутствую"
    r"|不在|外出|休暇|休假|자리를 비|부재|휴가"
)
# How a program says that it answers.
ROBOT = re.compile(
    r"\bthis is an? (?:automat\w+|auto-?\w*) (?:\w+ )?(?:reply|response|message|answer|e-?mail|notification)"
    r"|\bautomated response to your message|\bthis (?:reply|response|message|e-?mail) (?:was|is|has been) "
    r"(?:sent |generated |created )?automatically|automatically generated (?:reply|response|message|e-?mail)"
    r"|\bautomatisch (?:generierte|erzeugte|erstellte|versendete)|\bautomatische (?:antwort|nachricht|e-?mail)"
    r"|\bréponse automatique|message automatique|respuesta automática"
    r"|risposta automatica|resposta automática"
    r"|automatisch (?:gegenereerd )?antwoord|automatiskt? svar|automatyczna odpowied|автоматическ"
    r"|自動(?:返信|応答)|自动(?:回复|答复)|自動回覆|자동 ?(?:회신|응답)"
)
# The line with which HCL Notes ends such an answer, whatever its owner wrote above it: it repeats our subject.
NOTES = re.compile(
    r"^note: this is an automated response to your message\s{1,9}[\"\u201c\u201e'].{0,300}", re.MULTILINE
)
ASKS = ("?", "\uff1f", "\u061f")
READ_CHARACTERS = 1_500
# Such a text comes to the point.
BEGINNING = 250
# A text that says no more than that its owner is away.
BARE = 160
_GREETING = re.compile(r"(?:hello|hi|dear|hallo|guten tag|sehr geehrte|bonjour|hola|ciao|thank)[^\n]{0,60}[,.!]\s{1,9}")
# What a person asks for; whom to turn to meanwhile is said by such answers, too.
_REQUESTS = re.compile(
    r"\bplease (?!contact|call|e-?mail|write|reach|turn|refer|direct|note|do not|don't|use|send|speak|get in touch)"
    r"|\bbitte (?!an\b|wenden|kontaktieren|beachten|rufen sie|schreiben sie|melden)|\bcan you|\bcould you|\bhelp me"
    r"|\bwould like\b|\bm\u00f6chte|\bi need|\bwe need|\bs'il vous|\bpor favor,? (?!contact|escrib|llam)|\bstop\b"
)


_SENTENCES = re.compile(r"[.!\u3002\uff01]\s|\n\s*\n|[.!\u3002]$")


def says_absent(text: str) -> bool:
    """Whether a text in lower case begins with an absence or with a program that answers, and asks nothing."""
    if any(sign in text for sign in ASKS) or _REQUESTS.search(text):
        return False
    beginning = text.lstrip()[:BEGINNING]
    return bool(ABSENT.search(beginning) or ROBOT.search(beginning))


def begins_with_absence(text: str) -> bool:
    """Whether one of the first two sentences of a text in lower case tells of an absence, and nothing in it asks."""
    begins = _GREETING.match(text.strip())
    own = text.strip()[begins.end() :] if begins else text.strip()
    first = [one for one in _SENTENCES.split(own[:BEGINNING], maxsplit=6) if one.strip()][:2]
    return says_absent(text) and any(ABSENT.search(one) or ROBOT.search(one) for one in first)


def is_bare_absence(text: str) -> bool:
    """Whether a text in lower case begins with an absence, and says nothing else."""
    own = text.strip()
    begins = _GREETING.match(own)
    first = own[begins.end() :] if begins else own
    return len(own) <= BARE and says_absent(own) and "please" not in own and bool(ABSENT.match(first))
