"""Let every row that the path of a mail asks for be found by an index."""

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None

# All spellings that usually reach one person: without the dots and the tag of the local part (desk.caps.fold).
LOWERED = 'lower({0} COLLATE "C")'
LOCAL = f"regexp_replace({LOWERED}, '@[^@]*$', '')"
BARE = f"coalesce(nullif(replace(split_part({LOCAL}, '+', 1), '.', ''), ''), {LOCAL})"
FOLDED = f"{BARE} || '@' || regexp_replace({LOWERED}, '^.*@', '')"

# Prisma leaves indexes on expressions and partial ones alone; a plain one it would take for drift and drop.
PUBLIC = {
    "supportdesk_user_email": '"User" (lower(email COLLATE "C"))',
    "supportdesk_ticket_waiting": "\"Ticket\" (\"assignedToId\") WHERE status IN ('open', 'in_progress')",
    "supportdesk_ticket_served": '"Ticket" ("createdById", "createdAt") WHERE "assignedToId" IS NOT NULL',
    "supportdesk_ticket_finished": (
        '"Ticket" (greatest("resolvedAt", "closedAt")) WHERE greatest("resolvedAt", "closedAt") IS NOT NULL'
    ),
}


def upgrade() -> None:
    for table, column in (("outbox", "recipient"), ("ledger", "sender")):
        folded = sa.Computed(FOLDED.format(column), persisted=True)
        op.add_column(table, sa.Column("correspondent", sa.Text(), folded), schema="mail")
    op.add_column(
        "outbox",
        sa.Column("to_stranger", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="mail",
    )
    op.drop_index("outbox_recipient_written_at_idx", table_name="outbox", schema="mail")
    op.drop_index("ledger_sender_stored_at_idx", table_name="ledger", schema="mail")
    op.create_index("outbox_correspondent_written_at_idx", "outbox", ["correspondent", "written_at"], schema="mail")
    op.create_index("ledger_correspondent_stored_at_idx", "ledger", ["correspondent", "stored_at"], schema="mail")
    # The parents of a mail are sought by it alone, whatever the planner believes of the other index on undecided rows.
    op.drop_index("ledger_undecided_message_id_idx", table_name="ledger", schema="mail")
    op.execute(
        "CREATE INDEX ledger_undecided_message_id_idx ON mail.ledger (message_id_hash) WHERE coalesce(fate, '') = ''"
    )
    op.execute("CREATE INDEX outbox_to_stranger_idx ON mail.outbox (written_at) WHERE to_stranger")
    op.execute("CREATE INDEX event_alert_idx ON mail.event (id) WHERE kind = 'alert'")
    for name, place in PUBLIC.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON public.{place}")


def downgrade() -> None:
    for name in PUBLIC:
        op.execute(f"DROP INDEX IF EXISTS public.{name}")
    op.execute("DROP INDEX mail.event_alert_idx")
    op.execute("DROP INDEX mail.outbox_to_stranger_idx")
    op.drop_index("ledger_undecided_message_id_idx", table_name="ledger", schema="mail")
    op.execute("CREATE INDEX ledger_undecided_message_id_idx ON mail.ledger (message_id_hash) WHERE fate IS NULL")
    op.drop_index("ledger_correspondent_stored_at_idx", table_name="ledger", schema="mail")
    op.drop_index("outbox_correspondent_written_at_idx", table_name="outbox", schema="mail")
    op.create_index("ledger_sender_stored_at_idx", "ledger", ["sender", "stored_at"], schema="mail")
    op.create_index("outbox_recipient_written_at_idx", "outbox", ["recipient", "written_at"], schema="mail")
    op.drop_column("outbox", "to_stranger", schema="mail")
    op.drop_column("ledger", "correspondent", schema="mail")
    op.drop_column("outbox", "correspondent", schema="mail")
