"""The elements, attributes and styles that surely show their words: an allow-list."""

import re
from collections.abc import Callable, Mapping

MAX_STYLE = 4_000
TAGS = frozenset({
    *("-undef", "html", "body", "div", "p", "span", "br", "b", "strong", "i", "em", "u", "font", "a", "ul", "ol", "li"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "pre", "code", "tt", "blockquote", "center", "o:p", "hr"),
    *("table", "tbody", "thead", "tr", "td", "th"),
})  # fmt: skip
# Of the attributes of HTML, beside `style`, only these change what is seen.
_HIDING = frozenset({"hidden", "popover", "inert", "height", "background"})
_COLOURS = {"color": True, "text": True, "bgcolor": False}

_NUMBER = re.compile(r"(-?\d{0,6}(?:\.\d{1,6})?)(px|pt|pc|em|rem|ex|ch|cm|mm|in|%)?")
# The pixels of a unit, for text of the usual size.
_PIXELS = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0, "cm": 37.8, "mm": 3.78,
           "in": 96.0}  # fmt: skip
SMALLEST, LARGEST, FARTHEST = 8.0, 100.0, 200.0
# Of white, 0 to 255: words are darker than this, and what they stand on is lighter.
DARK, LIGHT = 150.0, 220.0
_DARK_NAMES = frozenset("black windowtext navy blue maroon green purple teal darkblue dimgray dimgrey".split())
_LIGHT_NAMES = frozenset("white transparent none window whitesmoke ivory snow".split())
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})")
_RGB = re.compile(r"rgb\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*\)")
_NEUTRAL = frozenset({"inherit", "initial", "unset", "auto", "normal", "none", "medium"})
_WORDS = re.compile(r"[\w\s,.'\"%#/-]{0,300}")


def _is_word(value: str) -> bool:
    return _WORDS.fullmatch(value) is not None


def _pixels(value: str) -> float | None:
    match = _NUMBER.fullmatch(value)
    if match is None or match[1] in {"", "-"}:
        return None
    number = float(match[1])
    return number * _PIXELS.get(match[2] or "px", 0.0) if match[2] != "%" else None


def _is_near(value: str) -> bool:
    """Whether each length is from 0 to FARTHEST pixels; words are no lengths."""
    words = value.split()
    lengths = [_pixels(one) for one in words if one[:1] in "-.0123456789" and not one.endswith("%")]
    return _is_word(value) and "%" not in value and all(one is not None and 0.0 <= one <= FARTHEST for one in lengths)


def _is_readable_size(value: str) -> bool:
    """Whether a font is large enough; a relative size must not make it smaller, as such sizes multiply."""
    if value in _NEUTRAL | {"x-small", "small", "large", "x-large", "xx-large", "larger"}:
        return True
    if value.endswith("%"):
        return value[:-1].isdigit() and 100 <= int(value[:-1]) <= 300
    size = _pixels(value)
    least = 16.0 if value.endswith("em") else SMALLEST
    return size is not None and least <= size <= LARGEST


def _is_open_line(value: str) -> bool:
    """Whether lines are at least as high as their letters."""
    if value.endswith("%"):
        return value[:-1].removesuffix(".0").isdigit() and 90 <= float(value[:-1]) <= 300
    size = _pixels(value)
    is_factor = value.replace(".", "", 1).isdigit()
    return value in _NEUTRAL or (size is not None and (0.9 <= size <= 4 if is_factor else SMALLEST <= size <= FARTHEST))


def _brightness(value: str) -> float | None:
    if match := _HEX.fullmatch(value):
        digits = match[1] if len(match[1]) == 6 else "".join(2 * one for one in match[1])
        red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    elif match := _RGB.fullmatch(value):
        red, green, blue = (int(one) for one in match.groups())
    else:
        return None
    return 0.3 * red + 0.59 * green + 0.11 * blue


def _is_dark(value: str) -> bool:
    shade = _brightness(value)
    return value in _DARK_NAMES | _NEUTRAL or (shade is not None and shade <= DARK)


def _is_light(value: str) -> bool:
    shade = _brightness(value)
    return value in _LIGHT_NAMES | _NEUTRAL or (shade is not None and shade >= LIGHT)


def _one_of(words: str) -> Callable[[str], bool]:
    allowed = _NEUTRAL | frozenset(words.split())
    return lambda value: value in allowed


_SIDES = ("", "-top", "-right", "-bottom", "-left", "-block", "-inline")
_SHOWN: Mapping[str, Callable[[str], bool]] = {
    "background": _is_light,
    "background-color": _is_light,
    "color": _is_dark,
    "direction": _one_of("ltr rtl"),
    "display": lambda value: value in {"block", "inline", "inline-block", "list-item"},
    "font-size": _is_readable_size,
    "line-height": _is_open_line,
    "max-width": lambda value: value in {"100%", "none"},
    "opacity": lambda value: value in {"1", "1.0"},
    "visibility": lambda value: value == "visible",
    "width": lambda value: value in {"100%", "auto"},
    **dict.fromkeys((f"{name}{side}" for name in ("margin", "padding", "border") for side in _SIDES), _is_near),
    **dict.fromkeys(
        ("letter-spacing", "word-spacing", "text-indent", "-webkit-text-stroke-width"), _one_of("0 0px 0pt 0cm")
    ),
    **dict.fromkeys(("text-decoration", "text-decoration-line", "text-decoration-style"), str.isalpha),
    **dict.fromkeys(("vertical-align", "border-spacing"), _is_near),
    **dict.fromkeys(
        (
            *("font-family", "font-style", "font-weight", "font-variant", "font-stretch", "font-kerning"),
            *("font-variant-ligatures", "font-variant-caps", "font-variant-numeric", "font-variant-east-asian"),
            *("font-feature-settings", "text-align", "text-transform"),
            *("white-space", "word-wrap", "word-break"),
            *("overflow-wrap", "line-break", "-webkit-line-break", "-webkit-nbsp-mode", "-webkit-text-size-adjust"),
            *("-ms-text-size-adjust", "list-style", "list-style-type", "clear", "orphans", "widows"),
            *("page", "panose-1", "text-autospace", "tab-interval", "caret-color", "border-collapse"),
            *("border-color", "border-style", "text-decoration-color", "text-underline", "layout-grid"),
        ),
        _is_word,
    ),
}  # fmt: skip


def is_allowed(style: str) -> bool:
    """Whether each declaration of a style is in the list; what Word writes for itself counts for nothing."""
    if len(style) > MAX_STYLE or "/*" in style or "\\" in style:
        return False
    return all(_shows(*one.partition(":")[::2]) for one in style.lower().split(";") if one.strip())


def _shows(name: str, value: str) -> bool:
    name, value = name.strip(), value.partition("!")[0].strip()
    if name.startswith("mso-"):
        return name != "mso-hide"
    # Browsers leave out a declaration without a value.
    return not value or (name in _SHOWN and _SHOWN[name](value))


def shows(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Whether an element surely shows the words that stand in it."""
    if tag not in TAGS or not _HIDING.isdisjoint(attributes):
        return False
    for name, is_word in _COLOURS.items():
        colour = (attributes.get(name) or "").lower()
        if colour and not (_is_dark(colour) if is_word else _is_light(colour)):
            return False
    width = attributes.get("width") or "100%"
    return is_allowed(attributes.get("style") or "") and (width.endswith("%") or len(width) > 2)
