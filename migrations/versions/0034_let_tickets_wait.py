"""Let tickets wait until a moment, and come back to their owners then."""

import sqlalchemy as sa
from alembic import op

revision: str = "0034"
down_revision: str | None = "0033"
branch_labels: str | None = None
depends_on: str | None = None

KINDS = (
    "'ticket_opened', 'ticket_changed', 'comment_added', 'note_added', 'command_answered', 'mail_held', 'report_due', "
    "'mail_too_large', 'quarantine_digest', 'alert', 'mail_unconfirmed', 'answer_waits'"
)


def upgrade() -> None:
    op.create_table(
        "wait",
        sa.Column("ticket_number", sa.BigInteger(), nullable=False),
        sa.Column("person_number", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["person_number"], ["mail.person.number"], name=op.f("wait_person_number_fkey")),
        sa.ForeignKeyConstraint(["ticket_number"], ["mail.ticket.number"], name=op.f("wait_ticket_number_fkey")),
        sa.PrimaryKeyConstraint("ticket_number", name=op.f("wait_pkey")),
        schema="mail",
    )
    for column in ("until", "person_number"):
        op.create_index(op.f(f"wait_{column}_idx"), "wait", [column], schema="mail")
    _check(f"{KINDS}, 'wait_over'")


def downgrade() -> None:
    op.execute("UPDATE mail.outbox SET event_id = NULL WHERE event_id IN "
               "(SELECT id FROM mail.event WHERE kind = 'wait_over')")  # fmt: skip
    op.execute("DELETE FROM mail.event WHERE kind = 'wait_over'")
    _check(KINDS)
    op.drop_table("wait", schema="mail")


def _check(kinds: str) -> None:
    op.drop_constraint("event_kind_check", "event", schema="mail")
    op.create_check_constraint(op.f("event_kind_check"), "event", f"kind IN ({kinds})", schema="mail")
