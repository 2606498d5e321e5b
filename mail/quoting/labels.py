"""Words above quoted and forwarded mails in all known languages: labels, verbs, marks, subject prefixes."""

import re

from mail.mime.text import lowered

# Our mails show this line, in their own language where it stands here; the text below it in an answer is cut off.
DELIMITER = "-- Please write your answer above this line --"
DELIMITERS = {"en": DELIMITER, "de": "-- Bitte schreiben Sie Ihre Antwort über diese Zeile --"}

LONGEST_SUBJECT = 1_000

# Labels of one kind in all languages, compared without case.
FROM = """from|von|de|da|van|od|fra|från|lähettäjä|kimden|gönderen|от|от кого|отправитель|від|від кого|відправник|
    差出人|送信元|送信者|发件人|发件者|寄件者|寄件人|보낸 사람|보낸사람|feladó|šalje|pošiljatelj|pošiljalac|odosielateľ|
    odesílatel|expeditor|expeditorul|expéditeur|de la|remitente|mittente|remetente|afzender|absender|afsender|avsender|
    avsändare|nadawca|saatja|kellelt|από|αποστολέας|מאת|من|từ|người gửi|nuo|siuntėjas|no|sūtītājs|подател|шаље|dari|
    pengirim|จาก|prei"""
TO = """to|an|à|a|para|pour|aan|do|komu|til|
    till|vastaanottaja|kime|al\u0131c\u0131|кому|кого|получатель|одержувач|宛先|送信先|
    收件人|받는 사람|받는사람|címzett|prima|primatelj|pre|către|catre|destinatar|destinatarul|destinataire|destinatario|
    destinatário|ontvanger|empfänger|modtager|mottaker|mottagare|adresat|saaja|kellele|προς|אל|إلى|đến|người nhận|kam|
    gavėjas|за|прима|kepada|untuk|ถึง|per|per a|adressaat|
    收件者|tới|до|za|delivered-to"""
DATE = """date|sent|sent at|sent on|datum|data|gesendet|gesendet am|envoyé|envoyé le|enviado|enviado el|enviada|
    enviada em|enviado em|inviato|fecha|verzonden|wysłano|wysłane|odesláno|odoslané|dato|sendt|skickat|skickades|
    lähetetty|päiväys|päivämäärä|pvm|tarih|gönderildi|gönderme tarihi|gönderilme tarihi|дата|отправлено|надіслано|
    дата відправлення|送信日時|日付|日時|发送时间|日期|寄件日期|보낸 날짜|
    날짜|dátum|elküldve|küldve|küldés ideje|dată|trimis|
    poslano|poslato|ημερομηνία|στάλθηκε|תאריך|נשלח|التاريخ|تاريخ|ngày|đã gửi|kuupäev|saadetud|išsiųsta|nosūtīts|
    изпратено|датум|tanggal|dikirim|วันที่|ส่ง|message du|
    enviat|enviat el|terkirim|تاريخ الإرسال|שליחה|发件日期|送信日"""
SUBJECT = """subject|betreff|objet|sujet|asunto|oggetto|assunto|onderwerp|temat|předmět|predmet|emne|ämne|aihe|konu|
    тема|件名|主题|主旨|主題|제목|tárgy|subiect|subiectul|teema|pealkiri|θέμα|נושא|الموضوع|chủ đề|tema|assumpte|относно|
    предмет|naslov|perihal|subjek|เรื่อง|zadeva|tēma|
    标题|標題"""
OTHER = """cc|bcc|kopie|kopie an|copie à|copie|kopia|kopio|kopi|kópia|kopija|копия|копія|másolat|bilgi|dw|udw|cci|
    copia|cópia|με αντίγραφο|cópia para|抄送|副本|참조|reply-to|reply to|antwort an|responder a|répondre à|rispondi a|
    odpowiedz do|importance|priority|wichtigkeit|attachments|
    anlagen|pièces jointes|adjuntos|allegati|bijlagen|organization"""

