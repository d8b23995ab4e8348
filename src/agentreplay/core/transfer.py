"""Tape files: a session as one portable file, the same bytes for the same session, byte by byte as
docs/format/tape.md draws it.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from blake3 import blake3

from agentreplay.errors import AgentReplayError, TapeDamaged, TapeUnreadable, TapeUnwritable
from agentreplay.model.batch import Batch
from agentreplay.model.content import Content
from agentreplay.model.context import ContextLink
from agentreplay.model.ids import ContentHash, ContextId, ProjectId, TenantId
from agentreplay.model.session import Session, SessionKey
from agentreplay.model.span import Span
from agentreplay.model.values import decode, encode
from agentreplay.playback.tape import lineage, whole_spans
from agentreplay.store.journal.frame import Frame, check_format, is_sealed, missing, pack, unpack
from agentreplay.store.journal.packing import HEADER_SIZE, file_header
from agentreplay.store.memory import MemoryStore
from agentreplay.store.protocol import Store, Writer

__all__ = [
    "FORMAT",
    "MAGIC",
    "Thing",
    "add_tape",
    "export_tape",
    "import_tape",
    "load_tape",
    "read_tape_file",
    "tape_of",
]

MAGIC = b"ARTAPE\r\n"
FORMAT = 1
_READABLE_FROM = (0, 1)
_SESSION, _SPAN, _LINK, _CONTENT, _END = 1, 2, 3, 4, 5
_AT_ONCE = 4 << 20
_SENT = Path("that was sent")
"""What a tape is called that is no file."""

Thing = Session | Span | ContextLink | Content
_KINDS: dict[int, type[Session] | type[Span] | type[ContextLink] | type[Content]] = {
    _SESSION: Session,
    _SPAN: Span,
    _LINK: ContextLink,
    _CONTENT: Content,
}


def tape_of(store: Store, key: SessionKey) -> bytes:
    """A session, with the sessions it was forked from, as the bytes of a tape file.

    Raises SessionMissing and OriginMissing.
    """
    data = b"".join(_frames(store, key))
    return data + pack(_END, 1, blake3(data).digest())


def export_tape(store: Store, key: SessionKey, path: Path) -> int:
    """Write a session, with the sessions it was forked from, and return how many bytes that took.

    Raises SessionMissing, OriginMissing and TapeUnwritable; a file that was there before is then as it was.
    """
    whole = tape_of(store, key)
    draft = path.with_name(path.name + ".new")
    try:
        draft.write_bytes(whole)
        draft.replace(path)
    except OSError as error:
        raise TapeUnwritable(path=str(path), problem=error.strerror or str(error)) from error
    return len(whole)


def import_tape(path: Path, writer: Writer) -> SessionKey:
    """Add what is in a tape file to a store, and return the session it is about. Doing it again changes nothing.

    Raises as `read_tape_file` does, and then nothing was added.
    """
    return _add(read_tape_file(path), path, writer)


def add_tape(data: bytes, writer: Writer, tenant: TenantId, project: ProjectId | None = None) -> SessionKey:
    """Add a tape that came from elsewhere, as this tenant's own, and return the session it is about.

    It keeps its project unless another is given. Raises TapeUnreadable, TapeDamaged and FormatTooNew, and then
    nothing was added.
    """
    place = {"tenant": tenant, **({} if project is None else {"project": project})}
    things = [
        msgspec.structs.replace(thing, **place) if isinstance(thing, Session | Span) else thing
        for thing in _read(data, _SENT)
    ]
    return _add(things, _SENT, writer)


def _add(things: Sequence[Thing], path: Path, writer: Writer) -> SessionKey:
    session = next((thing for thing in things if isinstance(thing, Session)), None)
    if session is None:
        raise TapeDamaged(path=str(path), problem="it holds no session")
    for batch in list(_batches(things, session)):
        writer.append(batch)
    return session.key


def load_tape(path: Path) -> tuple[MemoryStore, SessionKey]:
    """A tape file as a store in memory."""
    store = MemoryStore()
    return store, import_tape(path, store)


def read_tape_file(path: Path) -> list[Thing]:
    """What is in a tape file: first the session it is about, then those it was forked from, then the rest.

    Raises TapeUnreadable, TapeDamaged and FormatTooNew.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TapeUnreadable(path=str(path), problem=error.strerror or str(error)) from error
    return _read(data, path)


def _read(data: bytes, path: Path) -> list[Thing]:
    _check_header(data, path)
    return [_thing(frame, number, path) for number, frame in enumerate(_undamaged(data, path), start=1)]


