"""A launched program reads, writes, is stopped and exits as it does by itself."""

import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

import msgspec
import pytest

from agentreplay.core import channels
from agentreplay.core.launch import Ended, Streams, find_program, launch
from agentreplay.core.orders import Orders, hash_seed_of, read_orders
from agentreplay.core.terminal import resize
from agentreplay.errors import ProgramMissing
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.playback.tape import Size
from agentreplay.settings import ORDERS_VARIABLE, PATH_VARIABLE

BYTES = bytes(range(256)) * 40


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    (tmp_path / "reports").mkdir()
    return Orders(
        db_path=str(tmp_path / "store"),
        tenant=TenantId("acme"),
        project=ProjectId("demo"),
        session=SessionId("s"),
        trace_id=TraceId("1" * 32),
        parent=SpanId("1" * 16),
        reports=str(tmp_path / "reports"),
        records=False,
    )


def python(text: str, *arguments: str) -> list[str]:
    # Without sitecustomize: what is launched here need not be recorded.
    return [sys.executable, "-S", "-c", dedent(text), *arguments]


def run(command: Sequence[str], orders: Orders, streams: Streams | None = None) -> Ended:
    return launch(command, orders, streams or Streams())


def test_what_goes_through_is_forwarded_and_kept_byte_by_byte(orders: Orders, tmp_path: Path) -> None:
    echo = "import sys, shutil; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer); sys.stderr.write('over')"
    (tmp_path / "in").write_bytes(BYTES)
    with (
        (tmp_path / "in").open("rb") as given,
        (tmp_path / "out").open("wb") as out,
        (tmp_path / "err").open("wb") as err,
    ):
        ended = run(python(echo), orders, Streams(given.fileno(), out.fileno(), err.fileno()))

    assert ended == Ended(stdin=BYTES, stdout=BYTES, stderr=b"over", terminals={})
    assert (tmp_path / "out").read_bytes() == BYTES
    assert (tmp_path / "err").read_bytes() == b"over"


def test_what_it_is_fed_may_be_more_than_it_reads(orders: Orders) -> None:
    ended = run(python("import sys; print(sys.stdin.read(3))"), orders, Streams(stdin=b"x" * 5_000_000))

    assert (ended.code, ended.stdout) == (0, b"xxx\n")


@pytest.mark.parametrize("code", [0, 1, 3, 255])
def test_its_exit_code_is_told(code: int, orders: Orders) -> None:
    assert run(python(f"raise SystemExit({code})"), orders).code == code


def test_a_signal_that_ended_it_is_told_as_a_shell_tells_it(orders: Orders) -> None:
    ended = run(python("import os; os.kill(os.getpid(), 9)"), orders)

    assert (ended.code, ended.signal) == (137, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_is_to_end_us_reaches_it_instead(number: int, orders: Orders) -> None:
    waits = f"""
        import os, signal, sys, time
        signal.signal({int(number)}, lambda *_: sys.exit(7))
        os.kill(os.getppid(), {int(number)})
        time.sleep(30)
    """

    assert run(python(waits), orders).code == 7
    assert signal.getsignal(number) is not None


def test_a_program_that_is_missing_is_told(orders: Orders, tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("no program")

    for name, problem in (
        ("no-such-thing", "there is no such program"),
        (str(tmp_path / "plain"), "it may not be executed"),
    ):
        with pytest.raises(ProgramMissing, match=problem):
            find_program([name])
    with pytest.raises(ProgramMissing):
        run([str(tmp_path / "plain")], orders)


def open_files() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


def test_nothing_stays_open_when_it_cannot_be_started(orders: Orders) -> None:
    before = open_files()

    for _ in range(5):
        with pytest.raises(ProgramMissing):
            run(["/no/such/thing"], orders, Streams(terminals={"stdout": Size(24, 80), "stdin": Size(24, 80)}))

    assert open_files() == before


def test_where_nobody_reads_any_more_it_is_told_so_as_without_us(orders: Orders) -> None:
    """As in `agentreplay run … | head`: else a program that writes for ever would run for ever."""
    reading, writing = os.pipe()
    os.close(reading)

    ended = run(python("import sys\nwhile True: print('x' * 1000)"), orders, Streams(stdout=writing))

    os.close(writing)
    assert ended.code != 0


def test_a_reader_that_is_slow_loses_nothing(orders: Orders) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    found = bytearray()

    def read_slowly() -> None:
        while data := os.read(reading, 10_000):
            found.extend(data)
            time.sleep(0.001)

    reader = threading.Thread(target=read_slowly)
    reader.start()
    ended = run(python("print('x' * 1_000_000)"), orders, Streams(stdout=writing))
    os.close(writing)
    reader.join(timeout=20)
    os.close(reading)

    assert bytes(found) == ended.stdout
    assert len(found) == 1_000_001


def test_what_it_leaves_behind_with_its_streams_does_not_hold_us_for_ever(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "_PATIENCE", 0.2)
    leaves = """
        import subprocess, sys
        subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(12)"])
        print("bye")
    """

    began = time.monotonic()
    ended = run(python(leaves), orders)

    assert ended.stdout == b"bye\n"
    assert time.monotonic() - began < 10


def test_of_what_is_too_much_the_beginning_is_kept_and_that_is_told(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "_MOST_KEPT", 1000)

    ended = run(python("print('x' * 5000)"), orders)

    assert (ended.stdout, ended.cut) == (b"x" * 1000, ("stdout",))


TELLS = """
    import os, sys
    told = [sys.stdin.isatty(), sys.stdout.isatty(), sys.stderr.isatty()]
    size = tuple(os.get_terminal_size(1)) if told[1] else ()
    sys.stdout.write(f"{told} {size}\\n")
"""


def test_it_writes_to_a_terminal_of_our_size_when_we_do(orders: Orders) -> None:
    ours, theirs = pty.openpty()
    resize(theirs, Size(30, 99))
    ended = run(python(TELLS), orders, Streams(stdin=b"", stdout=theirs))
    shown = os.read(ours, 10_000)
    os.close(ours)
    os.close(theirs)

    assert ended.terminals == {"stdout": Size(30, 99)}
    assert ended.stdout == b"[False, True, False] (99, 30)\n"
    assert shown == ended.stdout.replace(b"\n", b"\r\n")


def test_on_replay_it_meets_the_terminals_it_met(orders: Orders) -> None:
    terminals = {"stdin": Size(24, 80), "stdout": Size(30, 99), "stderr": Size(30, 99)}

    ended = run(python(TELLS + "    print(repr(sys.stdin.read()))\n"), orders, Streams(stdin=b"", terminals=terminals))

    assert ended.stdout == b"[True, True, True] (99, 30)\n''\n"
    assert ended.stdin is None


def test_each_process_is_told_what_to_do(orders: Orders) -> None:
    tells = "import os; print(os.environ['PYTHONHASHSEED'], os.environ['PYTHONPATH'].split(os.pathsep)[0][-9:])"
    chosen = msgspec.structs.replace(orders, hash_seed="42")

    assert run(python(tells), chosen).stdout == b"42 bootstrap\n"
    assert read_orders({ORDERS_VARIABLE: orders.encode()}) == orders
    assert read_orders({PATH_VARIABLE: "main"}) is None


def test_a_salt_gives_a_seed_that_python_takes() -> None:
    for salt in ("", "00" * 16, "ff" * 16):
        subprocess.run([sys.executable, "-S", "-c", ""], env={"PYTHONHASHSEED": hash_seed_of(salt)}, check=True)