# The words with which an attribution begins, and those for writing, of which it holds one.
LEADS = (
    r"on|am|le|el|il|em|no dia|op|den|dne|dnia|w dniu|wiadomość|pada|på|kl|tarihinde|ngày|la data|dňa|dana|vào|"
    r"în data|în|pe|na|a\(z\)|στις|в|от|на|ב-|في|在|ในวันที่|"
    r"sunday|monday|tuesday|wednesday|thursday|friday|saturday"
)
VERBS = (
    *("wrote", "writes", "said", "schrieb", "écrit", "ecrit", "escribió", "escribio", "ha scritto", "scrive"),
    *("escreveu", "schreef", "napsal", "napsala", "napísal", "pisze", "napisał", "skrev", "kirjoitti"),
    *("yazd\u0131", "написал", "написала", "пишет", "a scris", "írta", "έγραψε", "viết", "写道", "寫道", "のメール"),
    *(
        "のメッセージ",
        "escribieron",
        "schrieben",
        "ont écrit",
        "escreveram",
        "さんは書きました",
        "님이 작성",
        "menulis",
    ),
    *("geschreven", "escrit", "작성", "作成", "napisana przez", "napisao", "napisal", "ha escrit", "missatge de"),
    *("rakstīja", "написав", "пише", "написао", "напісаў", "het volgende", "scrisse", "escriure", "va escriure"),
    *("napisała", "kirjutas", "rašė", "je napisao", "написа", "כתב", "كتب", "เขียน", "писали", "님의 말"),
    *("skrifaði", "نوشت", "geskryf", "scríobh", "shkroi"),
)
# A sentence of the sender begins with one of these, or says one of them between time and address.
PRONOUNS = frozenset(
    "i you we they he she it as ich du wir ihr sie er wie je j'ai tu nous vous il elle comme yo nosotros como io noi "
    "come eu nós jag vi jeg som ik wij zoals ja my jak я мы вы как minä me".split()
)

LABELS = {
    re.sub(r"\s+", " ", label.strip()).casefold(): kind
    for kind, labels in (("other", OTHER), ("to", TO), ("date", DATE), ("subject", SUBJECT), ("from", FROM))
    for label in labels.split("|")
}

# The beginning of each language's word for "forwarded", in lower case as `lowered` gives it.
FORWARDED = (
    *("forwarded", "weitergeleitet", "reenviad", "transféré", "transmis", "inoltrat", "encaminhad", "doorgestuurd"),
    *("videresend", "vidarebefordra", "vidaresän", "välitetty", "edelleenlähete", "továbbít", "przekazan"),
    *("przekazywan", "przesłan", "пересыла", "пересла", "перенаправлен", "переадрес", "preposlan", "přeposlan"),
    *("redirection", "redirecțion", "proslijeđen", "prosleđen", "posredovan", "edastatud", "iletil"),
    *("ileti başlangici", "yönlendiril", "προωθημ", "препратен", "проследен", "persiųst", "pārsūtīt", "reexpedit"),
    *("chuyển tiếp", "diteruskan", "転送", "转发", "轉寄", "轉發", "전달", "מועבר", "הועבר", "المعاد توجيه", "ส่งต่อ"),
)
# The marks above a forwarded mail, and what may begin them.
BEGINNINGS = "inizio|début du|inicio del|início da|początek|начало|начата|början på|start på"
PASSED_ON = (
    "begin forwarded message|messaggio inoltrato|przekazywanej wiadomości|переадресованного сообщения|"
    "begin doorgestuurd bericht|forwarded message|forwarded by|weitergeleitete nachricht|"
    "anfang der weitergeleiteten|message transféré|message transmis|mensaje reenviado|messaggio inoltrato|"
    "mensagem encaminhada|doorgestuurd bericht|videresendt|vidarebefordrat|переадресованное|пересылаемое|"
    "転送されたメッセージ|转发的邮件|wiadomość przekazana|přeposlaná zpráva"
)
_SHORT_FORWARDED = re.compile(r"fwd[. ]*msg")
# Prefixes that mail programs put before the subject of a forward and of an answer. `VS` is both: a forward in Danish
# and Norwegian, an answer in Finnish; it counts as a forward, so that nothing is cut off.
FORWARD_SUBJECT = re.compile(
    r"\s{0,9}(?:\[[^\]]{1,40}\]\s{0,9})?(?:fwd?|fw|forward|wg|tr|rv|enc|doorst|vs|vb|vl|fs|pd|i|rvs|továbbítás|tovább|yönl|"
    r"i\u0307?lt|прсл|пересл|переслано|прос|转发|轉寄|轉發|転送|전달|fyi|πρθ|προωθ|prosl|posr|redir|namn|"
    r"הועבר|إعادة توجيه|chuyển tiếp|trs|ส่งต่อ)\s{0,3}(?:\[\d{1,4}\])?\s{0,3}[:\uff1a]",
    re.IGNORECASE,
)
ANSWER_SUBJECT = re.compile(
    r"\s{0,9}(?:\[[^\]]{1,40}\]\s{0,9})?(?:re|aw|sv|antw|antwort|odp|ynt|cvp|ref|res|rif|r|rép|vá|vas|на|отв|ответ|απ|σχετ|"
    r"atb|bls|hb|svar|vast|ats|回复|答复|回覆|答覆|返信|답장|회신|השב|תגובה|رد|trả lời|ตอบกลับ)"
    r"\s{0,3}(?:[\[(^]?\d{1,4}[\])]?)?\s{0,3}[:\uff1a]",
    re.IGNORECASE,
)


