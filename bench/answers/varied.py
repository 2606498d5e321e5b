"""Answers beyond the sixty, by a seed: what people put into mails that few rules speak of, in many languages."""

# Letters of many alphabets are meant.

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bench.answers.blocks import Block, Drawn, Picture, Run, pictures_of
from bench.answers.contents import MAKERS, Content, Form, content, png
from bench.answers.message import dialect_of
from bench.scores.generate.languages import languages

_BLANK = "\n\n"
NOTICE = (
    "This e-mail and any attachment are confidential and meant for the person named above alone.",
    "Acme Help Ltd, 1 Mill Lane, Leeds. Registered in England, no. 01234567.",
)
SITE = "https://acme.example"


def varied(seed: int, number: int, agent: str, customer: str) -> Content:
    """Return the answer of that number by a seed; never one of the sixty."""
    rng = random.Random(f"{seed}:{number}")  # noqa: S311  nothing secret is drawn
    base = content(number, agent, customer)
    language = languages()[rng.choice(tuple(languages()))]
    usual = [MAKERS[rng.choice(tuple(MAKERS))](rng) for _ in range(rng.randint(1, 3))]
    rare = [DRAWERS[rng.choice(tuple(DRAWERS))](rng) for _ in range(rng.randint(1, 2))]
    blocks = [*usual, *rare, *([_linked_picture(rng)] if rng.random() < 0.1 else [])]
    rng.shuffle(blocks)
    closing = (language.pick(rng, "closing"), agent.partition(" ")[0]) if rng.random() < 0.5 else base.sign_off
    signature = (agent, "Acme Help", "+44 20 7946 0018", *(NOTICE if rng.random() < 0.4 else ()))
    command = rng.choice(("#resolve", "#priority high"))
    place = rng.random()
    return replace(
        base,
        blocks=(base.blocks[0], *blocks),
        sign_off=closing,
        at_top=(command,) if place < 0.25 else (),
        at_end=(command,) if place > 0.75 else (),
        signature=signature if rng.random() < 0.5 else (),
        logo=_logo(rng) if rng.random() < 0.3 else None,
        language=language.code,
        form=_form(rng, blocks, number),
    )


def _form(rng: random.Random, blocks: Sequence[Block], number: int) -> Form:
    pictures = pictures_of(blocks)
    is_apple = dialect_of(number).program.name.startswith("Apple")
    # A file between two parts leads nowhere.
    if is_apple and pictures and not any(one.target for one in pictures) and rng.random() < 0.5:
        return Form.SPLIT
    return Form.HTML if rng.random() < 0.15 else Form.BOTH


def _logo(rng: random.Random) -> Picture:
    return Picture(f"logo-{rng.randint(100, 999)}.png", png(60, 20, rng.randbytes(3)), 60, 20)


def _linked_picture(rng: random.Random) -> Block:
    number = rng.randint(100, 999)
    return Picture(f"shot-{number}.png", png(80, 40, rng.randbytes(3)), 80, 40, f"{SITE}/shot/{number}?a=1&b=2")


def _nested(rng: random.Random) -> Block:
    first, second, third = (f"{rng.randint(10, 99)} {unit}" for unit in ("boxes", "labels", "screws"))
    inner = f"<table><tr><td>{first}</td><td>{second}</td></tr></table>"
    html = f"<table><tr><td>Within:</td><td>{inner}</td></tr><tr><td>Beside</td><td>{third}</td></tr></table>"
    return Drawn(("Within:", first, second, "Beside", third), html, f"Within:\n{first}\n{second}\nBeside\n{third}")


def _emoji(rng: random.Random) -> Block:
    sign = rng.choice(("🎉", "👍", "😀"))
    image = f'<img data-emoji="{sign}" class="an1" alt="{sign}" src="https://fonts.example/{ord(sign):x}/72.png">'
    return Drawn(
        (f"All is done {sign} and well",), f"<div>All is done {image} and well</div>", f"All is done {sign} and well"
    )


