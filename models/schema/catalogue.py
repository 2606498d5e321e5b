"""The objects of a schema as the server's catalogue describes them: one line for each, without the schema's name."""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

# Each statement gives (object, definition); `names` is NULL for all tables and enums, or the ones that count.
_TABLES = """
SELECT 'table ' || c.relname, ''
FROM pg_class c WHERE c.relnamespace = :schema AND c.relkind IN ('r', 'p') AND (:everything OR c.relname = ANY (:names))
"""
_COLUMNS = """
SELECT 'column ' || c.relname || '.' || a.attname,
       format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attnotnull THEN ' not null' ELSE ' null' END
       || CASE WHEN a.attidentity <> '' THEN ' identity' WHEN a.attgenerated <> '' THEN ' generated' ELSE '' END
       || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = :schema AND c.relkind IN ('r', 'p') AND (:everything OR c.relname = ANY (:names))
"""
_KEYS = """
SELECT CASE k.contype WHEN 'p' THEN 'primary key ' ELSE 'foreign key ' END || k.conname,
       'on ' || c.relname || ' ' || pg_get_constraintdef(k.oid, true)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = :schema AND k.contype IN ('p', 'f') AND (:everything OR c.relname = ANY (:names))
"""
_INDEXES = """
SELECT 'index ' || i.relname, pg_get_indexdef(i.oid, 0, true)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
WHERE c.relnamespace = :schema AND NOT x.indisprimary AND x.indpred IS NULL AND x.indexprs IS NULL
AND (:everything OR c.relname = ANY (:names))
"""
_ENUMS = """
SELECT 'enum ' || t.typname, string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid
WHERE t.typnamespace = :schema AND (:everything OR t.typname = ANY (:names)) GROUP BY t.typname
"""
_CHECKS = """
SELECT CASE k.contype WHEN 'c' THEN 'check ' ELSE 'unique constraint ' END || k.conname,
       'on ' || c.relname || ' ' || pg_get_constraintdef(k.oid, true)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = :schema AND k.contype IN ('c', 'u') AND (:everything OR c.relname = ANY (:names))
"""
_PARTIAL_INDEXES = """
SELECT 'index ' || i.relname, pg_get_indexdef(i.oid, 0, true)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
WHERE c.relnamespace = :schema AND (x.indpred IS NOT NULL OR x.indexprs IS NOT NULL)
AND (:everything OR c.relname = ANY (:names))
"""
_TRIGGERS = """
SELECT 'trigger ' || g.tgname, pg_get_triggerdef(g.oid, true)
FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
WHERE c.relnamespace = :schema AND NOT g.tgisinternal AND (:everything OR c.relname = ANY (:names))
"""
_FUNCTIONS = """
SELECT 'function ' || p.proname, pg_get_functiondef(p.oid) || coalesce(' rights ' || p.proacl::text, '')
FROM pg_proc p WHERE p.pronamespace = :schema AND p.prokind = 'f' AND (:everything OR p.proname = ANY (:names))
"""

# What Prisma sees and would revert, and what it leaves alone.
SEEN = (_TABLES, _COLUMNS, _KEYS, _INDEXES, _ENUMS)
UNSEEN = (_CHECKS, _PARTIAL_INDEXES, _TRIGGERS, _FUNCTIONS)

# How one object is described in the same words, whatever the server quotes or spells out.
_WORDING = (
    (re.compile(r'"'), ""),
    (re.compile(r"^CREATE (UNIQUE )?INDEX \S+ ON"), lambda found: f"{(found[1] or '').lower()}on"),
    (re.compile(r" USING btree(?= \()"), ""),
    (re.compile(r"PRIMARY KEY |FOREIGN KEY "), ""),
    (re.compile(r"REFERENCES|ON (UPDATE|DELETE)|CASCADE|RESTRICT|SET (NULL|DEFAULT)"), lambda found: found[0].lower()),
)


def catalogue(connection: Connection, schema: str, names: frozenset[str] | None = None) -> tuple[str, ...]:
    """The sorted lines of the tables, columns, keys, plain indexes and enums of a schema, as Prisma sees them.

    `names` limits them to these tables and enums. Checks, views, triggers, partial and expression indexes are left
    out. Runs inside a transaction that is open; two schemas with the same objects give the same lines.
    """
    return tuple(sorted(f"{name} {what}".rstrip() for name, what in objects(connection, schema, names).items()))


def guards(connection: Connection, schema: str) -> tuple[str, ...]:
    """The sorted lines of what Prisma leaves alone: checks, unique constraints, partial indexes, triggers."""
    return tuple(sorted(f"{name} {what}" for name, what in _read(connection, schema, None, UNSEEN)))


def objects(connection: Connection, schema: str, names: frozenset[str] | None = None) -> dict[str, str]:
    """The same as `catalogue`, from the object (`column Ticket.title`) to its definition (`text not null`)."""
    return dict(_read(connection, schema, names, SEEN))


def _read(
    connection: Connection, schema: str, names: frozenset[str] | None, statements: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    oid = connection.scalar(text("SELECT oid::bigint FROM pg_namespace WHERE nspname = :schema"), {"schema": schema})
    values = {"schema": int(oid or 0), "everything": names is None, "names": sorted(names or ())}
    # The server leaves out a schema's name where the search path finds the object without.
    path = connection.scalar(text("SELECT current_setting('search_path')"))
    _set_search_path(connection, f'"{schema}"')
    for statement in statements:
        for name, definition in connection.execute(text(statement), values):
            yield name, _in_one_wording(definition)
    _set_search_path(connection, str(path))


def _set_search_path(connection: Connection, path: str) -> None:
    connection.execute(text("SELECT set_config('search_path', :path, true)"), {"path": path})


def _in_one_wording(definition: str) -> str:
    for pattern, replacement in _WORDING:
        definition = pattern.sub(replacement, definition)
    return definition