# How senders announce that their answers stand inside the quote: what they are, and where (for lower case).
_ANNOUNCED = re.compile(
    r"\b(?:answer|comment|respon|repl(?:y|ies)|note|remark|antwort|kommentar|anmerkung|réponse|commentaire|respuesta|"
    r"comentario|rispost|comment[io]|resposta|comentário|antwoord|opmerking|svar|odpowied|odpověd|válasz|răspuns|yanit|"
    r"ответ|відповід)[^.!?\n]{0,40}"
    r"\b(?:below|inline|in-line|in line|in (?:red|blue|green|bold|colou?r|the text)|unten|inline|"
    r"in (?:rot|blau|grün|farbe)|im text|ci-dessous|en (?:rouge|bleu|vert)|abajo|en (?:rojo|azul|verde)|"
    r"sotto|in (?:rosso|blu|verde)|abaixo|em (?:vermelho|azul|verde)|hieronder|in het (?:rood|blauw)|nedan|nedenfor|"
    r"poniżej|níže|alább|mai jos|aşağida|ниже|нижче)\b|"
    r"\b(?:see (?:below|inline|in[- ]line)|siehe unten|s\. ?u\.|voir ci-dessous|ver abajo|vedi sotto|ver abaixo|"
    r"zie hieronder|se nedan|se nedenfor|patrz niżej|viz níže|lásd alább|см\. ?ниже|див\. ?нижче)"
)
LONGEST_ANNOUNCED = 4_000


def delimiter_in(language: str) -> str:
    """The line above which an answer to a mail in this language, such as de or de-AT, is written."""
    return DELIMITERS.get(language.partition("-")[0], DELIMITER)


def announces_answers(text: str) -> bool:
    """Whether the sender's own words say that answers stand inside the quote below them, in a known language."""
    return _ANNOUNCED.search(lowered(text[-LONGEST_ANNOUNCED:])) is not None


def is_forward_subject(subject: str) -> bool:
    """Whether a subject begins with the prefix of a forward, in any known language; `Re: Fwd:` is an answer."""
    return FORWARD_SUBJECT.match(subject[:LONGEST_SUBJECT]) is not None


def says_forwarded(text: str) -> bool:
    """Whether a text of one line holds a word for "forwarded", in any known language."""
    text = lowered(text)
    return any(word in text for word in FORWARDED) or _SHORT_FORWARDED.search(text) is not None
