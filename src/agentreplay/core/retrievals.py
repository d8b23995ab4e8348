"""The retrievals of a session asked again, and what is found now compared by ids, order and scores.

Retrievals are those of the program, and searches of `agentreplay.Memory`. Without anybody to ask, what was found is
frozen: it can be cut to fewer documents, or to better ones.
"""

import asyncio
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, cast

import msgspec
from blake3 import blake3

from agentreplay.core.memory_meaning import meaning_of
from agentreplay.core.memory_reranking import reranker_of
from agentreplay.core.memory_search import MemoryQuestion, search
from agentreplay.core.state import place_of
from agentreplay.model.call import Answer, Call
from agentreplay.model.ids import SpanId
from agentreplay.model.memory import MEMORY
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value, is_list, is_map
from agentreplay.playback.canonical import dump, parse_json
from agentreplay.playback.tape import Tape
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store

__all__ = [
    "Asked",
    "Checked",
    "Document",
    "Outcome",
    "Wanted",
    "asking",
    "check_retrievals",
    "documents_of",
    "recalling",
]

Outcome = Literal["same", "more", "fewer", "reordered", "rescored", "changed", "failed"]

_RETRIEVAL = "retrieval"
_MEMORY_SEARCH = "memory.search"
_IDS = ("id", "document_id", "doc_id", "chunk_id", "uuid", "key", "path", "url")
_SCORES = ("score", "similarity", "relevance", "relevance_score", "similarity_score", "_score")
_LISTS = ("documents", "results", "hits", "matches", "items", "nodes", "chunks")
_COUNTS = ("top_k", "k", "limit", "n_results", "count", "n")
_LEAST = ("threshold", "min_score", "score_threshold", "min_relevancy", "similarity_threshold")
_MOMENT = ("position", "time_ns", "session", "step")
_PAIR = 2


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A document that was found."""

    id: str
    """Its own, or the hash of it where it has none."""
    score: float | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be otherwise, and what is left out."""

    start: int = 1
    """The step to begin at."""
    top_k: int | None = None
    threshold: float | None = None
    """The least score."""
    skip: frozenset[str] = frozenset()
    """Operations that are not asked again."""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """One retrieval, and what became of it."""

    seq: int
    span_id: SpanId | None
    operation: str
    arguments: dict[str, Value]
    """As it was asked again."""
    outcome: Outcome
    before: tuple[Document, ...]
    after: tuple[Document, ...] = ()
    added: tuple[str, ...] = ()
    """The ids that are found only now, in their order; likewise those found only then."""
    dropped: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    """The ids of those that stand in another order among those found both times."""
    rescored: tuple[str, ...] = ()
    problem: str = ""
    """What was raised, where it failed."""


Asked = Callable[[str, dict[str, Value]], Any]
"""Asks for documents again: the operation, and its arguments by name."""


def check_retrievals(
    tape: Tape, wanted: Wanted, ask: Asked | None = None, recall: Asked | None = None
) -> Iterator[Checked]:
    """Each answered retrieval from the step on, asked again, or frozen; in the order of the session.

    `ask` asks the program, `recall` the memory. Where one is given, what the other would be asked is left out.
    """
    for call in tape.calls:
        is_search = call.request.seam == MEMORY and call.request.operation == _MEMORY_SEARCH
        if not (is_search or call.request.seam == _RETRIEVAL) or call.seq < wanted.start or call.answer is None:
            continue
        asker = recall if is_search else ask
        is_meant = asker is not None or (ask is None and recall is None)
        if is_meant and call.request.operation not in wanted.skip and not call.inner:
            yield _checked(call, call.answer, wanted, asker)


def documents_of(found: Value) -> tuple[Document, ...]:
    """The documents in what a retriever gave: a list of them, a map that holds one, or pairs with scores."""
    if is_map(found):
        found = next((found[name] for name in _LISTS if is_list(found.get(name))), [found] if found else [])
    return tuple(map(_document, found)) if is_list(found) else () if found is None else (_document(found),)


def recalling(store: Store, settings: Settings, now: Nanoseconds) -> Asked:
    """Ask the memory of this store, as it is now or was at the moment that was asked about."""

    def ask(operation: str, arguments: dict[str, Value]) -> Any:
        del operation
        fields = {name: item for name, item in arguments.items() if name in MemoryQuestion.__struct_fields__}
        moment: dict[str, Any] = {name: arguments[name] for name in _MOMENT if name in arguments}
        question = msgspec.convert(fields, MemoryQuestion)
        at = place_of(store, question.collections[0][:2], **moment)
        where = msgspec.structs.replace(question.where, valid_at=now) if arguments["holds_now"] else question.where
        question = msgspec.structs.replace(question, at=at, where=where)
        return msgspec.to_builtins(search(store, question, now, meaning_of(store, settings), reranker_of(settings)))

    return ask


