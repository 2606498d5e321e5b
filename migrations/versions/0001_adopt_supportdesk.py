"""Adopt SupportDesk's tables in `public`, or create them as its Prisma would."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

TABLES = ("TicketActivity", "Comment", "Ticket", "Session", "Account", "VerificationToken", "User")
ENUMS = ("TicketCategory", "TicketPriority", "TicketStatus", "UserRole")


def upgrade() -> None:
    adopted = _is_there()
    if not adopted:
        _create_accounts()
        _create_tickets()
    _remember(adopted)


def downgrade() -> None:
    adopted = op.get_bind().scalar(sa.text("SELECT adopted FROM mail.adoption"))
    op.drop_table("adoption", schema="mail")
    # What was there before us stays when we go.
    if adopted:
        return
    for table in TABLES:
        op.drop_table(table)
    for enum in ENUMS:
        op.execute(f'DROP TYPE "{enum}"')


def _is_there() -> bool:
    """Where SupportDesk's tables are, env.py has checked that they are all there and as we know them."""
    return bool(op.get_bind().scalar(sa.text("SELECT to_regclass('public.\"User\"') IS NOT NULL")))


def _remember(adopted: bool) -> None:
    op.create_table(
        "adoption",
        sa.Column("only_row", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("only_row", name=op.f("adoption_only_row_check")),
        sa.PrimaryKeyConstraint("only_row", name=op.f("adoption_pkey")),
        schema="mail",
    )
    op.get_bind().execute(sa.text("INSERT INTO mail.adoption (adopted) VALUES (:adopted)"), {"adopted": adopted})


def _create_accounts() -> None:
    op.create_table(
        "User",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("emailVerified", postgresql.TIMESTAMP(precision=3)),
        sa.Column("image", sa.Text()),
        sa.Column("password", sa.Text()),
        sa.Column(
            "role",
            postgresql.ENUM("admin", "agent", "customer", name="UserRole"),
            server_default="customer",
            nullable=False,
        ),
        sa.Column(
            "createdAt", postgresql.TIMESTAMP(precision=3), server_default=sa.text("CURRENT_TIMESTAMP"), nullable=False
        ),
        sa.Column("updatedAt", postgresql.TIMESTAMP(precision=3), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("User_pkey")),
    )
    op.create_index("User_email_key", "User", ["email"], unique=True)
    op.create_index("User_role_idx", "User", ["role"])
    op.create_table(
        "Account",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("userId", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("providerAccountId", sa.Text(), nullable=False),
        sa.Column("refresh_token", sa.Text()),
        sa.Column("access_token", sa.Text()),
        sa.Column("expires_at", sa.Integer()),
        sa.Column("token_type", sa.Text()),
        sa.Column("scope", sa.Text()),
        sa.Column("id_token", sa.Text()),
        sa.Column("session_state", sa.Text()),
        sa.ForeignKeyConstraint(
            ["userId"], ["User.id"], name=op.f("Account_userId_fkey"), onupdate="CASCADE", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("Account_pkey")),
    )
    op.create_index("Account_provider_providerAccountId_key", "Account", ["provider", "providerAccountId"], unique=True)
    op.create_index("Account_userId_idx", "Account", ["userId"])
    op.create_table(
        "Session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sessionToken", sa.Text(), nullable=False),
        sa.Column("userId", sa.Text(), nullable=False),
        sa.Column("expires", postgresql.TIMESTAMP(precision=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["userId"], ["User.id"], name=op.f("Session_userId_fkey"), onupdate="CASCADE", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("Session_pkey")),
    )
    op.create_index("Session_sessionToken_key", "Session", ["sessionToken"], unique=True)
    op.create_index("Session_userId_idx", "Session", ["userId"])
    op.create_table(
        "VerificationToken",
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("expires", postgresql.TIMESTAMP(precision=3), nullable=False),
    )
    op.create_index("VerificationToken_identifier_token_key", "VerificationToken", ["identifier", "token"], unique=True)
    op.create_index("VerificationToken_token_key", "VerificationToken", ["token"], unique=True)


def _create_tickets() -> None:
    op.create_table(
        "Ticket",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "status",
            postgresql.ENUM("open", "in_progress", "resolved", "closed", name="TicketStatus"),
            server_default="open",
            nullable=False,
        ),
        sa.Column(
            "priority",
            postgresql.ENUM("low", "medium", "high", name="TicketPriority"),
            server_default="medium",
            nullable=False,
        ),
        sa.Column(
            "category",
            postgresql.ENUM("technical_issue", "billing", "feature_request", "general_inquiry", name="TicketCategory"),
            nullable=False,
        ),
        sa.Column("createdById", sa.Text(), nullable=False),
        sa.Column("assignedToId", sa.Text()),
        sa.Column(
            "createdAt", postgresql.TIMESTAMP(precision=3), server_default=sa.text("CURRENT_TIMESTAMP"), nullable=False
        ),
        sa.Column("updatedAt", postgresql.TIMESTAMP(precision=3), nullable=False),
        sa.Column("resolvedAt", postgresql.TIMESTAMP(precision=3)),
        sa.Column("closedAt", postgresql.TIMESTAMP(precision=3)),
        sa.ForeignKeyConstraint(
            ["assignedToId"],
            ["User.id"],
            name=op.f("Ticket_assignedToId_fkey"),
            onupdate="CASCADE",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["createdById"], ["User.id"], name=op.f("Ticket_createdById_fkey"), onupdate="CASCADE", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("Ticket_pkey")),
    )
    op.create_index("Ticket_assignedToId_idx", "Ticket", ["assignedToId"])
    op.create_index("Ticket_category_idx", "Ticket", ["category"])
    op.create_index("Ticket_createdAt_idx", "Ticket", ["createdAt"])
    op.create_index("Ticket_createdById_idx", "Ticket", ["createdById"])
    op.create_index("Ticket_priority_idx", "Ticket", ["priority"])
    op.create_index("Ticket_status_idx", "Ticket", ["status"])
    op.create_table(
        "Comment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("ticketId", sa.Text(), nullable=False),
        sa.Column("userId", sa.Text(), nullable=False),
        sa.Column(
            "createdAt", postgresql.TIMESTAMP(precision=3), server_default=sa.text("CURRENT_TIMESTAMP"), nullable=False
        ),
        sa.Column("updatedAt", postgresql.TIMESTAMP(precision=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticketId"], ["Ticket.id"], name=op.f("Comment_ticketId_fkey"), onupdate="CASCADE", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["userId"], ["User.id"], name=op.f("Comment_userId_fkey"), onupdate="CASCADE", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("Comment_pkey")),
    )
    op.create_index("Comment_createdAt_idx", "Comment", ["createdAt"])
    op.create_index("Comment_ticketId_idx", "Comment", ["ticketId"])
    op.create_index("Comment_userId_idx", "Comment", ["userId"])
    op.create_table(
        "TicketActivity",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ticketId", sa.Text(), nullable=False),
        sa.Column("userId", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "createdAt", postgresql.TIMESTAMP(precision=3), server_default=sa.text("CURRENT_TIMESTAMP"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["ticketId"],
            ["Ticket.id"],
            name=op.f("TicketActivity_ticketId_fkey"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["userId"], ["User.id"], name=op.f("TicketActivity_userId_fkey"), onupdate="CASCADE", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("TicketActivity_pkey")),
    )
    op.create_index("TicketActivity_createdAt_idx", "TicketActivity", ["createdAt"])
    op.create_index("TicketActivity_ticketId_idx", "TicketActivity", ["ticketId"])
    op.create_index("TicketActivity_userId_idx", "TicketActivity", ["userId"])
