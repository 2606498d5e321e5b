"""The studio in a headless Chromium: each list and each detail, without a fault and without a word to others."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.pictures.devtools import Browser, Seen, running_browser
from tests.support.database.services import ADMIN, AGENT, make_staff
from tests.support.servers.studio import desk_with_everything, running_studio
from worker.runtime.services import Services

pytestmark = pytest.mark.services(ADMIN, AGENT)
LISTS = ("tickets", "mails", "outbox", "quarantine", "staff")


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed, so the studio is not clicked through")
    with running_browser(chromium, tmp_path / "profile") as browser:
        yield browser


def is_well(seen: Seen, host: str) -> bool:
    return (seen.status, seen.faults, seen.hosts) == (200, [], {host})


def test_each_list_and_each_detail_can_be_clicked(services: Services, browser: Browser) -> None:
    make_staff(services, "eve@desk.example")
    desk_with_everything(services)
    with running_studio(services.settings.database.url.get_secret_value(), services=services) as address:
        host = address.split("/")[2]
        browser.look_as(1200, 900)
        seen = {"home": browser.open(address, pages=2)}
        for place in LISTS:
            seen[place] = browser.click(f'aside a[href$="/{place}/list"]')
            links = list(dict.fromkeys(re.findall(rf'href="(/{place}/details/[^"]+)"', seen[place].html)))
            assert links, place
            seen[links[0]] = browser.click(f'a[href="{links[0]}"]')
            seen |= {link: browser.open(f"http://{host}{link}") for link in links[1:]}
        browser.look_as(390, 860, dark=True)
        phone = [browser.open(f"http://{host}/{path}") for path in ("mails/list", "tickets/details/1001")]
        width = browser.run("document.documentElement.scrollWidth")
        browser.run("document.querySelector('.navbar-toggler').click()")
        theme, menu = browser.run(
            "[document.documentElement.dataset.bsTheme, !!document.querySelector('.collapsing, .collapse.show')]"
        )
        titles = browser.run("document.title")

        assert {name: one for name, one in seen.items() if not is_well(one, host)} == {}
        assert titles.endswith("SupportDesk studio")
        assert all(is_well(one, host) for one in phone)
        assert (width, theme, menu) == (390, "dark", True)
        assert len(seen) > 12