def asking(function: Callable[..., Any]) -> Asked:
    """Ask a function of the program, which may be async; what it does not take is not given to it."""
    taken = inspect.signature(function).parameters
    takes_all = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in taken.values())

    def ask(operation: str, arguments: dict[str, Value]) -> Any:
        del operation
        found = function(**{name: item for name, item in arguments.items() if takes_all or name in taken})
        return asyncio.run(_awaited(found)) if inspect.isawaitable(found) else found

    return ask


def _checked(call: Call, answer: Answer, wanted: Wanted, ask: Asked | None) -> Checked:
    asked = _listed(parse_json(call.request.body, call.request.media))
    arguments = _overridden(_flat(asked) if is_map(asked) else {}, wanted)
    before = documents_of(_listed(parse_json(answer.body, answer.media)))
    told: dict[str, Any] = {
        "seq": call.seq,
        "span_id": call.span_id,
        "operation": call.request.operation,
        "arguments": arguments,
    }
    after = before
    if ask is not None:
        try:
            after = documents_of(_plain(ask(call.request.operation, arguments)))
        except Exception as error:  # noqa: BLE001  # it is the program's own, and the next one may do better
            return Checked(**told, outcome="failed", before=before, problem=f"{type(error).__name__}: {error}")
    return _compared(told, before, _cut(after, wanted))


def _compared(told: Mapping[str, Any], before: Sequence[Document], after: Sequence[Document]) -> Checked:
    old, new = ({one.id: one for one in documents} for documents in (before, after))
    added, dropped = [key for key in new if key not in old], [key for key in old if key not in new]
    stayed, now = [key for key in old if key in new], [key for key in new if key in old]
    moved = [key for key, other in zip(stayed, now, strict=True) if key != other]
    rescored = [key for key in stayed if old[key].score != new[key].score]
    outcome: Outcome = "same"
    if (added and dropped) or ((added or dropped) and moved):
        outcome = "changed"
    elif added or dropped:
        outcome = "more" if added else "fewer"
    elif moved or rescored:
        outcome = "reordered" if moved else "rescored"
    return Checked(
        **told,
        outcome=outcome,
        before=tuple(before),
        after=tuple(after),
        added=tuple(added),
        dropped=tuple(dropped),
        moved=tuple(moved),
        rescored=tuple(rescored),
    )


def _listed(recorded: Value) -> Value:
    """What was recorded, with lists for tuples: to find documents, both are the same."""
    if is_list(recorded):
        return [_listed(item) for item in recorded]
    if not is_map(recorded):
        return recorded
    if recorded.get("$type") == "tuple" and "items" in recorded:
        return _listed(recorded["items"])
    return {name: _listed(item) for name, item in recorded.items()}


def _flat(asked: Mapping[str, Value]) -> Mapping[str, Value]:
    """The arguments of a search of memory side by side, as those of a retriever are."""
    question, moment = asked.get("asked"), asked.get("moment")
    if not (is_map(question) and is_map(moment) and "holds_now" in asked):
        return asked
    return {**question, **moment, "holds_now": asked["holds_now"]}


def _overridden(arguments: Mapping[str, Value], wanted: Wanted) -> dict[str, Value]:
    changed = dict(arguments)
    for names, item in ((_COUNTS, wanted.top_k), (_LEAST, wanted.threshold)):
        if item is not None:
            changed[next((name for name in names if name in changed), names[0])] = item
    return changed


def _cut(documents: Sequence[Document], wanted: Wanted) -> Sequence[Document]:
    least = wanted.threshold
    good = [one for one in documents if least is None or one.score is None or one.score >= least]
    return good[: wanted.top_k]


def _document(item: Value) -> Document:
    if is_list(item) and len(item) == _PAIR and isinstance(item[1], int | float) and not isinstance(item[1], bool):
        return Document(id=_document(item[0]).id, score=float(item[1]))
    fields = item if is_map(item) else {}
    inner = (fields.get("metadata"), fields.get("version"))
    places = [fields, *(place for place in inner if is_map(place))]
    named = next((place[name] for place in places for name in _IDS if isinstance(place.get(name), str | int)), None)
    score = next((float(fields[name]) for name in _SCORES if isinstance(fields.get(name), int | float)), None)
    return Document(id=item if isinstance(item, str) else _hash(item) if named is None else str(named), score=score)


def _hash(item: Value) -> str:
    return blake3(dump(item)).hexdigest(8)


def _plain(found: Any) -> Value:
    """What a function gave, as it would have been recorded; objects by their fields."""
    if isinstance(found, str | int | float | bool | None):
        return found
    if isinstance(found, Mapping):
        return {str(name): _plain(item) for name, item in cast("Mapping[object, Any]", found).items()}
    if isinstance(found, list | tuple):
        return [_plain(item) for item in cast("Sequence[Any]", found)]
    fields = vars(cast("object", found))
    return {name: _plain(item) for name, item in fields.items() if not name.startswith("_")}


async def _awaited(found: Any) -> Any:
    return await found