def _frames(store: Store, key: SessionKey) -> Iterator[bytes]:
    yield file_header(MAGIC, FORMAT, _READABLE_FROM)
    rows = list(lineage(store.sessions, key))
    spans = [span for row in rows for span in whole_spans(store, row.session.key)]
    contents, links = _gather(store, key, spans)
    yield from (pack(_SESSION, 1, encode(row.session)) for row in rows)
    yield from (pack(_SPAN, 1, encode(span)) for span in spans)
    yield from (pack(_LINK, 1, encode(links[name])) for name in sorted(links))
    yield from (pack(_CONTENT, 1, encode(contents[name])) for name in sorted(contents))


def _gather(
    store: Store, key: SessionKey, spans: Sequence[Span]
) -> tuple[dict[ContentHash, Content], dict[ContextId, ContextLink]]:
    """What the spans hold."""
    links: dict[ContextId, ContextLink] = {}
    wanted = {kept.hash for span in spans for kept in span.kept}
    for span in spans:
        if span.context is not None and span.context.id not in links:
            links |= {link.id: link for link in store.contexts.read(key.tenant, span.context.id)}
    wanted |= {link.message for link in links.values()}
    found = ((name, store.contents.get(key.tenant, name)) for name in wanted)
    return {name: content for name, content in found if content is not None}, links


def _check_header(data: bytes, path: Path) -> None:
    magic = data[: len(MAGIC)]
    if not data or not MAGIC.startswith(magic):
        raise TapeUnreadable(path=str(path), problem="it does not begin as a tape does")
    if not is_sealed(data):
        raise TapeDamaged(path=str(path), problem="its header, bytes 0 to 15, is damaged or cut")
    check_format(data, str(path), FORMAT)


def _undamaged(data: bytes, path: Path) -> list[Frame]:
    """The frames before the end, after all of the file was found as it was written."""
    frames: list[Frame] = []
    place = HEADER_SIZE
    while place < len(data):
        frame = unpack(data, place)
        if frame is None:
            raise TapeDamaged(path=str(path), problem=_what_is_wrong(data, place, len(frames) + 1))
        if frame.kind == _END:
            if blake3(data[:place]).digest() != frame.payload:
                raise TapeDamaged(path=str(path), problem="its digest does not fit what stands before it")
            if frame.end != len(data):
                raise TapeDamaged(path=str(path), problem=f"{len(data) - frame.end} bytes stand behind its end")
            return frames
        frames.append(frame)
        place = frame.end
    raise TapeDamaged(path=str(path), problem=f"it ends after frame {len(frames)}, before its end is told")


def _what_is_wrong(data: bytes, place: int, number: int) -> str:
    what = "is damaged" if missing(data, place) in {None, 0} else "is cut"
    return f"frame {number}, at byte {place}, {what}"


def _thing(frame: Frame, number: int, path: Path) -> Thing:
    """What a frame holds. A checksum proves no good will: what a stranger wrote is looked at once more."""
    kind = _KINDS.get(frame.kind)
    if kind is None or frame.version != 1:
        raise TapeUnreadable(
            path=str(path), problem=f"frame {number} is of kind {frame.kind} and version {frame.version}, both unknown"
        )
    try:
        thing: Thing = decode(frame.payload, kind)
    except AgentReplayError as error:
        raise TapeDamaged(path=str(path), problem=f"frame {number} makes no sense: {error.message}") from error
    if isinstance(thing, Content) and not thing.is_whole:
        raise TapeDamaged(path=str(path), problem=f"the content in frame {number} is not what its hash says")
    return thing


def _batches(things: Sequence[Thing], first: Session) -> Iterator[Batch]:
    """Batches of some megabytes, in the order of the file."""
    chosen: list[Thing] = []
    size = 0
    for thing in things:
        chosen.append(thing)
        size += len(thing.data) if isinstance(thing, Content) else 1000
        if size > _AT_ONCE:
            yield _batch(chosen, first)
            chosen, size = [], 0
    yield _batch(chosen, first)


def _batch(things: Sequence[Thing], first: Session) -> Batch:
    return Batch(
        tenant=first.tenant,
        sessions=tuple(thing for thing in things if isinstance(thing, Session)),
        spans=tuple(thing for thing in things if isinstance(thing, Span)),
        links=tuple(thing for thing in things if isinstance(thing, ContextLink)),
        contents=tuple(thing for thing in things if isinstance(thing, Content)),
    )
