"""Mark the pictures of a sender's signature, which are kept and listed in no mail."""

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    of_signature: sa.Column[bool] = sa.Column(
        "of_signature", sa.Boolean(), server_default=sa.text("false"), nullable=False
    )
    op.add_column("attachment", of_signature, schema="mail")


def downgrade() -> None:
    op.drop_column("attachment", "of_signature", schema="mail")
