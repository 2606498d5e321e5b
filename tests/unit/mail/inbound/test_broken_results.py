"""Results of our own server that are broken or look so: senders wrote parts of them, and servers write many forms."""

import pytest

from mail.auth.results import Pin, read_results
from mail.mime.headers import read_headers

PIN = Pin("mx.desk.example", ("desk.example",))
FAIL = "mx.desk.example; dmarc=fail header.from=shop.example"
PASS = "mx.desk.example; dmarc=pass header.from=shop.example"


def verdict(head: str, pin: Pin = PIN) -> str:
    return read_results(read_headers(f"{head}\nSubject: x\n\ntext".encode())[0], pin, "ann@shop.example").verdict.value


def said(value: str, pin: Pin = PIN) -> str:
    return verdict(f"Authentication-Results: {value}", pin)


# What a sender may write into the results that our server found, so that the fail beside it is not read.
UNREADABLE = {
    "a bracket that opens": "mx.desk.example; spf=none (domain of a(b@x.example) smtp.mailfrom=x.example; dmarc=fail",
    "a bracket that closes": f"{FAIL}; spf=none (domain of a)b@x.example) smtp.mailfrom=x.example",
    "a comment that ends too early": "mx.desk.example; spf=none (of a); dmarc=pass header.from=shop.example; (@x))",
    "a quote that opens": f'{FAIL}; spf=none smtp.mailfrom=a"b@x.example',
    "brackets only": "mx.desk.example; (((((((; dmarc=pass header.from=shop.example",
    "nothing closed": "mx.desk.example; dmarc=pass header.from=shop.example (never closed",
    "no end of a quote": 'mx.desk.example; dmarc=pass header.from=shop.example reason="never closed',
    "another domain doubled": "mx.desk.example; dmarc=pass header.from=shop.example header.from=evil.example",
    "the domain doubled": "mx.desk.example; dmarc=pass header.from=evil.example header.from=shop.example",
    "a signer doubled": f"{PASS}; dkim=pass header.d=a.example header.d=b.example",
    "a signature doubled": "mx.desk.example; dkim=pass header.i=@evil.example header.i=@shop.example",
    "an envelope doubled": "mx.desk.example; spf=pass smtp.mailfrom=a.example smtp.mailfrom=shop.example",
    "two verdicts": f"{PASS}; dmarc=fail header.from=shop.example",
    "two verdicts, one of another": f"{FAIL}; dmarc=pass header.from=evil.example",
    "a word that is no result": "mx.desk.example; nonsense; dmarc=pass header.from=shop.example",
    "no end of the name": "mx.desk.example dmarc=pass header.from=shop.example",
    "a result in quotes": 'mx.desk.example; "dmarc=pass" header.from=shop.example',
    "a fail behind 5 KB": f'mx.desk.example; dkim=none reason="{"x" * 5_000}"; dmarc=fail header.from=shop.example',
    "a fail behind 60 KB": f"mx.desk.example; dkim=none ({'x' * 60_000}); dmarc=fail header.from=shop.example",
    "a fail behind 70 KB": f"mx.desk.example; dkim=none ({'x' * 70_000}); dmarc=fail header.from=shop.example",
    "a pass before 70 KB": f"{PASS}{' x' * 35_000}",
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_results_of_our_server_that_cannot_be_read_are_no_better_than_a_fail(kind: str) -> None:
    assert said(UNREADABLE[kind]) == "fail"


def test_the_evidence_says_that_they_could_not_be_read() -> None:
    head = read_headers(b"Authentication-Results: mx.desk.example; (\n\n")[0]

    evidence = read_results(head, PIN, "ann@shop.example").evidence

    assert evidence == "The Authentication-Results of mx.desk.example cannot be read, which counts as a fail."


@pytest.mark.parametrize("value", ["mx.other.example; (broken", "(", f"mx.other.example; {'x' * 70_000}"])
def test_broken_results_of_others_say_nothing(value: str) -> None:
    assert said(value) == "none"


# As mail servers write them; each is about Ann's mail, which they found to be hers.
REAL = {
    "Gmail": (
        "mx.google.com;\n       dkim=pass header.i=@shop.example header.s=s1 header.b=Ab+/cd12;\n"
        "       spf=pass (google.com: domain of bounces+1-ab=desk.example@mail.shop.example designates 192.0.2.1 as "
        'permitted sender) smtp.mailfrom="bounces+1-ab=desk.example@mail.shop.example";\n'
        "       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=shop.example"
    ),
    "Microsoft 365, newer": (
        "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=shop.example; dkim=pass (signature was verified) "
        "header.d=shop.example;dmarc=pass action=none header.from=shop.example;compauth=pass reason=100"
    ),
    "Microsoft 365, older": (
        "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=shop.example; desk.example; dkim=pass (signature was verified)"
        " header.d=shop.example;desk.example; dmarc=bestguesspass action=none header.from=shop.example;"
    ),
    "Exchange with a name": "mx.desk.example; dkim=none (message not signed) header.d=none;mx.desk.example; spf=pass "
    "(sender IP is 192.0.2.1) smtp.mailfrom=shop.example",
    "Yahoo, older": (
        "mta1.mail.bf1.yahoo.com  from=shop.example; domainkeys=neutral (no sig);  from=shop.example; dkim=pass (ok) "
        "header.i=@shop.example"
    ),
    "Yahoo, newer": (
        "atlas-production.v2-mail-prod1-gq1.omega.yahoo.com;\n dkim=pass header.i=@shop.example header.s=s;\n "
        "spf=pass smtp.mailfrom=shop.example;\n dmarc=pass(p=NONE) header.from=shop.example;"
    ),
    "Amazon SES": (
        "amazonses.com;\n spf=pass (spfCheck: domain of shop.example designates 192.0.2.1 as permitted sender) "
        "client-ip=192.0.2.1; envelope-from=bounce@shop.example; helo=out.shop.example;\n dkim=pass "
        "header.i=@shop.example;\n dmarc=pass header.from=shop.example;"
    ),
    "Fastmail": (
        "mx6.messagingengine.com;\n bimi=skipped (DMARC Policy is not at enforcement);\n"
        " dkim=pass (2048-bit rsa key sha256) header.d=shop.example header.i=@shop.example header.b=aB1 "
        "header.a=rsa-sha256 header.s=k x-bits=2048;\n"
        " dmarc=pass policy.published-domain-policy=none policy.evaluated-disposition=none (p=none,d=none,d.eval=none)"
        " policy.policy-from=p header.from=shop.example;\n iprev=pass policy.iprev=192.0.2.1 (out.shop.example);\n"
        " x-return-mx=pass header.domain=shop.example policy.is_org=yes (MX Records found: a.example,b.example);\n"
        " x-tls=pass smtp.version=TLSv1.3 smtp.cipher=TLS_AES_256_GCM_SHA384 smtp.bits=256/256"
    ),
    "Cisco": (
        "esa1.desk.example; spf=Pass smtp.mailfrom=bounce@other.example; spf=None smtp.helo=postmaster@out.example; "
        "dkim=pass (signature verified) header.i=@other.example; dmarc=pass (p=quarantine dis=none) d=shop.example"
    ),
    "rspamd": (
        "mx.desk.example;\n\tdkim=pass header.d=shop.example header.s=s header.b=ab12;\n\tdmarc=pass (policy=none) "
        "header.from=shop.example;\n\tspf=pass (mx.desk.example: domain of ann@shop.example designates 192.0.2.1 as "
        "permitted sender) smtp.mailfrom=ann@shop.example"
    ),
    "OpenDKIM": (
        "mx.desk.example;\n\tdkim=pass (2048-bit key; secure) header.d=shop.example header.i=@shop.example "
        'header.b="aB+/12";\n\tdkim-atps=neutral'
    ),
    "Amavis": (
        'mx.desk.example (amavisd-new); dkim=pass (2048-bit key) reason="pass (just generated, assumed good)" '
        'header.d=shop.example; dkim=neutral reason="invalid (public key: not available)" header.d=old.example'
    ),
    "Exim": (
        "mx.desk.example;\n\tiprev=pass (out.shop.example) smtp.remote-ip=192.0.2.1;\n\tspf=pass "
        "smtp.mailfrom=shop.example;\n\tdkim=pass header.d=shop.example header.s=s header.a=rsa-sha256;\n\t"
        "dmarc=pass header.from=shop.example;\n\tarc=none"
    ),
    "Zoho": (
        "mx.zohomail.com;\n\tdkim=pass  header.i=;\n\tspf=pass (zohomail.com: domain of shop.example designates "
        "192.0.2.1 as permitted sender)  smtp.mailfrom=ann@shop.example;\n\tdmarc=pass(p=none dis=none)  "
        "header.from=shop.example"
    ),
    "Stalwart": (
        "mx.desk.example;\n\tdkim=pass header.d=shop.example header.s=s header.b=ab;\n\tspf=pass smtp.mailfrom="
        "ann@shop.example smtp.helo=out.shop.example;\n\tiprev=pass policy.iprev=192.0.2.1;\n\t"
        "dmarc=pass header.from=shop.example policy.dmarc=reject"
    ),
    "Strato": 'mx.desk.example 1;\n spf=pass smtp.mailfrom="ann@shop.example";\n dkim=pass header.d="shop.example"',
    "a property written twice": (
        "mx.desk.example; dkim=pass header.d=shop.example header.d=SHOP.example reason=a reason=b; spf=none"
    ),
    "a method of its own": (
        "mx.desk.example; x_local.check=pass header.d=a header.d=b; dmarc=pass header.from=shop.example"
    ),
    "many signatures": "mx.desk.example; " + "dkim=fail header.d=list.example header.b=abcdefgh; " * 400
    + "dmarc=pass header.from=shop.example",
}  # fmt: skip


@pytest.mark.parametrize("server", REAL)
def test_what_real_servers_write_of_an_honest_mail_is_a_pass(server: str) -> None:
    value = REAL[server]
    first = value.split(";")[0].split()[0]
    pin = Pin("", nameless=True) if "=" in first else Pin(first)

    assert said(value, pin) == "pass"


HOPS = [
    ("from out.shop.example (out [192.0.2.1]) by mx.desk.example (Postfix) with ESMTPS id 1; today", "pass"),
    ("from a (helo=( [192.0.2.1]) by mx.desk.example with esmtp (Exim 4.98) (envelope-from <b@a>) id 1; today", "pass"),
    ("from ) ([192.0.2.1]) by mx.desk.example; today", "pass"),
    ("(qmail 17 invoked by uid 89); today", "pass"),
    ("from unknown (HELO a) (192.0.2.1) by 0 with SMTP; today", "pass"),
    # The sender's own words: its name, its address, comments on them.
    ("from mx.desk.example by relay.evil.example with SMTP; today", "none"),
    ("from x (by mx.desk.example) by relay.evil.example; today", "none"),
    ("from by (x [192.0.2.1]) by relay.evil.example; today", "none"),
    ("from x by mx.desk.example ([192.0.2.1]) by relay.evil.example; today", "none"),
    ("from by mx.desk.example by relay.evil.example; today", "none"),
    ("from ( (by mx.desk.example) by relay.evil.example; today", "none"),
    ("from ( ([192.0.2.1]) by relay.evil.example (envelope-from <by mx.desk.example)@x>) id 1; today", "none"),
    ('from "x by mx.desk.example" by relay.evil.example; today', "none"),
    ('from x by relay.evil.example for <"by mx.desk.example"@x.example>; today', "none"),
    ("from x\n by\n relay.evil.example; today", "none"),
]  # fmt: skip


@pytest.mark.parametrize(("hop", "outcome"), HOPS)
def test_the_host_of_a_received_line_is_who_wrote_it_and_not_what_its_sender_says(hop: str, outcome: str) -> None:
    assert verdict(f"Received: {hop}\nAuthentication-Results: {PASS}") == outcome


SPACED = [
    # A server that takes results off by their exact name leaves this one, and writes none like it.
    (f"Authentication-Results : {PASS}", "fail"),
    (f"Authentication-Results\t: {PASS}", "fail"),
    (f"Authentication-Results: {PASS}\nAuthentication-Results : {PASS}", "pass"),
    (f"Authentication-Results: {FAIL}\nAuthentication-Results : {PASS}", "fail"),
    ("Authentication-Results : mx.other.example; none", "none"),
    (f"Received : from a by relay.evil.example; today\nAuthentication-Results: {PASS}", "none"),
]


@pytest.mark.parametrize(("head", "outcome"), SPACED)
def test_white_space_before_a_colon_makes_no_results_of_ours(head: str, outcome: str) -> None:
    assert verdict(head) == outcome


@pytest.mark.parametrize("name", ["From", "FROM", "Sender", "Received", "Authentication-Results", "ARC-Seal"])
def test_what_trust_is_read_from_is_a_field_even_where_none_follows(name: str) -> None:
    headers, body = read_headers(f"Subject: x\n{name} : a\n\ntext".encode())

    assert (headers.raw(name.lower()), headers.spaced) == ((b"a",), frozenset({1}))
    assert body == len(f"Subject: x\n{name} : a\n\n")


def test_other_words_with_a_colon_stay_text_where_no_field_follows() -> None:
    raw = b"Subject: x\nNote : a\n\ntext"

    headers, body = read_headers(raw)

    assert (list(headers.names), raw[body:]) == (["subject"], b"Note : a\n\ntext")
