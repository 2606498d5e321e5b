"""Phrases of bounces in many languages, as expressions for text in lower case: one table for each question."""

import re
from collections.abc import Sequence

from mail.mime.text import WordTable

# Senders of notices.
DAEMON_WORDS = (
    r"mailer[-_. ]?da?emon",
    r"post ?master",
    r"mail[-_. ]?(?:delivery|system|administrator|service)",
    r"delivery[-_. ](?:sub)?system",
    r"\bm?daemon\b",
    r"message (?:delivery|transfer)",
    r"\bndr@",
    r"system administrator",
    r"internet mail service",
)

# How the subject of a notice begins.
SUBJECT_WORDS = (
    r"undeliver(?:able|ed)",
    (
        r"(?:mail|message|e-?mail)?\W{0,9}(?:delivery|system)[ -]"
        r"(?:status|failure|failed|problem|error|report|has failed|warning)"
    ),
    r"(?:mail|message) (?:delivery|failure|failed|could not|not delivered|error|status|system error|delivery)",
    r"(?:failure|delay) notice",
    r"failed mail",
    r"returned (?:mail|message|to sender)",
    r"non[- ]?(?:delivery|deliverable|remis|recapitabile)",
    r"not delivered",
    r"(?:permanent|temporary) delivery",
    r"delivery (?:notification|delayed)",
    r"delayed mail",
    r"warning: (?:message|could not send)",
    r"could not (?:send|deliver)",
    r"your (?:message|mail) (?:to|could)",
    r"automatically rejected",
    r"unzustellbar",
    r"mail konnte nicht",
    r"onbestelbaar",
    r"no se puede entregar",
    r"no entregado",
    r"mancato recapito",
    r"não entregue",
    r"niedostarczon",
    r"недоставленн",
    r"не доставлено",
    r"退信",
    r"配信不能|(?:メール)?(?:配信)?エラー(?:通知|のお知らせ)",
    r"系统退信",
)

# What a notice says about a mail that did not arrive.
FAILURE_WORDS = (
    (
        r"(?:could|can|did|was|were|has|have|is) ?(?:not|n.t) (?:be |been |able to be |reach |possible to )?"
        r"(?:deliver|sent|send|reach|process|accept|complete|the following recip)"
    ),
    r"(?:not|n.t|un)[ -]?able to (?:deliver|send|complete|relay|process|connect|be delivered)",
    r"undeliver(?:able|ed)",
    r"deliver(?:y|ing)?\b[^.\n]{0,60}\b(?:fail|error|problem|reject|impossible)",
    r"(?:fail|reject)(?:ed|ure|s)?\b[^.\n]{0,40}\b(?:deliver|recipient|address|message|mail)",
    r"(?:permanent|fatal|transient|non-fatal) (?:\w+ )?errors?",
    r"given up|giving up",
    (
        r"(?:user|host|recipient|account|domain|mailbox|address)[^.\n]{0,80}"
        r"(?:unknown|not found|invalid|unavailable|disabled|does not exist|doesn't exist|full"
        r"|not recogni[sz]ed|not listed)"
    ),
    r"(?:unknown|invalid|no such|bad) (?:local )?(?:user|recipient|address|host|mailbox|account)",
    r"return(?:ed|ing) (?:\w+ ){0,3}(?:to )?sender",
    r"(?:mail|message) (?:has been|was|is being) returned",
    r"did not reach",
    r"has been rejected|was rejected",
    r"(?:said|server message|smtp error|remote host|response)[^\n]{0,120}\b[45]\d\d\b",
    r"(?:^|\s)[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}\b",
    r"^[ \t]{0,40}(?:<[^>\n]{1,300}>[ :.]{0,9})?5[0-5]\d[ -]",
    r"over (?:\w+ )?quota",
    r"(?:nicht|konnte nicht) (?:zugestellt|ausgeliefert)",
    r"unzustellbar",
    r"n'a pas (?:pu )?(?:être |été )?(?:remis|délivré|distribu|achemin)",
    r"non remis",
    r"échec de (?:la )?(?:remise|livraison)",
    r"no (?:se )?(?:pudo|puede|ha podido|fue posible) (?:ser )?entreg",
    r"(?:non è stato|impossibile) (?:possibile )?(?:recapit|consegn)",
    r"(?:não (?:pôde|foi possível|pode) (?:ser )?(?:entreg|envia))",
    r"(?:kon|kan) niet (?:worden )?(?:afgeleverd|bezorgd|verzonden)",
    r"nie (?:może|mógł|mogła|można|została?) (?:\w+ )?(?:dostarcz)",
    r"(?:kunde inte|kunne ikke) (?:levereras|leveres)",
    r"не (?:может быть|удалось|была?|было) (?:\w+ )?достав",
    r"(?:配信|送信|配達|お?届け|送達)(?:する事が|することが)?(?:でき|出来|不能|失敗)",
    r"(?:无法|未能)(?:送达|投递|发送|递送)",
    r"退信|退回",
)

