"""Listens to the live feed of a real server, for tests."""

import contextlib
import http.client
from collections.abc import Generator, Iterator
from urllib.parse import urlsplit

from tests.server.running import Running

__all__ = ["listening"]


@contextlib.contextmanager
def listening(server: Running, query: str, **headers: str) -> Generator[Iterator[dict[str, str]]]:
    """Events as the standard of server-sent events has them."""
    connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=20)
    try:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", f"/api/v1/live?{query}", headers=told)
        answer = connection.getresponse()
        assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
        yield _events(answer)
    finally:
        connection.close()


def _events(answer: http.client.HTTPResponse) -> Iterator[dict[str, str]]:
    fields: dict[str, str] = {}
    while line := answer.readline().decode():
        if line == "\n":
            yield fields
            fields = {}
        else:
            name, _, value = line.rstrip("\n").partition(": ")
            fields[name] = value
