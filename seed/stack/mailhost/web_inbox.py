"""The web page over every inbox, where a newcomer reads and answers mail as any of the example people."""

from email.errors import MessageError
from email.message import Message
from email.utils import formataddr, parseaddr
from typing import Any

from mail_devel.http import Frontend

UNREADABLE = "(a mail that this page cannot show; any mail program can)"


class WebInbox(Frontend):  # type: ignore[misc]
    """The page, on which an answer comes from the inbox it is written in and goes where Reply-To says."""

    async def _message_content(self, msg: Any) -> bytes:
        # The page takes headers for ASCII and text for UTF-8, and would break off at a mail that differs.
        content: bytes = await super()._message_content(msg)
        head, blank, body = content.partition(b"\r\n\r\n")
        ascii_head = head.decode("ascii", "replace").encode("ascii", "replace")
        return ascii_head + blank + body.decode("utf-8", "replace").encode()

    async def _convert_message(self, msg: Any, *, account: str, message: Message | None = None, **rest: Any) -> Any:
        if message is not None:
            original = (await self._convert_message(msg, account=account, **rest))["header"]
            _set_addresses(message, account, original.get("reply-to") or original.get("from", ""))
        try:
            return await super()._convert_message(msg, account=account, message=message, **rest)
        except (LookupError, ValueError, MessageError):
            # One mail with an unknown charset must not hide the whole list.
            return await super()._convert_message(msg, account=account, message=_notice_instead(), **rest)


def _set_addresses(answer: Message, sender: str, recipient: str) -> None:
    for name, value in (("From", sender), ("To", recipient)):
        del answer[name]
        answer[name] = formataddr(parseaddr(value))


def _notice_instead() -> Message:
    message = Message()
    message["Subject"] = UNREADABLE
    message.set_payload(UNREADABLE)
    return message
