"""Finds among what arrives and what is stored the tellings of one call by several witnesses; see `model.witness`."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import apsw

from agentreplay.model.charging import CHARGED, COST, USAGE, Call
from agentreplay.model.values import Value
from agentreplay.model.witness import ATTRIBUTES, WITNESS, WITNESSES, Telling, clues_of, retold
from agentreplay.store.sqlite.numbering import Numbering
from agentreplay.store.sqlite.prepared import PreparedSpan
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.rows import attribute_word, unpack_body, unpack_shape
from agentreplay.store.sqlite.work import Work

__all__ = ["Witnesses"]

_SQL = queries("write")
_AT_ONCE = 200
"""So many words are looked for at once."""


class _Place(NamedTuple):
    """What names a telling here: its place among what arrives, or its number in the store."""

    is_stored: bool
    number: int


class _Known:
    """Tellings by each word that they are found by, project by project."""

    def __init__(self) -> None:
        self.tellings: dict[_Place, tuple[int, Telling]] = {}
        self._by_word: dict[tuple[int, str], list[Telling]] = {}

    def add(self, place: _Place, project: int, telling: Telling) -> None:
        if place not in self.tellings:
            self.tellings[place] = (project, telling)
            for name in ATTRIBUTES.intersection(telling.attributes):
                word = attribute_word(name, telling.attributes[name])
                self._by_word.setdefault((project, word), []).append(telling)

    def alike(self, telling: Telling) -> Iterator[Telling]:
        """Those that have one of its clues, each once."""
        project, _ = self.tellings[telling.call.key]  # type: ignore[index]
        met = {telling.call.key}
        for word in _words([telling]):
            for other in self._by_word.get((project, word), ()):
                if other.call.key not in met:
                    met.add(other.call.key)
                    yield other


class Witnesses:
    """Compares what arrives with what is stored. Valid inside a write transaction."""

    def __init__(self, connection: apsw.Connection, numbering: Numbering) -> None:
        self._connection = connection
        self._numbering = numbering

    def retold(self, work: Work) -> tuple[dict[int, int], dict[int, int]]:
        """What of that which arrives, by its place, and of that which is stored, by its number, is told again."""
        arrived = list(_arrived(work))
        if not arrived or not self._are_others(arrived):
            return {}, {}
        known = _Known()
        for place, project, telling in arrived:
            known.add(place, project, telling)
        replaced = {found.number for _, found in work.replaced}
        tellings = [telling for *_, telling in arrived]
        words = iter(dict.fromkeys(_words(tellings)))
        while some := list(islice(words, _AT_ONCE)):
            for place, project, telling in self._stored(some):
                if place.number not in replaced:
                    known.add(place, project, telling)
        arriving: dict[int, int] = {}
        stored: dict[int, int] = {}
        again = retold(tellings, known.alike)
        for place in known.tellings:
            if place in again:
                (stored if place.is_stored else arriving)[place.number] = again[place]
        return arriving, stored

    def _are_others(self, arrived: Sequence[tuple[_Place, int, Telling]]) -> bool:
        """Whether there are different witnesses at all: mostly nobody but the agent's own file tells of its calls."""
        here = {telling.attributes[WITNESS] for *_, telling in arrived}
        if len(here) > 1:
            return True
        words = [attribute_word(WITNESS, witness) for witness in WITNESSES if witness not in here]
        return self._connection.execute(_SQL["is_any_witness"], (" OR ".join(words),)).get is not None

    def _stored(self, words: Iterable[str]) -> Iterator[tuple[_Place, int, Telling]]:
        rows = list(self._connection.execute(_SQL["witnessed"], (" OR ".join(words),)))
        for number, project, kind, model, uses, costs, repeats, end, names, body in rows:
            attributes = unpack_body(body).attributes(unpack_shape(names))
            if WITNESS in attributes:
                place, text = _Place(is_stored=True, number=number), self._numbering.text
                call = Call(place, text(kind) or "", text(model), _tells(uses, costs, repeats))
                yield place, project, Telling(call, end, attributes)


def _arrived(work: Work) -> Iterator[tuple[_Place, int, Telling]]:
    """The finished calls among what arrives that a witness tells of."""
    prepared = work.prepared
    shapes = work.witnessed
    for place, span in work.arrived.items() if shapes else ():
        if span.shape in shapes and span.end is not None and prepared.words[span.kind] in CHARGED:
            key = _Place(is_stored=False, number=place)
            model = None if span.model is None else prepared.words[span.model]
            tells = _tells(span.usage is not None, span.cost is not None, span.repeats)
            call = Call(key, prepared.words[span.kind], model, tells)
            yield key, work.projects[span.project], Telling(call, span.end, _attributes(span, shapes[span.shape]))


def _attributes(span: PreparedSpan, names: Sequence[str]) -> dict[str, Value]:
    return unpack_body(span.body).attributes(names)


def _tells(uses: bool, costs: bool, repeats: int) -> int:  # noqa: FBT001 - as a row has them
    return (USAGE if uses else 0) | (COST if costs else 0) | repeats


def _words(tellings: Iterable[Telling]) -> Iterator[str]:
    return (attribute_word(*clue) for telling in tellings for clue in clues_of(telling))
