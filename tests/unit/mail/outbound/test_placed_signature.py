"""A signature is added once: not below its own lines, and in the place of one that a mail program put there."""

import pytest

from mail.outbound.signature import LONGEST_BLOCK, Signature, place

SIGNATURE = Signature("Carol Mendes\nAcme Help, +49 30 1234")
LETTER = "Hello Ann,\n\nit is mended.\n\nKind regards\nCarol"
OTHERWISE = f"{LETTER}\n\nCAROL MENDES\n\n  Acme  Help, +49 30 1234 "
LONG = "\n".join(f"Point {number} of the second part." for number in range(LONGEST_BLOCK + 1))

# The words of an answer, what of them is sent, and whether the signature stands below.
PLACED = [
    (LETTER, LETTER, True),
    (f"{LETTER}\n\n{SIGNATURE.text}", f"{LETTER}\n\n{SIGNATURE.text}", False),
    (OTHERWISE, OTHERWISE, False),
    (f"{LETTER}\n\n-- \n{SIGNATURE.text}", LETTER, True),
    (f"{LETTER}\n\n--\nCarol\nSent from my telephone", LETTER, True),
    (f"{LETTER}\n\n{SIGNATURE.text}\n-- \nCarol", f"{LETTER}\n\n{SIGNATURE.text}", False),
    (f"First part.\n--\n{LONG}", f"First part.\n--\n{LONG}", True),
    ("-- \nCarol", "-- \nCarol", True),
    (f"{SIGNATURE.text}\n\n{LETTER}", f"{SIGNATURE.text}\n\n{LETTER}", True),
    ("Use -- to end the options.", "Use -- to end the options.", True),
    ("", "", True),
]  # fmt: skip


@pytest.mark.parametrize(("words", "kept", "added"), PLACED)
def test_it_is_added_once(words: str, kept: str, *, added: bool) -> None:
    assert place(words, SIGNATURE) == (kept, added)
