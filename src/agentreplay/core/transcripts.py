"""Takes in the transcripts of coding agents: each line once, and what is added to a file from where it was left.

What was read is acknowledged by the writer before the ledger says so. A file that is cut, written anew, moved or
copied is told from one that grew; nothing that was kept is ever lost by it.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

import msgspec

from agentreplay.collecting import without_collections
from agentreplay.contents.compression import compress, decompress
from agentreplay.core.packed_files import BROKEN
from agentreplay.core.policy import policy_of, redactor_of
from agentreplay.core.prices import book_of
from agentreplay.core.transcript_files import Found, beside, tail_of
from agentreplay.core.transcript_lines import Ahead, Lines, Wanted, lines_in
from agentreplay.errors import TranscriptUnreadable
from agentreplay.intake.transcripts.lines import Line
from agentreplay.intake.transcripts.outbox import Outbox
from agentreplay.intake.transcripts.place import Place
from agentreplay.intake.transcripts.state import State
from agentreplay.intake.transcripts.story import Story
from agentreplay.model.ids import ContentHash, ProjectId, SessionId, TenantId, check_name
from agentreplay.model.time import MINUTE, Clock, Nanoseconds
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store, Writer
from agentreplay.store.registry import open_store
from agentreplay.store.sqlite.transcripts import Known, Transcripts

__all__ = ["REST", "Importer", "Outcome", "Progress", "scope_of"]

REST = Nanoseconds(10 * MINUTE)
"""When nobody has written to a transcript for so long, what is open in it is over."""
_BATCH = 4 << 20
_WORTH_A_PROCESS = 4 << 20
"""To start one takes as long as reading some megabytes."""

Progress = Callable[[int], None]
"""Called with how many bytes more were read."""


def scope_of(tenant: str, project: str) -> str:
    """What the ledger of transcripts calls a project."""
    return f"{tenant}\0{project}"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one file."""

    reader: str
    path: str
    session: SessionId
    lines: int = 0
    """Those that were read now."""
    spans: int = 0
    bytes: int = 0
    unknown: dict[str, int] = {}
    """How many lines of each kind in all of the file nobody understands; they are kept as they came."""
    is_rewritten: bool = False
    """Whether the file was written anew since it was read."""


