"""Create what ties mails to tickets, the queues of what goes out, and the records."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

TABLES = (
    "outbox_file",
    "outbox",
    "event",
    "assignment",
    "reading",
    "note",
    "participant",
    "message_id",
    "suppression",
    "report_run",
)

# As in the revision before this one.
COMPRESSED = (("outbox", "text"), ("outbox", "html"))
HAS_LZ4 = "SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"


def upgrade() -> None:
    _create_conversation()
    _create_events()
    _create_outbox()
    _create_records()
    _compress()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table, schema="mail")


def _compress() -> None:
    how = "COMPRESSION lz4" if op.get_bind().scalar(sa.text(HAS_LZ4)) else "STORAGE EXTERNAL"
    for table, column in COMPRESSED:
        op.execute(f"ALTER TABLE mail.{table} ALTER COLUMN {column} SET {how}")


def _create_conversation() -> None:
    op.create_table(
        "message_id",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("ticket_number", sa.BigInteger(), nullable=False),
        sa.Column("refers", sa.Boolean(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["ticket_number"], ["mail.ticket.number"], name=op.f("message_id_ticket_number_fkey")),
        sa.PrimaryKeyConstraint("hash", "ticket_number", name=op.f("message_id_pkey")),
        schema="mail",
    )
    op.create_table(
        "participant",
        sa.Column("ticket_number", sa.BigInteger(), nullable=False),
        sa.Column("person_number", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["person_number"], ["mail.person.number"], name=op.f("participant_person_number_fkey")),
        sa.ForeignKeyConstraint(["ticket_number"], ["mail.ticket.number"], name=op.f("participant_ticket_number_fkey")),
        sa.PrimaryKeyConstraint("ticket_number", "person_number", name=op.f("participant_pkey")),
        schema="mail",
    )
    op.create_index(op.f("participant_person_number_idx"), "participant", ["person_number"], schema="mail")
    op.create_table(
        "note",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("ticket_number", sa.BigInteger(), nullable=False),
        sa.Column("person_number", sa.BigInteger()),
        sa.Column("ledger_id", sa.BigInteger()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["ledger_id"], ["mail.ledger.id"], name=op.f("note_ledger_id_fkey")),
        sa.ForeignKeyConstraint(["person_number"], ["mail.person.number"], name=op.f("note_person_number_fkey")),
        sa.ForeignKeyConstraint(["ticket_number"], ["mail.ticket.number"], name=op.f("note_ticket_number_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("note_pkey")),
        schema="mail",
    )
    op.create_index(op.f("note_ticket_number_idx"), "note", ["ticket_number"], schema="mail")
    op.create_table(
        "reading",
        sa.Column("ledger_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_number", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.Text()),
        sa.Column("removed", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("repairs", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("reading_confidence_check")),
        sa.ForeignKeyConstraint(["ledger_id"], ["mail.ledger.id"], name=op.f("reading_ledger_id_fkey")),
        sa.ForeignKeyConstraint(["ticket_number"], ["mail.ticket.number"], name=op.f("reading_ticket_number_fkey")),
        sa.PrimaryKeyConstraint("ledger_id", name=op.f("reading_pkey")),
        schema="mail",
    )
    op.create_index(op.f("reading_ticket_number_idx"), "reading", ["ticket_number"], schema="mail")


def _create_events() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column(
            "transaction", sa.BigInteger(), server_default=sa.text("pg_current_xact_id()::text::bigint"), nullable=False
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ticket_number", sa.BigInteger()),
        sa.Column("person_number", sa.BigInteger()),
        sa.Column("field", sa.Text()),
        sa.Column("old", sa.Text()),
        sa.Column("new", sa.Text()),
        sa.Column("comment_id", sa.Text()),
        sa.Column("note_id", sa.BigInteger()),
        sa.Column("actor", sa.BigInteger()),
        sa.Column("cause", sa.BigInteger()),
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("claimed_by", sa.Uuid()),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.Column("claimed_alone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("fate", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("fate IN ('announced', 'parked', 'dropped', 'quarantined')", name=op.f("event_fate_check")),
        sa.CheckConstraint(
            "field IN ('status', 'priority', 'category', 'assignee', 'title', 'description')",
            name=op.f("event_field_check"),
        ),
        sa.CheckConstraint(
            "kind IN ('ticket_opened', 'ticket_changed', 'comment_added', 'note_added', "
            "'command_answered', 'mail_held', 'report_due')",
            name=op.f("event_kind_check"),
        ),
        sa.ForeignKeyConstraint(["actor"], ["mail.person.number"], name=op.f("event_actor_fkey")),
        sa.ForeignKeyConstraint(["cause"], ["mail.ledger.id"], name=op.f("event_cause_fkey")),
        sa.ForeignKeyConstraint(["note_id"], ["mail.note.id"], name=op.f("event_note_id_fkey")),
        sa.ForeignKeyConstraint(["person_number"], ["mail.person.number"], name=op.f("event_person_number_fkey")),
        sa.ForeignKeyConstraint(["ticket_number"], ["mail.ticket.number"], name=op.f("event_ticket_number_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("event_pkey")),
        schema="mail",
    )
    op.create_index(op.f("event_ticket_number_idx"), "event", ["ticket_number"], schema="mail")
    op.create_index("event_undecided_idx", "event", ["id"], schema="mail", postgresql_where=sa.text("fate IS NULL"))


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger()),
        sa.Column("ticket_number", sa.BigInteger()),
        sa.Column("person_number", sa.BigInteger()),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("recipient_name", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.Text()),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("in_reply_to", sa.Text()),
        sa.Column("references", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("auto_submitted", sa.Text()),
        sa.Column("dated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("claimed_by", sa.Uuid()),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.Column("claimed_alone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("fate", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("fate IN ('sent', 'failed', 'held')", name=op.f("outbox_fate_check")),
        sa.CheckConstraint("kind IN ('public', 'note', 'none')", name=op.f("outbox_kind_check")),
        sa.ForeignKeyConstraint(["event_id"], ["mail.event.id"], name=op.f("outbox_event_id_fkey")),
        sa.ForeignKeyConstraint(["person_number"], ["mail.person.number"], name=op.f("outbox_person_number_fkey")),
        sa.ForeignKeyConstraint(["ticket_number"], ["mail.ticket.number"], name=op.f("outbox_ticket_number_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pkey")),
        sa.UniqueConstraint("message_id", name=op.f("outbox_message_id_key")),
        schema="mail",
    )
    op.create_index("outbox_due_idx", "outbox", ["due_at"], schema="mail", postgresql_where=sa.text("fate IS NULL"))
    op.create_index(op.f("outbox_person_number_idx"), "outbox", ["person_number"], schema="mail")
    op.create_index(op.f("outbox_ticket_number_idx"), "outbox", ["ticket_number"], schema="mail")
    op.create_table(
        "outbox_file",
        sa.Column("outbox_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_id", sa.Text()),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["mail.outbox.id"], name=op.f("outbox_file_outbox_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sha256"], ["mail.blob.sha256"], name=op.f("outbox_file_sha256_fkey")),
        sa.PrimaryKeyConstraint("outbox_id", "position", name=op.f("outbox_file_pkey")),
        schema="mail",
    )
    op.create_index(op.f("outbox_file_sha256_idx"), "outbox_file", ["sha256"], schema="mail")


def _create_records() -> None:
    op.create_table(
        "assignment",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("ticket_number", sa.BigInteger(), nullable=False),
        sa.Column("person_number", sa.BigInteger()),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["person_number"], ["mail.person.number"], name=op.f("assignment_person_number_fkey")),
        sa.ForeignKeyConstraint(["ticket_number"], ["mail.ticket.number"], name=op.f("assignment_ticket_number_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("assignment_pkey")),
        schema="mail",
    )
    op.create_index(
        op.f("assignment_person_number_assigned_at_idx"), "assignment", ["person_number", "assigned_at"], schema="mail"
    )
    op.create_index(op.f("assignment_ticket_number_idx"), "assignment", ["ticket_number"], schema="mail")
    op.create_table(
        "report_run",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("figures", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("name", "due_at", name=op.f("report_run_pkey")),
        schema="mail",
    )
    op.create_table(
        "suppression",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("address", name=op.f("suppression_pkey")),
        schema="mail",
    )
