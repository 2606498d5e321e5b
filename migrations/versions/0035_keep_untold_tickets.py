"""Keep of which tickets their customers were told nothing yet, since staff opened them for who phoned."""

import sqlalchemy as sa
from alembic import op

revision: str = "0035"
down_revision: str | None = "0034"
branch_labels: str | None = None
depends_on: str | None = None

KINDS = (
    "'ticket_opened', 'ticket_changed', 'comment_added', 'note_added', 'command_answered', 'mail_held', 'report_due', "
    "'mail_too_large', 'quarantine_digest', 'alert', 'mail_unconfirmed', 'answer_waits', 'wait_over'"
)


def upgrade() -> None:
    op.create_table(
        "untold",
        sa.Column("ticket_number", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["ticket_number"], ["mail.ticket.number"], name=op.f("untold_ticket_number_fkey")),
        sa.PrimaryKeyConstraint("ticket_number", name=op.f("untold_pkey")),
        schema="mail",
    )
    _check(f"{KINDS}, 'customer_told'")


def downgrade() -> None:
    op.execute("UPDATE mail.outbox SET event_id = NULL WHERE event_id IN "
               "(SELECT id FROM mail.event WHERE kind = 'customer_told')")  # fmt: skip
    op.execute("DELETE FROM mail.event WHERE kind = 'customer_told'")
    _check(KINDS)
    op.drop_table("untold", schema="mail")


def _check(kinds: str) -> None:
    op.drop_constraint("event_kind_check", "event", schema="mail")
    op.create_check_constraint(op.f("event_kind_check"), "event", f"kind IN ({kinds})", schema="mail")
