"""The processes of a launched program, and what they fork."""

import os
import sys
from pathlib import Path

import pytest

from agentreplay.core.launch import Streams
from agentreplay.core.record import Wish, record
from agentreplay.settings import Settings
from tests.sdk.home import Home

PROGRAM = """
import os, sys, agentreplay

@agentreplay.tool
def look(number):
    return number * 2

with agentreplay.session("inside", agent="scout"):
    look(1)
    child = os.fork()
    if not child:
        look(2)
        sys.exit(0)  # as programs end: everything around is left, and what was registered for the end is run
    os.waitpid(child, 0)
    look(3)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_a_forked_child_ends_itself_and_not_its_parent(home: Home, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)

    done = record([sys.executable, str(program)], Settings(db_path=home.folder), Wish(), Streams())

    assert (done.ended.code, done.ended.missing, done.ended.processes) == (0, "", 2)
    session = done.key.session
    spans = home.spans(session)
    processes = {span.attributes["process.path"]: span for span in spans if "process.path" in span.attributes}
    assert set(processes) == {"main", "main!1"}
    assert all(span.end is not None for span in processes.values())
    after = next(call for call in home.tape(session).calls if call.request.body == b'{"number":3}')
    last = next(span for span in spans if span.span_id == after.span_id)
    assert processes["main"].end is not None
    assert last.end is not None
    assert processes["main"].end >= last.end
    assert sorted(home.addresses(session)) == ["main!1#1", "main#1", "main#2"]
