"""Make room for loop breakers, oversize mails, quarantine digests and mails that break a fetch."""

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None

KINDS = (
    "ticket_opened",
    "ticket_changed",
    "comment_added",
    "note_added",
    "command_answered",
    "mail_held",
    "report_due",
)
NEW_KINDS = ("mail_too_large", "quarantine_digest", "alert")
FATES = ("applied", "not_applied", "quarantined", "baseline")


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def _check(table: str, column: str, words: tuple[str, ...]) -> None:
    name = f"{table}_{column}_check"
    op.drop_constraint(op.f(name), table, schema="mail", type_="check")
    op.create_check_constraint(op.f(name), table, _one_of(column, words), schema="mail")


def upgrade() -> None:
    _check("event", "kind", (*KINDS, *NEW_KINDS))
    _check("ledger", "fate", (*FATES, "dropped"))
    op.add_column(
        "ledger", sa.Column("partial", sa.Boolean(), server_default=sa.text("false"), nullable=False), schema="mail"
    )
    op.add_column("ledger", sa.Column("reported_at", sa.DateTime(timezone=True)), schema="mail")
    op.create_index("ledger_sender_stored_at_idx", "ledger", ["sender", "stored_at"], schema="mail")
    op.create_index("outbox_recipient_written_at_idx", "outbox", ["recipient", "written_at"], schema="mail")
    op.add_column("mailbox", sa.Column("stuck_uid", sa.BigInteger()), schema="mail")
    op.add_column(
        "mailbox", sa.Column("stuck_times", sa.Integer(), server_default=sa.text("0"), nullable=False), schema="mail"
    )
    op.create_table(
        "breaker",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("breaker_pkey")),
        schema="mail",
    )


def downgrade() -> None:
    op.drop_table("breaker", schema="mail")
    op.drop_column("mailbox", "stuck_times", schema="mail")
    op.drop_column("mailbox", "stuck_uid", schema="mail")
    op.drop_index("outbox_recipient_written_at_idx", table_name="outbox", schema="mail")
    op.drop_index("ledger_sender_stored_at_idx", table_name="ledger", schema="mail")
    op.drop_column("ledger", "reported_at", schema="mail")
    op.drop_column("ledger", "partial", schema="mail")
    op.execute("DELETE FROM mail.event WHERE kind IN ('mail_too_large', 'quarantine_digest', 'alert')")
    op.execute("UPDATE mail.ledger SET fate = 'not_applied' WHERE fate = 'dropped'")
    _check("event", "kind", KINDS)
    _check("ledger", "fate", FATES)
