"""What the header of our own server proves about a sender, and what a forger makes of it."""

import time

import pytest

from mail.auth.results import AuthOutcome, Pin, read_results
from mail.mime.headers import Headers

PIN = Pin("mx.desk.example", ("desk.example",))
SENDER = "ann@shop.example"
GOOD = "mx.desk.example; dmarc=pass header.from=shop.example"
OURS = ("received", b"from out.shop.example by mx.desk.example with ESMTPS; today")
OTHERS = ("received", b"from a by relay.shop.example with SMTP; today")


def mail(*fields: tuple[str, bytes] | str) -> Headers:
    return Headers(tuple(("authentication-results", one.encode()) if isinstance(one, str) else one for one in fields))


def verdict(*fields: tuple[str, bytes] | str, pin: Pin = PIN, sender: str = SENDER) -> str:
    return read_results(mail(*fields), pin, sender).verdict.value


@pytest.mark.parametrize(
    "value",
    [
        GOOD,
        "MX.Desk.EXAMPLE; DMARC=Pass Header.From=SHOP.example",
        "mx.desk.example 1; dmarc/1=pass header.from=shop.example",
        "mx.desk.example;\r\n dmarc=pass (p=REJECT sp=NONE)\r\n\theader.from=shop.example",
        "mx.desk.example (ours); dmarc = pass header.from = shop.example",
        'mx.desk.example; dmarc=pass header.from="shop.example"',
        "mx.desk.example; spf=fail smtp.mailfrom=<>; dmarc=pass action=none header.from=shop.example",
        "mx.desk.example; dkim=pass header.i=@shop.example header.s=s header.b=ab+/c=; spf=none",
        "mx.desk.example; dkim=fail header.d=shop.example; dkim=pass header.d=shop.example",
        "mx.desk.example; spf=pass (client ip; 192.0.2.1) smtp.mailfrom=bounce@shop.example",
        'mx.desk.example; dkim=pass header.d=shop.example reason="caf\u00e9; fine"',
    ],
)
def test_a_pass_of_our_server_for_the_domain_of_from_counts(value: str) -> None:
    assert verdict(value) == "pass"


@pytest.mark.parametrize(
    "value",
    [
        "mx.desk.example; none",
        "mx.desk.example",
        "mx.desk.example; dmarc=pass",
        "mx.desk.example; dmarc=pass header.from=evil.example",
        "mx.desk.example; dmarc=pass header.from=shop.example.evil.example",
        "mx.desk.example; dmarc=bestguesspass header.from=shop.example",
        "mx.desk.example; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example",
        "mx.desk.example; dkim=pass header.d=evil.example header.i=@shop.example",
        "mx.desk.example; spf=softfail smtp.mailfrom=shop.example",
        "mx.desk.example; spf=fail (dmarc=pass header.from=shop.example) smtp.mailfrom=evil.example",
        'mx.desk.example; spf=none reason="x; dmarc=pass header.from=shop.example"',
        "(mx.desk.example) evil.example; dmarc=pass header.from=shop.example",
        "mx.desk.example.evil.example; dmarc=pass header.from=shop.example",
        '"mx.desk.example"; dmarc=pass header.from=shop.example',
        "dmarc=pass header.from=shop.example",
        "",
    ],
)
def test_what_is_not_plainly_a_result_for_the_domain_of_from_proves_nothing(value: str) -> None:
    assert verdict(value) == "none"


@pytest.mark.parametrize(
    "value",
    [
        "mx.desk.example; dmarc=fail (p=none) header.from=shop.example",
        "mx.desk.example; dkim=pass header.d=shop.example; dmarc=fail header.from=shop.example",
        "mx.desk.example; spf=fail smtp.mailfrom=shop.example",
    ],
)
def test_a_fail_of_our_server_refutes_the_sender(value: str) -> None:
    assert verdict(value) == "fail"


BAD = "mx.desk.example; dmarc=fail header.from=shop.example"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ((OURS, GOOD), "pass"),
        ((("received", b"by 2002:a05:6a10::1 with SMTP id x; today"), OURS, GOOD), "pass"),
        ((("received", b"from mx.desk.example by store.desk.example; today"), OURS, GOOD), "pass"),
        ((BAD, GOOD), "fail"),
        ((OURS, BAD, OTHERS, GOOD), "fail"),
        ((OURS, OTHERS, GOOD), "none"),
        ((OTHERS, GOOD), "none"),
        ((OURS, OTHERS, OURS, GOOD), "none"),
        ((OURS, "evil.example; dmarc=fail header.from=shop.example", GOOD), "pass"),
        (("mx.desk.example; none", GOOD), "none"),
        (("mx.desk.example; (broken", GOOD), "fail"),
        ((("arc-authentication-results", b"i=1; " + GOOD.encode()),), "none"),
        ((("x-authentication-results", GOOD.encode()),), "none"),
        ((("subject", b"x"),) * 300 + (GOOD,), "none"),
    ],
)
def test_only_the_topmost_header_of_our_server_above_others_counts(
    fields: tuple[tuple[str, bytes] | str, ...], said: str
) -> None:
    assert verdict(*fields) == said


