"""The filter language: what is typed becomes a filter, and what cannot be read is told with its column."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core.filter import session_filter, span_filter
from agentreplay.core.filter_fields import fields_of
from agentreplay.errors import FilterInvalid
from agentreplay.model.ids import SessionId, TenantId
from agentreplay.model.query import AttributeMatch, Bounds, Match, ScoreMatch, SessionFilter, SpanFilter
from agentreplay.model.time import HOUR, SECOND
from agentreplay.testing import NEW_YEAR

TENANT = TenantId("acme")


def wanted(text: str) -> tuple[SpanFilter, str]:
    found = span_filter(text, SpanFilter(tenant=TENANT), lambda: NEW_YEAR)
    return found.where, found.words


def where(**fields: Any) -> SpanFilter:
    return SpanFilter(tenant=TENANT, **fields)


def matching(field: Any, *words: str, **more: Any) -> dict[str, Any]:
    return {"matches": (Match(field=field, words=words, **more),)}


READ = [
    ("kind:tool", matching("kind", "tool")),
    ("kind=tool", matching("kind", "tool")),
    ("kind:tool,llm", matching("kind", "tool", "llm")),
    ("-kind:llm", matching("kind", "llm", negated=True)),
    ("kind!=llm", matching("kind", "llm", negated=True)),
    ("-kind!=llm", matching("kind", "llm")),
    ("model:gpt-5*", matching("model", beginnings=("gpt-5",))),
    ("model:*", matching("model", beginnings=("",))),
    ('tool:"web search",grep', matching("tool", "web search", "grep")),
    (r'name:"say \"hi\" \\"*', matching("name", beginnings=('say "hi" \\',))),
    ("tool:a=b:c", matching("tool", "a=b:c")),
    ("status:error,unset", matching("status", "error", "unset")),
    ("status:e*", matching("status", beginnings=("e",))),
    ("label:env=prod", matching("label", "prod", label="env")),
    ("label:env=prod,test*", matching("label", "prod", label="env", beginnings=("test",))),
    ("-label:env", matching("label", label="env", beginnings=("",), negated=True)),
    ("score.helpful>0.5", {"scores": (ScoreMatch(name="helpful", comparison=">", value=0.5),)}),
    ('score."how helpful"<=-1', {"scores": (ScoreMatch(name="how helpful", comparison="<=", value=-1),)}),
    ("score.a:2", {"scores": (ScoreMatch(name="a", comparison="=", value=2),)}),
    ("-score.a:*", {"scores": (ScoreMatch(name="a", negated=True),)}),
    ("cost>0.01", {"cost": Bounds(least=10_000_001)}),
    ("cost<=$1", {"cost": Bounds(most=1_000_000_000)}),
    ("tokens>=10k", {"tokens": Bounds(least=10_000)}),
    ("tokens=5", {"tokens": Bounds(least=5, most=5)}),
    ("tokens>5 tokens<9 tokens>6", {"tokens": Bounds(least=7, most=8)}),
    ("duration<2s", {"duration": Bounds(most=2 * SECOND - 1)}),
    ("since:2h", {"since": NEW_YEAR - 2 * HOUR}),
    ("until:2026-01-01T00:00Z", {"until": NEW_YEAR}),
    ("session:abc", {"session": SessionId("abc")}),
    (f"trace:{'AB' * 16}", {"trace_id": "ab" * 16}),
    ("attr.a.b=x", {"attributes": (AttributeMatch(key="a.b", values=("x",)),)}),
    ("attr.n:5", {"attributes": (AttributeMatch(key="n", values=("5", 5, 5.0)),)}),
    ("attr.ok=true", {"attributes": (AttributeMatch(key="ok", values=("true", True)),)}),
    ('-attr."a b":*', {"attributes": (AttributeMatch(key="a b", negated=True),)}),
]


@pytest.mark.parametrize(("text", "fields"), READ, ids=[text for text, _ in READ])
def test_each_condition_is_read(text: str, fields: dict[str, Any]) -> None:
    assert wanted(text) == (where(**fields), "")


def test_words_and_conditions_may_be_mixed() -> None:
    found, words = wanted('  order kind:tool "refund policy"  ship* -model:x ')

    assert words == 'order "refund policy" ship*'
    assert [match.field for match in found.matches] == ["kind", "model"]
    assert wanted("") == (where(), "")


def test_what_was_narrowed_before_stays_narrow() -> None:
    within = SpanFilter(tenant=TENANT, session=SessionId("abc"), agent="x")

    assert span_filter("tokens=0", within, lambda: 0).where == where(
        session="abc", agent="x", tokens=Bounds(least=0, most=0)
    )


@pytest.mark.parametrize("text", ["session:01KD", "session:01KD*"])
def test_sessions_are_found_by_the_beginning_of_their_id(text: str) -> None:
    found = session_filter(text, SessionFilter(tenant=TENANT), lambda: 0)

    assert found == SessionFilter(tenant=TENANT, prefix="01KD")


def test_sessions_have_fields_of_their_own() -> None:
    found = session_filter("status:failed spans>3 refund", SessionFilter(tenant=TENANT, text="order"), lambda: 0)

    assert found == SessionFilter(
        tenant=TENANT, spans=Bounds(least=4), text="order refund", **matching("status", "failed")
    )


REFUSED = [
    ("a statu:error", 3, "did you mean status?"),
    ("status:eror", 8, "did you mean error?"),
    ("status:sad", 8, "give one of: unset, ok, error"),
    ("spans>3", 1, "sessions have it; to search"),
    ("http://x", 1, 'put it in quotes: "http://x"'),
    ("attr=3", 1, "did you mean attr.NAME?"),
    ("http.status=3", 1, "did you mean attr.http.status?"),
    ("kind>tool", 1, "as in kind:tool"),
    ("attr.n>3", 1, "as in attr.http.status_code=500"),
    ("attr.n=a*", 1, "give the whole value"),
    ("cost>much", 6, "try 0.05"),
    ("tokens>1.5", 8, "try 1500"),
    ("duration>5", 10, "try 250ms"),
    ("cost>1,2", 1, "as in cost>0.01"),
    ("-cost>1", 1, "turn the comparison round"),
    ("since:soon", 7, "try 2h"),
    ("since:1h since:2h", 10, "leave one of them out"),
    ("trace:x", 7, "give the whole id"),
    ("label:=x", 1, "as in label:env=prod"),
    ("label:a,b", 1, "as in label:env=prod"),
    ("label:a*", 1, "as in label:env"),
    ("x kind:", 8, "as in kind:VALUE"),
    ("kind:tool,", 11, "as in kind:VALUE"),
    ('kind:"tool', 6, "close them"),
    ('say "hello', 5, "close them"),
    ('kind:"a"b', 9, "in quotes"),
    ("-word", 1, 'put it in quotes: "-word"'),
    ("a - b", 3, "as in -kind:llm"),
]


@pytest.mark.parametrize(("text", "column", "advice"), REFUSED, ids=[text for text, _, _ in REFUSED])
def test_what_cannot_be_read_is_told_with_its_column_and_what_to_do(text: str, column: int, advice: str) -> None:
    with pytest.raises(FilterInvalid) as caught:
        wanted(text)

    assert caught.value.facts["column"] == column
    assert advice in caught.value.advice


@pytest.mark.parametrize("subject", ["spans", "sessions"])
def test_each_field_can_be_asked_for_as_its_example_shows(subject: Any) -> None:
    for field in fields_of(subject):
        if field.kind == "id":
            continue
        if subject == "spans":
            assert wanted(field.example) != (where(), "")
        else:
            within = SessionFilter(tenant=TENANT)
            assert session_filter(field.example, within, lambda: NEW_YEAR) != within


TYPED = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from([*(text for text, _ in READ), *(text for text, _, _ in REFUSED)]),
        st.sampled_from([*' :=<>!-"*,.\\\t\x00', "\ud800", "attr.", "9" * 400, "1e400", "label:", "NaN"]),
    ),
    max_size=6,
)


@given(TYPED, st.sampled_from(["", " "]))
def test_whatever_is_typed_is_read_or_told_with_its_column(parts: list[str], between: str) -> None:
    text = between.join(parts)
    for problem in (_problem(lambda: wanted(text)), _problem(lambda: sessions_wanted(text))):
        if problem is not None:
            assert 1 <= int(str(problem.facts["column"])) <= len(text) + 1
            assert problem.advice


def sessions_wanted(text: str) -> SessionFilter:
    return session_filter(text, SessionFilter(tenant=TENANT), lambda: NEW_YEAR)


def _problem(read: Callable[[], object]) -> FilterInvalid | None:
    try:
        read()
    except FilterInvalid as error:
        return error
    return None
