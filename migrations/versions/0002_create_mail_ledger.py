"""Create the numbers of tickets and people, and the tables that hold incoming mail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

TABLES = ("attachment", "blob", "raw_chunk", "ledger", "mailbox", "staff", "ticket", "person")

# Long texts compress well, and lz4 costs a fraction of the default's time. Where a server was built without it they are
# kept as they are: the default takes longer than all else that storing a mail costs, and saves a third of the room.
COMPRESSED = (("raw_chunk", "content"), ("blob", "content"))
HAS_LZ4 = "SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"

# Prisma's reset takes our foreign keys along: then what is in `public` now is Prisma's.
NOTE_REMADE = """
UPDATE mail.adoption SET adopted = true
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'ticket_ticket_id_fkey' AND contype = 'f')
"""


def upgrade() -> None:
    _create_numbers()
    _create_mails()
    _create_files()
    _compress()


def downgrade() -> None:
    op.execute(NOTE_REMADE)
    for table in TABLES:
        op.drop_table(table, schema="mail")


def _compress() -> None:
    how = "COMPRESSION lz4" if op.get_bind().scalar(sa.text(HAS_LZ4)) else "STORAGE EXTERNAL"
    for table, column in COMPRESSED:
        op.execute(f"ALTER TABLE mail.{table} ALTER COLUMN {column} SET {how}")


def _create_numbers() -> None:
    op.create_table(
        "person",
        sa.Column("number", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.Text()),
        sa.Column("numbered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["User.id"], name=op.f("person_user_id_fkey"), onupdate="CASCADE", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("person_pkey")),
        sa.UniqueConstraint("user_id", name=op.f("person_user_id_key")),
        schema="mail",
    )
    op.create_table(
        "ticket",
        sa.Column("number", sa.BigInteger(), sa.Identity(start=1001), nullable=False),
        sa.Column("ticket_id", sa.Text()),
        sa.Column("continues", sa.BigInteger()),
        sa.Column("numbered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["continues"], ["mail.ticket.number"], name=op.f("ticket_continues_fkey")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["Ticket.id"], name=op.f("ticket_ticket_id_fkey"), onupdate="CASCADE", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("ticket_pkey")),
        sa.UniqueConstraint("ticket_id", name=op.f("ticket_ticket_id_key")),
        schema="mail",
    )
    op.create_table(
        "staff",
        sa.Column("person_number", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("role IN ('admin', 'agent')", name=op.f("staff_role_check")),
        sa.ForeignKeyConstraint(["person_number"], ["mail.person.number"], name=op.f("staff_person_number_fkey")),
        sa.PrimaryKeyConstraint("person_number", name=op.f("staff_pkey")),
        sa.UniqueConstraint("email", name=op.f("staff_email_key")),
        schema="mail",
    )


def _create_mails() -> None:
    op.create_table(
        "mailbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("lease_token", sa.Uuid()),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("polled_at", sa.DateTime(timezone=True)),
        sa.Column("trouble", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("mailbox_pkey")),
        sa.UniqueConstraint("name", name=op.f("mailbox_name_key")),
        schema="mail",
    )
    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("mailbox_id", sa.BigInteger(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("internal_date", sa.DateTime(timezone=True)),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.Text()),
        sa.Column("message_id_hash", sa.LargeBinary()),
        sa.Column("refers_hashes", postgresql.ARRAY(sa.LargeBinary()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("server_done_at", sa.DateTime(timezone=True)),
        sa.Column("automatic", sa.Text()),
        sa.Column("sender", sa.Text()),
        sa.Column("recipients", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("ticket_number", sa.BigInteger()),
        sa.Column("person_number", sa.BigInteger()),
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
        sa.CheckConstraint(
            "fate IN ('applied', 'not_applied', 'quarantined', 'baseline')", name=op.f("ledger_fate_check")
        ),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mail.mailbox.id"], name=op.f("ledger_mailbox_id_fkey")),
        sa.ForeignKeyConstraint(["person_number"], ["mail.person.number"], name=op.f("ledger_person_number_fkey")),
        sa.ForeignKeyConstraint(["ticket_number"], ["mail.ticket.number"], name=op.f("ledger_ticket_number_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("ledger_pkey")),
        sa.UniqueConstraint(
            "mailbox_id", "folder", "uidvalidity", "uid", name=op.f("ledger_mailbox_id_folder_uidvalidity_uid_key")
        ),
        schema="mail",
    )
    op.create_index("ledger_fingerprint_idx", "ledger", ["fingerprint"], schema="mail")
    op.create_index(
        "ledger_quarantined_idx", "ledger", ["id"], schema="mail", postgresql_where=sa.text("fate = 'quarantined'")
    )
    op.create_index(
        "ledger_server_todo_idx",
        "ledger",
        ["mailbox_id", "id"],
        schema="mail",
        postgresql_where=sa.text("server_done_at IS NULL"),
    )
    op.create_index("ledger_ticket_idx", "ledger", ["ticket_number", "person_number"], schema="mail")
    op.create_index("ledger_undecided_idx", "ledger", ["id"], schema="mail", postgresql_where=sa.text("fate IS NULL"))
    op.create_index(
        "ledger_undecided_message_id_idx",
        "ledger",
        ["message_id_hash"],
        schema="mail",
        postgresql_where=sa.text("fate IS NULL"),
    )
    op.create_table(
        "raw_chunk",
        sa.Column("ledger_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ledger_id"], ["mail.ledger.id"], name=op.f("raw_chunk_ledger_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ledger_id", "position", name=op.f("raw_chunk_pkey")),
        schema="mail",
    )


def _create_files() -> None:
    op.create_table(
        "blob",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("blob_pkey")),
        schema="mail",
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("ledger_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_number", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.Text()),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("inline", sa.Boolean(), nullable=False),
        sa.Column("content_id", sa.Text()),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["ledger_id"], ["mail.ledger.id"], name=op.f("attachment_ledger_id_fkey")),
        sa.ForeignKeyConstraint(["sha256"], ["mail.blob.sha256"], name=op.f("attachment_sha256_fkey")),
        sa.ForeignKeyConstraint(["ticket_number"], ["mail.ticket.number"], name=op.f("attachment_ticket_number_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("attachment_pkey")),
        schema="mail",
    )
    op.create_index(op.f("attachment_ledger_id_idx"), "attachment", ["ledger_id"], schema="mail")
    op.create_index(op.f("attachment_sha256_idx"), "attachment", ["sha256"], schema="mail")
    op.create_index(op.f("attachment_ticket_number_idx"), "attachment", ["ticket_number"], schema="mail")
