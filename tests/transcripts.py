"""Transcripts for tests: the real ones, an importer over a store in memory, and what it must come to."""

import gzip
import json
import os
from dataclasses import replace
from pathlib import Path

from blake3 import blake3

from agentreplay.core.transcript_files import Found, find
from agentreplay.core.transcripts import Importer, Outcome
from agentreplay.intake.transcripts.readers import READERS
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.query import SessionFilter, SpanFilter
from agentreplay.model.session import SessionKey, SessionRow
from agentreplay.model.span import Span
from agentreplay.settings import Settings
from agentreplay.store.memory import MemoryStore
from agentreplay.store.protocol import Writer
from tests.store.observation import all_items

__all__ = ["LONG_AFTER", "Importing", "corpus", "kept_lines", "put_corpus", "raw_lines"]

_CORPUS = Path(__file__).parent / "golden" / "transcripts"
_WRITTEN = 1_700_000_000
LONG_AFTER = 4_000_000_000 * 10**9
"""A time at which nobody writes to any of the transcripts any more."""


def corpus() -> dict[str, bytes]:
    """The real transcripts by name."""
    files: dict[str, bytes] = {}
    for path in sorted(_CORPUS.iterdir()):
        if path.suffix == ".gz":
            files[path.stem] = gzip.decompress(path.read_bytes())
        elif path.suffix != ".md":
            files[path.name] = path.read_bytes()
    return files


def put_corpus(folder: Path) -> list[Path]:
    """Write them into a folder, as old files."""
    paths: list[Path] = []
    for name, data in corpus().items():
        path = folder / name
        path.write_bytes(data)
        os.utime(path, (_WRITTEN, _WRITTEN))
        paths.append(path)
    return paths


class Importing:
    """An importer with a store in memory behind it."""

    def __init__(self, folder: Path, store: MemoryStore | None = None, writer: Writer | None = None) -> None:
        self.store = store or MemoryStore()
        self.now = LONG_AFTER
        settings = replace(Settings.read({}), db_path=folder)
        self.importer = Importer(settings, writer or self.store, lambda: self.now, lambda: self.store)
        self.tenant, self.project = TenantId(settings.tenant), ProjectId(settings.project)

    def found(self, path: Path) -> list[Found]:
        return list(find(READERS, path, Path("/nobody"), {}))

    def read(self, path: Path) -> list[Outcome]:
        return [self.importer.read(one) for one in self.found(path)]

    def spans(self, session: str | None = None) -> list[Span]:
        where = SpanFilter(tenant=self.tenant, session=None if session is None else SessionId(session))
        rows = all_items(lambda request: self.store.spans.find(where, request), limit=10_000)
        whole = [self.store.spans.get(row.key) for row in rows]
        return sorted((span for span in whole if span is not None), key=lambda span: (span.start, span.seq))

    def session(self, session: str) -> SessionRow:
        row = self.store.sessions.get(SessionKey(self.tenant, self.project, SessionId(session)))
        assert row is not None
        return row

    def sessions(self) -> list[SessionRow]:
        return all_items(
            lambda request: self.store.sessions.find(SessionFilter(tenant=self.tenant), request), limit=500
        )

    def text(self, digest: str) -> str:
        content = self.store.contents.get(self.tenant, digest)  # type: ignore[arg-type]
        assert content is not None
        return content.data.decode()

    def kept(self, span: Span, role: str) -> str | None:
        digest = next((one.hash for one in span.kept if one.role == role), None)
        return None if digest is None else self.text(digest)

    def close(self) -> None:
        self.importer.close()


def raw_lines(name: str, data: bytes) -> list[bytes]:
    """What must be kept of a file, found without the help of what is tested."""
    if name.endswith(".jsonl"):
        return [line for line in (part.rstrip(b"\r") for part in data.split(b"\n")) if line.strip()]
    json.loads(data)
    return [data]


def kept_lines(importing: Importing) -> set[str]:
    """The hashes of the lines that a span keeps and the store has."""
    hashes = {one.hash for span in importing.spans() for one in span.kept if one.role == "line"}
    for digest in hashes:
        content = importing.store.contents.get(importing.tenant, digest)
        assert content is not None
        assert blake3(content.data).hexdigest() == digest
    return set(hashes)
