"""Sessions written as ATIF are the same session when they are read again."""

import json
from pathlib import Path

from agentreplay.core.written.atif import write
from agentreplay.model.session import SessionKey
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker
from tests.cli.sessions_told import coding_session
from tests.core.written.desk import read_again, said, told_of


def test_it_reads_the_same(tmp_path: Path) -> None:
    store, make = MemoryStore(), Maker()
    store.append(coding_session(make))
    told, lines = told_of(store, SessionKey(make.tenant, make.project, make.session_id))

    again = read_again(tmp_path, write(told, lines), "one.json")

    assert again.row.session.id == make.session_id
    assert [one[:2] for one in said(again)] == [one[:2] for one in said(told)]
    assert [one[3:] for one in said(again)] == [one[3:] for one in said(told)]
    assert [entry.thought for entry in again.entries] == [entry.thought for entry in told.entries]
    assert (again.row.summary.usage, again.row.summary.cost) == (told.row.summary.usage, told.row.summary.cost)


def test_it_is_what_the_format_wants() -> None:
    store, make = MemoryStore(), Maker()
    store.append(coding_session(make))
    told, lines = told_of(store, SessionKey(make.tenant, make.project, make.session_id), until=4)

    document = json.loads(write(told, lines)[""])

    assert document["schema_version"] == "ATIF-v1.7"
    assert [step["step_id"] for step in document["steps"]] == [1, 2]
    assert [step["source"] for step in document["steps"]] == ["user", "agent"]
    assert [call["function_name"] for call in document["steps"][1]["tool_calls"]] == ["Read", "Edit"]
    assert document["steps"][1]["metrics"]["prompt_tokens"] == 1_000
    assert document["notes"] == "up to step 4"
