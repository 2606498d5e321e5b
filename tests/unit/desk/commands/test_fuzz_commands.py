"""Whatever a reply says, its words and commands come apart without failing, and no word is lost or made up."""

from hypothesis import given
from hypothesis import strategies as st

from desk.commands.command import Setting
from desk.commands.lines.parser import find_stray, parse_reply
from desk.commands.obey import answer_mistyped, obey
from desk.commands.table import COMMANDS, CUSTOMERS_MAY
from tests.support.values.builders import ANN, BOB, CANDIDATES, a_ticket
from tests.support.values.hostile_bytes import LETTERS, fuzz
from tests.support.values.words import english

ORDERS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["#", "\uff03", " #", "\u200b#", "##", "> #", ""]),
    st.sampled_from([*COMMANDS, "reslove", "CLOSE", "\u212aeep", "", "note\u2028#close", "1"]),
    st.sampled_from([" ", "\t", "\xa0", "", ": "]),
    LETTERS | st.sampled_from(["me", "none", "high", "x" * 300]),
)
REPLIES = st.lists(ORDERS | LETTERS, max_size=10).map("\n".join)


@fuzz(200)
@given(REPLIES, st.booleans())
def test_commands_and_text_come_apart_without_loss(reply: str, staff: bool) -> None:
    words = parse_reply(reply, staff=staff)

    taken = "\n".join((*(order.line for order in words.orders), words.text))
    assert sorted(letter for letter in taken if letter.isalnum()) == sorted(one for one in reply if one.isalnum())
    assert staff or all(order.name in CUSTOMERS_MAY for order in words.orders)
    assert all(order in find_stray(order.line) for order in find_stray(words.text))


@fuzz(150)
@given(REPLIES, st.sampled_from([ANN, BOB]))
def test_every_command_is_answered(reply: str, person: object) -> None:
    who = ANN if person is ANN else BOB
    orders = parse_reply(reply, staff=True).orders

    _, outcomes = obey(orders, Setting(who, a_ticket(), CANDIDATES))

    assert len(outcomes) == len(orders)
    assert all(english(outcome.sentence) for outcome in (*outcomes, *answer_mistyped(orders)))
    assert who is BOB or not any(one.done for one, order in zip(outcomes, orders, strict=True)
                                 if order.name not in CUSTOMERS_MAY)  # fmt: skip
