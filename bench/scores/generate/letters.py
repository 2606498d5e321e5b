"""Mails of ours, rendered from the real templates, as text and HTML."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from desk.notices.samples import FROM_STAFF, SAMPLES
from mail.outbound.render import Renderer

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

# Lines of ours that may be somebody's whole answer.
REPEATED = ("Yes, please close it", "No, there is more", "It works now")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of ours: subject, text and HTML as they were sent, and the comment in it, empty where it has none."""

    kind: str
    subject: str
    text: str
    html: str
    comment: str


@cache
def letters() -> tuple[Letter, ...]:
    """Return our mails to customers: that a mail has arrived, answers, questions and changes of the status."""
    return tuple(_rendered())


def _rendered() -> Iterator[Letter]:
    renderer = Renderer(TEMPLATES)
    for kind in ("ticket-opened", "comment-to-customer", "status-in-progress", "status-resolved"):
        sample = SAMPLES[kind]
        for text in COMMENTS if sample["comment"] else ("",):
            comment = replace(FROM_STAFF, text=text) if text else None
            made = renderer.render(kind, {**sample, "comment": comment})
            yield Letter(kind, made.subject, made.text, made.html, text)


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
