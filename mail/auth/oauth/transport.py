"""A form posted to a provider, within a time limit: no redirect is followed, and nothing but JSON is an answer."""

import http.client
import json
import re
import socket
import ssl
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final, NoReturn
from urllib.parse import urlencode, urlsplit

from mail.deadline import Deadline
from mail.failures import TemporaryFailure

LARGEST_ANSWER: Final = 256 * 1024
_TITLE: Final = re.compile(r"<title[^<>]{0,200}>([^<>]{0,200})</title", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The status and the bytes of an answer, as authlib reads it; `host` is for sentences."""

    status_code: int
    content: bytes
    host: str

    def json(self) -> Any:
        """The JSON value; raises ValueError."""
        return json.loads(self.content)

    def raise_for_status(self) -> NoReturn:
        """Raise TemporaryFailure; authlib asks for it where the server has trouble, or sent no JSON object."""
        text = self.content.decode("utf-8", "replace")
        title = _TITLE.search(text)
        words = " ".join((title[1] if title else "").split())
        shown = f' with a page, "{words}"' if words else " with something else" if text.strip() else " with nothing"
        raise TemporaryFailure(f"{self.host} answered {self.status_code}{shown} where a token was asked for")


class FormPost:
    """What authlib's clients post over; `seconds` is the limit of each question in all."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def post(
        self, url: str, data: Mapping[str, str], headers: Mapping[str, str] | None = None, auth: Any = None
    ) -> HttpAnswer:
        """Post a form, with what `auth` adds to it; raises TemporaryFailure where there is no answer."""
        body, all_headers = urlencode(data), {"Accept": "application/json", **(headers or {})}
        all_headers["Content-Type"] = "application/x-www-form-urlencoded"
        if auth is not None:
            url, all_headers, body = auth.prepare("POST", url, all_headers, body)
        return _post(url, body, all_headers, self._seconds)

    def request(self, _method: str, url: str, data: Mapping[str, str], **_more: Any) -> HttpAnswer:
        """Post a form; the name by which authlib does it for assertions."""
        return self.post(url, data)


def _post(url: str, body: str, headers: Mapping[str, str], seconds: float) -> HttpAnswer:
    parts = urlsplit(url)
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    deadline = Deadline(seconds)
    try:
        with ExitStack() as opened:
            place = host, parts.port or (443 if is_tls else 80)
            connected = opened.enter_context(socket.create_connection(place, deadline.within(seconds)))
            opened.enter_context(deadline.watching(connected))
            talk = http.client.HTTPConnection(host, place[1], timeout=seconds)
            opened.callback(talk.close)
            context = ssl.create_default_context() if is_tls else None
            talk.sock = context.wrap_socket(connected, server_hostname=host) if context else connected
            talk.request("POST", f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}", body, dict(headers))
            response = talk.getresponse()
            return HttpAnswer(response.status, response.read(LARGEST_ANSWER), parts.netloc)
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = deadline if deadline.passed else (error or type(error).__name__)
        raise TemporaryFailure(f"{parts.netloc} could not be asked for a token: {why}") from None
