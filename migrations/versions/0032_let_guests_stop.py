"""Mark the mails whose reader may leave the ticket by `#stop`, which say so in List-Unsubscribe."""

import sqlalchemy as sa
from alembic import op

revision: str = "0032"
down_revision: str | None = "0031"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    column: sa.Column[bool] = sa.Column("may_stop", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    op.add_column("outbox", column, schema="mail")


def downgrade() -> None:
    op.drop_column("outbox", "may_stop", schema="mail")
