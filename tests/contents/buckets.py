"""A server that speaks S3, in this process, on a port of this machine."""

import io
import logging
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import pytest

__all__ = ["ACCESS", "BUCKET", "SECRET", "Buckets", "buckets", "pointing"]

BUCKET = "things"
ACCESS, SECRET = "somebody", "secret"


class Buckets(NamedTuple):
    """Where it listens, and the requests that reached it."""

    url: str
    asked: list[str]

    def uploads(self) -> str:
        """The uploads that were begun and neither ended nor given up."""
        return str(urlopen(f"{self.url}/{BUCKET}?uploads").read().decode())


@contextmanager
def pointing(url: str) -> Generator[None]:
    """The environment points at a server."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT": url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": ACCESS,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }.items():
            patch.setenv(name, value)
        yield


@contextmanager
def buckets() -> Generator[Buckets]:
    """Starts it with one bucket, and points the environment at it."""
    from moto.moto_server.werkzeug_app import (  # start-up: it takes seconds
        DomainDispatcherApplication,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application = DomainDispatcherApplication(create_backend_app)
    lock = threading.Lock()
    asked: list[str] = []

    def one_by_one(environment: Any, answer: Any) -> list[bytes]:
        """S3 sees in one step whether a file is there and puts it there; this server in two."""
        size = int(environment.get("CONTENT_LENGTH") or 0)
        environment["wsgi.input"] = io.BytesIO(environment["wsgi.input"].read(size))
        with lock:
            asked.append(f"{environment['REQUEST_METHOD']} {environment['PATH_INFO']}?{environment['QUERY_STRING']}")
            return [b"".join(application(environment, answer))]

    server = make_server("127.0.0.1", 0, one_by_one, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        urlopen(Request(f"{url}/{BUCKET}", method="PUT")).read()
        with pointing(url):
            yield Buckets(url, asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
