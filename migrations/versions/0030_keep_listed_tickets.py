"""Keep with a mail of ours which tickets it lists, and how its list goes on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0030"
down_revision: str | None = "0029"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("listed", postgresql.JSONB()), schema="mail")


def downgrade() -> None:
    op.drop_column("outbox", "listed", schema="mail")
