"""Which databases a demo may begin anew: an empty one, and one that a demo made."""

import pytest
from sqlalchemy import Engine, text

from models.reports.daybook import read_daybook
from models.schema.demo_mark import is_demo, is_empty
from worker.demo.ground import DemoRefused, prepare_database
from worker.runtime.transaction import transaction


def tickets(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text('SELECT count(*) FROM "Ticket"')) or 0)


def test_a_demo_makes_its_desk_in_an_empty_database_and_marks_it(empty_engine: Engine) -> None:
    prepare_database(empty_engine)

    with empty_engine.connect() as connection:
        assert is_demo(connection)
        assert not is_empty(connection)
    assert tickets(empty_engine) == 6


def test_a_demo_begins_the_database_of_an_earlier_demo_anew(empty_engine: Engine) -> None:
    prepare_database(empty_engine)
    with empty_engine.begin() as connection:
        connection.execute(text("UPDATE \"Ticket\" SET title = 'left over'"))

    prepare_database(empty_engine)

    with empty_engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM \"Ticket\" WHERE title = 'left over'")) == 0


def test_a_demo_leaves_a_desk_alone_that_it_did_not_make(fresh_engine: Engine) -> None:
    with pytest.raises(DemoRefused, match="not made by a demo"):
        prepare_database(fresh_engine)

    assert tickets(fresh_engine) == 0


def test_a_demo_leaves_a_database_with_other_tables_alone(empty_engine: Engine) -> None:
    with empty_engine.begin() as connection:
        connection.execute(text("CREATE TABLE recipes (id int)"))

    with pytest.raises(DemoRefused, match="is not empty"):
        prepare_database(empty_engine)


def test_the_daybook_of_a_new_desk_is_empty(empty_engine: Engine) -> None:
    prepare_database(empty_engine)

    with transaction(empty_engine) as session:
        book = read_daybook(session)

    assert (book.mails, book.tickets, book.notices, book.unannounced) == ((), (), (), 0)
