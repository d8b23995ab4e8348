"""Frames are packed by what imports next to nothing, and read by what checks them."""

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import agentreplay
from agentreplay.store.journal.frame import check_header, unpack
from agentreplay.store.journal.packing import HEADER_SIZE, file_header, packed


@given(kind=st.integers(0, 255), version=st.integers(0, 255), payload=st.binary(max_size=200))
def test_what_is_packed_is_unpacked(kind: int, version: int, payload: bytes) -> None:
    data = file_header() + packed(kind, version, payload)

    check_header(data, "the journal")
    frame = unpack(data, HEADER_SIZE)

    assert frame == (kind, version, payload, len(data))


def test_a_hook_loads_no_module_that_takes_long() -> None:
    """An agent waits for its hook, several times for each tool it uses."""
    slow = "{'typing', 're', 'json', 'pathlib', 'dataclasses', 'msgspec', 'click', 'collections', 'enum'}"
    program = f"import agentreplay.cli.hook_entry, sys; print(sorted({slow} & set(sys.modules)))"

    # Without site-packages, so the package is found by its folder.
    environment = {**os.environ, "PYTHONPATH": str(Path(agentreplay.__file__).parent.parent)}
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True, env=environment
    )

    assert done.stdout.strip() == "[]"
