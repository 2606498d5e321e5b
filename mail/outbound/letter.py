"""People's words in the HTML of a mail of ours: their own HTML, cleaned at the last door, or their text with links."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

import nh3
from markupsafe import Markup, escape

from mail.mime.text import one_line
from mail.outbound.links import without_false_links

TAGS = frozenset(
    "p br div ul ol li blockquote table thead tbody tr td th a code pre b strong i em u s h1 h2 h3 h4 hr img".split()
)
SCHEMES = ("http", "https", "mailto", "cid")
# What a stylesheet makes of more would be megabytes.
MOST_HTML = 200_000
# The stylesheet's program ends the process at some thousand levels.
MOST_DEPTH = 200
LONGEST_ALT = 200
# The pixels of our column: Outlook does not shrink a picture to it.
WIDEST = 600
PLACE = "[image: {}]"
BAR = '<span class="bar">|</span> '

# A tag as nh3 writes it: of its attributes each has quotes, and within them `"`, `<` and `>` are escaped.
_TAG = re.compile(r"<[^<>]*>")
# One that opens or closes a level; the others are closed by what follows.
_NESTED = re.compile(r"<(/?)(?!(?:p|br|hr|img|li|td|th|tr)[\s/>])[a-z]", re.ASCII | re.IGNORECASE)
_ATTRIBUTE = re.compile(r'(?<![a-z])([a-z]{1,20})="([^"]*)"')
_WORD = re.compile(r"\w")
# A line whose first sign is one with which commands begin, or are often begun by mistake.
_SIGN = re.compile(r"[\W_]*?[#\uff03\ufe5f/\\]")
_SIGNS = "#\uff03\ufe5f/\\"
# Where a program may break a line that it makes of HTML.
_BREAK = re.compile("([\n\r\x0b\x0c\x85\u2028\u2029])")
_ENDS_LINE = frozenset("p br div ul ol li blockquote table thead tbody tr td th pre h1 h2 h3 h4 hr".split())


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that goes out inside the HTML: its Content-ID in its author's mail, that in ours, and its name."""

    content_id: str
    cid: str
    filename: str


def cleaned(html: str) -> Markup:
    """The HTML with nothing but TAGS, links of SCHEMES and pictures by `cid:`; empty where no word is left.

    It was cleaned when it came; here is the last door, so whatever stands in it, nothing else gets out.
    """
    if not html or len(html) > MOST_HTML or _is_deep(html):
        return Markup()
    clean = without_false_links(_TAG.sub(_without_source, _CLEANER.clean(html)))
    return _trusted(clean) if len(clean) <= MOST_HTML and not _is_deep(clean) and _says_anything(clean) else Markup()


def quoted_html(html: str) -> Markup:
    """The HTML for mails to staff: cleaned, and with bars as in `with_bars`."""
    return with_bars(cleaned(html))


def has_sign(text: str) -> bool:
    """True of a text with a sign with which commands begin; `with_bars` leaves the HTML of any other as it is."""
    return any(sign in text for sign in _SIGNS)


def with_bars(clean: str) -> Markup:
    """Clean HTML with a bar before each line that could be read as a command.

    The panel around it marks it as a quote; where a program drops that, such a line still is no line of the reader.
    """
    if not has_sign(unescape(_TAG.sub("", clean))):
        return _trusted(clean)
    pieces, rest, starts = list[str](), 0, True
    for tag in (*_TAG.finditer(clean), None):
        for line in _BREAK.split(clean[rest : tag.start() if tag else len(clean)]):
            shown = unescape(line)
            begins = starts and _SIGN.match(shown)
            pieces.append(f"{BAR}{line}" if begins else line)
            starts = bool(_BREAK.search(shown)) or (starts and not begins and not _WORD.search(shown))
        pieces.append(tag[0] if tag else "")
        starts = starts or bool(tag and _name(tag[0]) in _ENDS_LINE)
        rest = tag.end() if tag else len(clean)
    return _trusted("".join(pieces))


def with_pictures(html: str, pictures: Sequence[Picture], names: Mapping[str, str]) -> str:
    """The cleaned HTML with the Content-IDs of these pictures; each other file's picture becomes its name.

    `names` are the names of the files that the mail lists, by Content-ID in lower case. A picture of another, such as
    one of a signature, is left out.
    """
    ours = {picture.content_id.lower(): picture for picture in pictures}

    def placed(tag: re.Match[str]) -> str:
        if not tag[0].startswith("<img"):
            return tag[0]
        values = _attributes(tag[0])
        content_id = _content_id(values)
        picture = ours.get(content_id)
        if picture:
            return _image(values, picture)
        return _named(values, names[content_id]) if content_id in names else ""

    return _TAG.sub(placed, cleaned(html))


