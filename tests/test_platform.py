"""What the operating system is asked for, it does."""

import subprocess
import sys

import pytest

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
