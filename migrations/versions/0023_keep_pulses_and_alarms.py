"""Keep the pulse of each process, the alarms that were given, and how a mailbox's server answered the last logins."""

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("now()")


def upgrade() -> None:
    op.create_table(
        "pulse",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("queues", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("clock_off", sa.Double(), nullable=False),
        sa.Column("disk_free", sa.BigInteger()),
        sa.Column("disk_total", sa.BigInteger()),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("beat_at", MOMENT, server_default=NOW, nullable=False),
        sa.CheckConstraint("kind IN ('worker', 'beat', 'watch')", name=op.f("pulse_kind_check")),
        sa.PrimaryKeyConstraint("host", "pid", "kind", name=op.f("pulse_pkey")),
        schema="mail",
    )
    op.create_table(
        "alarm",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("since", MOMENT, server_default=NOW, nullable=False),
        sa.Column("paged_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("alarm_pkey")),
        schema="mail",
    )
    op.execute("CREATE UNIQUE INDEX alarm_open_idx ON mail.alarm (kind, about) WHERE ended_at IS NULL")
    refused = sa.Column("refused_times", sa.Integer(), server_default=sa.text("0"), nullable=False)
    op.add_column("mailbox", refused, schema="mail")
    op.add_column("mailbox", sa.Column("opened_with", sa.Text()), schema="mail")
    op.add_column("mailbox", sa.Column("certificate_ends_at", MOMENT), schema="mail")


def downgrade() -> None:
    for column in ("certificate_ends_at", "opened_with", "refused_times"):
        op.drop_column("mailbox", column, schema="mail")
    op.drop_table("alarm", schema="mail")
    op.drop_table("pulse", schema="mail")