class Importer:
    """Reads transcripts into a store. One thread uses it; several processes may read at the same time."""

    def __init__(
        self, settings: Settings, writer: Writer, now: Clock, opened: Callable[[], Store] | None = None
    ) -> None:
        check_name(settings.tenant, "the tenant")
        check_name(settings.project, "the project")
        self._settings = settings
        self._writer = writer
        self._now = now
        self._opened = opened or partial(open_store, settings.db_path)
        """Opens the store that the writer writes to, where something must be read again."""
        self._tenant, self._project = TenantId(settings.tenant), ProjectId(settings.project)
        policy = policy_of(settings, settings.project)
        # One secret has one placeholder in a project, whoever reports it.
        salt = f"otlp {settings.project}".encode()
        redactor = redactor_of(settings, salt, policy)
        self._clean = redactor.data
        rules = None if settings.redact is None else str(settings.redact)
        self._wanted = Wanted(policy=policy, rules=rules, salt=salt, files=[])
        self._ahead: Ahead | None = None
        self._veil = redactor.value if policy == "structure" else None
        self._keeps_all = policy == "full"
        self.ledger = Transcripts(settings.db_path, scope_of(settings.tenant, settings.project))

    def close(self) -> None:
        """Let go of the ledger."""
        self.ledger.close()

    def read(self, found: Found, progress: Progress = lambda _: None) -> Outcome:
        """Take in what is new in a transcript. Raises TranscriptUnreadable, and what the writer raises."""
        try:
            return self._read(found, progress)
        except BROKEN as error:
            problem = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise TranscriptUnreadable(path=str(found.path), problem=problem) from error

    @contextmanager
    def ahead(self, found: Sequence[Found]) -> Generator[None]:
        """These are read inside, in this order: where there is much in them, another process takes out the secrets."""
        files: dict[tuple[str, int], int] = {}
        for one in found if self._cleans_lines else ():
            known = self.ledger.get(one.name)
            read = 0 if known is None or known.begun is not None else known.read
            if one.reader.is_lines and one.size > read:
                files[str(one.path), read] = one.size - read
        if sum(files.values()) > _WORTH_A_PROCESS:
            with suppress(OSError):
                self._ahead = Ahead(msgspec.structs.replace(self._wanted, files=list(files)))
        try:
            yield
        finally:
            ahead, self._ahead = self._ahead, None
            if ahead is not None:
                ahead.close()

    def notice_gone(self) -> list[Known]:
        """The transcripts that were read and are deleted now, those found to be so just now among them."""
        gone: list[Known] = []
        for known in self.ledger.files():
            is_there = Path(known.path.rpartition("#")[0] or known.path).exists() or Path(known.path).exists()
            if is_there == (known.gone is None):
                gone += [] if is_there else [known]
                continue
            changed = msgspec.structs.replace(known, gone=None if is_there else Nanoseconds(self._now()))
            with self.ledger.changing():
                self.ledger.put(changed, self.ledger.state(known.path))
            gone += [] if is_there else [changed]
        return gone

    def _read(self, found: Found, progress: Progress) -> Outcome:
        known, state, is_rewritten = self._known(found)
        is_over = self.is_over(found, known.last)
        is_same = known.size == found.size and known.changed == found.changed
        outcome = Outcome(reader=known.reader, path=known.path, session=known.session, is_rewritten=is_rewritten)
        if is_same and (known.is_settled or not is_over) and known.lines:
            progress(found.size)
            return msgspec.structs.replace(outcome, unknown=known.unknown)
        progress(known.read)
        reading = _Reading(self, found, known, state)
        if found.reader.is_lines:
            reading.lines(progress)
        else:
            reading.document(progress)
        return msgspec.structs.replace(
            outcome,
            lines=reading.known.lines - known.lines if found.reader.is_lines else reading.known.lines,
            spans=reading.spans,
            bytes=reading.known.read - known.read,
            unknown=reading.known.unknown,
        )

    def _known(self, found: Found) -> tuple[Known, State | None, bool]:
        """What is known of the file, and what its reader keeps in mind; whether it is another file than it was."""
        path, identity = found.name, found.identity
        session = SessionId(identity.session)
        known = self.ledger.get(path)
        if known is not None and (known.session, known.thread) == (session, identity.thread):
            is_ours = not found.reader.is_lines or self._goes_on(found, known)
            if is_ours:
                return known, self._state(path), False
            fresh = Known(path=path, reader=known.reader, session=session, thread=known.thread)
            return msgspec.structs.replace(fresh, tellings=known.tellings + 1), None, True
        fresh = Known(path=path, reader=found.reader.name, session=session, thread=identity.thread)
        others = [one for one in self.ledger.files_of(session) if one.thread == identity.thread and one.path != path]
        for other in others:
            # The same file under another name, as a move or a copy of the folder makes it.
            if found.reader.is_lines and other.reader == found.reader.name and self._goes_on(found, other):
                return msgspec.structs.replace(other, path=path, size=0, gone=None), self._state(other.path), False
        return msgspec.structs.replace(fresh, tellings=len(others)), None, False

    def _goes_on(self, found: Found, known: Known) -> bool:
        """Whether the file begins with what was read of it."""
        return tail_of(found.path, known.read) == known.tail

    def _state(self, path: str) -> State | None:
        packed = self.ledger.state(path)
        if not packed:
            return None
        return msgspec.msgpack.decode(decompress(packed[0], packed[1:]), type=State)

    def place(self, found: Found, known: Known) -> Place:
        """Which session it is, and whom the reader may ask."""
        return Place(
            tenant=self._tenant,
            project=self._project,
            session=known.session,
            agent=found.reader.name,
            thread=known.thread,
            born=found.identity.born or found.changed,
            provider=found.reader.provider,
            is_repeated=known.tellings > 0,
            beside=partial(beside, found.path),
            recall=self._recall,
        )

    def story(self, found: Found, known: Known, state: State | None) -> Story:
        """The story that the file goes on with."""
        outbox = Outbox(self._tenant, self._veil, None if self._veil is None else self._clean)
        return Story(self.place(found, known), outbox, self.ledger, book_of(self._settings.db_path), state)

    def is_over(self, found: Found, last: int) -> bool:
        """Whether nobody writes to it any more: neither was the file touched lately, nor is what it tells young."""
        return self._now() - (min(found.changed, last) if last else found.changed) > REST

    @property
    def _cleans_lines(self) -> bool:
        return not self._keeps_all and self._veil is None

    def clean(self, data: bytes) -> bytes:
        """The line as it may be kept. What is understood of it repeats what stands in it, so this comes first."""
        return self._clean(data) if self._cleans_lines else data

    def lines(self, path: Path, offset: int) -> Iterator[Lines]:
        """The lines of a file from a place on, as they may be kept, piece by piece."""
        for lines in () if self._ahead is None else self._ahead.lines(path, offset):
            if lines is None:
                return
            yield lines
            offset = lines.end
        yield from lines_in(path, offset, self.clean)

    def append(self, story: Story) -> int:
        """Hand over what was told, and return how many spans that were."""
        batch = story.take()
        self._writer.append(batch)
        return len(batch.spans)

    def _recall(self, digest: str) -> bytes | None:
        """A content that was kept before this process began to read the file."""
        with closing(self._opened()) as store:
            store.drain()
            content = store.contents.get(self._tenant, ContentHash(digest))
        return None if content is None else content.data


