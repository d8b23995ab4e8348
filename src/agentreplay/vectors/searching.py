"""The nearest vectors: exactly among few, and among many by their codes first."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from agentreplay.vectors.protocol import Found
from agentreplay.vectors.quantiser import Quantiser
from agentreplay.vectors.segment import Rows, Segment

__all__ = ["Keys", "best", "nearest_exactly", "nearest_quantised", "none_found"]

Keys = NDArray[np.uint64]

_COMPARED = 40
"""For each result so many candidates are compared by their full vectors; more where codes are short and say less."""
_SHORT = 384
_FEWEST_COMPARED, _MOST_COMPARED = 200, 10_000
_CODES_AT_ONCE, _VECTORS_AT_ONCE = 2_048, 128
"""What is worked on at once stays near the processor, and a process that searched does not keep more than that."""
_LISTS = 32
"""How many lists are looked into at first."""
_FEW = 20_000
"""So many allowed keys are looked up one by one; where more are allowed, candidates are asked whether they are."""


def none_found() -> Found:
    """Nothing at all."""
    return Found(np.empty(0, np.uint64), np.empty(0, np.float32))


def best(found: Sequence[Found], count: int) -> Found:
    """The best of several answers to one question."""
    keys = np.concatenate([one.keys for one in found])
    scores = np.concatenate([one.scores for one in found])
    if len(keys) > count:
        first = np.argpartition(-scores, count - 1)[:count]
        keys, scores = keys[first], scores[first]
    # Of equal scores the lower key is first, whatever order the rows have.
    order = np.lexsort((keys, -scores))
    return Found(keys[order], scores[order])


def nearest_exactly(segment: Segment, vector: NDArray[np.float32], count: int, allowed: Keys | None) -> Found:
    """The nearest in a segment without codes."""
    rows = segment.living if allowed is None else segment.find(allowed)
    every = len(rows) == segment.layout.rows
    scores = segment.exact() @ vector if every else segment.exact()[rows] @ vector
    if len(rows) > count:
        first = np.argpartition(-scores, count - 1)[:count]
        rows, scores = (first if every else rows[first]), scores[first]
    elif every:
        rows = np.arange(len(scores))
    return Found(segment.keys[rows], scores)


def nearest_quantised(
    segments: Sequence[Segment], quantiser: Quantiser, vector: NDArray[np.float32], count: int, allowed: Keys | None
) -> Found:
    """The nearest in segments with codes: the best candidates by code, compared by their full vectors."""
    wanted = _COMPARED * count * max(_SHORT // len(vector), 1)
    compared = min(max(wanted, _FEWEST_COMPARED), max(_MOST_COMPARED, count))
    if allowed is not None and len(allowed) <= _FEW:
        candidates = [segment.find(allowed) for segment in segments]
    else:
        candidates = _in_lists(segments, quantiser.by_distance(vector), compared, allowed)
    if sum(map(len, candidates)) > compared:
        candidates = _best_by_code(segments, candidates, quantiser.codes(vector[None])[0], compared)
    found = [
        Found(segment.keys[part], segment.vectors(part) @ vector)
        for segment, rows in zip(segments, candidates, strict=True)
        for part in _parts(rows, _VECTORS_AT_ONCE)
    ]
    return best([none_found(), *found], count)


def _in_lists(segments: Sequence[Segment], lists: Rows, enough: int, allowed: Keys | None) -> list[Rows]:
    """The rows in the nearest lists; in more of them where too few are allowed."""
    found = [np.empty(0, np.int64) for _ in segments]
    begin, end = 0, min(_LISTS, len(lists))
    while True:
        for place, segment in enumerate(segments):
            rows = segment.rows_of(lists[begin:end])
            if allowed is not None:
                rows = rows[_among(segment.keys[rows], allowed)]
            found[place] = np.concatenate([found[place], rows])
        if end == len(lists) or sum(map(len, found)) >= enough:
            return found
        begin, end = end, min(2 * end, len(lists))


def _best_by_code(
    segments: Sequence[Segment], candidates: Sequence[Rows], code: NDArray[np.uint64], count: int
) -> list[Rows]:
    differing = np.concatenate(
        [
            _differing(segment.codes[part], code)
            for segment, rows in zip(segments, candidates, strict=True)
            for part in _parts(rows, _CODES_AT_ONCE)
        ]
    )
    first = np.sort(np.argpartition(differing, count - 1)[:count])
    chosen: list[Rows] = []
    begin = 0
    for rows in candidates:
        end = begin + len(rows)
        left, right = np.searchsorted(first, (begin, end))
        # In the order they stand on the disk.
        chosen.append(np.sort(rows[first[left:right] - begin]))
        begin = end
    return chosen


def _differing(codes: NDArray[np.uint64], code: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """In how many bits each of the codes differs from one."""
    codes ^= code
    found: NDArray[np.uint16] = np.bitwise_count(codes).sum(axis=1, dtype=np.uint16)
    return found


def _parts(rows: Rows, size: int) -> Iterator[Rows]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _among(keys: Keys, allowed: Keys) -> NDArray[np.bool_]:
    places = np.minimum(np.searchsorted(allowed, keys), len(allowed) - 1)
    return np.equal(allowed[places], keys)