MICROSOFT = (
    "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=shop.example; dmarc=pass action=none header.from=shop.example"
)


@pytest.mark.parametrize(("nameless", "said"), [(True, "pass"), (False, "none")])
def test_a_header_without_an_id_counts_only_where_it_is_configured(nameless: bool, said: str) -> None:
    assert verdict(MICROSOFT, pin=Pin("", ("outlook.com",), nameless=nameless)) == said


@pytest.mark.parametrize("broken", ["(", "", '"'])
def test_a_header_whose_id_cannot_be_read_is_not_one_without_an_id(broken: str) -> None:
    assert verdict(broken, MICROSOFT, pin=Pin("", ("outlook.com",), nameless=True)) == "pass"


def test_without_a_pinned_id_nothing_is_proven() -> None:
    assert verdict(GOOD, pin=Pin("")) == "none"


def test_hosts_named_in_the_pin_do_not_end_the_search() -> None:
    hop = ("received", b"from x by sloti.internal.example with LMTP; today")

    assert verdict(hop, GOOD, pin=Pin("mx.desk.example", ("internal.example",))) == "pass"


ALIGNED = [
    ("shop.example", "ann@shop.example", "pass"),
    ("shop.example", "ann@news.shop.example", "pass"),
    ("shop.example", "ann@a.b.shop.example", "pass"),
    # What stands below the domain of From may belong to anybody.
    ("news.shop.example", "ann@shop.example", "none"),
    ("evil-shop.example", "ann@shop.example", "none"),
    ("shop.example", "ann@evil-shop.example", "none"),
    # One label alone speaks for nobody.
    ("example", "ann@shop.example", "none"),
    ("example", "ann@example", "pass"),
]


@pytest.mark.parametrize("result", ["dkim=pass header.d={}", "spf=pass smtp.mailfrom=bounce@{}"])
@pytest.mark.parametrize(("domain", "sender", "said"), ALIGNED)
def test_dkim_and_spf_speak_for_their_domain_and_what_is_below_it(
    domain: str, sender: str, said: str, result: str
) -> None:
    assert verdict(f"mx.desk.example; {result.format(domain)}", sender=sender) == said


def test_a_neighbour_of_our_server_is_ours_only_where_it_is_configured() -> None:
    hop = ("received", b"from x by store.desk.example with LMTP; today")

    assert verdict(hop, GOOD, pin=Pin("mx.desk.example")) == "none"


Link = list[tuple[str, bytes]]
LISTS = "lists.example"
FAILED = "mx.desk.example; dmarc=fail header.from=shop.example; arc=pass"


def sealed(number: int = 1, domain: str = LISTS, results: str = "dmarc=pass header.from=shop.example") -> Link:
    """One link of a chain (RFC 8617, 4.1)."""
    return [
        ("arc-seal", f"i={number}; a=rsa-sha256; t=1;\r\n\tcv=none; d={domain}; s=k; b=ab+/==".encode()),
        ("arc-message-signature", f"i={number}; a=rsa-sha256; d={domain}; s=k; h=from:to; bh=a=; b=b=".encode()),
        ("arc-authentication-results", f"i={number}; mx.{domain}; {results}".encode()),
    ]


def forwarded(*links: Link, ours: str = FAILED, trusts: tuple[str, ...] = (LISTS,)) -> str:
    fields = [field for link in links for field in link]
    return verdict(ours, *fields, pin=Pin("mx.desk.example", forwarders=trusts))


