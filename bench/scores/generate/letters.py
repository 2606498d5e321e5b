"""Mails of ours, rendered from the real templates, as text and HTML."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from desk.notices.history import QUOTED
from desk.notices.samples import FROM_STAFF, SAMPLES, TICKET
from mail.outbound.catalogue import BASE_LANGUAGE, Catalogue, said
from mail.outbound.render import Renderer
from mail.quoting.labels import delimiter_in

TEMPLATES = Path(__file__).parents[3] / "templates"
SIGNED = "support+tq.e4k7mz2qsnvdw3xhcbry@northwind.example"

# What agents answer and ask; the short lines may come back as a customer's whole answer.
COMMENTS = (
    FROM_STAFF.text,
    (
        "Hello Maria,\n\nI have corrected the VAT number.\n\nShall we close the request?\nYes, please close it\n"
        "No, there is more\n\nJust answer with one of these lines.\n\nBest wishes\nBen"
    ),
    (
        "Good morning,\n\ncould you tell us three things?\n\n1. Which version do you use?\n"
        "2. Since when does the export stop?\n3. Does it happen on every computer?\n\nThank you\nInes"
    ),
    (
        "Hello,\n\nplease open https://northwind.example/help/export?id=1042&step=2 and follow "
        "the steps there. They were "
        "written for the old version, but the menu has not moved: Settings, Export, Advanced, "
        "then Repair the index.\n\n"
        "From: the list on the left\nTo: the list on the right\n\nIf it still stops, send us the "
        "log.\n\nIt works now\nBen"
    ),
    (
        "Guten Tag,\n\nvielen Dank für Ihre Geduld. Die Rechnung wurde am 02.11.2026 um 09:12 neu "
        "erstellt und liegt bei.\n"
        "Bitte prüfen Sie Menge & Preis (< 100 Stück) noch einmal.\n\nViele Grüße\nBen"
    ),
)

# The same at a desk whose mails are in German.
GERMAN_COMMENTS = (
    (
        "Guten Tag, Frau Okafor,\n\nwir haben die Rechnung 2026-1187 neu ausgestellt; Sie finden sie im Anhang. "
        "Könnten Sie kurz prüfen, ob jetzt alles stimmt?\n\nMit freundlichen Grüßen\nBen Castellanos"
    ),
    (
        "Hallo Frau Okafor,\n\ndie Umsatzsteuer-Nummer ist berichtigt.\n\nKönnen wir die Anfrage schließen?\n"
        "Ja, bitte schließen\nNein, es gibt noch etwas\n\nAntworten Sie einfach mit einer dieser Zeilen.\n\n"
        "Viele Grüße\nBen"
    ),
    (
        "Guten Morgen,\n\nkönnten Sie uns drei Fragen beantworten?\n\n1. Welche Version verwenden Sie?\n"
        "2. Seit wann bricht der Export ab?\n3. Geschieht das auf jedem Rechner?\n\nVielen Dank\nInes"
    ),
    (
        "Guten Tag,\n\nbitte öffnen Sie https://northwind.example/help/export?id=1042&step=2 und folgen Sie den "
        "Schritten dort. Sie wurden für die alte Version geschrieben, aber das Menü ist noch dasselbe: "
        "Einstellungen, Export, Erweitert, dann „Index reparieren“.\n\nVon: der Liste links\n"
        "An: die Liste links\n\nWenn er immer noch abbricht, schicken Sie uns das Protokoll.\n\nJetzt geht es\nBen"
    ),
    COMMENTS[-1],
)

# Lines of ours that may be somebody's whole answer.
REPEATED = (
    *("Yes, please close it", "No, there is more", "It works now"),
    *("Ja, bitte schließen", "Nein, es gibt noch etwas", "Jetzt geht es"),
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of ours: subject, text and HTML as they were sent, and the comment in it, empty where it has none."""

    kind: str
    subject: str
    text: str
    html: str
    comment: str
    language: str = BASE_LANGUAGE


@cache
def letters(language: str = BASE_LANGUAGE) -> tuple[Letter, ...]:
    """Return our mails to customers: that a mail has arrived, answers, questions and changes of the status.

    They are in English or German.
    """
    return tuple(_rendered(language))


def _rendered(language: str) -> Iterator[Letter]:
    renderer = Renderer(TEMPLATES)
    comments = COMMENTS if language == BASE_LANGUAGE else GERMAN_COMMENTS
    for kind in ("ticket-opened", "comment-to-customer", "status-in-progress", "status-resolved"):
        sample = SAMPLES[kind] if language == BASE_LANGUAGE else _in_german(SAMPLES[kind])
        for text in comments if sample["comment"] else ("",):
            comment = replace(FROM_STAFF, text=text) if text else None
            made = renderer.render(kind, {**sample, "comment": comment}, language)
            yield Letter(kind, made.subject, made.text, made.html, text, language)


def _in_german(sample: Mapping[str, object]) -> Mapping[str, object]:
    """The values of a sample whose words are ours, and what its customer wrote, in German."""
    words = Catalogue("de", [TEMPLATES])
    ticket = replace(TICKET, title="Die Rechnung für Oktober nennt die falsche Nummer")
    asked = "Guten Tag,\n\nunsere Rechnung 2026-1187 nennt noch die alte Nummer.\n\nVielen Dank\nMaria Okafor"
    wrote = said("labels.customer_wrote", at=datetime(2026, 11, 2, 9, 12, tzinfo=UTC), author=ticket.customer_name)
    return {
        **sample,
        "ticket": ticket,
        "delimiter": sample["delimiter"] and delimiter_in("de"),
        "also": sample["also"] and (words.say(said("labels.now_resolved", noun="request")),),
        "reason": words.say(said("reasons.yours")),
        "answered": sample["answered"] and replace(QUOTED, heading=words.say(wrote), text=asked),
    }


@cache
def shown_lines(html: str) -> tuple[str, ...]:
    """Return the lines of a mail of ours as a program makes plain text of its HTML: one for each line shown."""
    tree = LexborHTMLParser(html)
    for node in tree.css("style, title, head, .preview"):
        node.decompose()
    for node in tree.css("br"):
        node.replace_with("\n")
    for node in tree.css("p, td, th, div, tr, li, pre, h1, h2, h3, h4"):
        node.insert_after("\n\n" if node.tag == "p" else "\n")
    lines = (" ".join(line.split()) for line in (tree.body.text() if tree.body else "").split("\n"))
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return tuple(kept[:-1] if kept and not kept[-1] else kept)
