"""A program written for Statehouse, with `agentreplay.` before the name of the package it imports."""

from pathlib import Path

import pytest

from tests.sdk.state_server import state_server

PROGRAM = """
from agentreplay.statehouse import NotFoundError, Statehouse, StatehouseError, Transaction, TransactionError

client = Statehouse(url=url, namespace="demo")
tx = client.begin_transaction(timeout_ms=5000)
assert isinstance(tx, Transaction)
tx.write(agent_id="agent-1", key="memory", value={"topic": "weather", "days": [1, [2, 3]]})
tx.write(agent_id="agent-1", key="draft", value={"text": "?"})
commit_ts = tx.commit()
with client.begin_transaction() as tx:
    tx.delete(agent_id="agent-1", key="draft")
tx = client.begin_transaction()
tx.write(agent_id="agent-1", key="memory", value={})
tx.abort()
try:
    tx.commit()
except TransactionError as error:
    print("refused:", error)
try:
    client.get_state_at_version(agent_id="agent-1", key="memory", version=0)
except NotFoundError as error:
    print(error)
result = client.get_state(agent_id="agent-1", key="memory")
print(result.value, result.version, result.commit_ts == commit_ts, result.exists)
print(client.list_keys(agent_id="agent-1"), [found.key for found in client.scan_prefix("agent-1", "mem")])
for event in client.replay(agent_id="agent-1", start_ts=commit_ts):
    print([(op.key, op.value, op.version) for op in event.operations])
print(len(list(client.replay_pretty(agent_id="agent-1", verbose=True))), client.health())
client.close()
"""


@pytest.mark.parametrize("place", ["machine", "server"])
def test_a_program_runs_with_only_the_import_changed(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AGENTREPLAY_DB", str(tmp_path))
    with state_server() as address:
        exec(PROGRAM, {"url": "localhost:50051" if place == "machine" else address})  # the program of a user

    assert capsys.readouterr().out.splitlines()[-5:] == [
        "{'topic': 'weather', 'days': [1, [2, 3]]} 1 True True",
        "['memory'] ['memory']",
        "[('memory', {'topic': 'weather', 'days': [1, [2, 3]]}, 1), ('draft', {'text': '?'}, 1)]",
        "[('draft', None, 2)]",
        "3 ok",
    ]
