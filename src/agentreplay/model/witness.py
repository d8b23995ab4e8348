"""Who tells of a call to a model, and how one call is known in all tellings.

The recorder in the program and a gateway on the way record a call, the agent writes it to its own file, and reports it
to whoever collects telemetry.
Each of these witnesses names what it knows: the id of the answer, that of the request, what was used. Tellings of
different witnesses that name the same are of one call. It is charged where it was seen from nearest, whichever comes
first: of the others nothing counts that the nearest one tells.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, get_args

from agentreplay.model.charging import Call, same_model
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

__all__ = [
    "ATTRIBUTES",
    "RECORDED",
    "RECORDED_CALL",
    "RECORDED_SPAN",
    "WITNESS",
    "WITNESSES",
    "Clue",
    "Telling",
    "Witness",
    "attested",
    "clues_of",
    "retold",
]

Witness = Literal["recorder", "gateway", "transcript", "trace", "log"]
WITNESSES: tuple[Witness, ...] = get_args(Witness)
"""The one nearest to what happened first: of telemetry a span, which has both ends, before a record."""

WITNESS = "agentreplay.witness"
"""The attribute of a span with the witness that tells it; beside it stand the ids, and what was used."""
_ANSWER, _REQUEST, _USED, _WITHIN = (f"{WITNESS}.{what}" for what in ("answer", "request", "used", "within"))
_IDS = (_ANSWER, _REQUEST)
_TOKENS = (_USED, _WITHIN)
"""What was used, and what of it is told in one recording."""
RECORDED = "agentreplay.recorded"
"""The attribute by which telemetry of a program that is recorded says in which session, trace and project that is."""
RECORDED_CALL, RECORDED_SPAN = f"{RECORDED}.call", f"{RECORDED}.span"
"""Beside it, the call that was made while it was under way, or the span that tells of the very same."""
ATTRIBUTES = frozenset({WITNESS, *_IDS, *_TOKENS, RECORDED, RECORDED_CALL, RECORDED_SPAN})

_APART = 10 * SECOND
"""Tellings that have no id in common and tell the same tokens are of one call when they end so close to each other."""

Clue = tuple[str, Value]
"""An attribute with a value, by which other tellings of the same call are looked for."""


class Telling(NamedTuple):
    """A call as one witness tells it, when it is over."""

    call: Call
    end: int
    attributes: Mapping[str, Value]


def attested(  # noqa: PLR0913, PLR0917 - what may be known of a call
    witness: Witness,
    usage: Usage,
    end: Nanoseconds,
    answer: str | None = None,
    request: str | None = None,
    within: str = "",
) -> dict[str, Value]:
    """The attributes of a call that a witness tells, of which the provider's ids may be known.

    Of what telemetry tells within a recording, the tokens are only looked for there.
    """
    told: dict[str, Value] = {WITNESS: witness}
    told |= {name: value for name, value in ((_ANSWER, answer), (_REQUEST, request)) if value}
    if usage.total:
        written = usage.output + usage.reasoning + usage.audio_out + usage.image_out
        read, slot = usage.total - written, end // _APART
        if witness == "recorder" or not within:
            # What was read, what of it came from the cache, and what was written: all that every witness tells alike.
            told[_USED] = f"{read}/{usage.cache_read}/{written} {slot}"
        if within:
            # Not every telemetry tells what came from the cache.
            told[_WITHIN] = f"{read}/{written} {slot} {within}"
    return told


def clues_of(telling: Telling) -> Iterator[Clue]:
    """What another telling of the same call has among its attributes, one of these at least."""
    told = telling.attributes
    yield from ((name, told[name]) for name in _IDS if name in told)
    for name in _TOKENS:
        used = told.get(name)
        if isinstance(used, str):
            tokens, within = _tokens(used)
            slots = (telling.end // _APART + shift for shift in (-1, 0, 1))
            yield from ((name, f"{tokens} {slot} {within}".rstrip()) for slot in slots)


def retold(tellings: Iterable[Telling], alike: Callable[[Telling], Iterable[Telling]]) -> dict[Hashable, int]:
    """Of these and of those that may be alike, the ones that tell something again, and what, as bits of charging.

    It is enough to ask for what is new: the answer for all is what was answered for the parts.
    """
    found: dict[Hashable, int] = {}
    for telling in tellings:
        for other in alike(telling):
            if _is_same(telling, other):
                near, far = sorted((telling, other), key=_distance)
                again = far.call.tells & near.call.tells
                if again:
                    found[far.call.key] = found.get(far.call.key, 0) | again
    return found


def _is_same(one: Telling, other: Telling) -> bool:
    if _distance(one) == _distance(other) or one.call.kind != other.call.kind:
        return False
    for name in _IDS:
        if name in one.attributes and name in other.attributes:
            return bool(one.attributes[name] == other.attributes[name])
    if not same_model(one.call.model, other.call.model) or abs(one.end - other.end) > _APART:
        return False
    shared = [name for name in _TOKENS if name in one.attributes and name in other.attributes]
    return bool(shared) and all(
        _tokens(str(one.attributes[name])) == _tokens(str(other.attributes[name])) for name in shared
    )


def _distance(telling: Telling) -> int:
    witness = telling.attributes.get(WITNESS)
    return WITNESSES.index(witness) if witness in WITNESSES else len(WITNESSES)


def _tokens(used: str) -> tuple[str, str]:
    """What was used, and within which recording if that is told."""
    tokens, _, rest = used.partition(" ")
    return tokens, rest.partition(" ")[2]
