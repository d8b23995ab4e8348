"""A summary does not depend on the order in which its spans arrive."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.model.session import Summary
from agentreplay.model.span import Span
from agentreplay.model.summary import Tally, summarise
from agentreplay.model.usage import Usage
from agentreplay.model.values import decode, encode
from agentreplay.testing import Maker
from tests import strategies

few_names = st.none() | st.sampled_from(["a", "b", ""])
some_usages = st.just(Usage()) | strategies.usages


@st.composite
def sessions_of_spans(draw: st.DrawFn) -> list[Span]:
    make = Maker(draw(st.integers(0, 1000)))
    spans: list[Span] = []
    for _ in range(draw(st.integers(0, 6))):
        fields: dict[str, Any] = {
            "kind": draw(st.sampled_from(["llm", "tool", "custom"])),
            "start": draw(strategies.times),
            "end": draw(st.none() | strategies.times),
            "status": draw(st.sampled_from(["ok", "error", "unset"])),
            "iteration": draw(st.none() | st.integers(0, 9)),
            "usage": draw(some_usages),
            "cost": draw(st.none() | st.integers(0, 1 << 40)),
        }
        fields |= {name: draw(few_names) for name in ("agent", "model", "tool")}
        parent = draw(st.none() | st.sampled_from(spans)) if spans else None
        spans.append(make.span(parent, **fields))
    return spans


@given(sessions_of_spans(), st.randoms(use_true_random=False))
def test_a_summary_is_independent_of_order(spans: list[Span], random: Any) -> None:
    shuffled = random.sample(spans, len(spans))

    assert summarise(shuffled) == summarise(spans)


@given(sessions_of_spans(), st.integers(0, 6))
def test_a_tally_goes_on_from_a_stored_summary(spans: list[Span], cut: int) -> None:
    stored: Summary = decode(encode(summarise(spans[:cut])), Summary)

    tally = Tally(stored)
    for span in spans[cut:]:
        tally.add(span)

    assert tally.summary() == summarise(spans)


@given(sessions_of_spans(), st.integers(0, 6))
def test_two_summaries_merge_into_that_of_all_their_spans(spans: list[Span], cut: int) -> None:
    tally = Tally(summarise(spans[:cut]))

    tally.merge(summarise(spans[cut:]))

    assert tally.summary() == summarise(spans)


@given(sessions_of_spans(), st.randoms(use_true_random=False))
def test_closing_in_any_order_gives_the_summary_of_the_closed_spans(spans: list[Span], random: Any) -> None:
    opened = [
        msgspec.structs.replace(
            span,
            end=None,
            status=random.choice(["unset", span.status]),
            usage=random.choice([Usage(), span.usage]),
            cost=None,
            model=random.choice([None, "other", span.model]),
        )
        for span in spans
    ]
    tally = Tally(Summary())
    for span in random.sample(opened, len(opened)):
        tally.add(span)

    for place in random.sample(range(len(spans)), len(spans)):
        tally.replace(opened[place], spans[place])

    assert tally.summary() == summarise(spans)


def test_a_summary_counts_each_thing_once(make: Maker) -> None:
    root = make.span(kind="agent", agent="planner", iteration=2)
    call = make.span(root, kind="llm", model="m", usage=Usage(input=5), cost=7, status="error")
    tool = make.span(root, kind="tool", tool="grep", end=None)

    summary = summarise([root, call, tool])

    assert summary == Summary(
        spans=3,
        open=1,
        errors=1,
        iterations=2,
        first=root.start,
        last=tool.start,
        usage=Usage(input=5),
        cost=summary.cost,
        kinds={"agent": 1, "llm": 1, "tool": 1},
        tools={"grep": 1},
        models={"m": 1},
        agents={"planner": 1},
        model_usage={"m": Usage(input=5)},
        root_errors=0,
    )
    assert summary.cost == 7


def test_a_failed_root_is_counted_apart(make: Maker) -> None:
    root = make.span(status="error")

    summary = summarise([root, make.span(root, status="error")])

    assert (summary.errors, summary.root_errors) == (2, 1)
