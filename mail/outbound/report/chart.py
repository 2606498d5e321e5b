"""The chart of the daily report: days and agents come in, a PNG and its alternative text go out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

from mail.mime.text import one_line
from mail.outbound.catalogue import Catalogue, said
from mail.outbound.report.day_count import DayCount

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A mail shows the picture 480 px wide, and a phone 320 px: its words are large enough for the latter. The pixels are
# twice as many, for sharp screens.
DOTS_PER_INCH = 200
# Inches: the days have one height, and each agent a row.
WIDTH, LEFT, RIGHT = 4.8, 0.43, 0.19
ABOVE, DAYS_HEIGHT, BETWEEN, ROW, BELOW = 0.62, 1.9, 0.74, 0.33, 0.16

# The picture is a light card, which a dark mail shows as it is.
OPENED, RESOLVED, OPEN = "#3d5afe", "#a3afd6", "#3d5afe"
INK, QUIET, RULE, PAPER = "#1d2433", "#5b6478", "#dce0ea", "#f3f5fa"
TITLE_SIZE, LABEL_SIZE = 12, 11.5

BARS_SHOWN = 5
NAME_LIMIT = 32
UNDRAWABLE = "\N{WHITE SQUARE}"


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture as PNG, and its alternative text."""

    png: bytes
    alt: str


def daily_chart(days: Sequence[DayCount], open_by_agent: Sequence[tuple[str, int]], words: Catalogue) -> Chart:
    """Draw the days in order, and below the agents (name, open tickets) with the most first; 960 pixels wide."""
    # Importing matplotlib takes up to a second, which only the process that draws should pay.
    from matplotlib.figure import Figure  # noqa: PLC0415

    agents = sorted(open_by_agent, key=lambda agent: -agent[1])
    rows = _bars(agents, words)
    rows_height = ROW * len(rows)
    height = ABOVE + DAYS_HEIGHT + BETWEEN + rows_height + BELOW
    figure = Figure(figsize=(WIDTH, height), dpi=DOTS_PER_INCH, facecolor=PAPER)

    def axes(bottom: float, tall: float) -> "Axes":
        return figure.add_axes((LEFT / WIDTH, bottom / height, (WIDTH - LEFT - RIGHT) / WIDTH, tall / height))

    _draw_days(axes(BELOW + rows_height + BETWEEN, DAYS_HEIGHT), days, words)
    _draw_agents(axes(BELOW, rows_height), rows, words)
    png = BytesIO()
    # Without the library's version in the picture, the same values always give the same bytes.
    figure.savefig(png, format="png", metadata={"Software": None})
    return Chart(png=png.getvalue(), alt=_alternative_text(days, agents, words))


def _draw_days(axes: "Axes", days: Sequence[DayCount], words: Catalogue) -> None:
    opened, resolved = words.say(said("reports.opened")), words.say(said("reports.resolved"))
    places = range(len(days))
    axes.bar([place - 0.2 for place in places], [day.opened for day in days], 0.38, color=OPENED, label=opened)
    axes.bar([place + 0.2 for place in places], [day.resolved for day in days], 0.38, color=RESOLVED, label=resolved)
    _style_axes(axes, words.say(said("reports.tickets_a_day")))
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    axes.locator_params(axis="y", integer=True, nbins=4, min_n_ticks=1)
    axes.set_ylim(bottom=0, top=max([1, *(max(day.opened, day.resolved) for day in days)]) * 1.12)
    # Every fourth label, counted from the newest, leaves room for each.
    shown = range((len(days) - 1) % 4, len(days), 4)
    axes.set_xticks(list(shown), [_drawable(days[place].label) for place in shown], parse_math=False)
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 1.015), ncols=2, frameon=False, fontsize=LABEL_SIZE, labelcolor=QUIET,
        handlelength=0.9, handleheight=0.9, columnspacing=1.2, borderpad=0,
    )  # fmt: skip


def _draw_agents(axes: "Axes", rows: Sequence[tuple[str, int]], words: Catalogue) -> None:
    most = max([1, *(count for _, count in rows)])
    _style_axes(axes, words.say(said("reports.open_by_agent")))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.barh(range(len(rows)), [most] * len(rows), 0.2, color=RULE)
    axes.barh(range(len(rows)), [count for _, count in rows], 0.2, color=OPEN)
    for place, (name, count) in enumerate(rows):
        # Names stand over their bars, where long ones have room.
        axes.text(0, place - 0.2, _drawable(name), fontsize=LABEL_SIZE, color=QUIET, parse_math=False)
        axes.text(most, place - 0.2, str(count), fontsize=LABEL_SIZE, color=INK, ha="right")
    axes.set_xlim(0, most)
    axes.set_ylim(len(rows) - 0.75, -0.75)


def _bars(agents: Sequence[tuple[str, int]], words: Catalogue) -> list[tuple[str, int]]:
    """Return name and number of each bar, at most five: with more agents the last bar sums up the rest."""
    if not agents:
        return [(words.say(said("reports.nobody")), 0)]
    if len(agents) <= BARS_SHOWN:
        return list(agents)
    rest = agents[BARS_SHOWN - 1 :]
    others = words.say(said("reports.others", count=len(rest)))
    return [*agents[: BARS_SHOWN - 1], (others, sum(count for _, count in rest))]


def _style_axes(axes: "Axes", title: str) -> None:
    axes.set_title(title, loc="left", fontsize=TITLE_SIZE, fontweight="bold", color=INK, pad=9)
    axes.set_facecolor(PAPER)
    axes.spines[:].set_visible(False)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=LABEL_SIZE, labelcolor=QUIET, pad=3)


def _drawable(text: str) -> str:
    """Return at most 22 characters, with a box for each that the font lacks: drawing those would only warn."""
    known = _font_characters()
    return "".join(char if ord(char) in known else UNDRAWABLE for char in one_line(text, NAME_LIMIT))


@cache
def _font_characters() -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font  # noqa: PLC0415

    return frozenset(get_font(findfont(FontProperties())).get_charmap())


def _alternative_text(days: Sequence[DayCount], agents: Sequence[tuple[str, int]], words: Catalogue) -> str:
    opened, resolved = sum(day.opened for day in days), sum(day.resolved for day in days)
    each = ", ".join(f"{one_line(name, 60)} {count}" for name, count in agents)
    now = said("reports.chart_now", agents=each) if each else said("reports.chart_nobody")
    return words.say(said("reports.chart", count=len(days), opened=opened, resolved=resolved, now=now))
