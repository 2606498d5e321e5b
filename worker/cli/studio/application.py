"""The studio as an application of sqladmin: its frame, its menu and its tables, with pages from our own functions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sqladmin import Admin
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from worker.admin.change_ticket import CannotChange
from worker.cli.studio.actions import do
from worker.cli.studio.cells import shown
from worker.cli.studio.gate import Sentences
from worker.cli.studio.home import read_home
from worker.cli.studio.views.listed import Asked, ListedView, ListPage, Unknown
from worker.cli.studio.views.mails import Mails
from worker.cli.studio.views.outbox import Outbox
from worker.cli.studio.views.quarantine import QuarantineView
from worker.cli.studio.views.staff import Staff
from worker.cli.studio.views.tickets import Tickets
from worker.cli.studio.window import Window

HERE: Final = Path(__file__).parent
VIEWS: Final[tuple[type[ListedView], ...]] = (Tickets, Mails, Outbox, QuarantineView, Staff)
# Of all that sqladmin can do: its own forms, deletions, imports, exports, files, look-ups and logins have no address.
KEPT: Final = frozenset({"statics", "index", "list", "details"})
MOST_SEARCHED: Final = 200
TWICE: Final = "It was sent twice, and done once."
# What was done to it is no longer there, so the list is shown.
GONE: Final = frozenset({"quarantine"})


class Studio(Admin):
    """The pages of the studio on one database."""

    def __init__(self, window: Window) -> None:
        super().__init__(
            Starlette(),
            window.reads,
            base_url="/",
            title="SupportDesk studio",
            templates_dir=str(HERE / "templates"),
            middlewares=[Middleware(Sentences)],
        )
        self.window = window
        self.templates.env.finalize = shown
        routes = [one for one in self.admin.router.routes if getattr(one, "name", "") in KEPT]
        routes.append(Mount("/looks", app=StaticFiles(directory=HERE / "looks"), name="looks"))
        if window.writes is not None:
            routes.append(Route("/{place}/{key}/{word}", endpoint=self.do, methods=["POST"], name="do"))
        self.admin.router.routes = routes
        for view in VIEWS:
            # Set here, as sqladmin names a view by its model, and two of ours have the same one.
            view.identity = view.place
            view.window = window
            self.add_view(view)

    async def index(self, request: Request) -> Response:
        """The first page."""
        return await self._show(request, "studio/home.html", await run_in_threadpool(read_home, self.window))

    async def list(self, request: Request) -> Response:
        """One page of a list."""
        view = self._view(request)
        asked = _asked(request, view)
        page = await run_in_threadpool(self._read_list, view, asked)
        below = request.url.include_query_params(before=page.below) if page.below else None
        values = {"asked": asked, "page": page, "below": below, **page.further}
        return await self._show(request, view.list_template, {"model_view": view, "title": view.name_plural, **values})

    async def details(self, request: Request) -> Response:
        """All about one thing."""
        view = self._view(request)
        try:
            values = await run_in_threadpool(self._read_details, view, request.path_params["pk"])
        except Unknown as reason:
            raise HTTPException(404, str(reason)) from reason
        return await self._show(request, view.details_template, {"model_view": view, "title": view.name, **values})

    async def do(self, request: Request) -> Response:
        """Do what a form asks for, and show the thing again with what was done."""
        place, key, word = (request.path_params[name] for name in ("place", "key", "word"))
        async with request.form(max_files=0, max_fields=10) as given:
            form = {name: value for name, value in given.items() if isinstance(value, str)}
        self.window.said.append(await self._done_once(form.get("once", ""), place, key, word, form))
        return RedirectResponse(f"/{place}/list" if place in GONE else f"/{place}/details/{key}", 303)

    async def _done_once(self, mark: str, *action: Any) -> str:
        """Do it, unless a form with this mark was done or is being done: nobody gets an answer for each click."""
        # Without --write there is no such address.
        assert self.window.writes is not None
        # Nothing is waited for between these two, so that the second click finds the mark of the first.
        if not self.window.marks.take(mark):
            return TWICE
        done = False
        try:
            said = await run_in_threadpool(do, self.window.writes, self.window.by, *action)
            done = True
        except Unknown as reason:
            raise HTTPException(404, str(reason)) from reason
        except CannotChange as reason:
            said = str(reason)
        finally:
            if not done:
                self.window.marks.give_back(mark)
        return said

    def _view(self, request: Request) -> ListedView:
        place = request.path_params["identity"]
        for view in self.views:
            if isinstance(view, ListedView) and view.place == place:
                return view
        raise HTTPException(404)

    def _read_list(self, view: ListedView, asked: Asked) -> ListPage:
        with self.window.session() as session:
            return view.read_list(session, asked)

    def _read_details(self, view: ListedView, key: str) -> Mapping[str, Any]:
        with self.window.session() as session:
            return view.read_details(session, key)

    async def _show(self, request: Request, template: str, values: Mapping[str, Any]) -> Response:
        given = {**values, "window": self.window, "said": self.window.take_said()}
        return await self.templates.TemplateResponse(request, template, given)


def _asked(request: Request, view: ListedView) -> Asked:
    """What the address asks for; what no page of ours would ask is left out."""
    given = request.query_params
    before = given.get("before", "")
    chosen = {
        name: given[name]
        for name, choices in view.filters.items()
        if name in given and (given[name] in choices or name in view.open_filters)
    }
    is_number = before.isascii() and before.isdigit() and len(before) <= 18
    # The database knows no NUL.
    words = given.get("search", "")[:MOST_SEARCHED].replace("\0", "")
    return Asked(words, chosen, int(before) if is_number else None)
