"""Retrievals asked again."""

from types import SimpleNamespace
from typing import Any

import pytest

from agentreplay.core.retrievals import Checked, Document, Wanted, asking, check_retrievals, documents_of
from agentreplay.model.call import Answer, Request
from agentreplay.model.values import Value
from agentreplay.playback.canonical import dump
from agentreplay.playback.tape import Tape
from tests.taping import call, tape_of

FOUND: list[Value] = [{"id": "a", "score": 0.9}, {"id": "b", "score": 0.8}, {"id": "c", "score": 0.2}]


def tape(*found: Value, operation: str = "search", **arguments: Value) -> Tape:
    return tape_of(
        *(
            call(
                f"main#{number}",
                Request(seam="retrieval", operation=operation, body=dump({"query": "kettles", **arguments})),
                Answer(body=dump(item), turn=number),
                seq=number + 1,
            )
            for number, item in enumerate(found, 1)
        )
    )


def check(found: list[Value], again: Any = None, **wanted: Any) -> Checked:
    ask = None if again is None else (lambda _operation, _arguments: again)
    (one,) = check_retrievals(tape(found), Wanted(**wanted), ask)
    return one


@pytest.mark.parametrize(
    ("again", "outcome", "told"),
    [
        (FOUND, "same", {}),
        ([*FOUND, {"id": "d", "score": 0.1}], "more", {"added": ("d",)}),
        (FOUND[:2], "fewer", {"dropped": ("c",)}),
        ([FOUND[1], FOUND[0], FOUND[2]], "reordered", {"moved": ("a", "b")}),
        ([FOUND[0], {"id": "b", "score": 0.7}, FOUND[2]], "rescored", {"rescored": ("b",)}),
        ([FOUND[0], FOUND[1], {"id": "d", "score": 0.2}], "changed", {"added": ("d",), "dropped": ("c",)}),
    ],
)
def test_what_is_found_is_compared_by_ids_order_and_scores(
    again: list[Value], outcome: str, told: dict[str, tuple[str, ...]]
) -> None:
    """Three other documents are no match for three, however many there are."""
    one = check(FOUND, again)

    assert one.outcome == outcome
    found = {name: getattr(one, name) for name in ("added", "dropped", "moved", "rescored")}
    assert {name: ids for name, ids in found.items() if ids} == told


def test_documents_in_a_tuple_are_documents() -> None:
    recorded: Value = {"$type": "tuple", "items": [{"$type": "tuple", "items": [{"id": "a"}, 0.9]}]}
    (one,) = check_retrievals(tape(recorded), Wanted())

    assert one.before == (Document(id="a", score=0.9),)


def test_without_a_function_what_was_found_is_cut() -> None:
    assert check(FOUND).outcome == "same"
    assert check(FOUND, top_k=1).dropped == ("b", "c")
    assert check(FOUND, threshold=0.5).dropped == ("c",)


def test_overrides_stand_for_the_arguments_of_those_names() -> None:
    asked: list[dict[str, Value]] = []

    def ask(operation: str, arguments: dict[str, Value]) -> Value:
        asked.append({"operation": operation, **arguments})
        return FOUND

    list(check_retrievals(tape(FOUND, limit=3), Wanted(top_k=9, threshold=0.1), ask))
    list(check_retrievals(tape(FOUND, min_score=0.3), Wanted(top_k=9, threshold=0.1), ask))

    assert asked[0] == {"operation": "search", "query": "kettles", "limit": 9, "threshold": 0.1}
    assert asked[1] == {"operation": "search", "query": "kettles", "min_score": 0.1, "top_k": 9}


def test_one_may_begin_later_and_leave_some_out() -> None:
    several = tape(FOUND, FOUND, FOUND)
    steps = [one.seq for one in check_retrievals(several, Wanted())]

    assert len(steps) == 3
    assert [one.seq for one in check_retrievals(several, Wanted(start=steps[1]))] == steps[1:]
    assert list(check_retrievals(several, Wanted(skip=frozenset({"search"})))) == []


def test_a_function_that_fails_is_told_and_the_next_is_asked() -> None:
    def ask(operation: str, arguments: dict[str, Value]) -> Value:
        raise LookupError(f"{operation} {arguments['query']}")

    outcomes = list(check_retrievals(tape(FOUND, FOUND), Wanted(), ask))

    assert [(one.outcome, one.problem) for one in outcomes] == [("failed", "LookupError: search kettles")] * 2


def test_a_function_of_the_program_is_asked_in_its_own_way() -> None:
    class Shop:
        async def find(self, query: str, top_k: int = 2) -> list[Any]:
            return [(SimpleNamespace(id=query, _hidden=1), 0.5)] * min(top_k, 1)

    (one,) = check_retrievals(tape(FOUND), Wanted(top_k=5, threshold=0.1), asking(Shop().find))

    assert one.after == (Document(id="kettles", score=0.5),)
    assert one.outcome == "changed"


@pytest.mark.parametrize(
    ("found", "documents"),
    [
        (None, []),
        (["text"], [Document(id="text")]),
        ({"matches": [{"id": 7, "score": 1}]}, [Document(id="7", score=1.0)]),
        ([{"text": "x", "metadata": {"doc_id": "m"}}], [Document(id="m")]),
        ([[{"id": "p"}, 0.25]], [Document(id="p", score=0.25)]),
        ({"id": "alone"}, [Document(id="alone")]),
    ],
)
def test_documents_are_found_in_what_retrievers_give(found: Value, documents: list[Document]) -> None:
    assert list(documents_of(found)) == documents


def test_a_document_without_an_id_is_known_by_what_it_holds() -> None:
    (one,), (same,), (other,) = (documents_of([{"text": text}]) for text in ("x", "x", "y"))

    assert one == same != other
