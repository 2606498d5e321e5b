"""What an author writes below a mail is given back; what programs put there is not."""

import pytest

from mail.quoting.reply import visible_reply
from mail.quoting.signature.sign_off import sign_off

BANNER = "CAUTION: This email came from outside the organisation. Do not click links unless you know the sender."
NOTICE = (
    "This e-mail and any attachments are confidential and intended solely for the addressee. If you are not the "
    "intended recipient, please notify the sender and delete this message."
)
ROWS = {
    "a closing": ("Kind regards,\nCarol", "Kind regards,\nCarol"),
    "a closing and a card": (
        "Mit freundlichen Grüßen\nCarol Mendes\n\nAcme GmbH\nTel. +49 30 1234567",
        "Mit freundlichen Grüßen\nCarol Mendes\n\nAcme GmbH\nTel. +49 30 1234567",
    ),
    "a block below dashes": ("-- \nCarol Mendes\nAcme Help", "-- \nCarol Mendes\nAcme Help"),
    "a telephone's footer": ("Sent from my iPhone", ""),
    "a closing above a footer": ("Best,\nCarol\n\nSent from my iPhone", "Best,\nCarol"),
    "a closing below a footer": ("Get Outlook for iOS\n\nBest,\nCarol", "Best,\nCarol"),
    "a footer with an excuse": ("Best,\nCarol\n\nSent from my iPhone\nPlease excuse typos", "Best,\nCarol"),
    "a notice": (NOTICE, ""),
    "a closing above a notice": (f"Kind regards,\nCarol Mendes\n\n{NOTICE}", "Kind regards,\nCarol Mendes"),
    "a block above a notice": (f"-- \nCarol Mendes\n\n{NOTICE}", "-- \nCarol Mendes"),
    "a banner": (BANNER, ""),
    "a list's footer": (
        (
            "Cheers,\nBob\n\n_______________________________________________\nusers mailing list\n"
            "https://lists.example/listinfo/users"
        ),
        "Cheers,\nBob",
    ),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("below", "own"), ROWS.values(), ids=ROWS)
def test_what_the_author_wrote_below_is_given_back(below: str, own: str) -> None:
    assert sign_off(below)[0] == own


@pytest.mark.parametrize("below", [below for below, _ in ROWS.values()])
def test_every_filled_line_stays_on_one_side(below: str) -> None:
    own, rest = sign_off(below)

    assert sorted(filter(None, f"{own}\n{rest}".split("\n"))) == sorted(filter(None, below.split("\n")))


def test_a_banner_above_goes_and_the_closing_below_stays() -> None:
    reply = visible_reply(f"{BANNER}\n\nThe printer works again.\n\nKind regards,\nCarol")

    assert sign_off(reply.signature)[0] == "Kind regards,\nCarol"
