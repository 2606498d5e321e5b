"""Keep the language that a person chose."""

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    language: sa.Column[str] = sa.Column("language", sa.Text(), nullable=True)
    op.add_column("person", language, schema="mail")


def downgrade() -> None:
    op.drop_column("person", "language", schema="mail")
