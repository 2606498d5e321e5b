"""Keep when a mail of the outbox was last sent again by hand, so that its age begins there."""

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("retried_at", sa.DateTime(timezone=True)), schema="mail")


def downgrade() -> None:
    op.drop_column("outbox", "retried_at", schema="mail")
