"""Keep what each mail changed on a ticket, with the values before, so that its author may take it back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "command",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("ledger_id", sa.BigInteger(), nullable=False),
        sa.Column("person_number", sa.BigInteger(), nullable=False),
        sa.Column("ticket_number", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.BigInteger()),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("changed_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.ForeignKeyConstraint(["ledger_id"], ["mail.ledger.id"], name=op.f("command_ledger_id_fkey")),
        sa.ForeignKeyConstraint(["person_number"], ["mail.person.number"], name=op.f("command_person_number_fkey")),
        sa.ForeignKeyConstraint(["ticket_number"], ["mail.ticket.number"], name=op.f("command_ticket_number_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("command_pkey")),
        sa.UniqueConstraint("ledger_id", "ticket_number", name=op.f("command_ledger_id_ticket_number_key")),
        schema="mail",
    )
    for columns in (["ticket_number"], ["person_number", "id"]):
        op.create_index(op.f(f"command_{'_'.join(columns)}_idx"), "command", columns, schema="mail")


def downgrade() -> None:
    op.drop_table("command", schema="mail")
