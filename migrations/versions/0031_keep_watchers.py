"""Keep who of staff watches a ticket without having it."""

import sqlalchemy as sa
from alembic import op

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "watch",
        sa.Column("ticket_number", sa.BigInteger(), nullable=False),
        sa.Column("person_number", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["person_number"], ["mail.person.number"], name=op.f("watch_person_number_fkey")),
        sa.ForeignKeyConstraint(["ticket_number"], ["mail.ticket.number"], name=op.f("watch_ticket_number_fkey")),
        sa.PrimaryKeyConstraint("ticket_number", "person_number", name=op.f("watch_pkey")),
        schema="mail",
    )
    op.create_index(op.f("watch_person_number_idx"), "watch", ["person_number"], schema="mail")


def downgrade() -> None:
    op.drop_table("watch", schema="mail")
