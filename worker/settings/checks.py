"""What must hold between the sections of the settings file."""

from collections.abc import Iterator
from pathlib import Path as FilePath

from desk.routing.rules import RuleFailure, compile_rules
from worker.settings.keys import Path
from worker.settings.model import Settings, TemplatesSettings
from worker.settings.servers import BOTH_OR_NEITHER, MailboxSettings, SmtpSettings
from worker.settings.types import same_folder

Finding = tuple[Path, str]
# Beside the file of settings, and none of its own where it is not there.
USUAL_MACROS = "macros"


def checked_across(settings: Settings, folder: FilePath) -> tuple[Settings, list[Finding]]:
    """Return the settings with their paths made relative to `folder`, and what does not fit together."""
    templates, signatures, macros = settings.templates.folder, settings.desk.signatures, settings.desk.macros
    if templates is not None:
        settings = settings.model_copy(update={"templates": TemplatesSettings(folder=folder / templates)})
    if signatures is not None:
        desk = settings.desk.model_copy(update={"signatures": folder / signatures})
        settings = settings.model_copy(update={"desk": desk})
    desk = settings.desk.model_copy(update={"macros": folder / (macros or USUAL_MACROS)})
    settings = settings.model_copy(update={"desk": desk})
    findings = [finding for check in CHECKS for finding in check(settings)]
    if macros is not None and not (folder / macros).is_dir():
        findings.append((("desk", "macros"), f'"{folder / macros}" is no folder'))
    return settings, findings


def _some_mailbox(settings: Settings) -> Iterator[Finding]:
    if not settings.mailbox:
        yield ("mailbox",), "there must be one at least, as a table [[mailbox]]"


def _tokens(settings: Settings) -> Iterator[Finding]:
    """A user of an outgoing server has a password, or is one of a mailbox with tokens."""
    own = [(("mailbox", number, "smtp"), box.smtp) for number, box in enumerate(settings.mailbox) if box.smtp]
    places: list[tuple[Path, SmtpSettings]] = [(("smtp",), settings.smtp), *own]
    for path, smtp in places:
        if smtp.user is not None and smtp.password is None and settings.mailbox_with_tokens(smtp) is None:
            yield (*path, "user"), BOTH_OR_NEITHER


def _same_names(settings: Settings) -> Iterator[Finding]:
    sections = {
        "mailbox": [box.name for box in settings.mailbox],
        "rule": [rule.name for rule in settings.rule],
        "report": [report.name for report in settings.report],
    }
    for section, names in sections.items():
        repeated = [number for number, name in enumerate(names) if name in names[:number]]
        yield from (((section, number), f"another {section} has the same name") for number in repeated)


def _trust(settings: Settings) -> Iterator[Finding]:
    bare = [box.name for box in settings.mailbox if not box.is_pinned]
    if bare and settings.trust.staff != "token":
        yield (
            ("trust", "staff"),
            f'mailbox "{bare[0]}" pins no authserv_id, so the choice must be made in so many words: staff = "token"',
        )


def _owner(settings: Settings) -> Iterator[Finding]:
    if settings.desk.owner in {settings.desk.address, *(box.address for box in settings.mailbox)}:
        yield ("desk", "owner"), "is an address of the desk itself, which nobody reads while there is no staff"


def _moves(settings: Settings) -> Iterator[Finding]:
    for number, box in enumerate(settings.mailbox):
        for other in settings.mailbox:
            if other is not box and box.move_to is not None and _polls(other, box, box.move_to):
                yield ("mailbox", number, "move_to"), f'the folder "{box.move_to}" is polled by mailbox "{other.name}"'


def _polls(other: MailboxSettings, box: MailboxSettings, folder: str) -> bool:
    same_account = (other.host.lower(), other.port, other.user) == (box.host.lower(), box.port, box.user)
    return same_account and same_folder(other.folder, folder)


def _rules(settings: Settings) -> Iterator[Finding]:
    # One at a time, so that each rule that cannot be used has its sentence.
    for number, rule in enumerate(settings.rule):
        try:
            compile_rules([rule])
        except RuleFailure as failure:
            yield ("rule", number), failure.sentence


def _retention(settings: Settings) -> Iterator[Finding]:
    for key, sentence in settings.retention.shorter_than(settings.limits.token_days):
        yield ("retention", key), sentence


def _templates(settings: Settings) -> Iterator[Finding]:
    folder = settings.templates.folder
    if folder is not None and not folder.is_dir():
        yield ("templates", "folder"), f'"{folder}" is no folder'


def _signatures(settings: Settings) -> Iterator[Finding]:
    if settings.desk.signatures is not None:
        # Only a desk that has signatures needs what reads HTML here.
        from worker.settings.signatures import read_signatures  # noqa: PLC0415

        _, troubles = read_signatures(settings.desk.signatures)
        yield from ((("desk", "signatures"), trouble) for trouble in troubles)


CHECKS = (_some_mailbox, _tokens, _same_names, _owner, _trust, _moves, _rules, _retention, _templates, _signatures)
