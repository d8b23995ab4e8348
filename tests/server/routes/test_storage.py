"""The store itself over HTTP."""

import json
from itertools import islice

from agentreplay.core.installation import typed_command
from tests.server.hearing import listening
from tests.server.running import Running


def test_the_store_tells_what_it_holds(server: Running) -> None:
    told = server.ask("/api/v1/statistics").json

    assert told["spans"] >= 10
    assert told["table_bytes"] == {}
    assert server.ask("/api/v1/statistics?deep=true").json["table_bytes"]


def test_the_store_is_well(server: Running) -> None:
    told = server.ask("/api/v1/storage").json

    assert told["examination"]["problems"] == []
    assert told["program"] == typed_command()
    assert all(finding["level"] != "problem" for finding in told["findings"])


def test_the_file_is_shrunk_and_each_step_is_told(server: Running) -> None:
    with listening(server, "") as events:
        next(events)

        told = server.ask("/api/v1/storage/vacuum", b"", "POST").json
        steps = islice((json.loads(event["data"]) for event in events if event["event"] == "vacuum"), 4)

        assert 0 < told["bytes_after"] <= told["bytes_before"]
        assert list(steps) == [{"done": done, "of": 4} for done in range(1, 5)]
