"""Tape files: a session as one portable file, the same bytes for the same session, byte by byte as
docs/format/tape.md draws it.
"""

from collections.abc import Iterator
from pathlib import Path
from struct import Struct

from blake3 import blake3

from agentreplay.errors import FormatTooNew, TapeDamaged, TapeUnreadable
from agentreplay.model.batch import Batch
from agentreplay.model.content import Content
from agentreplay.model.context import ContextLink
from agentreplay.model.ids import ContentHash, ContextId
from agentreplay.model.session import Session, SessionKey
from agentreplay.model.span import Span
from agentreplay.model.values import decode, encode
from agentreplay.playback.tape import whole_spans
from agentreplay.store.journal.frame import FRAME_HEADER, pack, unpack
from agentreplay.store.memory import MemoryStore
from agentreplay.store.protocol import Store, Writer

__all__ = ["MAGIC", "export_tape", "import_tape", "load_tape", "read_tape_file"]

MAGIC = b"ARTAPE\r\n"
_FORMAT = 1
_READABLE_FROM = (0, 1)
_HEADER = Struct("<8sHBB4x")
_SESSION, _SPAN, _LINK, _CONTENT, _END = 1, 2, 3, 4, 5
_KINDS: dict[int, type] = {_SESSION: Session, _SPAN: Span, _LINK: ContextLink, _CONTENT: Content}
_AT_ONCE = 4 << 20


def export_tape(store: Store, key: SessionKey, path: Path) -> int:
    """Write a session, with the sessions it was forked from, and return how many bytes that took."""
    data = b"".join(_frames(store, key))
    whole = data + pack(_END, 1, blake3(data).digest())
    scratch = path.with_name(path.name + ".new")
    scratch.write_bytes(whole)
    scratch.replace(path)
    return len(whole)


def import_tape(path: Path, writer: Writer) -> SessionKey:
    """Add what is in a tape file to a store, and return the session it is about. Doing it again changes nothing."""
    key: SessionKey | None = None
    for batch in read_tape_file(path):
        writer.append(batch)
        if key is None and batch.sessions:
            key = batch.sessions[0].key
    if key is None:
        raise TapeDamaged(path=str(path), problem="it holds no session")
    return key


def load_tape(path: Path) -> tuple[MemoryStore, SessionKey]:
    """A tape file as a store in memory."""
    store = MemoryStore()
    return store, import_tape(path, store)


def read_tape_file(path: Path) -> Iterator[Batch]:
    """What is in a tape file, after the whole file has been found undamaged."""
    data = path.read_bytes()
    _check_header(data, path)
    place, number = _HEADER.size, 0
    things: list[tuple[int, bytes]] = []
    while place < len(data):
        frame = unpack(data, place)
        if frame is None:
            raise TapeDamaged(path=str(path), problem=_what_is_wrong(data, place, number))
        if frame.kind == _END:
            if blake3(data[:place]).digest() != frame.payload or frame.end != len(data):
                raise TapeDamaged(path=str(path), problem="its digest does not fit what stands before it")
            return _batches(things)
        things.append((frame.kind, frame.payload))
        place, number = frame.end, number + 1
    raise TapeDamaged(path=str(path), problem=f"it ends after frame {number}, before its end is told")


def _frames(store: Store, key: SessionKey) -> Iterator[bytes]:
    yield _HEADER.pack(MAGIC, _FORMAT, *_READABLE_FROM)
    contents: dict[ContentHash, Content] = {}
    links: dict[ContextId, ContextLink] = {}
    spans: list[Span] = []
    following: SessionKey | None = key
    while following is not None:
        row = store.sessions.get(following)
        if row is None:
            raise TapeUnreadable(path=str(following.session), problem="the session it was forked from is gone")
        yield pack(_SESSION, 1, encode(row.session))
        own = list(whole_spans(store, following))
        spans += own
        _gather(store, own, contents, links)
        origin = row.session.origin
        following = None if origin is None else following._replace(session=origin.session)
    yield from (pack(_SPAN, 1, encode(span)) for span in spans)
    yield from (pack(_LINK, 1, encode(links[name])) for name in sorted(links))
    yield from (pack(_CONTENT, 1, encode(contents[name])) for name in sorted(contents))


def _gather(
    store: Store, spans: list[Span], contents: dict[ContentHash, Content], links: dict[ContextId, ContextLink]
) -> None:
    wanted: set[ContentHash] = set()
    for span in spans:
        wanted.update(kept.hash for kept in span.kept)
        if span.context is not None and span.context.id not in links:
            for link in store.contexts.read(span.tenant, span.context.id):
                links[link.id] = link
                wanted.add(link.message)
    for name in wanted - set(contents):
        found = store.contents.get(spans[0].tenant, name)
        if found is not None:
            contents[name] = found


def _check_header(data: bytes, path: Path) -> None:
    if len(data) < _HEADER.size or not data.startswith(MAGIC):
        raise TapeUnreadable(path=str(path), problem="it does not begin as a tape does")
    _, found, major, minor = _HEADER.unpack_from(data)
    if found > _FORMAT:
        raise FormatTooNew(path=str(path), found=found, known=_FORMAT, version=f"{major}.{minor}")
    if data[: _HEADER.size] != _HEADER.pack(MAGIC, _FORMAT, *_READABLE_FROM):
        raise TapeDamaged(path=str(path), problem="its header is damaged")


def _what_is_wrong(data: bytes, place: int, number: int) -> str:
    if place + FRAME_HEADER.size > len(data):
        return f"it is cut in frame {number + 1}"
    return f"frame {number + 1}, at byte {place}, is damaged or cut"


def _batches(things: list[tuple[int, bytes]]) -> Iterator[Batch]:
    """Batches of some megabytes; sessions come first, in the order of the file."""
    tenant = None
    lists: dict[int, list[object]] = {kind: [] for kind in _KINDS}
    size = 0
    for kind, payload in things:
        thing = decode(payload, _KINDS[kind])
        if isinstance(thing, Session):
            tenant = thing.tenant
        lists[kind].append(thing)
        size += len(payload)
        if size > _AT_ONCE:
            yield _batch(tenant, lists)
            lists, size = {kind: [] for kind in _KINDS}, 0
    yield _batch(tenant, lists)


def _batch(tenant: object, lists: dict[int, list[object]]) -> Batch:
    sessions, spans, links, contents = (tuple(lists[kind]) for kind in (_SESSION, _SPAN, _LINK, _CONTENT))
    return Batch(tenant=tenant, sessions=sessions, spans=spans, links=links, contents=contents)  # type: ignore[arg-type]
