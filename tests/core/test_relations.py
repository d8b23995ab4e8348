"""Parents, siblings and paths, with every store."""

from collections.abc import Callable

import pytest

from agentreplay.core.relations import parent, path, siblings
from agentreplay.errors import SpanMissing
from agentreplay.model.page import PageRequest
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker

Keep = Callable[..., None]


def test_the_parent_is_the_span_that_started_this_one(store: Store, make: Maker, keep: Keep) -> None:
    root = make.span()
    middle = make.span(root)
    leaf = make.span(middle)
    keep(root, middle, leaf)

    found = parent(store.spans, leaf.key)

    assert found is not None
    assert found.key == middle.key


def test_a_root_has_no_parent_and_no_siblings(store: Store, make: Maker, keep: Keep) -> None:
    root = make.span()
    keep(root, make.span())

    assert parent(store.spans, root.key) is None
    assert siblings(store.spans, root.key).items == ()


def test_a_parent_that_is_not_stored_yet_is_no_parent(store: Store, make: Maker, keep: Keep) -> None:
    child = make.span(make.span())
    keep(child)

    assert parent(store.spans, child.key) is None


def test_siblings_share_the_parent_even_one_that_is_not_stored(store: Store, make: Maker, keep: Keep) -> None:
    absent = make.span()
    first, second, third = make.span(absent), make.span(absent), make.span(absent)
    keep(third, first, second, make.span(first))

    found = siblings(store.spans, second.key)

    assert [span.key for span in found.items] == [first.key, third.key]
    assert found.next is None


def test_siblings_come_in_pages(store: Store, make: Maker, keep: Keep) -> None:
    root = make.span()
    children = [make.span(root) for _ in range(5)]
    keep(root, *children)

    found = []
    request: PageRequest | None = PageRequest(limit=2)
    while request is not None:
        page = siblings(store.spans, children[0].key, request)
        found += [span.key for span in page.items]
        request = PageRequest(limit=2, after=page.next) if page.next else None

    assert found == [child.key for child in children[1:]]


def test_a_path_goes_up_to_the_span_both_lie_under_and_down_again(store: Store, make: Maker, keep: Keep) -> None:
    root = make.span()
    left, right = make.span(root), make.span(root)
    low_left, low_right = make.span(left), make.span(right)
    keep(root, left, right, low_left, low_right)

    route = path(store.spans, low_left.key, low_right.key)

    assert route is not None
    assert [span.key for span in route.spans] == [span.key for span in (low_left, left, root, right, low_right)]
    assert route.spans[route.top].key == root.key


def test_a_path_to_an_ancestor_only_goes_up(store: Store, make: Maker, keep: Keep) -> None:
    root = make.span()
    middle = make.span(root)
    leaf = make.span(middle)
    keep(root, middle, leaf)

    up, down = path(store.spans, leaf.key, root.key), path(store.spans, root.key, leaf.key)

    assert up is not None
    assert down is not None
    assert [span.key for span in up.spans] == [leaf.key, middle.key, root.key]
    assert up.top == 2
    assert [span.key for span in down.spans] == [span.key for span in reversed(up.spans)]
    assert down.top == 0


def test_a_path_from_a_span_to_itself_is_that_span(store: Store, make: Maker, keep: Keep) -> None:
    span = make.span(make.span())
    keep(span)

    route = path(store.spans, span.key, span.key)

    assert route is not None
    assert [step.key for step in route.spans] == [span.key]


def test_spans_that_nothing_stored_joins_have_no_path(store: Store, make: Maker, keep: Keep) -> None:
    absent = make.span()
    one, other = make.span(absent), make.span(absent)
    keep(one, other)

    assert path(store.spans, one.key, other.key) is None


def test_a_circle_has_parents_and_paths_too(store: Store, make: Maker, keep: Keep) -> None:
    """A broken emitter can make one; nothing may run for ever."""
    one = make.span()
    other = make.span(one)
    one = make.span(span_id=one.span_id, trace_id=one.trace_id, parent_id=other.span_id)
    keep(one, other)

    above = parent(store.spans, one.key)
    route = path(store.spans, one.key, other.key)

    assert above is not None
    assert above.key == other.key
    assert route is not None
    assert [span.key for span in route.spans] == [one.key, other.key]


def test_a_span_that_is_not_stored_has_no_relations(store: Store, make: Maker, keep: Keep) -> None:
    stored, absent = make.span(), make.span(make.span())
    keep(stored)

    for ask in (
        lambda: parent(store.spans, absent.key),
        lambda: siblings(store.spans, absent.key),
        lambda: path(store.spans, stored.key, absent.key),
        lambda: path(store.spans, absent.key, stored.key),
    ):
        with pytest.raises(SpanMissing, match=absent.span_id):
            ask()
