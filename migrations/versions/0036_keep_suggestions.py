"""Keep which earlier answers a mail of ours shows, so that its reader can name one by its number."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0036"
down_revision: str | None = "0035"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("suggested", postgresql.JSONB()), schema="mail")


def downgrade() -> None:
    op.drop_column("outbox", "suggested", schema="mail")