# What a server says while it still tries to deliver.
DELAY_WORDS = (
    r"(?:not yet been|yet to be|has not been) delivered",
    r"(?:will|is|are) (?:continue|still being|still) (?:to be |to )?(?:tr|retr|deliver)",
    r"still being retried",
    r"attempts? (?:to deliver )?(?:\w+ ){0,3}will continue",
    r"(?:message|mail) (?:\S+ )?(?:has been |is )?delayed",
    r"you do not need to resend",
    r"this is (?:only )?a warning",
    r"warning message only",
    r"could not send (?:mail|message) for (?:past|the last)",
    r"notification \(delay\)",
    r"wird weiter(?:hin)? versucht",
    r"will (?:be retried|keep trying)",
)

# What a server says when it has tried for too long.
EXPIRED_WORDS = (
    r"queue too long",
    r"(?:retry|delivery) (?:time|timeout|attempts?) (?:exceeded|expired|limit)",
    r"(?:connection|operation) timed out",
    r"connection refused",
    r"cannot send message (?:for|within) \d",
    r"deferred",
    r"message expired|expired (?:after|message)",
    r"temporar",
    r"try again",
)

# Where the returned mail begins.
END_WORDS = (
    (
        r"[-=_*+ ]{0,80}"
        r"(?:this is|below is|included is|here is|enclosed is|below this line is|attached is|what follows is)?"
        r"\s{0,9}(?:a |the )?(?:copy|beginning|header|first \S+ bytes|text|contents) (?:of|from) (?:the |your )?"
        r"(?:\w+ )?(?:original |returned |rejected )?(?:message|mail|header)"
    ),
    (
        r"[-=_*+> ]{0,80}(?:original|unsent|returned|undelivered|rejected) (?:message|mail)"
        r"(?: (?:text|header|headers|info|body|content|contents))?"
        r"(?: (?:is )?(?:follows|below|attached))?\s{0,9}[-=_*+:.]{0,80}\s{0,9}$"
    ),
    r"[-=_*+ ]{0,80}original message headers",
    r"[-=_*+ ]{0,80}this is a copy of (?:the|your) (?:message|headers)",
    r"[-=_*+ ]{0,80}(?:the )?header of the original message",
    r"[-=_* ]{0,80}(?:ursprüngliche nachricht|message original|mensaje original)",
)

# Lines whose address is not the recipient's: that of a contact, of the sender, or part of an identifier.
ASIDE_WORDS = (
    r"contact|assistance|further (?:help|information)|support|please (?:send|forward|write|call|visit)|questions?\b",
    r"send (?:e-?)?mail to",
    r"message-?id|in-reply-to|references:|\bid:? <",
    r"mail from:?\s*<?|envelope-from|return-path|\bsender\b|reply-to|errors-to",
    r"^[ \t]{0,40}(?:from|date|subject)\b",
    r"(?:sent|message|mail|received) (?:was )?(?:from|by) ",
    r"https?://",
)

# What may stand before the address with which a line begins.
LEAD_WORDS = (
    (
        r"(?:failed |final |original |bad |invalid |intended |unknown )?(?:recipient|address|user"
        r"|account|mailbox)e?s?\b"
        r"(?: \w+\b(?!@))?\s*[:=]?"
    ),
    r"(?:rcpt|mail) to\s*:?",
    r"to\s*:",
    r"for\b\s*:?",
    r"(?:could not be|not) delivered to\s*:?",
    r"(?:an|destinataire|destinatario|empfänger|получатель|宛先)\b\s*:?",
    r"[\w ]{0,40}(?:to|recipient|recipients|address|addresses|user)\s*:",
)


def _any(words: Sequence[str]) -> re.Pattern[str]:
    """Return one expression that matches any of the words."""
    return re.compile("|".join(words), re.MULTILINE)


def _each(words: Sequence[str]) -> tuple[re.Pattern[str], ...]:
    """Return an expression for each of the words: one by one they search a long text faster than all in one."""
    return tuple(re.compile(one, re.MULTILINE) for one in words)


def says(expressions: Sequence[re.Pattern[str]], text: str) -> bool:
    """Whether any of the expressions matches in a text in lower case."""
    return any(one.search(text) for one in expressions)


DAEMONS = _any(DAEMON_WORDS)
# A name with one of these words holds one of these, which are searched faster.
DAEMON_HINTS = WordTable("emon", "master", "delivery", "system", "administrator", "service", "transfer", "ndr@")
SUBJECTS = re.compile(rf"\W{{0,20}}(?:\[[^\]]{{1,40}}\]\s{{0,9}})?(?:{'|'.join(SUBJECT_WORDS)})")
FAILURES = _each(FAILURE_WORDS)
DELAYS = _each(DELAY_WORDS)
EXPIRED = _each(EXPIRED_WORDS)
ENDS = _any(END_WORDS)
ASIDES = _any(ASIDE_WORDS)
LEADS = "|".join(LEAD_WORDS)
# How the subject begins where a person forwards a notice or asks about one.
PASSED_ON = re.compile(r"\s{0,20}(?:re|fwd?|aw|wg|tr|rv|sv|vs|antw)\s{0,9}:")
