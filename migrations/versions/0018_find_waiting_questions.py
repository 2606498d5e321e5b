"""Let the questions to a person be found, for each question lists what waits for them."""

from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.execute("CREATE INDEX event_unconfirmed_idx ON mail.event (person_number) WHERE kind = 'mail_unconfirmed'")


def downgrade() -> None:
    op.execute("DROP INDEX mail.event_unconfirmed_idx")
