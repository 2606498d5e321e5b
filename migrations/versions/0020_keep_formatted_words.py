"""Keep beside a mail's reading what its author wrote below it, and its words as HTML."""

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    for name in ("sign_off", "html"):
        column: sa.Column[str] = sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)
        op.add_column("reading", column, schema="mail")


def downgrade() -> None:
    op.drop_column("reading", "html", schema="mail")
    op.drop_column("reading", "sign_off", schema="mail")
