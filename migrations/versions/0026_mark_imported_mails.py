"""Mark the mails that were brought along from files, so that they stay quiet whoever decides them again."""

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("ledger", sa.Column("imported_at", sa.DateTime(timezone=True)), schema="mail")
    for name in ("import_vouched", "import_open"):
        op.add_column(
            "ledger", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false")), schema="mail"
        )


def downgrade() -> None:
    for name in ("import_open", "import_vouched", "imported_at"):
        op.drop_column("ledger", name, schema="mail")
