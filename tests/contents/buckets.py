"""A server that speaks S3, in this process, on a port of this machine."""

import io
import logging
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import pytest

__all__ = ["BUCKET", "Buckets", "buckets"]

BUCKET = "things"


class Buckets(NamedTuple):
    """Where it listens."""

    url: str

    def uploads(self) -> str:
        """The uploads that were begun and neither ended nor given up."""
        return str(urlopen(f"{self.url}/{BUCKET}?uploads").read().decode())


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

    def one_by_one(environment: Any, answer: Any) -> list[bytes]:
        """S3 sees in one step whether a file is there and puts it there; this server in two."""
        size = int(environment.get("CONTENT_LENGTH") or 0)
        environment["wsgi.input"] = io.BytesIO(environment["wsgi.input"].read(size))
        with lock:
            return [b"".join(application(environment, answer))]

    server = make_server("127.0.0.1", 0, one_by_one, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        urlopen(Request(f"{url}/{BUCKET}", method="PUT")).read()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {
                "AWS_ENDPOINT": url,
                "AWS_ALLOW_HTTP": "true",
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "somebody",
                "AWS_SECRET_ACCESS_KEY": "secret",
            }.items():
                patch.setenv(name, value)
            yield Buckets(url)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
