"""Let dropped mails be found that no admin was told of, and mark those that an admin took for a person's."""

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("ledger", sa.Column("restored_at", sa.DateTime(timezone=True)), schema="mail")
    # What was dropped before has no such key, so nobody is told of years at once.
    op.execute(
        "CREATE INDEX ledger_dropped_idx ON mail.ledger (reported_at, id)"
        " WHERE fate = 'not_applied' AND (evidence -> 'drop') IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX mail.ledger_dropped_idx")
    op.drop_column("ledger", "restored_at", schema="mail")