def _code(rng: random.Random) -> Block:
    lines = ("server:", f"  port: {rng.randint(1024, 9999)}", "", "  name: a < b && c", "# end of file")
    html = "\n".join(lines).replace("&", "&amp;").replace("<", "&lt;")
    return Drawn(tuple(filter(None, lines)), f"<pre>{html}</pre>", "\n".join(lines))


def _right_to_left(rng: random.Random) -> Block:
    words = rng.choice(("مرحبا، تم إصلاح الطابعة اليوم (رقم 42).", "שלום, המדפסת עובדת שוב: 37.50 ש״ח."))
    return Drawn((words,), f'<div dir="rtl" style="text-align:right">{words}</div>', words)


def _indented(rng: random.Random) -> Block:
    words = f"Put in {rng.randint(2, 9)} sheets, then press the green key."
    html = f'<blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>{words}</div></blockquote>'
    return Drawn((words,), html, words)


def _painted(rng: random.Random) -> Block:
    amount = str(rng.randint(100, 999))
    html = (
        f'<div><font color="#ff0000">Only <u>{amount}</u> <s>pieces</s></font> <span style="background:yellow">H<sub>2'
        "</sub>O</span> are left<sup>1</sup>.</div>"
    )
    return Drawn((f"Only {amount} pieces H2O are left1.",), html, f"Only {amount} pieces H2O are left1.")


def _ruled(rng: random.Random) -> Block:
    part = f"Part {rng.randint(2, 9)}: what comes next"
    return Drawn((part,), f"<hr><div>{part}</div>", f"{'-' * 30}\n{part}")


def _rich_items(rng: random.Random) -> Block:
    target, number = f"{SITE}/a/{rng.randint(10, 99)}", rng.randint(10, 99)
    html = (
        f'<ul><li><b>First:</b> see <a href="{target}">the page {number}</a></li><li><p>Second, with two parts.</p><p>'
        "This is the other.</p></li></ul>"
    )
    text = f"- First: see the page {number} <{target}>\n- Second, with two parts.\n\n  This is the other."
    words = (f"First: see the page {number}", "Second, with two parts.", "This is the other.")
    return Drawn(words, html, text, (Run(f"the page {number}", target=target),))


def _mention(rng: random.Random) -> Block:
    name, address = rng.choice((("@Ben Adler", "mailto:ben@acme.example"), ("@Ines", "mailto:ines@acme.example")))
    html = f'<div>I asked <a href="{address}" style="text-decoration:none">{name}</a> today.</div>'
    return Drawn((f"I asked {name}",), html, f"I asked {name}<{address}> today.", (Run(name, target=address),))


def _trap(rng: random.Random) -> Block:
    words = languages()[rng.choice(tuple(languages()))].patterns["trap"]
    return Drawn((words,), f"<div>{words}</div>", words)


def _labels(rng: random.Random) -> Block:
    lines = (f"Order: {rng.randint(1000, 9999)}", "Date: 30 November", "To be paid: 12.50", "Subject to change: yes")
    return Drawn(lines, "".join(f"<div>{line}</div>" for line in lines), "\n".join(lines))


def _shot(rng: random.Random) -> Block:
    number = rng.randint(10, 99)
    lines = (f"Step {number}", "1) open the lid;", "2) turn it off and on", "a) wait")
    return Drawn(lines, "<div>" + "<br>".join(lines) + "</div>", "\n".join(lines))


def _spaced(rng: random.Random) -> Block:
    word = f"x{rng.randint(10, 99)}"
    html = f"<div>Type&nbsp;&nbsp;<b>{word}</b>&nbsp;here&#8203;,\n then go&shy;on.</div>"
    return Drawn((f"Type {word} here",), html, f"Type  {word} here\u200b, then go\u00adon.")


DRAWERS: Mapping[str, Callable[[random.Random], Block]] = {
    "nested table": _nested,
    "emoji": _emoji,
    "code": _code,
    "right to left": _right_to_left,
    "indented": _indented,
    "painted": _painted,
    "ruled": _ruled,
    "rich items": _rich_items,
    "mention": _mention,
    "trap": _trap,
    "labels": _labels,
    "steps": _shot,
    "spaced": _spaced,
}
