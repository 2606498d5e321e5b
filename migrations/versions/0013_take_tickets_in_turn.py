"""Let refuted mails be counted, events be claimed ticket by ticket in turn, and those in quarantine be found."""

from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.execute("CREATE INDEX ledger_refuted_idx ON mail.ledger (stored_at) WHERE evidence ->> 'proof' = 'refuted'")
    op.execute(
        "CREATE INDEX event_undecided_turn_idx ON mail.event"
        " ((coalesce(ticket_number, - person_number, 0)), id) WHERE fate IS NULL"
    )
    op.execute("CREATE INDEX event_quarantined_idx ON mail.event (id) WHERE fate = 'quarantined'")
    # The ticket whose turn it was last.
    op.execute("CREATE SEQUENCE mail.event_turn MINVALUE -9223372036854775808 START 1")


def downgrade() -> None:
    op.execute("DROP SEQUENCE mail.event_turn")
    op.execute("DROP INDEX mail.event_quarantined_idx")
    op.execute("DROP INDEX mail.event_undecided_turn_idx")
    op.execute("DROP INDEX mail.ledger_refuted_idx")
