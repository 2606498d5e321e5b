"""Give the evidence of decided mails the key `standing`, which only their sentence on trust told until now."""

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None

# Each statement ends long before its timeout, and no row is locked for longer than its statement.
BATCH = 10_000

# A row without such a sentence was decided by no rule, or was erased: it has no standing.
NAME = sa.text("""
UPDATE mail.ledger l SET evidence = l.evidence || jsonb_build_object('standing', s.standing)
FROM (VALUES
    ('staff', 'Its sender is staff %'),
    ('customer', 'Its sender is a customer of the ticket %'),
    ('stranger', 'Its sender is a stranger %')
) AS s (standing, sentence)
WHERE l.id > :after AND l.id <= :until AND l.evidence ->> 'trust' LIKE s.sentence AND l.evidence -> 'standing' IS NULL
""")
FORGET = sa.text("""
UPDATE mail.ledger SET evidence = evidence - 'standing'
WHERE id > :after AND id <= :until AND evidence -> 'standing' IS NOT NULL
""")


def _in_batches(statement: sa.TextClause) -> None:
    # What is committed already is passed over where this is run again after an error.
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        last = connection.scalar(sa.text("SELECT coalesce(max(id), 0) FROM mail.ledger"))
        for after in range(0, last, BATCH):
            connection.execute(statement, {"after": after, "until": after + BATCH})


def upgrade() -> None:
    _in_batches(NAME)


def downgrade() -> None:
    _in_batches(FORGET)
