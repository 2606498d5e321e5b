"""Mark the breakers that were reset by a key, where a sentence told them apart until now."""

from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.execute("UPDATE mail.breaker SET reason = 'reset' WHERE reason = 'It was reset.'")


def downgrade() -> None:
    op.execute("UPDATE mail.breaker SET reason = 'It was reset.' WHERE reason = 'reset'")
