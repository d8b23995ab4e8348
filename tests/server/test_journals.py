"""Journals come in over HTTP: nothing acknowledged is lost, nothing counts twice, nobody is forgotten."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import msgspec
import pytest

from agentreplay.core.uploads import Uploads
from agentreplay.model.batch import Batch
from agentreplay.model.ids import SessionId, TenantId
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import encode
from agentreplay.sdk.sender import Sender
from agentreplay.server.admission import Admission
from agentreplay.server.figures import Figures
from agentreplay.server.journals import JournalReceiver
from agentreplay.server.keeper import Keeper
from agentreplay.server.lag import LagWatch
from agentreplay.server.limits import Bucket
from agentreplay.store.journal.frame import pack
from agentreplay.store.journal.packing import file_header
from agentreplay.store.journal.reader import journals_in
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.testing import Maker
from tests.server.running import ROOT, Running, running, spans_of, waited_for

pytestmark = pytest.mark.slow

NAME = "00000000000000000001-1-abcdef01.journal"

PROGRAM = """
    import sys, time
    import agentreplay

    @agentreplay.tool
    def work(number):
        return number

    with agentreplay.session("shipped"):
        for number in range(40):
            work(number)
            print(number, flush=True)
            time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("journals"), AGENTREPLAY_KEY="secret", AGENTREPLAY_TENANT="acme") as started:
        yield started


def upload(server: Running, body: bytes, offset: int = 0, name: str = NAME, key: str = "secret") -> object:
    answer = server.ask(f"/v1/journals/{name}?offset={offset}", body, "POST", x_api_key=key)
    return answer.json if answer.status == 200 else answer.status


def frame(make: Maker, tenant: str = "acme") -> bytes:
    span = msgspec.structs.replace(make.span(), tenant=TenantId(tenant))
    return pack(1, 1, encode(Batch(spans=(span,))))


def test_a_journal_comes_in_pieces_and_what_comes_twice_is_passed_over(server: Running, make: Maker) -> None:
    name = NAME.replace("0001-", "0002-")
    first, second = file_header() + frame(make), frame(make)
    assert upload(server, b"", name=name) == {"stored": 0}

    assert upload(server, first, name=name) == {"stored": len(first)}
    assert upload(server, first + second, name=name) == {"stored": len(first + second)}
    assert upload(server, b"", name=name) == {"stored": len(first + second)}
    assert upload(server, second, len(first) + 1_000_000, name) == {"stored": len(first + second)}, "a gap"


def test_what_may_not_come_in_is_told(server: Running, make: Maker) -> None:
    body = file_header() + frame(make, "somebody else") + frame(make)

    answer = upload(server, body)

    assert isinstance(answer, dict)
    assert (answer["stored"], answer["rejected"]) == (len(body), 1)
    assert "somebody else" in answer["problem"]
    text = server.ask("/metrics", x_api_key="secret").body.decode()
    assert 'agentreplay_rejected_items_total{signal="journal",transport="http"} 1' in text


@pytest.mark.parametrize(
    ("status", "path", "key"),
    [
        (401, f"/v1/journals/{NAME}", "wrong"),
        (400, "/v1/journals/no-journal", "secret"),
        (400, f"/v1/journals/{NAME}?offset=-1", "secret"),
        (404, "/v1/journals/..%2F..%2Fetc%2Fpasswd", "secret"),
        (400, "/v1/journals/00000000000000000009-1-abcdef01.journal", "secret"),
    ],
)
def test_nonsense_is_refused(server: Running, status: int, path: str, key: str) -> None:
    assert server.ask(path, b"nonsense", "POST", x_api_key=key).status == status


def test_a_program_loses_nothing_while_its_server_is_killed_and_started_again(tmp_path: Path) -> None:
    program = tmp_path / "agent.py"
    program.write_text(dedent(PROGRAM), encoding="utf-8")
    store = tmp_path / "server"
    with running(store) as first:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "AGENTREPLAY_DB": str(tmp_path / "client"),
            "AGENTREPLAY_URL": first.address,
        }
        with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            assert waited_for(lambda: bool((store / "uploads.jsonl").read_bytes()))
            first.process.kill()
            first.process.wait()
            time.sleep(0.3)
            with running(store, "--port", first.address.rpartition(":")[2]) as second:
                assert len(process.stdout.read().split()) == 40
                assert process.wait(20) == 0
                # As the next program does, should this one have ended before the server was back.
                spool = tmp_path / "client" / "spool"
                Sender(second.address, spool, 1 << 30).round()
                assert journals_in(spool) == []

    works = [span for span in spans_of(store) if span.tool == "work"]
    assert len(works) == len({span.span_id for span in works}) == 40
    assert all(span.end is not None for span in works)


def test_a_session_whose_writer_is_not_heard_of_is_interrupted_until_it_is(tmp_path: Path, make: Maker) -> None:
    store = SqliteStore(tmp_path)
    writer = JournalWriter(tmp_path)
    figures = Figures()
    keeper = Keeper(writer, lambda _: None)
    now = [Nanoseconds(1)]
    session = msgspec.structs.replace(make.session(revision=5, status=None), id=SessionId("s"))
    receiver = JournalReceiver(
        uploads=Uploads(tmp_path, session.tenant, lambda: now[0]),
        tenant=session.tenant,
        store=store,
        keeper=keeper,
        figures=figures,
        admission=Admission(LagWatch(store.lag, figures, time.monotonic), 60, Bucket(0, 1, time.monotonic)),
        patience=Nanoseconds(10),
    )
    body = file_header() + pack(1, 1, encode(Batch(sessions=(session,))))

    def status() -> str | None:
        store.drain()
        row = store.sessions.get(session.key)
        return None if row is None else row.status

    asyncio.run(receiver.take_in(NAME, 0, body, is_alive=True))
    asyncio.run(receiver.settle())
    assert status() == "running"

    now[0] = Nanoseconds(20)
    asyncio.run(receiver.settle())
    assert status() == "interrupted"

    asyncio.run(receiver.take_in(NAME, len(body), b"", is_alive=True))
    assert status() == "running"
    keeper.close()
    store.close()
