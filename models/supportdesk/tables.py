"""SupportDesk's own tables in `public`, physically what Prisma makes of its schema."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import Dialect, ForeignKey, Index, Text, literal_column, text
from sqlalchemy.dialects.postgresql import ENUM
from sqlalchemy.orm import Mapped, mapped_column

from desk.ticket import NEIGHBOURS, Category, Priority, Role, Status, known
from models.db.base import Base, UtcMillis


class NativeEnum(ENUM):
    """One of SupportDesk's enum types; a value that the web application added is read as its neighbour."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ARG002  SQLAlchemy's own form
        """Read a stored value as a member, never raising."""
        values: Any = self.enum_class
        return lambda value: None if value is None else known(values, value)


def native_enum(values: type[StrEnum], name: str) -> ENUM:
    """One of SupportDesk's enum types, stored by value."""
    return NativeEnum(values, name=name, values_callable=lambda members: [member.value for member in members])


def _references(column: str, ondelete: str = "CASCADE") -> ForeignKey:
    return ForeignKey(column, ondelete=ondelete, onupdate="CASCADE")


USER_ROLE = native_enum(Role, "UserRole")
TICKET_STATUS = native_enum(Status, "TicketStatus")
TICKET_PRIORITY = native_enum(Priority, "TicketPriority")
TICKET_CATEGORY = native_enum(Category, "TicketCategory")

ENUMS: dict[str, type[StrEnum]] = {
    "UserRole": Role,
    "TicketStatus": Status,
    "TicketPriority": Priority,
    "TicketCategory": Category,
}

# Indexes of ours begin so: on expressions or partial, for Prisma would drop a plain one as drift.
LOOKUP = "supportdesk_"
FINISHED = 'greatest("resolvedAt", "closedAt")'

_KNOWN = ", ".join(f"'{status}'" for status in Status)
# The status of a ticket as text, `{0}` being its table. One that we do not know is read from the times of the ticket,
# for no order says it: what is added to an enum later stands at its end.
STATUS = f"""CASE WHEN {{0}}.status::text IN ({_KNOWN}) THEN {{0}}.status::text
    WHEN {{0}}."closedAt" IS NOT NULL THEN '{Status.CLOSED}'
    WHEN {{0}}."resolvedAt" IS NOT NULL THEN '{Status.RESOLVED}'
    ELSE '{NEIGHBOURS[Status]}' END"""
STATUS_COLUMN = literal_column(STATUS.format('"Ticket"'), TICKET_STATUS).label("status")
# Whether there are statuses that we do not know. As a rule there are none, and nobody need look for their tickets.
HAS_UNKNOWN_STATUSES = text(f"""
SELECT EXISTS (SELECT FROM unnest(enum_range(NULL::public."TicketStatus")) AS s WHERE s::text NOT IN ({_KNOWN}))
""")
# True of tickets whose status we do not know.
UNKNOWN_STATUS = text(f"""
"Ticket".status = ANY (ARRAY(
    SELECT s FROM unnest(enum_range(NULL::public."TicketStatus")) AS s WHERE s::text NOT IN ({_KNOWN})
))
""")

Cuid = Annotated[str, mapped_column(Text, primary_key=True)]
NOW = text("CURRENT_TIMESTAMP")


