"""${message}."""

# An old migration never changes: write its operations out, import nothing of models/.
# In `public` nothing but what SupportDesk's own Prisma makes: no index, column, enum value or table of ours.
# A new value of an enum cannot be used in the migration that adds it. Locks are waited for five seconds.

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision: str = ${repr(up_revision)}
down_revision: str | None = ${repr(down_revision)}
branch_labels: str | None = ${repr(branch_labels)}
depends_on: str | None = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