class _Reading:
    """One file on its way into the store."""

    def __init__(self, importer: Importer, found: Found, known: Known, state: State | None) -> None:
        self._importer = importer
        self._found = found
        self._story = importer.story(found, known, state)
        self.known = known
        self.spans = 0

    def lines(self, progress: Progress) -> None:
        """Read what is new, batch by batch, each of which is in the ledger when it is acknowledged."""
        ledger, path = self._importer.ledger, self._found.path
        offset, count = self.known.read, self.known.lines
        if self.known.begun is not None and self._found.size > offset:
            offset, count = self.known.begun, count - 1
        for piece in self._importer.lines(path, offset):
            is_rest = piece.kind == "rest"
            if is_rest and not self._importer.is_over(self._found, self._story.state.clock):
                break
            with ledger.changing(), without_collections():
                for line in piece.lines:
                    self._line(line, is_part=piece.kind == "part")
                offset, count = piece.end, count + len(piece.lines)
                begun = piece.lines[-1].offset if is_rest and piece.lines else None
                self.known = msgspec.structs.replace(self.known, begun=begun)
                self._keep(offset, count, is_over=None)
            progress(piece.size)
        with ledger.changing():
            self._keep(offset, count, is_over=self._importer.is_over(self._found, self._story.state.clock))

    def _line(self, line: Line, *, is_part: bool) -> None:
        if is_part:
            # Nobody could understand it, and to try takes many times its size.
            self._story.begin(line)
            self._story.unknown("part of a line that is too long")
        else:
            self._found.reader.read(self._story, line)
        if self._story.outbox.size > _BATCH:
            self.spans += self._importer.append(self._story)

    def document(self, progress: Progress) -> None:
        """Read all of it, which is written anew each time; what was told before is the same."""
        found = self._found.path.read_bytes() if self._found.data is None else self._found.data
        data = self._importer.clean(found)
        self._story = self._importer.story(self._found, self.known, None)
        with self._importer.ledger.changing():
            self._found.reader.read(self._story, Line(0, data))
            is_over = self._importer.is_over(self._found, self._story.state.clock)
            if is_over:
                self._story.end()
                self._story.document(data)
            self._keep(len(data), self._story.state.count, is_over=is_over)
        progress(self._found.size)

    def _keep(self, offset: int, count: int, *, is_over: bool | None) -> None:
        """Hand over what was read so far, and then write down how far that is; None within the file."""
        if is_over is not None:
            self._story.pause(is_over=is_over)
        else:
            self._story.end()
        self.spans += self._importer.append(self._story)
        state = self._story.state
        self.known = msgspec.structs.replace(
            self.known,
            size=self._found.size,
            changed=self._found.changed if is_over is not None else 0,
            read=offset,
            tail=tail_of(self._found.path, offset) if self._found.reader.is_lines else b"",
            lines=count,
            unknown=dict(state.unknown),
            last=state.clock,
            is_settled=bool(is_over),
            gone=None,
        )
        codec, packed = compress(msgspec.msgpack.encode(state))
        kept = bytes([codec]) + packed if self._found.reader.is_lines else None
        self._importer.ledger.put(self.known, kept)
