"""Who is let into the studio, what is said to all others, and what it never shows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from bench.hands.old_tickets import make_old
from models.db.engine import make_engine
from tests.support.database.services import ADMIN, AGENT, Supportdesk, a_raw_mail, execute, process, query
from tests.support.servers.studio import Answer, Visitor, desk_with_everything, running_studio
from worker.cli.studio.gate import BROKEN, CLOSED, FROM_ELSEWHERE, HEADERS, OTHER_HOST, READ_ONLY, SPENT, TOO_LONG
from worker.runtime.services import Services

PLACES = ("tickets", "mails", "outbox", "quarantine", "staff")
PATHS = (
    "/",
    *(f"/{place}/list" for place in PLACES),
    "/tickets/details/1001",
    "/mails/details/1",
    "/statics/css/tabler.min.css",
    "/statics/js/tabler.min.js",
    "/looks/studio.css",
    "/looks/theme.js",
    "/favicon.ico",
    "/nothing/here",
)
# What sqladmin can do besides.
SWITCHED_OFF = (
    *(f"/{place}/{word}" for place in PLACES for word in ("create", "edit/1", "delete", "export/csv", "ajax/lookup")),
    "/tickets/import",
    "/login",
    "/logout",
    "/tickets/1/title/download/",
    "/tickets/1/title/preview/",
    "/user/list",
    "/account/list",
)


@pytest.fixture(scope="module")
def address(database_url: str) -> Iterator[str]:
    with running_studio(database_url) as address:
        yield address


@pytest.fixture(scope="module")
def visitor(address: str) -> Visitor:
    """Who opened the printed address first."""
    visitor = Visitor(address)
    assert visitor.enter().status == 200
    return visitor


def said(answer: Answer) -> str:
    """The sentence of a page that has nothing else."""
    return re.sub(r"<[^>]*>", "", answer.text).removeprefix("SupportDesk")


@pytest.mark.parametrize("path", PATHS)
def test_without_the_token_nothing_is_served(visitor: Visitor, path: str) -> None:
    strangers = (
        Visitor(visitor.address),
        Visitor(visitor.address, visitor.cookie.partition("=")[0] + "=guessed"),
        Visitor(visitor.address, "studio=" + visitor.cookie.partition("=")[2]),
        Visitor(visitor.address, visitor.cookie[:-1]),
    )

    answers = [one.get(path) for one in strangers]

    assert {(one.status, said(one)) for one in answers} == {(403, CLOSED)}
    assert all(HEADERS.items() <= one.headers.items() for one in answers)


def test_the_printed_address_works_once(database_url: str) -> None:
    with running_studio(database_url) as address:
        guessing, first, second = (
            Visitor(one) for one in (re.sub("token=.*", "token=guessed", address), address, address)
        )
        guessed, entered, again = guessing.enter(), first.enter(), second.enter()

        assert (guessed.status, said(guessed), guessing.cookie) == (403, CLOSED, "")
        assert re.fullmatch(
            r"studio-[0-9a-f]{16}=[\w-]{43}; Path=/; HttpOnly; SameSite=Strict", entered.headers["set-cookie"]
        )
        assert (again.status, said(again), second.cookie) == (403, SPENT, "")
        assert first.get("/").status == 200
        first.cookie = f'other={{"a": 1}}; broken; {first.cookie}'
        assert first.get("/").status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1", "localhost", "127.0.0.1:1", "[::1]:{port}", "evil.example:{port}", "0.0.0.0:{port}"],
)
def test_another_host_gets_nothing(visitor: Visitor, host: str) -> None:
    port = visitor.host.partition(":")[2]

    answers = [visitor.get(path, host=host.format(port=port)) for path in ("/", "/looks/studio.css")]

    assert [(one.status, said(one)) for one in answers] == [(403, OTHER_HOST)] * 2
    assert visitor.get("/", host=f"localhost:{port}").status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_gets_nothing(visitor: Visitor, site: str) -> None:
    answers = [visitor.get(path, sec_fetch_site=site) for path in ("/", "/tickets/list", "/statics/css/tabler.min.css")]

    assert [(one.status, said(one)) for one in answers] == [(403, FROM_ELSEWHERE)] * 3


@pytest.mark.parametrize("path", PATHS[:-2])
def test_a_page_that_is_served_keeps_to_itself(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path, origin="https://evil.example")

    assert HEADERS.items() <= answer.headers.items()
    assert [name for name in answer.headers if name.startswith("access-control")] == []
    assert "server" not in answer.headers


def test_a_studio_that_reads_refuses_each_write(visitor: Visitor) -> None:
    path = "/tickets/1001/answer"
    elsewhere = [visitor.post(path, origin=one) for one in ("", "null", "https://evil.example", "http://127.0.0.1:1")]

    assert [(one.status, said(one)) for one in elsewhere] == [(403, FROM_ELSEWHERE)] * 4
    assert (visitor.post(path).status, said(visitor.post(path))) == (403, READ_ONLY)
    assert said(Visitor(visitor.address).post(path)) == CLOSED
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        assert visitor.ask(method, "/tickets/list").status == 405


def test_a_form_has_an_end(database_url: str) -> None:
    with running_studio(database_url, AGENT[0]) as address:
        visitor = Visitor(address)
        visitor.enter()
        answer = visitor.post("/tickets/1001/answer", {"text": "x" * 1_000_001})

        assert (answer.status, said(answer)) == (413, TOO_LONG)


@pytest.mark.parametrize("path", SWITCHED_OFF)
def test_what_else_sqladmin_can_do_has_no_address(database_url: str, visitor: Visitor, path: str) -> None:
    assert visitor.get(path).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/tickets/details/999999", "/tickets/details/x", "/tickets/details/9999999999999999999",
        "/mails/details/999999", "/outbox/details/-1", "/quarantine/details/event-9",
        "/quarantine/details/9", "/staff/details/0", "/users/list",
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_on_a_page(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)

    assert answer.status == 404
    assert re.search(r"There is no|is no number|No mail|is not", answer.text)


@pytest.mark.parametrize(
    "query",
    [
        "sortBy=password&sort=desc", "search=%25'%22%00;--", "status=x&priority=x&category=x&owner=x", "before=x",
        "before=99999999999999999999", "page=-1&pageSize=1000000", "search=SD-999999", "fate=x", "search=" + "a" * 3000,
    ],
)  # fmt: skip
def test_no_address_of_a_list_breaks_it(visitor: Visitor, query: str) -> None:
    assert {visitor.get(f"/{place}/list?{query}").status for place in PLACES} == {200}


def test_nothing_listens_beyond_this_machine(address: str) -> None:
    port = int(address.split("/")[2].partition(":")[2])
    ours = {str(file.stat().st_ino) for file in Path("/proc/self/fd").iterdir() if file.exists() and file.is_socket()}
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]

    listening = {row[1] for row in rows if row[3] == "0A" and row[9] in ours}

    assert f"0100007F:{port:04X}" in listening
    assert {place.partition(":")[0] for place in listening if place.endswith(f":{port:04X}")} == {"0100007F"}


def test_its_connections_cannot_write(database_url: str) -> None:
    engine = make_engine(database_url, application_name="studio", read_only=True)

    with engine.connect() as connection, pytest.raises(InternalError, match="read-only transaction"):
        connection.execute(text("UPDATE mail.ledger SET fate = NULL"))
    engine.dispose()


@pytest.mark.services(ADMIN, AGENT)
def test_no_secret_stands_on_any_page(services: Services) -> None:
    desk_with_everything(services)
    execute(
        services,
        """UPDATE public."User" SET password = 'SECRET-hash', image = 'SECRET-image'""",
        """INSERT INTO public."Session" (id, "sessionToken", "userId", expires)
            SELECT 'SECRET-id', 'SECRET-session', id, now() FROM public."User" LIMIT 1""",
        """INSERT INTO public."Account" (id, "userId", type, provider, "providerAccountId", access_token, refresh_token)
            SELECT 'a', id, 'oauth', 'p', '1', 'SECRET-access', 'SECRET-refresh' FROM public."User" LIMIT 1""",
        "INSERT INTO public.\"VerificationToken\" VALUES ('ann@customer.example', 'SECRET-verify', now())",
        "INSERT INTO mail.mailbox_token (mailbox, sealed) VALUES ('support', 'SECRET-sealed')",
        "INSERT INTO mail.signing_key (fingerprint) VALUES ('SECRET-key')",
    )
    told = "SELECT coalesce(reply_to, '') || text || message_id AS words FROM mail.outbox"
    came = "SELECT convert_from(content, 'UTF8') AS words FROM mail.raw_chunk"
    words = " ".join(row["words"] for statement in (told, came) for row in query(services, statement))
    signed = set(re.findall(r"\b[0-9a-z]{1,13}\.[0-9a-z]{20}\b", words))
    with running_studio(services.settings.database.url.get_secret_value(), services=services) as address:
        visitor = Visitor(address)
        visitor.enter()
        seen, left = dict[str, str](), ["/"]
        while left:
            path = left.pop()
            seen[path] = visitor.get(path).text
            links = re.findall(r'href="(/[^"]*|http://127[^"]*/[^"]*)"', seen[path])
            local = {re.sub(r"^http://[^/]*", "", link).replace("&amp;", "&") for link in links}
            left += local - seen.keys() - set(left)

    url = services.settings.database.url.get_secret_value()
    assert len(seen) > 20
    assert [path for path, page in seen.items() if "SECRET" in page or url in page] == []
    # Who reads them could answer as somebody else.
    assert len(signed) > 10
    assert [path for path, page in seen.items() if any(one in page for one in signed)] == []


@pytest.mark.services(ADMIN, AGENT)
def test_a_mail_that_nobody_can_read_has_its_page(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    number = process(services, a_raw_mail())["id"]

    def break_off(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("worker.cli.studio.views.mails.understood", break_off)
    with running_studio(services.settings.database.url.get_secret_value()) as address:
        visitor = Visitor(address)
        visitor.enter()
        page = visitor.get(f"/mails/details/{number}")
        monkeypatch.setattr("worker.cli.studio.views.mails.read_mail", break_off)
        broken = visitor.get(f"/mails/details/{number}")

    assert (page.status, "It cannot be read; why stands" in page.text, "It was applied" in page.text) == (
        200,
        True,
        True,
    )
    assert (broken.status, said(broken)) == (500, BROKEN)


@pytest.mark.services(ADMIN, AGENT)
def test_a_ticket_in_the_archive_is_read_there(services: Services, supportdesk: Supportdesk) -> None:
    number = process(services, a_raw_mail())["ticket_number"]
    make_old(services.engine)
    assert supportdesk("archive", "run", "--older-than", "2y").output == "1 ticket was archived.\n"

    with running_studio(services.settings.database.url.get_secret_value(), ADMIN[0]) as address:
        visitor = Visitor(address)
        visitor.enter()
        found, page = visitor.get(f"/tickets/list?search=SD-{number}"), visitor.get(f"/tickets/details/{number}")

    assert f'<a href="/tickets/details/{number}">SD-{number} is in the archive.</a>' in found.text
    assert (page.status, "My printer is broken." in page.text, "archived since" in page.text) == (200, True, True)
    assert "<form" not in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/tickets/list?owner=%00",
        "/tickets/list?owner=a%00@x.example",
        "/tickets/list?owner=%ED%A0%80",
        "/tickets/list?search=%ED%A0%80&before=0",
        "/tickets/list?status=open&status=%00&before=999999999999999999",
        "/mails/list?search=a%00%40x.example",
        "/outbox/list?search=%C0%80@x.example",
        "/tickets/list?search=%25%5C%5C_%27%22%3B--",
        "/tickets/details/1%00",
        "/tickets/details/SD-%D9%A3",
        "/tickets/details/999999999999999999",
        "/mails/details/999999999999999999",
        "/outbox/details/999999999999999999",
        "/quarantine/details/event-999999999999999999",
        "/quarantine/details/event-",
        "/staff/details/999999999999999999",
        "/staff/details/%00",
        "/staff/details/..%2f..%2fetc",
        "/statics/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/looks/..%2fgate.py",
    ],
)
def test_no_address_breaks_it(visitor: Visitor, path: str) -> None:
    shown = visitor.get(path)

    assert shown.status in {200, 404}
    assert BROKEN not in shown.text
    assert "secrets.token" not in shown.text
    assert "root:" not in shown.text
