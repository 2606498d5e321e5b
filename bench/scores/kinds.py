"""How well automatic mail, bounces and forwards are recognised: what is found, and what is found by mistake."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.scores.figures import Figure, cases, figure, one_line
from mail.bounce.failure import Bounce
from mail.bounce.read import read_bounce
from mail.inbound.parse import parse
from mail.quoting.forward import Forward, read_forward


def score_automatic(corpus: Path) -> Iterator[Figure]:
    """Yield the shares of automatic mails found and of people's mails left alone."""
    every = cases(corpus, "autoreply")
    automatic = {case["id"]: parse((corpus / case["path"]).read_bytes()).automatic is not None for case in every}
    people = [case for case in every if not case["is_auto"]]
    yield figure("automatic", "found", [(case["id"], automatic[case["id"]]) for case in every if case["is_auto"]], 97)
    direct = [(case["id"], not automatic[case["id"]]) for case in people if not case.get("via_list")]
    yield figure("automatic", "people left alone, not by way of a list", direct, 99.5)


def score_bounces(corpus: Path) -> Iterator[Figure]:
    """Yield the shares of bounces found, of other mails left alone, of right recipients and of right permanence."""
    every = cases(corpus, "bounces")
    results = {case["id"]: read_bounce((corpus / case["path"]).read_bytes()) for case in every}
    bounces = [case for case in every if case["is_bounce"]]
    yield figure("bounces", "found", [(case["id"], results[case["id"]] is not None) for case in bounces], 97)
    others = [(case["id"], results[case["id"]] is None) for case in every if not case["is_bounce"]]
    yield figure("bounces", "others left alone", others, 99.9)
    named = [case for case in bounces if case["recipient"]]
    recipients = [(case["id"], _has_recipient(results[case["id"]], case)) for case in named]
    yield figure("bounces", "recipient", recipients, 92)
    permanent = {name: bounce.permanent if bounce else None for name, bounce in results.items()}
    labelled = [case for case in bounces if case["permanent"] is not None]
    verdicts = [(case["id"], permanent[case["id"]] is case["permanent"]) for case in labelled]
    yield figure("bounces", "permanence", verdicts, 93)


def _has_recipient(bounce: Bounce | None, case: dict[str, Any]) -> bool:
    wanted = {address.lower() for address in (*case["recipient"], *case["recipient_alt"])}
    return bounce is not None and any(one.address.lower() in wanted for one in bounce.recipients)


def score_forwards(corpus: Path) -> Iterator[Figure]:
    """Yield the shares of forwards whose sender, subject and text are right, and of other texts left alone."""
    every = cases(corpus, "forward")
    results = {}
    for case in every:
        subject = (corpus / case["subject_path"]).read_text(encoding="utf-8") if case["subject_path"] else ""
        text = (corpus / case["path"]).read_text(encoding="utf-8", errors="replace")
        results[case["id"]] = read_forward(text, subject)
    forwards = [case for case in every if case["expected"]["forwarded"]]
    for part, wanted, least in (("sender", "from_email", 95), ("subject", "subject", 95), ("text", "body", 90)):
        named = [case for case in forwards if case["expected"].get(wanted)]
        verdicts = [(case["id"], _has_part(results[case["id"]], part, case["expected"][wanted])) for case in named]
        yield figure("forwards", part, verdicts, least)
    others = [(case["id"], results[case["id"]] is None) for case in every if not case["expected"]["forwarded"]]
    if others:
        yield figure("forwards", "others left alone", others)


def _has_part(forward: Forward | None, part: str, wanted: str) -> bool:
    if forward is None:
        return False
    value = {"sender": forward.from_email, "subject": forward.subject, "text": forward.text}[part]
    return one_line(value).lower() == one_line(wanted).lower()
