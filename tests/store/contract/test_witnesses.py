"""What a store promises about calls that several witnesses tell of: they are charged once, where seen from nearest."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from agentreplay.model.ids import ProjectId, SessionId
from agentreplay.model.span import Span
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage
from agentreplay.model.witness import Witness, attested
from agentreplay.store.protocol import Store
from agentreplay.testing import NEW_YEAR, Maker, batch_of
from tests.store.observation import Probe, append, assert_same_answers, in_every_order, measures, observe

USED = Usage(input=100, cache_read=40, output=10, reasoning=2)


def call(
    make: Maker,
    witness: Witness,
    answer: str | None = None,
    request: str | None = None,
    after: int = 0,
    used: Usage = USED,
    **fields: object,
) -> Span:
    end = Nanoseconds(NEW_YEAR + after * SECOND)
    told: dict[str, Any] = {
        "kind": "llm",
        "model": "m-1",
        "usage": used,
        "cost": NanoDollars(45),
        "session": SessionId(witness),
    } | fields
    names = attested(witness, used, end, answer, request)
    return make.span(start=NEW_YEAR - SECOND, end=end, attributes=names, **told)


def charged(store: Store, *told: Span) -> dict[str, int]:
    """What is charged of each, by its session."""
    stored = [store.spans.get(span.key) for span in told]
    return {span.session: span.usage.total for span in stored if span is not None}


def test_the_nearest_witness_is_charged_in_whatever_order_they_come(
    new_store: Callable[[], Store], make: Maker
) -> None:
    told = [
        batch_of(call(make, "gateway", "msg_1", "req_1", cost=NanoDollars(44))),
        batch_of(call(make, "transcript", "msg_1", "req_1", after=1)),
        batch_of(call(make, "trace", None, "req_1", after=2)),
        batch_of(call(make, "log", None, "req_1", after=3)),
    ]
    spans = [span for batch in told for span in batch.spans]
    seen: list[dict[str, object]] = []

    for store in in_every_order(new_store, told):
        assert charged(store, *spans) == {"gateway": USED.total, "transcript": 0, "trace": 0, "log": 0}
        assert sum(measure.cost for measure in measures(store, make.tenant)) == 44
        assert store.statistics().conflicts == 0
        seen.append(observe(store, make.tenant, Probe()))
    for answers in seen[1:]:
        assert_same_answers(answers, seen[0])


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ({"after": 9}, True),
        ({"after": 12}, False),
        ({"after": 9, "model": "m-2"}, False),
        ({"after": 9, "used": Usage(input=100, cache_read=40, output=13)}, False),
        ({"after": 9, "used": Usage(input=90, cache_read=40, cache_write_1h=10, output=12)}, True),
        ({"after": 9, "project": ProjectId("other")}, False),
        ({"after": 9, "answer": "msg_2"}, False),
    ],
    ids=["soon after", "long after", "another model", "other tokens", "told in less detail", "elsewhere", "another id"],
)
def test_what_has_no_id_in_common_is_known_by_what_it_used_and_when(
    store: Store, make: Maker, other: dict[str, object], *, is_same: bool
) -> None:
    recorded, told = call(make, "gateway", "msg_1"), call(make, "transcript", **other)  # type: ignore[arg-type]

    append(store, batch_of(told))
    append(store, batch_of(recorded))

    assert (charged(store, told)["transcript"] == 0) == is_same
    assert charged(store, recorded) == {"gateway": USED.total}


def test_one_witness_tells_of_two_calls_that_are_alike(store: Store, make: Maker) -> None:
    """A call that is made again is paid for again."""
    first, second = (call(make, "transcript", session=SessionId(name)) for name in ("one", "two"))

    append(store, batch_of(first), batch_of(second))

    assert charged(store, first, second) == {"one": USED.total, "two": USED.total}


def test_a_recording_that_told_no_tokens_leaves_them_to_the_others(store: Store, make: Maker) -> None:
    """One that broke off, say."""
    told = call(make, "transcript", "msg_1")

    append(store, batch_of(call(make, "gateway", "msg_1", used=NO_USAGE, cost=None)))
    append(store, batch_of(told))

    assert charged(store, told) == {"transcript": USED.total}


@pytest.mark.parametrize(("within", "is_same"), [("one", True), ("two", False), ("", False)])
def test_telemetry_without_an_id_is_known_within_its_recording(
    store: Store, make: Maker, within: str, *, is_same: bool
) -> None:
    """Elsewhere somebody may well have used as much of the same model at that time."""
    end = Nanoseconds(NEW_YEAR)
    coarse = Usage(input=140, output=12)
    recorded = msgspec.structs.replace(call(make, "recorder"), attributes=attested("recorder", USED, end, within="one"))
    told = msgspec.structs.replace(
        call(make, "trace", used=coarse), attributes=attested("trace", coarse, end, within=within)
    )

    append(store, batch_of(told))
    append(store, batch_of(recorded))

    assert (charged(store, told)["trace"] == 0) == is_same
    assert charged(store, recorded) == {"recorder": USED.total}
