"""What is mixed into the mails of a first round: some are sent to others too, and some come from far."""

import random
from collections.abc import Sequence
from dataclasses import replace
from email.utils import format_datetime

from bench.speed.mails import BEGAN, Mail

# Of a hundred mails so many of the first round have others in Cc, and so many a long way behind them.
CC, LONG_HEAD = 4, 7
HOPS = 30
SIGNATURE = 86
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def count_of(share: int, mails: int) -> int:
    """How many of so many mails a share of a hundred is."""
    return mails * share // 100


def with_others(mails: Sequence[Mail], count: int, seed: int) -> list[Mail]:
    """The mails of a first round, of which some new ones are sent to others too, and some come from far."""
    dice = random.Random(f"{seed} others")  # noqa: S311
    opening = [mail.number for mail in mails if mail.opens]
    chosen = dice.sample(opening, min(count_of(CC + LONG_HEAD, count), len(opening)))
    cc, far = set(chosen[: count_of(CC, count)]), set(chosen[count_of(CC, count) :])
    return [
        _with_cc(mail) if mail.number in cc else _from_far(mail, dice) if mail.number in far else mail for mail in mails
    ]


def _with_cc(mail: Mail) -> Mail:
    domain = mail.customer.partition("@")[2]
    others = (f"colleague{mail.number}@{domain}", f"office{mail.number}@{domain}")
    line = f"Cc: Colleague <{others[0]}>, <{others[1]}>\r\n"
    return replace(mail, others=others, raw=mail.raw.replace(b"Subject: ", f"{line}Subject: ".encode(), 1))


def _from_far(mail: Mail, dice: random.Random) -> Mail:
    """The mail with the headers of thirty servers before its own: some 10 KB of Received, DKIM and ARC (RFC 8617)."""
    domain = mail.customer.partition("@")[2]
    # The word of our own server stays the first one.
    ours, _, rest = mail.raw.partition(b"From: ")
    hops = "".join(_hop(number, dice) for number in range(HOPS))
    seals = "".join(_seal(number, domain, dice) for number in (2, 1))
    return replace(mail, raw=ours + (hops + seals + _dkim(domain, dice)).encode() + b"From: " + rest)


def _hop(number: int, dice: random.Random) -> str:
    return (
        f"Received: from relay{number}.mail.example (relay{number}.mail.example [198.51.100.{number + 1}])\r\n"
        f"\tby relay{number + 1}.mail.example (Postfix) with ESMTPS id {dice.getrandbits(64):X}\r\n"
        f"\t(version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256); {format_datetime(BEGAN)}\r\n"
    )


def _seal(number: int, domain: str, dice: random.Random) -> str:
    return (
        f"ARC-Seal: i={number}; a=rsa-sha256; t=1772438400; cv={'pass' if number > 1 else 'none'};\r\n"
        f"\td=relay.example; s=arc; b={_signature(dice)}\r\n"
        f"ARC-Message-Signature: i={number}; a=rsa-sha256; c=relaxed/relaxed; d=relay.example; s=arc;\r\n"
        f"\th=from:to:subject:date:message-id; bh={_signature(dice)};\r\n\tb={_signature(dice)}\r\n"
        f"ARC-Authentication-Results: i={number}; mx.relay.example; dkim=pass header.d={domain};\r\n"
        f"\tspf=pass smtp.mailfrom={domain}; dmarc=pass header.from={domain}\r\n"
    )


def _dkim(domain: str, dice: random.Random) -> str:
    return (
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=mail; t=1772438400;\r\n"
        f"\th=from:to:subject:date:message-id:mime-version:content-type; bh={_signature(dice)};\r\n"
        f"\tb={_signature(dice)}\r\n"
    )


def _signature(dice: random.Random) -> str:
    return "\r\n\t ".join("".join(dice.choices(BASE64, k=SIGNATURE)) for _ in range(4))
