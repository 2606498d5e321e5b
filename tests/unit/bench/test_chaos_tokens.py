"""What chaos says of the ends of the token, and which ends it makes."""

import base64
import random
from collections import Counter
from pathlib import Path

import pytest

from bench.chaos.figures import block_of, page
from bench.chaos.kills import Kill
from bench.chaos.tokens import ender as ender_module
from bench.chaos.tokens.ender import make_troubles
from bench.chaos.tokens.gate import IMAP, SMTP, USER, Gate, offered
from bench.chaos.tokens.provider import DEVICE_GRANT, Asked, End, Provider, Trouble
from bench.chaos.tokens.verdict import PROMISE, TWICE, WITHIN, judge
from bench.speed.report import require_blocks, write

PAGE = Path(__file__).parents[3] / "docs" / "reliability.md"
NEVER = float("inf")
ENDED = 100.0


def agreed(provider: Provider) -> dict[str, str]:
    given = provider.answer("/token", {"grant_type": DEVICE_GRANT}, 1)[1]
    assert isinstance(given, dict)
    return given


def renewed(provider: Provider, refresh: str) -> int:
    return provider.answer("/token", {"grant_type": "refresh_token", "refresh_token": refresh}, 1)[0]


def word(token: str, user: str = USER) -> bytes:
    return base64.b64encode(f"user={user}\x01auth=Bearer {token}\x01\x01".encode())


def test_ten_ends_have_every_trouble_and_one_refusal_in_the_middle() -> None:
    troubles = make_troubles(random.Random(1), 10)

    assert Counter(troubles)[Trouble.REFUSES] == 1
    assert troubles[5] is Trouble.REFUSES
    assert {*Trouble, None} == set(troubles)


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (None, 200),
        (Trouble.HANGS_UP, 0),
        (Trouble.SILENT, 0),
        (Trouble.ERROR, 500),
        (Trouble.PAGE, 200),
        (Trouble.REFUSES, 400),
    ],
)
def test_an_end_refuses_the_token_at_once_and_the_provider_has_its_trouble(
    trouble: Trouble | None, status: int
) -> None:
    provider = Provider()
    gate, given = Gate(provider, ""), agreed(provider)
    assert gate.lets_in(IMAP, word(given["access_token"])) == given["access_token"]

    provider.end(trouble, 60, in_fetch=False)

    assert gate.lets_in(IMAP, word(given["access_token"])) == ""
    assert gate.ends_session(IMAP, given["access_token"])
    assert renewed(provider, given["refresh_token"]) == status
    assert sum(one.given for one in provider.asked) == (2 if trouble is None else 1)


def test_after_a_refusal_a_new_consent_alone_brings_tokens() -> None:
    provider = Provider()
    first = agreed(provider)
    provider.end(Trouble.REFUSES, 0, in_fetch=False)

    second = agreed(provider)
    provider.agreed()

    assert renewed(provider, first["refresh_token"]) == 400
    assert renewed(provider, second["refresh_token"]) == 200


@pytest.mark.parametrize("first", [word("access-1", "ann@desk.example"), word("access-2"), b"", b"\xff", b"YQ=="])
def test_who_has_no_token_of_the_account_is_not_let_in(first: bytes) -> None:
    provider = Provider()
    gate = Gate(provider, "")
    agreed(provider)

    assert gate.lets_in(SMTP, first) == ""
    assert gate.let_in == []


def test_the_server_offers_tokens_in_place_of_its_own_logins() -> None:
    answer = b"250-localhost\r\n250-AUTH LOGIN PLAIN\r\n250-SIZE 9\r\n250 HELP\r\n"

    assert offered(answer).split(b"\r\n") == [
        *(b"250-localhost", b"250-SIZE 9", b"250-HELP", b"250-AUTH XOAUTH2", b"250 PIPELINING", b"")
    ]


