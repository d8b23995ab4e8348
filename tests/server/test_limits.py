"""A bucket lets a burst through and then a steady rate."""

from agentreplay.server.limits import Bucket


def test_a_burst_passes_and_then_so_many_a_minute() -> None:
    now = [0.0]
    bucket = Bucket(60, 100, lambda: now[0])

    assert bucket.take(100)
    assert not bucket.take(1)
    now[0] = 10
    assert bucket.take(10)
    assert not bucket.take(1)


def test_what_is_larger_than_a_burst_passes_when_the_bucket_is_full_and_is_paid_later() -> None:
    now = [0.0]
    bucket = Bucket(60, 100, lambda: now[0])

    assert bucket.take(160)
    now[0] = 60
    assert not bucket.take(1)
    now[0] = 62
    assert bucket.take(1)


def test_no_rate_is_no_limit() -> None:
    assert Bucket(0, 0, lambda: 0).take(10**9)
