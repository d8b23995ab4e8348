"""Whether spans are told again as they were told before. Each telling may have been stored with echoes or without."""

import apsw
import msgspec

from agentreplay.model.values import encode
from agentreplay.store.sqlite.keeping import Keeping
from agentreplay.store.sqlite.prepared import PreparedSpan
from agentreplay.store.sqlite.repeats import without
from agentreplay.store.sqlite.restoring import attributes_of
from agentreplay.store.sqlite.rows import pack_body, unpack_body, unpack_held, unpack_shape
from agentreplay.store.sqlite.work import Known, Work

__all__ = ["Agreeing", "as_erased"]

_ITERATION = 11
"""Of the columns of a known span."""
_Payload = tuple[list[bytes], bytes | None]
"""The hashes of what a span holds, and the context that it saw."""


class Agreeing:
    """Compares what arrives with what is stored."""

    def __init__(self, connection: apsw.Connection, keeping: Keeping) -> None:
        self._connection = connection
        self._keeping = keeping

    def look(self, work: Work, span: PreparedSpan, known: Known) -> None:
        """Count a closed span that is not told again as it was. What was erased since is not held against it."""
        # Who names no session contradicts nobody who does.
        is_elsewhere = known.session != work.sessions[span.session] and not (known.follows or span.follows)
        if is_elsewhere or work.columns(without(span, known.repeats))[1:] != known.columns[1:]:
            work.conflicts += 1
        elif unpack_body(known.body).erased:
            return
        elif _payload(work, span) != self.payload(known):
            work.conflicts += 1
        elif span.body != known.body:
            work.doubtful.append((span, known))

    def settle(self, work: Work) -> None:
        """Look again at those of which only contents can tell, when what arrives of these is stored."""
        for span, known in work.doubtful:
            work.conflicts += self._whole(span.body, known) != self._whole(known.body, known)

    def is_same(self, one: PreparedSpan, other: PreparedSpan, known: Known) -> bool:
        """Whether two tellings of a stored span are the same."""
        if one.body == other.body:
            return one == other
        return one == other._replace(body=one.body) and self._whole(one.body, known) == self._whole(other.body, known)

    def payload(self, known: Known) -> _Payload:
        """What a stored span holds and saw."""
        return self._keeping.hashes(unpack_held(known.held)), self._keeping.context_key(known.context)

    def is_plain(self, work: Work, span: PreparedSpan, known: Known) -> bool:
        """Whether the new telling adds to the open one and takes nothing back, as a recorder's does."""
        held, context = self.payload(known)
        told, saw = _payload(work, span)
        return (
            known.is_open
            and known.session == work.sessions[span.session]
            and (known.columns[0], known.columns[2]) == (span.told_seq, span.start)
            and (known.columns[_ITERATION] or 0) <= (span.iteration or 0)
            and set(held) <= set(told)
            and context in {None, saw}
        )

    def _whole(self, data: bytes, known: Known) -> bytes:
        """A body, encoded, with the attributes that say again what the contents of a stored span say."""
        body, names = unpack_body(data), unpack_shape(known.names)
        told = attributes_of(self._connection, body, names, known.held, known.context)
        return encode(msgspec.structs.replace(body, values=[told.get(name) for name in names], echoes=()))


def _payload(work: Work, span: PreparedSpan) -> _Payload:
    """What a span that is told holds and saw."""
    context = None if span.context is None else work.prepared.contexts[span.context][1]
    return [work.prepared.hashes[place][1] for place in span.held], context


def as_erased(work: Work, span: PreparedSpan, known: Known) -> PreparedSpan:
    """A telling of a span whose payload was deleted: it does not come back."""
    body = unpack_body(span.body)
    names = [] if span.shape is None else unpack_shape(work.prepared.bags[span.shape][1])
    bare = body.without_payload(unpack_body(known.body).echoing(unpack_shape(known.names)), names)
    return span._replace(
        context=None, body=pack_body(bare), held=span.held[len(body.roles) :], attributes=bare.words(names)
    )
