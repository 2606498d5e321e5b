"""Promises of the stylesheet: every text can be read on what is behind it, in the light and in the dark."""

import re
from collections.abc import Iterator

import pytest

from mail.outbound.catalogue import SHIPPED_TEMPLATES

STYLE = (SHIPPED_TEMPLATES / "_base" / "style.css").read_text()
# WCAG 2.2, 1.4.3.
LEAST_CONTRAST = 4.5
COLUMN = 600
DARK = "(prefers-color-scheme: dark)"
# Each text, and each box that it stands in.
PAIRS = [
    *((text, box) for text in ("td", ".title", ".desk", ".next", ".meta", ".quiet", ".heading", ".address", "a")
      for box in (".card",)),
    *((text, box) for text in ("td", ".quiet", "a") for box in (".panel", ".note", ".files td", ".act")),
    *((text, ".plain") for text in (".letter", ".quiet", ".below", ".signature", ".answered blockquote", "a")),
    *((text, ".page") for text in (".foot", ".delimiter", ".reference")),
    *((text, ".figures td") for text in (".figures td", ".number")),
    *((text, ".words pre") for text in ("td", "a")),
    *((".code", box) for box in (".code", ".act .code")),
    (".button", ".button"),
    (".letter .button", ".button"),
    (".facts td.label", ".card"),
    (".rows td.head", ".card"),
    (".badge", ".badge"),
    (".refused", ".refused"),
    (".chart", ".paper"),
]  # fmt: skip

Rules = dict[str, dict[str, str]]


def rules(style: str) -> Rules:
    found: Rules = {}
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", style):
        declared = (one.partition(":") for one in body.split(";") if ":" in one)
        values = {name.strip(): value.replace("!important", "").strip() for name, _, value in declared}
        for selector in selectors.split(","):
            found.setdefault(selector.strip(), {}).update(values)
    return found


def media(query: str) -> str:
    """What stands in the @media block of this query."""
    block = re.search(r"@media " + re.escape(query) + r" \{\n(.*?)\n\}", STYLE, re.DOTALL)
    assert block, query
    return block[1]


LIGHT_RULES = rules(re.sub(r"@media [^{]*\{.*?\n\}", "", STYLE, flags=re.DOTALL))
DARK_RULES = rules(media(DARK))
# The letter has no frame, and in the dark its page is that of the body.
FALLS_TO = {".plain": "body"}


def value(selector: str, name: str, *, dark: bool) -> str:
    found = LIGHT_RULES.get(selector, {}).get(name, "")
    if not dark:
        return found
    return DARK_RULES.get(FALLS_TO.get(selector, selector), {}).get(name, found)


def brightness(colour: str) -> float:
    assert re.fullmatch("#[0-9a-f]{6}", colour), colour
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(text: str, behind: str) -> float:
    lighter, darker = sorted((brightness(text), brightness(behind)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("text", "box"), PAIRS)
def test_text_stands_out_from_its_box(text: str, box: str, dark: bool) -> None:
    assert contrast(value(text, "color", dark=dark), value(box, "background", dark=dark)) >= LEAST_CONTRAST


# The chart is a light card, and the rules are the same in the dark; a mark between words is no text.
AS_THEY_ARE = {".chart", ".paper", ".bar"}


def coloured() -> Iterator[tuple[str, str]]:
    for selector, declared in LIGHT_RULES.items():
        yield from ((selector, name) for name in ("color", "background") if name in declared)


@pytest.mark.parametrize(("selector", "name"), [*coloured()])
def test_what_has_a_colour_in_the_light_has_one_in_the_dark(selector: str, name: str) -> None:
    # What is inline in the light wins over all but a rule for the very same thing.
    inherited = {("body", "color")}
    wanted = FALLS_TO.get(selector, selector)
    if selector not in AS_THEY_ARE and (selector, name) not in inherited:
        assert name in DARK_RULES.get(wanted, {}), f"{selector} has no {name} in the dark"


def test_a_tag_and_a_figure_are_never_broken() -> None:
    assert value(".tag", "white-space", dark=False) == "nowrap"
    assert value(".rows td.amount", "white-space", dark=False) == "nowrap"


def test_nothing_is_wider_than_the_column_but_a_letter() -> None:
    widths = {
        selector: int(found[1])
        for selector, declared in LIGHT_RULES.items()
        for name in ("width", "min-width", "max-width")
        if (found := re.fullmatch(r"(\d+)px", declared.get(name, "")))
    }

    # The lines of a letter are as wide as a person's program makes them.
    assert widths.pop(".letter") <= 640
    assert {selector: width for selector, width in widths.items() if width > COLUMN} == {}
    assert not any("min-width" in declared for declared in LIGHT_RULES.values())