# When mail was read and could be sent again, after the end; who came to send; who was killed while it asked.
WORKED: list[tuple[dict[str, float], bool, bool, int]] = [
    ({IMAP: 5, SMTP: 5}, True, False, 0),
    ({IMAP: 5}, False, False, 0),
    ({IMAP: 5}, True, False, 1),
    ({SMTP: 5}, True, False, 1),
    ({}, True, False, 2),
    ({IMAP: WITHIN + 5, SMTP: 5}, True, False, 1),
    ({IMAP: WITHIN + 5, SMTP: 5}, True, True, 0),
    ({IMAP: WITHIN + 70, SMTP: 5}, True, True, 1),
    # From before the end: it says nothing.
    ({IMAP: -1, SMTP: 5}, True, False, 1),
]


@pytest.mark.parametrize(("works", "came", "killed", "broken"), WORKED)
def test_an_end_after_which_the_desk_did_not_work_again_in_time_stands_in_its_column(
    works: dict[str, float], came: bool, killed: bool, broken: int
) -> None:
    provider = Provider(ends=[End(ENDED, False, None, ENDED)], asked=[Asked(ENDED + 2, 7, "refresh-1", False)])
    let_in = [(protocol, ENDED + seconds) for protocol, seconds in works.items()]
    gate = Gate(provider, "", came=[(SMTP, ENDED + 1)] if came else [], let_in=let_in)
    kills = [Kill("wire child", ENDED + 3, frozenset({7}))] if killed else []

    assert judge(provider, gate, kills).promises[PROMISE] == broken


def test_the_time_runs_from_when_the_provider_is_well_and_never_where_nobody_agreed() -> None:
    slow, never = End(ENDED, False, Trouble.PAGE, ENDED + 60), End(ENDED, False, Trouble.REFUSES, NEVER)
    let_in = [(IMAP, ENDED + 65)]

    broken = [
        judge(p, Gate(p, "", let_in=let_in), []).promises[PROMISE]
        for p in (Provider(ends=[slow]), Provider(ends=[never]))
    ]

    assert broken == [0, 1]


# When a refresh token brought tokens, to which process; who was killed when.
SPENT: list[tuple[list[tuple[float, int]], list[tuple[float, int]], int]] = [
    ([(1, 7)], [], 0),
    ([(1, 7), (5, 8)], [], 1),
    ([(1, 7), (5, 7)], [], 1),
    ([(1, 7), (5, 8)], [(2, 7)], 0),
    ([(1, 7), (5, 8)], [(2, 8)], 1),
    ([(1, 7), (5, 8)], [(4.5, 7)], 1),
    ([(1, 7), (5, 8), (9, 9)], [(2, 7)], 1),
]


@pytest.mark.parametrize(("asked", "killed", "broken"), SPENT)
def test_a_refresh_token_that_is_spent_twice_needs_a_kill(
    asked: list[tuple[float, int]], killed: list[tuple[float, int]], broken: int
) -> None:
    provider = Provider(asked=[Asked(at, process, "refresh-1", True) for at, process in asked])
    kills = [Kill("wire child", at, frozenset({process})) for at, process in killed]

    assert judge(provider, Gate(provider, ""), kills).promises[TWICE] == broken


def test_each_end_is_made_and_somebody_agrees_again_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FETCH_SECONDS", "NOTICE_SECONDS", "MOST_SECONDS", "SHORTEST", "LONGEST"):
        monkeypatch.setattr(ender_module, name, 0.06)
    provider, consents = Provider(), list[int]()

    def agree() -> tuple[str, ...]:
        consents.append(len(provider.ends))
        return ()

    ender = ender_module.Ender(provider, Gate(provider, ""), agree, random.Random(1), 4)
    ender.run(0.2)

    assert (len(provider.ends), consents, ender.failure) == (4, [3], "")
    # Nobody fetched, so none came in a FETCH, and none is still to come.
    assert not any(end.in_fetch for end in provider.ends)
    assert ender.gate.planned.empty()
    assert all(end.well_at < NEVER for end in provider.ends)


def test_the_page_has_a_block_for_the_figures_of_each_seed(tmp_path: Path) -> None:
    copy = tmp_path / "page.md"
    copy.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    sections = {"kills": {"kills": 88, "  beat": 7, "  broker": 3}, "mails": {"mails lost": 0}}

    require_blocks(copy, map(block_of, (21, 22)))
    write(copy, block_of(22), page(sections, 22, 2))

    assert "\n| kills (7 beat, 3 broker) | 88 |\n| mails lost | 0 |\n" in copy.read_text(encoding="utf-8")
