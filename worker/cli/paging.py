"""Lists in pages, each at the cost of the first: how many lines a page has, and from where the next one goes on."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import rich_click as click

Command = TypeVar("Command", bound=Callable[..., Any])

LONGEST_PAGE = 10_000


def most(usual: int, longest: int = LONGEST_PAGE) -> Callable[[Command], Command]:
    """The option of how many lines a page has at most."""
    return click.option(
        "--most", type=click.IntRange(1, longest), default=usual, show_default=True, help="So many on a page."
    )


def before(what: str, **kind: Any) -> Callable[[Command], Command]:
    """The option of a list whose newest lines stand first, of which `what` names one."""
    return click.option("--before", help=f"Go on below this {what}, as the end of a page says.", **kind)


def after(what: str, **kind: Any) -> Callable[[Command], Command]:
    """The option of a list whose oldest lines stand first, of which `what` names one."""
    return click.option("--after", help=f"Go on behind this {what}, as the end of a page says.", **kind)


MOST = most(1000)


def say_next(found: Sequence[object], most: int, option: str, last: object) -> None:
    """Say how the next page is asked for, where this one is full."""
    if len(found) == most:
        click.echo(f"There may be more: add {option} {last} for the next page.")
