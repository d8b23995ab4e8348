"""States as lines of JSON that can be kept, read by people, and loaded again exactly."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from agentreplay.core.exact import read_exact, spell_exact
from agentreplay.core.state_transaction import OpenTransaction
from agentreplay.errors import FormatTooNew, ValueInvalid
from agentreplay.model.fact import FactPosition, StateKey, Transaction
from agentreplay.store.protocol import Facts

__all__ = ["FORMAT", "dump", "load"]

FORMAT = 1
_WHAT = "a dump of states"


def dump(facts: Facts, states: Sequence[StateKey], at: FactPosition | None = None) -> Iterator[str]:
    """Yields a line that says what follows, and then one for each fact, as of one position."""
    place = facts.position() if at is None else at
    yield _line({"format": "agentreplay-state", "version": FORMAT, "position": str(place)})
    for state in states:
        for fact in facts.whole(state, place).values():
            yield _line(
                {
                    "namespace": state.namespace,
                    "agent": state.agent,
                    "key": fact.key,
                    "version": fact.version,
                    "value": spell_exact(fact.value),
                }
            )


def load(transaction: OpenTransaction, lines: Iterable[str]) -> Transaction:
    """Write all facts of a dump in one transaction; raises ValueInvalid and writes nothing when a line is none."""
    numbered = enumerate((line for line in lines if line.strip()), 1)
    _check_head(*next(numbered, (1, "{}")))
    for number, line in numbered:
        told = _read(number, line)
        try:
            names = (str(told["namespace"]), str(told["agent"]), str(told["key"]))
            value = read_exact(told["value"])
        except KeyError as error:
            raise ValueInvalid(what=f"line {number} of {_WHAT}", problem=f"it lacks {error}") from error
        transaction.write(*names, value)
    return transaction.commit()


def _check_head(number: int, line: str) -> None:
    head = _read(number, line)
    if head.get("format") != "agentreplay-state":
        raise ValueInvalid(what=f"line {number} of {_WHAT}", problem="`agentreplay state dump` writes another")
    if head.get("version") != FORMAT:
        raise FormatTooNew(path=_WHAT, found=head.get("version"), known=FORMAT, version="the version that wrote it")


def _read(number: int, line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError as error:
        raise ValueInvalid(what=f"line {number} of {_WHAT}", problem=f"it is no JSON: {error}") from error
    if not isinstance(told, dict):
        raise ValueInvalid(what=f"line {number} of {_WHAT}", problem="it is no map")
    return cast("dict[str, Any]", told)


def _line(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
