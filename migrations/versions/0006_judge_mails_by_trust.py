"""Make room for confirmed and accepted mails, tokens that others saw, bounces and absences."""

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None

KINDS = (
    "ticket_opened",
    "ticket_changed",
    "comment_added",
    "note_added",
    "command_answered",
    "mail_held",
    "report_due",
    "mail_too_large",
    "quarantine_digest",
    "alert",
)
ANSWERS = ("public", "note", "none")
FAILURES = ("address", "mailbox full", "policy", "transient", "other")


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def _check(table: str, column: str, words: tuple[str, ...]) -> None:
    name = f"{table}_{column}_check"
    op.drop_constraint(op.f(name), table, schema="mail", type_="check")
    op.create_check_constraint(op.f(name), table, _one_of(column, words), schema="mail")


def _time(name: str, *, now: bool = False) -> sa.Column[object]:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=not now)


def upgrade() -> None:
    _check("event", "kind", (*KINDS, "mail_unconfirmed"))
    _check("outbox", "kind", (*ANSWERS, "confirm"))
    op.add_column("ledger", _time("confirmed_at"), schema="mail")
    op.add_column("outbox", _time("spent_at"), schema="mail")
    op.add_column("note", _time("accepted_at"), schema="mail")
    op.create_table(
        "bounce",
        sa.Column("ledger_id", sa.BigInteger(), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("permanent", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text()),
        _time("bounced_at", now=True),
        sa.CheckConstraint(_one_of("failure", FAILURES), name=op.f("bounce_failure_check")),
        sa.ForeignKeyConstraint(["ledger_id"], ["mail.ledger.id"], name=op.f("bounce_ledger_id_fkey")),
        sa.ForeignKeyConstraint(["outbox_id"], ["mail.outbox.id"], name=op.f("bounce_outbox_id_fkey")),
        sa.PrimaryKeyConstraint("ledger_id", name=op.f("bounce_pkey")),
        schema="mail",
    )
    op.create_index("bounce_address_bounced_at_idx", "bounce", ["address", "bounced_at"], schema="mail")
    op.create_index("bounce_outbox_id_idx", "bounce", ["outbox_id"], schema="mail")
    op.create_table(
        "absence",
        sa.Column("person_number", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _time("since", now=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_number"], ["mail.person.number"], name=op.f("absence_person_number_fkey")),
        sa.PrimaryKeyConstraint("person_number", name=op.f("absence_pkey")),
        schema="mail",
    )
    # How many tickets a domain opened within the hour is asked for each new one.
    op.execute(
        "CREATE INDEX ledger_domain_stored_at_idx ON mail.ledger (split_part(sender, '@', 2), stored_at)"
        " WHERE ticket_number IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX mail.ledger_domain_stored_at_idx")
    op.drop_table("absence", schema="mail")
    op.drop_table("bounce", schema="mail")
    op.drop_column("note", "accepted_at", schema="mail")
    op.drop_column("outbox", "spent_at", schema="mail")
    op.drop_column("ledger", "confirmed_at", schema="mail")
    op.execute("DELETE FROM mail.event WHERE kind = 'mail_unconfirmed'")
    op.execute("UPDATE mail.outbox SET kind = 'none' WHERE kind = 'confirm'")
    _check("outbox", "kind", ANSWERS)
    _check("event", "kind", KINDS)
