"""Keep when the certificates of outgoing servers end."""

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "outgoing_server",
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("certificate_ends_at", MOMENT),
        sa.Column("looked_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("server", name=op.f("outgoing_server_pkey")),
        schema="mail",
    )


def downgrade() -> None:
    op.drop_table("outgoing_server", schema="mail")
