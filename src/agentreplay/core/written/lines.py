"""The lines an agent's own file had, as they were kept when it was read: written out again, they are that file."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agentreplay.core.redact import Redactor
from agentreplay.intake.providers import wire
from agentreplay.intake.transcripts.reader import moment
from agentreplay.model.ids import ContentHash
from agentreplay.model.session import SessionKey
from agentreplay.model.values import Value
from agentreplay.store.protocol import Store

__all__ = ["KeptLine", "lines_of"]

_ROLE = "line"
"""The role in which a span keeps a line it was read from."""


class KeptLine(NamedTuple):
    """A line, and what it says."""

    data: bytes
    told: dict[str, Value]


def lines_of(store: Store, key: SessionKey, redactor: Redactor, until: int | None = None) -> list[KeptLine]:
    """The lines of a session without secrets, each once, in the order in which they were written.

    Of one that is cut, those that are told of up to the step. Lines that bear no time stand behind the one that they
    were read behind, and none stands before the one that it names as the one before: times may be told out of order.
    """
    found: dict[ContentHash, tuple[int, int]] = {}
    lines: dict[ContentHash, KeptLine] = {}
    for row in store.spans.read(key, 1, until):
        span = store.spans.get(row.key)
        time: int = row.start
        for digest in (kept.hash for kept in span.kept if kept.role == _ROLE) if span is not None else ():
            if digest in found:
                time = max(time, found[digest][0])
                continue
            content = store.contents.get(key.tenant, digest)
            if content is None:
                continue
            data = redactor.data(content.data)
            told = wire.mapping(wire.parse(data))
            time = moment(told.get("timestamp")) or time
            found[digest] = (time, len(found))
            lines[digest] = KeptLine(data, told)
    return list(_in_order([lines[digest] for digest in sorted(found, key=found.__getitem__)]))


def _in_order(lines: Sequence[KeptLine]) -> Iterator[KeptLine]:
    names = {_name(line) for line in lines} - {""}
    waiting: dict[str, list[KeptLine]] = {}
    for line in lines:
        before = wire.text(line.told.get("parentUuid"))
        if before in names:
            waiting.setdefault(before, []).append(line)
            continue
        ready = [line]
        while ready:
            told = ready.pop()
            yield told
            names.discard(_name(told))
            ready += reversed(waiting.pop(_name(told), []))
    # What names one another in a circle has no order.
    for lost in waiting.values():
        yield from lost


def _name(line: KeptLine) -> str:
    return wire.text(line.told.get("uuid"))
