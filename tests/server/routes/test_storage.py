"""The store itself over HTTP."""

from tests.server.running import Running


def test_the_store_tells_what_it_holds(server: Running) -> None:
    told = server.ask("/api/v1/statistics").json

    assert told["spans"] >= 10
    assert told["table_bytes"] == {}
    assert server.ask("/api/v1/statistics?deep=true").json["table_bytes"]


def test_the_store_is_well(server: Running) -> None:
    told = server.ask("/api/v1/storage").json

    assert told["examination"]["problems"] == []
    assert all(finding["level"] != "problem" for finding in told["findings"])


def test_the_file_is_shrunk(server: Running) -> None:
    told = server.ask("/api/v1/storage/vacuum", b"", "POST").json

    assert 0 < told["bytes_after"] <= told["bytes_before"]
