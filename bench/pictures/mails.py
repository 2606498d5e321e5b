"""The mails of the samples as their readers get them: the HTML with its chart, and the text."""

import base64
from functools import cache

from desk.notices.samples import SAMPLES
from mail.outbound.catalogue import SHIPPED_TEMPLATES
from mail.outbound.render import Rendered, Renderer
from mail.outbound.report.chart import daily_chart
from mail.outbound.report.day_count import DayCount

OPENED_AND_RESOLVED = ((9, 7), (12, 9), (4, 6), (2, 3), (15, 11), (13, 14), (11, 12), (10, 9), (14, 10), (5, 7), (3, 2),
                       (16, 13), (12, 15), (18, 15))  # fmt: skip
DAYS = tuple(DayCount(f"{8 + day} Nov", *counts) for day, counts in enumerate(OPENED_AND_RESOLVED))
AGENTS = (("Ben Castellanos", 11), ("Ines Laurent", 9), ("Tomasz Zając", 7))
CHART = "cid:daily-chart"
RENDERER = Renderer(SHIPPED_TEMPLATES)


@cache
def rendered(name: str) -> Rendered:
    """The mail of this name with its sample; most mails are about a sender who is no forger."""
    return RENDERER.render(name, {**SAMPLES[name], "warning": ""})


def with_chart(name: str) -> str:
    """Its HTML, the chart of the report within it."""
    html = rendered(name).html
    if CHART not in html:
        return html
    chart = base64.b64encode(daily_chart(DAYS, AGENTS, RENDERER.words()).png).decode()
    return html.replace(CHART, f"data:image/png;base64,{chart}")


def text_of(name: str) -> str:
    """Its subject, and its text."""
    return f"Subject: {rendered(name).subject}\n\n{rendered(name).text}"
