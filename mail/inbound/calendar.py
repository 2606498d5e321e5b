"""The events of a calendar part become one readable line each (RFC 5545, RFC 5546)."""

import re
from datetime import datetime, timedelta

from mail.mime.charset import clean

MAX_EVENTS = 10
MAX_LINES = 2_000
MAX_VALUE = 300

METHODS = {
    "REQUEST": "Invitation",
    "PUBLISH": "Event",
    "ADD": "Invitation",
    "CANCEL": "Invitation withdrawn",
    "REPLY": "Answer to an invitation",
    "COUNTER": "Another time proposed for an invitation",
    "DECLINECOUNTER": "Proposal of another time declined",
    "REFRESH": "Question about an invitation",
}
ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "accepted tentatively"}

_METHOD = re.compile(r"^METHOD:[ \t]*([A-Za-z-]{1,20})", re.MULTILINE | re.IGNORECASE)
_BEGIN = re.compile(r"^BEGIN:V(?:EVENT|TODO)\s*$", re.MULTILINE | re.IGNORECASE)
_END = re.compile(r"^END:V(?:EVENT|TODO)", re.MULTILINE | re.IGNORECASE)
_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r'([A-Za-z-]{1,40})((?:;[^:;"]{0,200}(?:"[^"]{0,300}")?){0,20}):(.*)')
_PARAMETER = re.compile(r';([A-Za-z-]{1,40})=(?:"([^"]*)"|([^;:]*))')
_ESCAPED = re.compile(r"\\([\\;,nN])")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(?:\d\d)?(Z?))?")

Field = tuple[dict[str, str], str]
Event = dict[str, Field]


def read_calendar(text: str) -> list[str]:
    """Return one line for each of the first ten events: method, title, time, place and organiser; never raises."""
    plain = _FOLD.sub("", text)
    found = _METHOD.search(plain)
    method = found[1].upper() if found else ""
    return [
        _event_line(method, _read_event(piece)) for piece in _BEGIN.split(plain, MAX_EVENTS + 1)[1 : MAX_EVENTS + 1]
    ]


def _read_event(piece: str) -> Event:
    """Return the first field of each name of an event, as its parameters and value, without those of its alarms."""
    inside = _END.split(piece, 1)[0]
    above, _, alarms = inside.partition("\nBEGIN:")
    below = alarms.rpartition("\nEND:")[2]
    event: Event = {}
    for line in f"{above}\n{below}".split("\n")[:MAX_LINES]:
        field = _LINE.match(line)
        if field:
            given = {name.upper(): quoted or bare for name, quoted, bare in _PARAMETER.findall(field[2])}
            event.setdefault(field[1].upper(), (given, field[3].strip()))
    return event


def _event_line(method: str, event: Event) -> str:
    place, organiser = _text(event, "LOCATION"), _person(event, "ORGANIZER")
    facts = (
        _text(event, "SUMMARY") or "without a title",
        _answer(event) if method == "REPLY" else "",
        _period(event),
        f"at {place}" if place else "",
        f"organised by {organiser}" if organiser else "",
        "repeated" if event.get("RRULE") else "",
    )
    return f"[{METHODS.get(method, 'Event')}: {'; '.join(filter(None, facts))}]"


def _text(event: Event, name: str) -> str:
    value = event.get(name, ({}, ""))[1][: 4 * MAX_VALUE]
    plain = _ESCAPED.sub(lambda match: " " if match[1] in "nN" else match[1], value)
    return " ".join("".join(letter if letter.isprintable() else " " for letter in clean(plain)).split())[:MAX_VALUE]


def _answer(event: Event) -> str:
    given = event.get("ATTENDEE", ({}, ""))[0]
    answer = ANSWERS.get(given.get("PARTSTAT", "").upper(), "")
    return f"{answer} by {_person(event, 'ATTENDEE')}" if answer else ""


def _period(event: Event) -> str:
    begin, end = _time(event, "DTSTART"), _time(event, "DTEND")
    if begin is None:
        return ""
    day, zone = event["DTSTART"][0].get("VALUE", "").upper() == "DATE", _zone(event["DTSTART"])
    if day or len(event["DTSTART"][1]) == len("20261102"):
        # DTEND of a whole day is the day after the last (RFC 5545, section 3.6.1).
        last = end - timedelta(days=1) if end and end > begin else begin
        return f"{begin:%a %Y-%m-%d}" + (f" to {last:%a %Y-%m-%d}" if last > begin else "")
    until = f" to {end:%H:%M}" if end and end.date() == begin.date() else f" to {end:%a %Y-%m-%d %H:%M}" if end else ""
    return f"{begin:%a %Y-%m-%d %H:%M}{until}{zone}"


def _time(event: Event, name: str) -> datetime | None:
    found = _TIME.match(event.get(name, ({}, ""))[1])
    try:
        year, month, day, hour, minute = (int(part or 0) for part in found.groups()[:5]) if found else (0,) * 5
        # The zone is shown by its name, after the time.
        return datetime(year, month, day, hour, minute)  # noqa: DTZ001
    except ValueError:
        return None


def _zone(field: Field) -> str:
    """Return the zone as the calendar names it, in brackets, since only the calendar has its rules; ` UTC` for UTC."""
    if field[1].endswith("Z"):
        return " UTC"
    zone = " ".join(clean(field[0].get("TZID", "")).split())[:60]
    return f" ({zone})" if zone.isprintable() and zone else ""


def _person(event: Event, field: str) -> str:
    given, _ = event.get(field, ({}, ""))
    address = _text(event, field)
    address = address[7:] if address.lower().startswith("mailto:") else address
    name = " ".join(clean(given.get("CN", "")).split())[:MAX_VALUE]
    return f"{name} <{address}>" if name and name != address else address
