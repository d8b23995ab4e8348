"""A small world to delete parts of: sessions, traces and projects that share contents and contexts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agentreplay.model.batch import Batch
from agentreplay.model.content import Content, Kept
from agentreplay.model.ids import SessionId
from agentreplay.model.receipt import Target
from agentreplay.model.span import Span
from agentreplay.model.usage import Usage
from agentreplay.store.memory import MemoryStore
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import (
    Probe,
    append,
    assert_same_answers,
    assert_same_measures,
    measures,
    observe,
)

__all__ = ["World", "answers", "assert_same", "never_had"]

WORDS = ("system", "hello", "forecast", "invoice", "alpha", "beta", "gamma", "failed", "work", "plan")


@dataclass
class World:
    """Two sessions of one project and one of another that share contents, each told by its own batches."""

    make: Maker = field(default_factory=Maker)
    batches: dict[str, Batch] = field(default_factory=dict)

    def __post_init__(self) -> None:
        make = self.make
        short = make.conversation("system", "hello")
        long = make.conversation("system", "hello", "forecast")
        other = make.conversation("system", "invoice")
        alpha, beta, gamma = (make.content(word) for word in ("alpha", "beta", "gamma"))

        root = make.span(session="a", kind="agent", agent="planner", cost=5, usage=Usage(input=3))
        call = make.span(root, kind="llm", model="m1", context=short.ref, kept=answers(alpha), cost=7)
        again = make.span(root, kind="llm", model="m1", context=long.ref, kept=answers(alpha, beta))
        self.batches["a1"] = batch_of(make.session(id="a", labels={"n": "a"}), root, call, again, long, alpha, beta)
        tool = make.span(
            session="a", kind="tool", tool="grep", status="error", status_message="failed", kept=answers(beta)
        )
        self.batches["a2"] = batch_of(tool, make.span(tool, context=short.ref, end=None), short, beta)
        talk = make.span(session="b", kind="llm", model="m2", context=other.ref, kept=answers(gamma), name="plan")
        self.batches["b"] = batch_of(talk, other, gamma)
        own = make.span(project="other", session="a", context=short.ref, kept=answers(alpha))
        self.batches["c"] = batch_of(own, short, alpha)

    def probe(self) -> Probe:
        return Probe.of(self.batches.values(), WORDS)

    def fill(self, store: Store, *, without: Sequence[str] = ()) -> None:
        append(store, *[batch for name, batch in self.batches.items() if name not in without])

    def target(self, *, session: str | None = None, trace: Span | None = None, payload: Span | None = None) -> Target:
        named = payload or trace
        return Target(
            tenant=self.make.tenant,
            project=self.make.project,
            session=None if session is None else SessionId(session),
            trace_id=named.trace_id if named else None,
            span_id=payload.span_id if payload else None,
        )


def answers(*contents: Content) -> tuple[Kept, ...]:
    """What a span keeps whose answers these are."""
    return tuple(Kept(role="answer", hash=content.hash) for content in contents)


def assert_same(store: Store, expected: Store, world: World) -> None:
    """Both answer every question alike, except for those about what happened when."""
    tenant, probe = world.make.tenant, world.probe()
    assert_same_answers(observe(store, tenant, probe), observe(expected, tenant, probe))
    assert_same_measures(measures(store, tenant, ("model",)), measures(expected, tenant, ("model",)))
    for statistics in ("sessions", "spans", "links", "oldest", "newest"):
        assert getattr(store.statistics(), statistics) == getattr(expected.statistics(), statistics)


def never_had(world: World, *without: str) -> Store:
    store = MemoryStore()
    world.fill(store, without=without)
    return store
