"""What was imported is understood anew, and the store is then as if it had been from the start."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from agentreplay.core.ingest import KIND, VERSION, Request, batch_of_request, payload_of
from agentreplay.core.prices import set_price
from agentreplay.core.renormalise import renormalise
from agentreplay.intake.otlp.reading import read
from agentreplay.intake.otlp.sources import Origin
from agentreplay.intake.price_book import OwnPrice
from agentreplay.model.batch import Batch
from agentreplay.model.content import Kept
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.measure import Dimension, MeasureQuery
from agentreplay.model.query import SessionFilter, SpanFilter
from agentreplay.model.receipt import Target
from agentreplay.model.time import DAY, Nanoseconds
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.sqlite import renewal
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.store.sqlite.upkeep import examine, rebuild
from agentreplay.testing import Maker, batch_of
from tests.golden.otlp.reading import CAPTURES
from tests.store.observation import (
    Probe,
    all_items,
    all_sessions,
    all_spans,
    append,
    assert_same_answers,
    observe,
    told,
)

TENANT = TenantId("local")
PROJECT = ProjectId("default")
EMITTERS = ("adk", "langfuse", "logfire", "openinference-anthropic", "otel-openai-events")
SPLITS: tuple[tuple[Dimension, ...], ...] = ((), ("kind",), ("model",), ("tool",), ("agent",))


class CutOff(Exception):
    """Somebody pressed a key."""


def progress(_done: int, _total: int) -> None:
    """Nobody looks."""


def requests() -> list[Request]:
    paths = [path for name in EMITTERS for path in sorted((CAPTURES / name).glob("*.pb"))]
    return [
        Request(
            tenant=TENANT,
            project=PROJECT,
            signal="logs" if "logs" in path.name else "traces",
            encoding="protobuf",
            received=Nanoseconds(1),
            content="full",
            body=path.read_bytes(),
        )
        for path in paths
    ]


@pytest.fixture(scope="module")
def as_it_came() -> list[Batch]:
    """What a version stored that understood nothing of it."""
    origin = Origin(TENANT, PROJECT, is_told=False)
    return [read(one.signal, one.encoding, one.body, origin, one.received) for one in requests()]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What is seen of a store that took in the same with today's understanding."""
    folder = tmp_path_factory.mktemp("fresh")
    with closing(SqliteStore(folder)) as store, closing(JournalWriter(folder, "process")) as writer:
        writer.append_payloads(KIND, VERSION, [payload_of(one) for one in requests()])
        store.drain()
        return seen(store)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(tmp_path / "store")) as opened:
        yield opened


def seen(store: SqliteStore) -> dict[str, object]:
    batches = [batch_of_request(payload_of(one)) for one in requests()]
    probe = Probe.of(batches, words=("weather", "paris"))
    found = {
        by: [
            (one.dimensions, one.spans, one.errors, one.cost, one.usage)
            for one in store.measure(
                MeasureQuery(tenant=TENANT, since=Nanoseconds(0), until=Nanoseconds(40_000 * DAY), by=by, grain="day")
            )
        ]
        for by in SPLITS
    }
    statistics = store.statistics()
    held = (statistics.sessions, statistics.spans, statistics.contents, statistics.links)
    return {**observe(store, TENANT, probe), "all measures": found, "held": held}


def test_the_store_is_then_as_if_all_had_been_understood_from_the_start(
    store: SqliteStore, as_it_came: list[Batch], expected: dict[str, object]
) -> None:
    append(store, *as_it_came)
    assert seen(store)["all measures"] != expected["all measures"]
    before = store.position()

    renewed = renormalise(store.folder, "1", progress)

    assert renewed.changed > 10
    assert_same_answers(seen(store), expected)
    assert store.position() > before, "whoever follows the changes is told"
    assert examine(store.folder).problems == ()
    rebuild(store.folder, progress)
    assert_same_answers(seen(store), expected)


def test_what_is_understood_already_is_not_touched(store: SqliteStore, expected: dict[str, object]) -> None:
    append(store, *(batch_of_request(payload_of(one)) for one in requests()))
    before = store.position()

    renewed = renormalise(store.folder, "1", progress)

    assert (renewed.changed, store.position()) == (0, before)
    assert renewed.spans == store.statistics().spans
    assert_same_answers(seen(store), expected)


def test_cut_off_it_goes_on_and_takes_each_span_once(
    store: SqliteStore, as_it_came: list[Batch], expected: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    append(store, *as_it_came)
    spans = store.statistics().spans
    monkeypatch.setattr(renewal, "_AT_ONCE", 5)
    done: list[int] = []

    def cut_off(so_far: int, _total: int) -> None:
        done.append(so_far)
        if len(done) == 2:
            raise CutOff

    with pytest.raises(CutOff):
        renormalise(store.folder, "1", cut_off)
    rest = renormalise(store.folder, "1", progress)

    assert 0 < done[-1] < spans
    assert done[-1] + rest.spans == spans
    assert_same_answers(seen(store), expected)


def test_with_other_prices_it_begins_again(
    store: SqliteStore, as_it_came: list[Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    append(store, *as_it_came)
    monkeypatch.setattr(renewal, "_AT_ONCE", 5)

    def cut_off(_done: int, _total: int) -> None:
        raise CutOff

    with pytest.raises(CutOff):
        renormalise(store.folder, "1", cut_off)
    price = OwnPrice(model="gpt-*", rates={"input": 1_000})
    set_price(store.folder, price)

    assert renormalise(store.folder, "1", progress).spans == store.statistics().spans


def test_what_was_recorded_and_what_was_erased_stays_as_it_is(store: SqliteStore, as_it_came: list[Batch]) -> None:
    append(store, *as_it_came)
    erased, sibling = [row for row in all_spans(store, SpanFilter(tenant=TENANT)) if row.parent_id][:2]
    store.delete(Target(tenant=TENANT, project=PROJECT, trace_id=erased.trace_id, span_id=erased.span_id))
    make = Maker(tenant=TENANT, project=PROJECT)
    talk, answer = make.conversation("recorded question"), make.content("recorded answer")
    assert talk.ref is not None
    recorded = make.span(
        kind="llm",
        session=sibling.session,
        trace_id=sibling.trace_id,
        attributes={"agentreplay.seam": "httpx"},
        kept=(Kept(role="answer", hash=answer.hash),),
        context=talk.ref,
    )
    append(store, batch_of(recorded, talk, answer))
    before = [told(store.spans.get(key)) for key in (erased.key, recorded.key)]

    renormalise(store.folder, "1", progress)

    assert [told(store.spans.get(key)) for key in (erased.key, recorded.key)] == before
    assert store.contents.get(TENANT, answer.hash) == answer
    assert tuple(store.contexts.read(TENANT, talk.ref.id)) == talk.links
    assert examine(store.folder).problems == ()
    append(store, *as_it_came)
    found = store.spans.get(erased.key)
    assert found is not None
    assert found.kept == (), "told again, it does not come back"


def test_a_session_that_somebody_labelled_stays(store: SqliteStore, as_it_came: list[Batch]) -> None:
    """Its spans may turn out to belong to another one."""
    append(store, *as_it_came)
    rows = all_items(lambda request: store.sessions.find(SessionFilter(tenant=TENANT), request))
    labelled = [msgspec.structs.replace(row.session, labels={"keep": "me"}, revision=1) for row in rows]
    append(store, batch_of(*labelled))

    renormalise(store.folder, "1", progress)

    kept = all_sessions(store, SessionFilter(tenant=TENANT, label=("keep", "me")))
    assert set(kept) == {session.id for session in labelled}
