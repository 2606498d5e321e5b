"""Let a ticket name the one that it was merged into."""

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("ticket", sa.Column("merged_into", sa.BigInteger()), schema="mail")
    op.create_foreign_key(
        op.f("ticket_merged_into_fkey"),
        "ticket",
        "ticket",
        ["merged_into"],
        ["number"],
        source_schema="mail",
        referent_schema="mail",
    )
    op.create_check_constraint(op.f("ticket_merged_into_check"), "ticket", "merged_into <> number", schema="mail")
    # Only the merged ones are ever asked for by it.
    op.create_index(
        "ticket_merged_into_idx",
        "ticket",
        ["merged_into"],
        schema="mail",
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_column("ticket", "merged_into", schema="mail")
