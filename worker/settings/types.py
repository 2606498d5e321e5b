"""The kinds of values that stand in `supportdesk.toml`."""

import re
from datetime import time, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

_ADDRESS: Final = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)*")
_DOMAIN: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][A-Za-z]{1,3})*")
# The name in the From of what staff wrote, where the settings say nothing else.
USUAL_FROM_NAME: Final = "{author} ({desk})"
# So long an answer may be held: who waits for one shall not notice.
LONGEST_HOLD: Final = 10
_MINUTES: Final = re.compile(r"(\d{1,2}) min")
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def _address(value: str) -> str:
    address = value.lower() if value.isascii() else value
    if not _ADDRESS.fullmatch(address):
        raise ValueError(f'must be a bare ASCII address such as support@desk.example, not "{value}"')
    return address


def _domain(value: str) -> str:
    domain = value.lower()
    if not _DOMAIN.fullmatch(domain):
        raise ValueError(f'must be an ASCII domain such as mail.example, not "{value}"')
    return domain


def _name(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("must be a name of printable characters")
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f'must be the code of a language such as en, de or pt-BR, not "{value}"')
    return value


def _from_name(value: str) -> str:
    # What imitates an address would be what a reader sees of the real one.
    if set("{}@<>") & set(re.sub(r"\{(?:author|desk)\}", "", _name(value))):
        raise ValueError("must be a name with {author} and {desk} where those stand, without other braces, @, < and >")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (LookupError, OSError, ValueError):
        raise ValueError(f'must be an IANA time zone such as Europe/Berlin, not "{value}"') from None
    return value


def _clock(value: object) -> object:
    if isinstance(value, time) or (isinstance(value, str) and _CLOCK.fullmatch(value)):
        return value
    raise ValueError('must be a time of day in quotes, such as "07:00"')


def _minutes(value: str) -> str:
    if not value.isascii() or not (given := _MINUTES.fullmatch(value)) or int(given[1]) > LONGEST_HOLD:
        raise ValueError(f'must be whole minutes, from "0 min" to "{LONGEST_HOLD} min", not "{value}"')
    return value


def minutes_of(text: str) -> timedelta:
    """Return the time that a value of the kind `Minutes` says."""
    return timedelta(minutes=int(text.partition(" ")[0]))


def _some_days(days: tuple[str, ...]) -> tuple[str, ...]:
    if not days:
        raise ValueError("must name one day at least")
    return days


def url_of(*schemes: str) -> AfterValidator:
    """Return the check that a secret address starts with one of the schemes; the address is never shown."""

    def check(value: SecretStr) -> SecretStr:
        if value.get_secret_value().startswith(tuple(f"{scheme}://" for scheme in schemes)):
            return value
        raise ValueError(f"must start with {' or '.join(f'{scheme}://' for scheme in schemes)}")

    return AfterValidator(check)


# The words are what docs/configuration.md calls a kind of value.
Address = Annotated[str, AfterValidator(_address), "mail address"]
Domain = Annotated[str, AfterValidator(_domain), "domain"]
Name = Annotated[str, AfterValidator(_name), "text"]
Language = Annotated[str, AfterValidator(_language), "code of a language"]
FromName = Annotated[str, AfterValidator(_from_name), "text with {author} and {desk}"]
Zone = Annotated[str, AfterValidator(_zone), "IANA time zone"]
Clock = Annotated[time, BeforeValidator(_clock), "time of day"]
Minutes = Annotated[str, AfterValidator(_minutes), f'text, "0 min" to "{LONGEST_HOLD} min"']
Port = Annotated[int, Field(ge=1, le=65535)]


class After(StrEnum):
    """What happens on the server to a mail that is stored."""

    LEAVE = "leave"
    FLAG = "flag"
    MOVE = "move"


class Day(StrEnum):
    """A day of the week, Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


Days = Annotated[tuple[Day, ...], AfterValidator(_some_days)]


class Section(BaseModel):
    """A table of the file: it cannot be changed, and holds no key that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine by its very name; nothing is looked up."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def with_port(data: Any, usual: dict[str, int]) -> Any:
    """Return the table with the usual port for its `security` where it names none."""
    if not isinstance(data, dict) or "port" in data:
        return data
    return {**data, "port": usual.get(str(data.get("security")), usual["tls"])}


def same_folder(one: str, other: str) -> bool:
    """Return whether two names are one folder: INBOX has any letter case (RFC 9051, 5.1)."""
    return one == other or one.upper() == other.upper() == "INBOX"
