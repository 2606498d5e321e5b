"""Let an operator pause a mailbox, which nobody polls or watches then."""

import sqlalchemy as sa
from alembic import op

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: str | None = None
depends_on: str | None = None

COLUMNS = ("paused_at", "resumes_at")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("mailbox", sa.Column(name, sa.DateTime(timezone=True)), schema="mail")


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("mailbox", name, schema="mail")
