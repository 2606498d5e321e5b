"""Let the undecided events of a transaction be found without walking all that wait."""

from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.execute("CREATE INDEX event_undecided_transaction_idx ON mail.event (transaction) WHERE coalesce(fate, '') = ''")


def downgrade() -> None:
    op.execute("DROP INDEX mail.event_undecided_transaction_idx")
