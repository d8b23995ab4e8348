"""What the operating system is asked for, it does."""

import subprocess
import sys

import pytest

from agentreplay import platform
from agentreplay.platform import give_back_memory

_PROGRAM = """
from pathlib import Path
from agentreplay.platform import give_back_memory

def held() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))

many = [bytes(2_000) for _ in range(40_000)]
few = many[::100]
del many
before = held()
give_back_memory()
print(before - held(), len(few))
"""


@pytest.mark.skipif(not give_back_memory(), reason="the allocator of this system cannot be told to")
def test_what_was_freed_between_what_is_used_goes_back_to_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)

    kilobytes, _ = map(int, done.stdout.split())
    assert kilobytes > 40_000


_THREADS = """
import threading
from pathlib import Path
from agentreplay.platform import share_heaps

def heaps() -> int:
    \"\"\"Each thread's own begins with so much that is reserved, at a multiple of it.\"\"\"
    lines = Path("/proc/self/maps").read_text().splitlines()
    places = [[int(place, 16) for place in line.split()[0].split("-")] for line in lines if len(line.split()) == 5]
    return sum(first % (64 << 20) == 0 for first, _ in places)

share_heaps()
before = heaps()
met = threading.Barrier(13)
threads = [threading.Thread(target=lambda: (bytes(5_000), met.wait(), met.wait())) for _ in range(12)]
for thread in threads:
    thread.start()
met.wait()
print(heaps() - before)
met.wait()
"""


@pytest.mark.skipif(not give_back_memory(), reason="the allocator of this system cannot be told to")
def test_threads_share_heaps() -> None:
    done = subprocess.run([sys.executable, "-c", _THREADS], capture_output=True, text=True, check=True)

    assert int(done.stdout) <= 1


def test_memory_is_given_back_once_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bool] = []
    monkeypatch.setattr(platform, "give_back_memory", lambda: given.append(True))
    monkeypatch.setattr(platform, "GIVE_BACK_PAUSE", 60.0)
    give_back = platform.giving_back()

    give_back()
    assert not given

    monkeypatch.setattr(platform, "GIVE_BACK_PAUSE", -1.0)
    give_back()
    assert given == [True]