class User(Base):
    """A person: customer, agent or admin."""

    __tablename__ = "User"
    __table_args__ = (
        Index("User_email_key", "email", unique=True),
        Index("User_role_idx", "role"),
        Index(f"{LOOKUP}user_email", text('lower(email COLLATE "C")')),
    )

    id: Mapped[Cuid]
    name: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    email_verified: Mapped[datetime | None] = mapped_column("emailVerified", UtcMillis)
    image: Mapped[str | None] = mapped_column(Text)
    password: Mapped[str | None] = mapped_column(Text)
    role: Mapped[Role] = mapped_column(USER_ROLE, server_default=Role.CUSTOMER)
    created_at: Mapped[datetime] = mapped_column("createdAt", UtcMillis, server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column("updatedAt", UtcMillis)


class Account(Base):
    """A login of NextAuth at an outside provider; the worker never writes it."""

    __tablename__ = "Account"
    __table_args__ = (
        Index("Account_userId_idx", "userId"),
        Index("Account_provider_providerAccountId_key", "provider", "providerAccountId", unique=True),
    )

    id: Mapped[Cuid]
    user_id: Mapped[str] = mapped_column("userId", _references("User.id"))
    type: Mapped[str] = mapped_column(Text)
    provider: Mapped[str] = mapped_column(Text)
    provider_account_id: Mapped[str] = mapped_column("providerAccountId", Text)
    refresh_token: Mapped[str | None] = mapped_column(Text)
    access_token: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[int | None]
    token_type: Mapped[str | None] = mapped_column(Text)
    scope: Mapped[str | None] = mapped_column(Text)
    id_token: Mapped[str | None] = mapped_column(Text)
    session_state: Mapped[str | None] = mapped_column(Text)


class WebSession(Base):
    """A session of NextAuth; the worker only deletes it, a day after it ended."""

    __tablename__ = "Session"
    __table_args__ = (
        Index("Session_sessionToken_key", "sessionToken", unique=True),
        Index("Session_userId_idx", "userId"),
    )

    id: Mapped[Cuid]
    session_token: Mapped[str] = mapped_column("sessionToken", Text)
    user_id: Mapped[str] = mapped_column("userId", _references("User.id"))
    expires: Mapped[datetime] = mapped_column(UtcMillis)


class VerificationToken(Base):
    """A one-time token of NextAuth, deleted a day after it ended; Prisma gives the table no primary key."""

    __tablename__ = "VerificationToken"
    __table_args__ = (
        Index("VerificationToken_token_key", "token", unique=True),
        Index("VerificationToken_identifier_token_key", "identifier", "token", unique=True),
    )

    identifier: Mapped[str] = mapped_column(Text)
    token: Mapped[str] = mapped_column(Text)
    expires: Mapped[datetime] = mapped_column(UtcMillis)

    __mapper_args__ = {"primary_key": [identifier, token]}  # noqa: RUF012  SQLAlchemy's own form


class Ticket(Base):
    """A customer's question and where it stands."""

    __tablename__ = "Ticket"
    __table_args__ = (
        Index("Ticket_createdById_idx", "createdById"),
        Index("Ticket_assignedToId_idx", "assignedToId"),
        Index("Ticket_status_idx", "status"),
        Index("Ticket_priority_idx", "priority"),
        Index("Ticket_category_idx", "category"),
        Index("Ticket_createdAt_idx", "createdAt"),
        Index(f"{LOOKUP}ticket_waiting", "assignedToId", postgresql_where=text("status IN ('open', 'in_progress')")),
        Index(
            f"{LOOKUP}ticket_served", "createdById", "createdAt", postgresql_where=text('"assignedToId" IS NOT NULL')
        ),
        Index(f"{LOOKUP}ticket_finished", text(FINISHED), postgresql_where=text(f"{FINISHED} IS NOT NULL")),
    )

    id: Mapped[Cuid]
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    status: Mapped[Status] = mapped_column(TICKET_STATUS, server_default=Status.OPEN)
    priority: Mapped[Priority] = mapped_column(TICKET_PRIORITY, server_default=Priority.MEDIUM)
    category: Mapped[Category] = mapped_column(TICKET_CATEGORY)
    created_by_id: Mapped[str] = mapped_column("createdById", _references("User.id"))
    assigned_to_id: Mapped[str | None] = mapped_column("assignedToId", _references("User.id", "SET NULL"))
    created_at: Mapped[datetime] = mapped_column("createdAt", UtcMillis, server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column("updatedAt", UtcMillis)
    resolved_at: Mapped[datetime | None] = mapped_column("resolvedAt", UtcMillis)
    closed_at: Mapped[datetime | None] = mapped_column("closedAt", UtcMillis)


class Comment(Base):
    """What somebody wrote on a ticket; the web app shows it to the customer."""

    __tablename__ = "Comment"
    __table_args__ = (
        Index("Comment_ticketId_idx", "ticketId"),
        Index("Comment_userId_idx", "userId"),
        Index("Comment_createdAt_idx", "createdAt"),
    )

    id: Mapped[Cuid]
    content: Mapped[str] = mapped_column(Text)
    ticket_id: Mapped[str] = mapped_column("ticketId", _references("Ticket.id"))
    user_id: Mapped[str] = mapped_column("userId", _references("User.id"))
    created_at: Mapped[datetime] = mapped_column("createdAt", UtcMillis, server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column("updatedAt", UtcMillis)


class TicketActivity(Base):
    """One line of a ticket's history, by the web app's conventions."""

    __tablename__ = "TicketActivity"
    __table_args__ = (
        Index("TicketActivity_ticketId_idx", "ticketId"),
        Index("TicketActivity_userId_idx", "userId"),
        Index("TicketActivity_createdAt_idx", "createdAt"),
    )

    id: Mapped[Cuid]
    ticket_id: Mapped[str] = mapped_column("ticketId", _references("Ticket.id"))
    user_id: Mapped[str] = mapped_column("userId", _references("User.id"))
    action: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column("createdAt", UtcMillis, server_default=NOW)
