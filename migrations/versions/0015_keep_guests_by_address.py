"""Keep who stands in Cc by address, until they write or are written to and become a person."""

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "guest",
        sa.Column("ticket_number", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["mail.person.number"], name=op.f("guest_added_by_fkey")),
        sa.ForeignKeyConstraint(["ticket_number"], ["mail.ticket.number"], name=op.f("guest_ticket_number_fkey")),
        sa.PrimaryKeyConstraint("ticket_number", "address", name=op.f("guest_pkey")),
        schema="mail",
    )
    op.create_index(op.f("guest_address_idx"), "guest", ["address"], schema="mail")
    op.create_index(op.f("guest_added_by_idx"), "guest", ["added_by"], schema="mail")


def downgrade() -> None:
    op.drop_table("guest", schema="mail")
