"""What is in a piece of a journal, and the ledger of how much is here."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agentreplay.core.uploads import Uploads, check_journal_name, read_piece
from agentreplay.errors import RequestMalformed, ValueInvalid
from agentreplay.model.batch import Batch
from agentreplay.model.content import Content
from agentreplay.model.ids import TenantId
from agentreplay.model.session import SessionKey
from agentreplay.model.time import DAY, SECOND, Nanoseconds
from agentreplay.store.journal.frame import REQUEST, pack
from agentreplay.store.journal.packing import file_header
from agentreplay.store.journal.reader import journals_in, read_frames
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.testing import Maker

NAME = "00000000000000000001-1-abcdef01.journal"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000 * DAY

    def __call__(self) -> int:
        return self.now


def journal(folder: Path, *batches: Batch) -> bytes:
    writer = JournalWriter(folder)
    for batch in batches:
        writer.append(batch)
    writer.close()
    (path,) = journals_in(folder)
    return path.read_bytes()


def tenant_of(make: Maker) -> TenantId:
    return make.span().tenant


def test_the_frames_of_a_piece_are_those_of_the_journal(tmp_path: Path, make: Maker) -> None:
    session = make.session()
    data = journal(tmp_path, Batch(sessions=(session,)), Batch(spans=(make.span(), make.span())))

    piece = read_piece(data, 0, tenant_of(make))

    (path,) = journals_in(tmp_path)
    assert list(piece.frames) == [frame[:3] for frame in read_frames(path)]
    assert (piece.end, piece.spans, piece.rejected) == (len(data), 2, 0)
    assert [told.key for told in piece.sessions] == [session.key]


def test_a_piece_may_begin_behind_a_frame(tmp_path: Path, make: Maker) -> None:
    data = journal(tmp_path, Batch(spans=(make.span(),)), Batch(spans=(make.span(),)))
    (path,) = journals_in(tmp_path)
    first, second = read_frames(path)

    piece = read_piece(data[first.end :], first.end, tenant_of(make))

    assert piece.frames == (second[:3],)
    assert piece.end == len(data)


def test_what_is_no_journal_is_refused(make: Maker) -> None:
    for offset in (0, 5):
        with pytest.raises(RequestMalformed):
            read_piece(b"x" * 40, offset, tenant_of(make))


def test_a_frame_that_was_damaged_on_its_way_is_refused_with_the_whole_piece(tmp_path: Path, make: Maker) -> None:
    data = bytearray(journal(tmp_path, Batch(spans=(make.span(),)), Batch(spans=(make.span(),))))
    data[-1] ^= 1

    with pytest.raises(RequestMalformed):
        read_piece(bytes(data), 0, tenant_of(make))


def test_frames_that_cannot_be_kept_are_counted_and_the_others_kept(tmp_path: Path, make: Maker) -> None:
    good = Batch(spans=(make.span(),))
    lie = Content(hash=Content.of(b"one").hash, data=b"two")
    data = journal(tmp_path, good, Batch(tenant=tenant_of(make), contents=(lie,)))
    data += pack(REQUEST, 1, b"a request") + pack(1, 1, b"nonsense") + pack(77, 1, b"")

    piece = read_piece(data, 0, tenant_of(make))

    assert (len(piece.frames), piece.rejected, piece.end) == (1, 4, len(data))
    assert "not what its hash says" in piece.problem


def test_another_tenant_gets_nothing_in(tmp_path: Path, make: Maker) -> None:
    data = journal(tmp_path, Batch(spans=(make.span(),)))

    piece = read_piece(data, 0, TenantId("somebody else"))

    assert (piece.frames, piece.rejected) == ((), 1)


@pytest.mark.parametrize("name", ["", "x.journal", "../../etc/passwd", f"../{NAME}", f"{NAME}\n", NAME.upper()])
def test_only_the_names_of_journals_are_taken(name: str) -> None:
    with pytest.raises(ValueInvalid):
        check_journal_name(name)


def test_the_ledger_is_there_after_a_restart(tmp_path: Path, make: Maker) -> None:
    clock = Clock()
    data = journal(tmp_path / "spool", Batch(sessions=(make.session(),)))
    piece = read_piece(data, 0, tenant_of(make))
    Uploads(tmp_path, tenant_of(make), clock).note(NAME, piece)
    with (tmp_path / "uploads.jsonl").open("ab") as file:
        file.write(b'{"journal": "torn')

    again = Uploads(tmp_path, tenant_of(make), clock)

    assert again.stored(NAME) == len(data)
    assert again.stored("another") == 0


def test_a_journal_that_was_not_heard_of_for_a_month_is_forgotten(tmp_path: Path, make: Maker) -> None:
    clock = Clock()
    piece = read_piece(journal(tmp_path / "spool", Batch(spans=(make.span(),))), 0, tenant_of(make))
    Uploads(tmp_path, tenant_of(make), clock).note(NAME, piece)

    clock.now += 31 * DAY
    again = Uploads(tmp_path, tenant_of(make), clock)

    assert again.stored(NAME) == 0
    assert (tmp_path / "uploads.jsonl").read_bytes() == b""


@pytest.fixture
def told(tmp_path: Path, make: Maker) -> Callable[..., tuple[Uploads, Clock, SessionKey]]:
    def tell(*, ends: bool) -> tuple[Uploads, Clock, SessionKey]:
        clock = Clock()
        session = make.session(status=None)
        ending = make.session(status="completed")
        batches = [Batch(sessions=(session,)), *([Batch(sessions=(ending,))] if ends else [])]
        uploads = Uploads(tmp_path, tenant_of(make), clock)
        uploads.hear(NAME)
        uploads.note(NAME, read_piece(journal(tmp_path / "spool", *batches), 0, session.tenant))
        return uploads, clock, session.key

    return tell


def test_what_a_silent_writer_left_unfinished_is_given_up_once(
    told: Callable[..., tuple[Uploads, Clock, SessionKey]],
) -> None:
    uploads, clock, session = told(ends=False)
    patience = Nanoseconds(45 * SECOND)
    clock.now += 40 * SECOND
    assert uploads.give_up(patience) == []

    clock.now += 10 * SECOND
    assert uploads.give_up(patience) == [session]
    assert uploads.give_up(patience) == []

    assert uploads.hear(NAME) == {session}
    assert uploads.hear(NAME) == set()


def test_what_was_finished_is_not_given_up(told: Callable[..., tuple[Uploads, Clock, SessionKey]]) -> None:
    uploads, clock, _ = told(ends=True)

    clock.now += DAY

    assert uploads.give_up(SECOND) == []


def test_after_a_restart_writers_have_time_to_be_heard(tmp_path: Path, make: Maker) -> None:
    clock = Clock()
    session = make.session(status=None)
    piece = read_piece(journal(tmp_path / "spool", Batch(sessions=(session,))), 0, session.tenant)
    Uploads(tmp_path, session.tenant, clock).note(NAME, piece)
    clock.now += DAY

    again = Uploads(tmp_path, session.tenant, clock)

    assert again.give_up(SECOND) == []
    clock.now += 2 * SECOND
    assert again.give_up(SECOND) == [session.key]


def test_a_header_alone_is_a_piece(make: Maker) -> None:
    assert read_piece(file_header(), 0, tenant_of(make)).end == 16
