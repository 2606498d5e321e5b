"""The staff list: who gets power by it, and who does not."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from desk.ticket import Role
from models.people.staff import StaffAdded, StaffMember, StaffRefused, StaffRemoved, add_staff, list_staff, remove_staff

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SIGN_UP = """
INSERT INTO "User" (id, email, role, password, "createdAt", "updatedAt")
VALUES (:id, :email, CAST(:role AS "UserRole"), 'hash', '2026-11-01', '2026-11-01')
"""
ONE_TICKET_OF_EACH_STATUS = """
INSERT INTO "Ticket" (id, title, description, category, status, "createdById", "assignedToId", "updatedAt")
SELECT s::text, 'a', 'a', 'billing', s, id, id, now() FROM "User", unnest(enum_range(NULL::"TicketStatus")) s
"""


def sign_up(session: Session, email: str, role: str = "customer", user_id: str = "u-one") -> None:
    session.execute(text(SIGN_UP), {"id": user_id, "email": email, "role": role})


def add(session: Session, role: Role = Role.AGENT, *, raise_role: bool = False) -> StaffAdded | StaffRefused:
    return add_staff(session, "bob@desk.example", role, name=None, now=NOW, raise_role=raise_role)


def role_of_the_row(session: Session) -> str | None:
    session.expire_all()
    role: str | None = session.scalar(text("SELECT role FROM \"User\" WHERE email ILIKE 'bob@desk.example'"))
    return role


def only_member(session: Session) -> StaffMember:
    (member,) = list_staff(session)
    return member


def test_an_unknown_address_gets_a_user_of_that_role(session: Session) -> None:
    added = add(session, Role.ADMIN)

    assert isinstance(added, StaffAdded)
    assert added.user_was is None
    assert role_of_the_row(session) == "admin"


def test_a_new_member_is_in_force(session: Session) -> None:
    add(session)

    assert only_member(session).in_force


def test_an_account_that_anyone_may_have_made_is_not_raised_silently(session: Session) -> None:
    sign_up(session, "bob@desk.example")

    added = add(session)

    assert isinstance(added, StaffRefused)
    assert "--raise-role" in added.reason
    assert (role_of_the_row(session), list_staff(session)) == ("customer", ())


def test_an_account_is_raised_when_the_operator_says_so(session: Session) -> None:
    sign_up(session, "bob@desk.example")

    added = add(session, raise_role=True)

    assert isinstance(added, StaffAdded)
    assert added.user_was == Role.CUSTOMER
    assert role_of_the_row(session) == "agent"


@pytest.mark.parametrize("had", ["agent", "admin"])
def test_an_account_with_as_much_power_or_more_gets_the_role_that_is_said(session: Session, had: str) -> None:
    sign_up(session, "bob@desk.example", had)

    added = add(session)

    assert isinstance(added, StaffAdded)
    assert added.user_was == had
    assert role_of_the_row(session) == "agent"


def test_the_case_of_a_stored_address_does_not_matter(session: Session) -> None:
    sign_up(session, "Bob@Desk.Example", "agent")

    add(session)

    assert only_member(session).in_force


def test_a_kelvin_sign_is_not_a_k(session: Session) -> None:
    sign_up(session, "bo\N{KELVIN SIGN}@desk.example", "agent")

    added = add_staff(session, "bok@desk.example", Role.AGENT, name=None, now=NOW)

    assert isinstance(added, StaffAdded)
    assert added.user_was is None


def test_two_users_with_one_address_get_no_power(session: Session) -> None:
    sign_up(session, "bob@desk.example", "agent")
    sign_up(session, "Bob@desk.example", "admin", "u-two")

    added = add(session)

    assert isinstance(added, StaffRefused)
    assert list_staff(session) == ()


def test_adding_twice_changes_nothing(session: Session) -> None:
    first = add(session)

    second = add(session)

    assert isinstance(first, StaffAdded)
    assert isinstance(second, StaffAdded)
    assert first.number == second.number == only_member(session).number


def test_a_second_role_replaces_the_first(session: Session) -> None:
    add(session)

    add(session, Role.ADMIN, raise_role=True)

    assert only_member(session).role == Role.ADMIN


def test_an_address_whose_account_was_made_anew_can_be_added_again(session: Session) -> None:
    add(session)
    session.execute(text('DELETE FROM "User"'))
    session.expunge_all()

    add(session)

    assert only_member(session).in_force


@pytest.mark.parametrize(
    "change", ["role = 'admin'", "role = 'customer'", "email = 'eve@desk.example'"], ids=["raised", "lowered", "moved"]
)
def test_a_row_that_says_otherwise_takes_the_power(session: Session, change: str) -> None:
    add(session)

    session.execute(text(f'UPDATE "User" SET {change}'))
    session.expire_all()

    assert not only_member(session).in_force


def test_a_member_whose_account_is_gone_is_listed_without_power(session: Session) -> None:
    add(session)
    session.execute(text('DELETE FROM "User"'))
    session.expunge_all()

    member = only_member(session)

    assert (member.user_role, member.in_force) == (None, False)


def test_removing_takes_the_power_in_supportdesk_too(session: Session) -> None:
    add(session)

    removed = remove_staff(session, "bob@desk.example", now=NOW)

    assert removed == StaffRemoved("bob@desk.example", Role.AGENT, 0)
    assert (role_of_the_row(session), list_staff(session)) == ("customer", ())


def test_removing_counts_the_tickets_that_wait_for_them(session: Session) -> None:
    add(session)
    session.execute(text(ONE_TICKET_OF_EACH_STATUS))

    removed = remove_staff(session, "bob@desk.example", now=NOW)

    assert removed is not None
    assert removed.waiting == 2


def test_nobody_is_removed_who_is_not_there(session: Session) -> None:
    sign_up(session, "bob@desk.example", "agent")

    removed = remove_staff(session, "bob@desk.example", now=NOW)

    assert (removed, role_of_the_row(session)) == (None, "agent")
