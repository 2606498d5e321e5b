"""Which broker databases a demo may empty: an empty one, and one that a demo filled."""

import pytest
import redis

from worker.demo.ground import DemoRefused, prepare_broker


@pytest.fixture
def broker_url(redis_url: str) -> str:
    """A broker database of this test's own, empty."""
    url = redis_url.removesuffix("/0") + "/9"
    with redis.Redis.from_url(url) as broker:
        broker.flushdb()
    return url


def test_a_broker_database_that_somebody_else_uses_is_left_alone(broker_url: str) -> None:
    with redis.Redis.from_url(broker_url) as broker:
        broker.set("theirs", "1")

    with pytest.raises(DemoRefused, match="not made by a demo"):
        prepare_broker(broker_url)

    with redis.Redis.from_url(broker_url) as broker:
        assert broker.exists("theirs")


def test_what_an_earlier_demo_left_in_the_broker_is_gone(broker_url: str) -> None:
    prepare_broker(broker_url)
    with redis.Redis.from_url(broker_url) as broker:
        broker.set("ring", "1")

    prepare_broker(broker_url)

    with redis.Redis.from_url(broker_url) as broker:
        assert not broker.exists("ring")


def test_what_is_no_url_of_a_broker_is_refused_in_a_sentence() -> None:
    with pytest.raises(DemoRefused, match="REDIS_URL cannot be read"):
        prepare_broker("localhost")
