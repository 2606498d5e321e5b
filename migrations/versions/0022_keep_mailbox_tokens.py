"""Keep the tokens by which mailboxes are opened, encrypted."""

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mailbox_token",
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text()),
        sa.Column("scope", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("renewed_at", MOMENT),
        sa.Column("expires_at", MOMENT),
        sa.Column("ends_at", MOMENT),
        sa.Column("claimed_until", MOMENT),
        sa.Column("trouble", sa.Text()),
        sa.Column("refused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("retry_at", MOMENT),
        sa.PrimaryKeyConstraint("mailbox", name=op.f("mailbox_token_pkey")),
        schema="mail",
    )


def downgrade() -> None:
    op.drop_table("mailbox_token", schema="mail")