CHAINS = [
    ((sealed(),), "pass"),
    ((sealed(domain="Lists.Example."),), "pass"),
    ((sealed(2), sealed(1, "other.example", "dmarc=fail header.from=shop.example")), "pass"),
    ((sealed(1, "other.example"), sealed(2)), "pass"),
    # A link that is not the newest, or not of a pinned forwarder.
    ((sealed(2, "evil.example", "none"), sealed(1)), "fail"),
    ((sealed(domain="evil.example"),), "fail"),
    ((sealed(domain="sub.lists.example"),), "fail"),
    ((sealed(domain="lists.example.evil.example"),), "fail"),
    # A forwarder that found nothing, nothing of this sender, or a forgery.
    ((sealed(results="none"),), "fail"),
    ((sealed(results="dmarc=pass header.from=evil.example"),), "fail"),
    ((sealed(results="dmarc=fail header.from=shop.example"),), "fail"),
    ((sealed(results="dmarc=pass (header.from=shop.example"),), "fail"),
    ((sealed(results="dmarc=pass header.from=shop.example; dkim=pass header.d=a.example header.d=b.example"),), "fail"),
    # A chain with gaps, doubles or without one of its parts.
    ((), "fail"),
    ((sealed(2),), "fail"),
    ((sealed(), sealed()), "fail"),
    ((sealed(), sealed(3)), "fail"),
    ((sealed(0),), "fail"),
    ((sealed()[1:],), "fail"),
    ((sealed()[:2],), "fail"),
    (([sealed()[0], sealed()[2]],), "fail"),
    ((sealed(), [("arc-seal", b"i=1; d=lists.example; i=1")]), "fail"),
    ((sealed(results="dmarc=pass header.from=shop.example" + " x" * 40_000),), "fail"),
    ((*(sealed(number) for number in range(1, 52)),), "fail"),
]  # fmt: skip


@pytest.mark.parametrize(("links", "said"), CHAINS)
def test_the_newest_seal_of_a_pinned_forwarder_counts_where_our_server_vouches_for_the_chain(
    links: tuple[Link, ...], said: str
) -> None:
    assert forwarded(*links) == said


OURS_ON_ARC = [
    ("mx.desk.example; dmarc=fail header.from=shop.example; arc=fail", "fail"),
    ("mx.desk.example; dmarc=fail header.from=shop.example; arc=none", "fail"),
    ("mx.desk.example; dmarc=fail header.from=shop.example; arc=pass; arc=fail", "fail"),
    ("mx.desk.example; dmarc=fail header.from=shop.example", "fail"),
    ('mx.desk.example; dmarc=fail header.from=shop.example reason="arc=pass" (arc=pass)', "fail"),
    ("mx.desk.example; arc=pass", "pass"),
    ("evil.example; arc=pass", "none"),
]


@pytest.mark.parametrize(("ours", "said"), OURS_ON_ARC)
def test_a_chain_counts_for_nothing_but_by_the_word_of_our_server(ours: str, said: str) -> None:
    assert forwarded(sealed(), ours=ours) == said


def test_what_our_server_finds_itself_needs_no_forwarder() -> None:
    refuted = sealed(results="dmarc=fail header.from=shop.example")

    assert forwarded(refuted, ours=f"{GOOD}; arc=pass") == "pass"


def test_without_a_pinned_forwarder_a_chain_counts_for_nothing() -> None:
    assert forwarded(sealed(), trusts=()) == "fail"


def test_the_evidence_names_the_forwarder() -> None:
    fields = [("authentication-results", FAILED.encode()), *sealed()]

    found = read_results(Headers(tuple(fields)), Pin("mx.desk.example", forwarders=(LISTS,)), SENDER)

    assert found.evidence.startswith("mx.desk.example says arc=pass, and lists.example recorded dmarc=pass")


def test_a_letter_that_only_lowers_to_ascii_is_another_domain() -> None:
    value = "mx.desk.example; dmarc=pass header.from=boo\u212a.example"

    assert verdict(value, sender="ann@book.example") == "none"


def test_the_evidence_is_one_sentence() -> None:
    found = read_results(mail(GOOD), PIN, SENDER)

    assert found.evidence == ("mx.desk.example says dmarc=pass, aligned dkim=none, aligned spf=none for shop.example.")


@pytest.mark.parametrize("filler", ["(", '"', "a ", ";", "=", "\\", "(\\", 'a="', "a@", "\udcff"])
def test_headers_of_100_kb_take_linear_time(filler: str) -> None:
    value = (GOOD + "; " + filler * (100_000 // len(filler))).encode("utf-8", "surrogateescape")
    fields = (("authentication-results", value), ("received", filler.encode("utf-8", "surrogateescape") * 50_000))
    started = time.process_time()

    found = read_results(Headers(fields), PIN, SENDER)

    assert (found.dmarc, time.process_time() - started < 1) == (AuthOutcome.FAIL, True)
