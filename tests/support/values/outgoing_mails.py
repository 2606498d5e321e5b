"""Outgoing mails: a plain one, and one with every header, a picture and files."""

from dataclasses import replace
from datetime import UTC, datetime

from mail.outbound.compose import File, InlineImage, Outgoing

PLAIN = Outgoing(
    sender_name="Northwind Support",
    sender="support+7.abcdefgh@northwind.example",
    recipient_name="Maria Okafor",
    recipient="maria@okafor.example",
    reply_to=None,
    subject="Re: [SD-1042] The invoice",
    text="Hello Maria,\n\nit is done.\n",
    html="<p>Hello Maria,</p>\n<p>it is done.</p>\n",
    message_id="n7.abcdefgh@northwind.example",
    date=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    in_reply_to=None,
    references=(),
    auto_submitted=None,
    inline=(),
    files=(),
    boundary_seed="outbox 7",
)
CHART = InlineImage("chart@northwind", "chart.png", b"\x89PNG\r\n\x1a\n" * 200)
FILES = (File("invoice.pdf", b"%PDF-1.7\r\n" * 50), File("übersicht 日本.csv", b"a;b\n"))
FULL = replace(
    PLAIN,
    reply_to="support@northwind.example",
    in_reply_to="one@customer.example",
    references=("zero@customer.example", "one@customer.example"),
    auto_submitted="auto-generated",
    inline=(CHART,),
    files=FILES,
)
