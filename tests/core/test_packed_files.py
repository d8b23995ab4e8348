"""Transcripts that were compressed are read like all others, and are the ones they were."""

import gzip
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath

import pytest

from agentreplay.core.packed_files import is_packed, opened, unpacked_name
from agentreplay.errors import TranscriptUnreadable
from tests.transcripts import Importing, corpus, kept_lines, raw_lines

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

NAME = "codex-session-alpha.jsonl"
ROLLOUT = f"rollout-2026-01-01T00-00-00-{NAME}"
DATA = corpus()[NAME]
PACKED: list[tuple[str, Callable[[bytes], bytes]]] = [(".gz", gzip.compress), (".zst", zstd.compress)]


@pytest.fixture
def importing(tmp_path: Path) -> Iterator[Importing]:
    made = Importing(tmp_path / "data")
    yield made
    made.close()


@pytest.mark.parametrize(("suffix", "pack"), PACKED)
def test_what_stands_in_it_is_what_stood_there(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / (ROLLOUT + suffix)
    path.write_bytes(pack(DATA))

    with opened(path) as file:
        assert file.read() == DATA
    assert unpacked_name(path).name == ROLLOUT


@pytest.mark.parametrize("name", ["a.json.gz", "a.jsonl", "a.traj.gz", "a.zst"])
def test_only_lines_are_taken_for_compressed_ones(name: str) -> None:
    assert not is_packed(PurePath(name))


@pytest.mark.parametrize(("suffix", "pack"), PACKED)
def test_a_transcript_that_is_compressed_loses_no_line(
    importing: Importing, tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / (ROLLOUT + suffix)
    path.write_bytes(pack(DATA))

    (outcome,) = importing.read(path)
    (again,) = importing.read(path)

    assert (outcome.lines, again.lines) == (len(raw_lines(NAME, DATA)), 0)
    assert len(kept_lines(importing)) == len(set(raw_lines(NAME, DATA)))


@pytest.mark.parametrize(("suffix", "pack"), PACKED)
def test_one_that_was_read_and_then_compressed_is_the_same(
    importing: Importing, tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / ROLLOUT
    path.write_bytes(DATA)
    importing.read(path)
    position = importing.store.position()

    path.unlink()
    packed = tmp_path / (ROLLOUT + suffix)
    packed.write_bytes(pack(DATA))
    (outcome,) = importing.read(packed)

    assert (outcome.lines, outcome.is_rewritten) == (0, False)
    assert importing.store.statistics().conflicts == 0
    assert importing.store.position() >= position


@pytest.mark.parametrize(("suffix", "pack"), PACKED)
def test_one_that_is_cut_short_is_said_to_be_unreadable(
    importing: Importing, tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    """What begins it is still known by its form; what is no archive at all is passed over."""
    noise = os.urandom(1 << 17).hex().encode()
    data = pack(DATA + b'{"type":"noise","payload":"%b"}\n' % noise)
    path = tmp_path / (ROLLOUT + suffix)
    path.write_bytes(data[:-100])

    with pytest.raises(TranscriptUnreadable):
        importing.read(path)

    path.write_bytes(b"nothing of the kind")
    assert importing.found(path) == []