def shown_pictures(html: str) -> tuple[str, ...]:
    """The Content-IDs, in lower case, of the pictures that the HTML shows, in order and each once."""
    tags = _TAG.findall(cleaned(html)) if "cid:" in html.lower() else ()
    found = (_content_id(_attributes(tag)) for tag in tags if tag.startswith("<img"))
    return tuple(dict.fromkeys(filter(None, found)))


def name_pictures(text: str, html: str, pictures: Sequence[Picture]) -> str:
    """The plain text with `[image: NAME]` for each picture, below the line that it follows in the HTML, or at the end.

    `html` is the author's, before `with_pictures`. A place that the text names already stays as it is.
    """
    missing = {one.content_id.lower(): place for one in pictures if (place := PLACE.format(one.filename)) not in text}
    if not missing:
        return text
    lines = text.split("\n")
    places, inserted, at, is_found = _places_of_lines(lines), defaultdict[int, list[str]](list), 0, True
    for letters, content_id in _lines_and_pictures(html):
        if letters:
            known = places.get(letters, [])
            found = bisect_left(known, at)
            is_found = found < len(known)
            at = known[found] + 1 if is_found else at
        elif place := missing.pop(content_id, ""):
            inserted[at if is_found else len(lines)].append(place)
    return "\n".join(line for index in range(len(lines) + 1) for line in (*inserted[index], *lines[index : index + 1]))


def _places_of_lines(lines: Sequence[str]) -> dict[str, list[int]]:
    """The places of the lines that hold these letters, in order; those of lines without letters are left out."""
    places: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        if letters := _letters(line):
            places.setdefault(letters, []).append(index)
    return places


def _lines_and_pictures(html: str) -> Iterator[tuple[str, str]]:
    """Yield the letters of each filled line of the HTML, and the Content-ID of each picture, in order."""
    line, rest, clean = "", 0, cleaned(html)
    for tag in _TAG.finditer(clean):
        line += unescape(clean[rest : tag.start()])
        rest, name = tag.end(), _name(tag[0])
        if name in _ENDS_LINE or name == "img":
            if letters := _letters(line):
                yield letters, ""
            line = ""
        if name == "img":
            yield "", _content_id(_attributes(tag[0]))


def _letters(line: str) -> str:
    return "".join(_WORD.findall(line))


def _without_source(tag: re.Match[str]) -> str:
    """A picture that lost its source, since it was a remote one, is what it is called."""
    return _named(_attributes(tag[0])) if tag[0].startswith("<img") and " src=" not in tag[0] else tag[0]


def _named(values: Mapping[str, str], name: str = "") -> str:
    name = one_line(values.get("alt", ""), LONGEST_ALT) or name
    return str(escape(PLACE.format(name))) if name else ""


def _image(values: dict[str, str], picture: Picture) -> str:
    alt = one_line(values.get("alt", ""), LONGEST_ALT) or picture.filename
    if int(values.get("width", 0)) > WIDEST:
        values = {"width": str(WIDEST)}
    size = "".join(f' {name}="{values[name]}"' for name in ("width", "height") if name in values)
    return f'<img src="cid:{escape(picture.cid)}" alt="{escape(alt)}"{size}>'


def _name(tag: str) -> str:
    return tag.strip("</>").partition(" ")[0]


def _attributes(tag: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _ATTRIBUTE.findall(tag)}


def _content_id(values: dict[str, str]) -> str:
    """The Content-ID that an image names (RFC 2392), in lower case; empty where it names none."""
    scheme, _, rest = values.get("src", "").partition(":")
    return unquote(rest).strip().strip("<>").lower() if scheme.lower() == "cid" else ""


def _is_deep(html: str) -> bool:
    depth = deepest = 0
    for closing in _NESTED.findall(html):
        depth = max(depth - 1, 0) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest > MOST_DEPTH


def _says_anything(clean: str) -> bool:
    return "<img" in clean or bool(_WORD.search(unescape(_TAG.sub("", clean))))


def _allowed(tag: str, name: str, value: str) -> str | None:
    """An attribute that may stay: a link, a picture of the mail, or a plain number of pixels or cells."""
    scheme = value.strip().partition(":")[0].lower()
    if name == "href":
        return value if scheme in SCHEMES[:3] else None
    if name == "src":
        return value if scheme == "cid" else None
    return value if name == "alt" or (value.isascii() and value.isdigit() and len(value) <= 4) else None


_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags={"script", "style", "title", "template", "noscript"},
    attributes={"a": {"href"}, "img": {"src", "alt", "width", "height"}, "td": {"colspan", "rowspan"},
                "th": {"colspan", "rowspan"}, "ol": {"start"}},
    attribute_filter=_allowed,
    url_schemes=set(SCHEMES),
    url_relative="deny",
)  # fmt: skip


def _trusted(clean: str) -> Markup:
    # It comes out of the cleaner.
    return Markup(clean)  # noqa: S704
