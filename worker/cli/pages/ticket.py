"""A ticket as a person would read it: as lines for the terminal, and as a page of HTML that needs nothing else."""

from collections.abc import Iterator
from datetime import UTC

from markupsafe import Markup

from mail.outbound.render import linked
from models.tickets.conversation import Entry, EntryKind, TicketConversation
from worker.runtime.terminal import printable, printable_lines

_WIDTH = 78
_STYLE = Markup("""
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin-bottom: 0; overflow-wrap: anywhere; }
.about { margin-top: .2rem; opacity: .75; overflow-wrap: anywhere; }
article { border: 1px solid #8886; border-radius: .5rem; margin: 1rem 0; padding: .7rem 1rem; }
article.staff { border-left: .3rem solid #3b82f6; }
article.note { border: 1px dashed #d97706; background: #f59e0b1a; }
header { font-size: .85rem; opacity: .8; }
header b { font-size: 1rem; }
.text { overflow-wrap: anywhere; margin-top: .5rem; }
.files { font-size: .85rem; margin-top: .5rem; }
""")
_PAGE = Markup("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{}</title><style>{}</style></head>
<body><h1>{}</h1><p class="about">{}</p>
{}
</body></html>
""")


def lines_of(ticket: TicketConversation) -> Iterator[str]:
    """The conversation for a terminal; nothing in it is obeyed."""
    yield printable(f"SD-{ticket.number}  {ticket.title}")
    yield printable(_about(ticket))
    for entry in ticket.entries:
        head = f"── {_head(entry)} "
        yield ""
        yield printable(head + "─" * max(0, _WIDTH - len(head)))
        # Words cannot look like the head of another entry.
        yield from (f"  {line}".rstrip() for line in printable_lines(entry.text).rstrip().split("\n"))
        if entry.files:
            yield printable(f"[{_files(entry)}]")


def html_of(ticket: TicketConversation) -> str:
    """The conversation as a page that may be kept or printed; words are text, and addresses in them are links."""
    title = f"SD-{ticket.number} {ticket.title}"
    return _PAGE.format(title, _STYLE, title, _about(ticket), articles_of(ticket))


def articles_of(ticket: TicketConversation) -> Markup:
    """The entries as HTML, each an `article` of the class `customer`, `staff` or `note`."""
    return Markup("\n").join(map(_article, ticket.entries))


def _article(entry: Entry) -> Markup:
    files = Markup('<div class="files">{}</div>').format(_files(entry)) if entry.files else ""
    who = Markup('<b>{}</b> <time datetime="{}">{}</time>').format(
        _who(entry), entry.at.isoformat(), f"{entry.at:%Y-%m-%d %H:%M} UTC"
    )
    return Markup('<article class="{}"><header>{}</header><div class="text">{}</div>{}</article>').format(
        _class(entry), who, linked(entry.text), files
    )


def _class(entry: Entry) -> str:
    if entry.kind is EntryKind.NOTE:
        return "note"
    return "staff" if entry.by_staff else "customer"


def _about(ticket: TicketConversation) -> str:
    merged = f", part of SD-{ticket.merged_into} now" if ticket.merged_into else ""
    continues = f", goes on from SD-{ticket.continues}" if ticket.continues else ""
    owner = f"assigned to {ticket.owner}" if ticket.owner else "assigned to nobody"
    archived = f", archived since {ticket.archived_at:%Y-%m-%d}" if ticket.archived_at else ""
    about = f"{ticket.status}, {ticket.priority}, {ticket.category}, from {ticket.customer}, {owner}"
    waits = f", waits until {ticket.waits_until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if ticket.waits_until else ""
    return about + waits + merged + continues + archived


def _head(entry: Entry) -> str:
    return f"{_who(entry)}, {entry.at:%Y-%m-%d %H:%M} UTC"


def _who(entry: Entry) -> str:
    address = f" <{entry.email}>" if entry.email and entry.email != entry.author else ""
    who = f"{entry.author}{address}"
    return f"Note of {who}, for staff alone" if entry.kind is EntryKind.NOTE else who


def _files(entry: Entry) -> str:
    return ("File: " if len(entry.files) == 1 else "Files: ") + ", ".join(entry.files)
