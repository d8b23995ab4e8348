"""Replies of every kind, bytes that were cut anywhere, and what must come back of a reply."""

from itertools import pairwise

from hypothesis import strategies as st

from agentreplay.intake.providers.protocol import Answered, Reply, ToolCall
from agentreplay.model.values import Value
from tests.strategies import broken_texts

__all__ = ["answers_of", "cuts", "hostile", "replies"]

_names = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)
_scalars: st.SearchStrategy[Value] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), broken_texts
)
_values: st.SearchStrategy[Value] = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(broken_texts, inner, max_size=3),
    max_leaves=6,
)
_calls = st.builds(ToolCall, id=_names, name=_names, arguments=st.dictionaries(broken_texts, _values, max_size=3))

replies: st.SearchStrategy[Reply] = st.builds(
    Reply,
    text=broken_texts | st.text(st.sampled_from("a \n.\u2028é😀"), max_size=60),
    reasoning=broken_texts,
    tool_calls=st.lists(_calls, max_size=3).map(tuple),
)
"""What a model could say, without usage: each provider counts other things."""

hostile: st.SearchStrategy[bytes] = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(
        [b"{", b"[", b"null", b"data: {\n\n", b"data: []\n\n", b"\x00" * 16, b"[" * 5_000, b'{"a":' * 5_000]
    ),
)


@st.composite
def cuts(draw: st.DrawFn, whole: bytes) -> list[bytes]:
    """The bytes as a network might deliver them."""
    places = sorted(draw(st.sets(st.integers(0, len(whole)), max_size=12)) | {0, len(whole)})
    return [whole[start:end] for start, end in pairwise(places)]


def answers_of(answered: Answered) -> Reply:
    """The reply that an answer holds."""
    return Reply(
        text=answered.text,
        reasoning=answered.reasoning,
        tool_calls=answered.tool_calls,
        usage=answered.usage,
    )
