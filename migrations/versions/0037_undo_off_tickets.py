"""Keep also what mails changed off a ticket, so that their author may take it back."""

from alembic import op

revision: str = "0037"
down_revision: str | None = "0036"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.alter_column("command", "ticket_number", nullable=True, schema="mail")


def downgrade() -> None:
    op.execute("DELETE FROM mail.command WHERE ticket_number IS NULL")
    op.alter_column("command", "ticket_number", nullable=False, schema="mail")
