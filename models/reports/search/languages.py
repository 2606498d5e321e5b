"""The languages whose words are found by their stems, as PostgreSQL calls them, and accents that its stems may keep."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy.orm import Session

from desk.reports.search.words import without_accents
from models.db.statement import Statement

# By the code of a language (ISO 639-1). A language that PostgreSQL has no stems of is found by its words as they stand.
_NAMES: Final = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
# Latin letters with accents, and the same without.
ACCENTED: Final = "".join(
    chr(code) for code in range(0xC0, 0x250) if len(without_accents(chr(code))) == 1 and chr(code).isalpha()
)
BARE: Final = "".join(without_accents(letter) for letter in ACCENTED)
GERMAN: Final = "german"

_KNOWN = Statement("""
SELECT c.cfgname AS name FROM pg_ts_config c
WHERE c.cfgnamespace = 'pg_catalog'::regnamespace AND c.cfgname = ANY(CAST(:names AS text[])) ORDER BY 1
""")


def stemmed_languages(session: Session, codes: Iterable[str]) -> list[str]:
    """PostgreSQL's names of those languages that it has stems of, in order; `codes` are such as de or pt-BR."""
    names = {_NAMES.get(code.partition("-")[0], "") for code in codes}
    return [row.name for row in _KNOWN.rows(session, {"names": sorted(names)})]


def stems(text: str, languages: str) -> str:
    """SQL for the stems, as an array, of the words in `text` in each of the `languages`, two expressions in SQL.

    In German ä, ö and ü are the same as ae, oe and ue.
    """
    umlauts = f"replace(replace(replace({text}, 'ae', 'ä'), 'oe', 'ö'), 'ue', 'ü')"
    # translate() looks through all of its letters for each of the text's.
    bare = f"CASE WHEN octet_length(stem) = length(stem) THEN stem ELSE translate(stem, '{ACCENTED}', '{BARE}') END"
    return f"""ARRAY(
        SELECT {bare} FROM unnest({languages}) AS language
        CROSS JOIN LATERAL unnest(tsvector_to_array(to_tsvector(
            CAST('pg_catalog.' || language AS regconfig), CASE language WHEN '{GERMAN}' THEN {umlauts} ELSE {text} END
        ))) AS stem
    )"""
