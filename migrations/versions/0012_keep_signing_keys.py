"""Keep the fingerprints of the keys that sign our mails, so that no process works with another."""

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "signing_key",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("signing_key_pkey")),
        schema="mail",
    )


def downgrade() -> None:
    op.drop_table("signing_key", schema="mail")
