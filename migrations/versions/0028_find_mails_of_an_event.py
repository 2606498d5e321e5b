"""Let the mails of ours that came of an event be found, for an old event is deleted where none did."""

from alembic import op

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.execute("CREATE INDEX outbox_event_idx ON mail.outbox (event_id) WHERE event_id IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX mail.outbox_event_idx")
