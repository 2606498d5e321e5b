"""Keep old tickets in an archive, and give a restored one its number again."""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError
from sqlalchemy.dialects import postgresql

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)
# A change of models/events/triggers.py needs a migration of its own; this one stays as it was.
NUMBER_OF_TICKET = """
CREATE OR REPLACE FUNCTION mail.number_of_ticket(id text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, mail, pg_temp AS $$
DECLARE
    known bigint;
BEGIN
    SELECT t.number INTO known FROM mail.ticket t WHERE t.ticket_id = id;{restores}
    IF known IS NULL THEN
        INSERT INTO mail.ticket (ticket_id) VALUES (id)
        ON CONFLICT (ticket_id) DO UPDATE SET ticket_id = excluded.ticket_id RETURNING number INTO known;
    END IF;
    RETURN known;
END $$
"""
RESTORES = """
    IF known IS NULL AND current_setting('supportdesk.restores', true) = 'on' THEN
        UPDATE mail.ticket t SET ticket_id = a.ticket_id FROM mail.archive a
        WHERE a.ticket_id = id AND t.number = a.number AND t.ticket_id IS NULL RETURNING t.number INTO known;
    END IF;"""


def upgrade() -> None:
    op.add_column("ticket", sa.Column("restored_at", MOMENT), schema="mail")
    op.create_table(
        "archive",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("archived_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("addresses", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("people", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("rows", postgresql.JSONB(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("archive_pkey")),
        sa.ForeignKeyConstraint(["number"], ["mail.ticket.number"], name=op.f("archive_number_fkey")),
        sa.UniqueConstraint("ticket_id", name=op.f("archive_ticket_id_key")),
        schema="mail",
    )
    for column in ("addresses", "people"):
        op.create_index(f"archive_{column}_idx", "archive", [column], postgresql_using="gin", schema="mail")
    op.create_table(
        "archive_part",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", "position", name=op.f("archive_part_pkey")),
        sa.ForeignKeyConstraint(["number"], ["mail.ticket.number"], name=op.f("archive_part_number_fkey")),
        schema="mail",
    )
    # It is compressed already.
    op.execute("ALTER TABLE mail.archive_part ALTER COLUMN content SET STORAGE EXTERNAL")
    op.execute(NUMBER_OF_TICKET.format(restores=RESTORES))


def downgrade() -> None:
    there = op.get_bind().scalar(sa.text("SELECT count(*) FROM mail.archive"))
    if there:
        message = f"{there} tickets are in the archive, and would be lost. Restore them first."
        raise CommandError(message)
    op.execute(NUMBER_OF_TICKET.format(restores=""))
    op.drop_table("archive_part", schema="mail")
    op.drop_table("archive", schema="mail")
    op.drop_column("ticket", "restored_at", schema="mail")
