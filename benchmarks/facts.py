"""The facts benchmark: what it costs to write, stream and look back on the state of an agent.

The peer is a table of the same operations as anybody would make it: a row each, values as JSON, indexed by key. Both
are measured in the same run, each reading in a process of its own, by the processor time it takes.
"""

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import apsw

from agentreplay.model.fact import Draft, Edit, FactPosition, StateKey, TransactionId
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.store.registry import open_store
from benchmarks.figures import Report, at_least, at_most

__all__ = ["measure_facts"]

_STATE = StateKey(TenantId("acme"), ProjectId("demo"), "default", "planner")
_KEYS = 400
_PER_TRANSACTION = 5
"""So the state has 2,000 facts."""
_PLACES = 40
_MEGABYTE = 1e6
_PEER = """
CREATE TABLE log (id INTEGER PRIMARY KEY, position INTEGER, committed INTEGER, agent TEXT, key TEXT, version INTEGER,
  value TEXT);
CREATE INDEX log_by_key ON log (agent, key, position);
CREATE INDEX log_by_agent ON log (agent, position);
"""
_PEER_AT = """
SELECT key, value FROM log JOIN (
  SELECT max(id) AS last FROM log WHERE agent = ? AND position <= ? GROUP BY key
) ON log.id = last
"""


def measure_facts(folder: Path, operations: int, report: Report) -> None:
    """Write so many operations to both, and read both."""
    ours, peer = folder / "facts", folder / "peer.db"
    transactions = operations // _PER_TRANSACTION
    taken, size = _fill(ours, transactions)
    report.add("facts.commit", taken / transactions * 1e6, "us/commit")
    report.add("facts.bytes", size / operations, "B/operation")
    taken, size = _fill_peer(peer, transactions)
    report.add("facts.peer.bytes", size / operations, "B/operation")
    found = _apart("ours", ours)
    theirs = _apart("peer", peer)
    assert found["operations"] == theirs["operations"] == transactions * _PER_TRANSACTION
    report.add("facts.stream", found["operations"] / found["stream"], "operations/s", at_least(200_000))
    report.add("facts.peer.stream", theirs["operations"] / theirs["stream"], "operations/s")
    report.add("facts.stream.memory", found["memory"] / _MEGABYTE, "MB", at_most(100))
    report.add("facts.first", found["first"] * 1e3, "ms", at_most(10))
    report.add("facts.at", statistics.median(found["at"]) * 1e3, "ms", at_most(20))
    report.add("facts.at.worst", max(found["at"]) * 1e3, "ms")
    report.add("facts.peer.at", statistics.median(theirs["at"]) * 1e3, "ms")
    report.add("facts.get", found["get"] * 1e6, "us")


def _values(transactions: int) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    random = Random(1)
    for number in range(transactions):
        yield [
            (f"task:{random.randrange(_KEYS):04}", {"step": number, "note": "what was found there", "done": False})
            for _ in range(_PER_TRANSACTION)
        ]


def _fill(folder: Path, transactions: int) -> tuple[float, int]:
    with closing(open_store(folder)) as store:
        began = time.process_time()
        for number, values in enumerate(_values(transactions)):
            # The same key twice in a transaction would be one operation.
            edits = [
                Edit(namespace=_STATE.namespace, agent=_STATE.agent, key=f"{key}:{place}", value=value)
                for place, (key, value) in enumerate(values)
            ]
            store.facts.commit(
                Draft(
                    tenant=_STATE.tenant,
                    project=_STATE.project,
                    id=TransactionId(f"{number:026}"),
                    edits=tuple(edits),
                )
            )
        taken = time.process_time() - began
    return taken, sum(path.stat().st_size for path in folder.iterdir() if path.is_file())


def _fill_peer(path: Path, transactions: int) -> tuple[float, int]:
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute(_PEER)
        versions: dict[str, int] = {}
        began = time.process_time()
        with connection:
            for number, values in enumerate(_values(transactions), 1):
                for place, (name, value) in enumerate(values):
                    key = f"{name}:{place}"
                    versions[key] = versions.get(key, 0) + 1
                    row = (number, number, _STATE.agent, key, versions[key], json.dumps(value))
                    connection.execute(
                        "INSERT INTO log (position, committed, agent, key, version, value) VALUES (?, ?, ?, ?, ?, ?)",
                        row,
                    )
        taken = time.process_time() - began
    return taken, path.stat().st_size


def _apart(what: str, path: Path) -> dict[str, Any]:
    """What a fresh process tells, so that memory and first times are its own."""
    command = [sys.executable, "-m", "benchmarks.facts", what, str(path)]
    told: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return told


def _read(folder: Path) -> dict[str, Any]:
    with closing(open_store(folder)) as store:
        facts = store.facts
        began = time.process_time()
        next(iter(facts.read(_STATE)))
        first = time.process_time() - began
        began = time.process_time()
        operations = sum(len(entry.operations) for entry in facts.read(_STATE))
        stream, memory = time.process_time() - began, _memory()
        random, last = Random(2), facts.position()
        at = [_taken(lambda: facts.whole(_STATE, FactPosition(random.randint(1, last)))) for _ in range(_PLACES)]
        keys = [f"task:{random.randrange(_KEYS):04}:0" for _ in range(1_000)]
        get = statistics.median(_taken(partial(facts.get, _STATE, key)) for key in keys)
    return {"first": first, "operations": operations, "stream": stream, "memory": memory, "at": at, "get": get}


def _read_peer(path: Path) -> dict[str, Any]:
    with closing(apsw.Connection(str(path))) as connection:
        began = time.process_time()
        operations = 0
        query = "SELECT position, committed, key, version, value FROM log WHERE agent = ? ORDER BY position"
        for _, _, _, _, value in connection.execute(query, (_STATE.agent,)):
            json.loads(value)
            operations += 1
        stream = time.process_time() - began
        random, last = Random(2), connection.execute("SELECT max(position) FROM log").get

        def at() -> dict[str, Any]:
            found = connection.execute(_PEER_AT, (_STATE.agent, random.randint(1, last)))
            return {key: json.loads(value) for key, value in found}

        taken = [_taken(at) for _ in range(3)]
    return {"operations": operations, "stream": stream, "at": taken}


def _taken(function: Callable[[], object]) -> float:
    began = time.process_time()
    function()
    return time.process_time() - began


def _memory() -> int:
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage tells on Linux includes the process that started this one.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


if __name__ == "__main__":
    print(json.dumps({"ours": _read, "peer": _read_peer}[sys.argv[1]](Path(sys.argv[2]))))
