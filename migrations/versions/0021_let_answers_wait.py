"""Let an answer of staff wait for a word of its author, where a colleague answered after the mail that it answers."""

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | None = None
depends_on: str | None = None

KINDS = (
    "'ticket_opened', 'ticket_changed', 'comment_added', 'note_added', 'command_answered', 'mail_held', 'report_due', "
    "'mail_too_large', 'quarantine_digest', 'alert', 'mail_unconfirmed'"
)
ANSWERS = "'public', 'note', 'none', 'confirm'"


def upgrade() -> None:
    op.add_column("ledger", sa.Column("waited_at", sa.DateTime(timezone=True)), schema="mail")
    _check("event", f"{KINDS}, 'answer_waits'")
    _check("outbox", f"{ANSWERS}, 'waiting'")


def downgrade() -> None:
    op.execute("DELETE FROM mail.outbox_file WHERE outbox_id IN (SELECT id FROM mail.outbox WHERE kind = 'waiting')")
    op.execute("UPDATE mail.outbox SET event_id = NULL, kind = 'none' WHERE kind = 'waiting'")
    op.execute("DELETE FROM mail.event WHERE kind = 'answer_waits'")
    _check("event", KINDS)
    _check("outbox", ANSWERS)
    op.drop_column("ledger", "waited_at", schema="mail")


def _check(table: str, kinds: str) -> None:
    op.drop_constraint(f"{table}_kind_check", table, schema="mail")
    op.create_check_constraint(op.f(f"{table}_kind_check"), table, f"kind IN ({kinds})", schema="mail")
