"""Buckets: what is sent again, what is told of refusals, and what an address opens."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agentreplay.contents.bucket import open_bucket
from agentreplay.errors import PlaceDenied, PlaceUnknown, PlaceUnreachable, SnapshotMissing
from agentreplay.testing.loopback import Loopback, Request, Response

_SIZE = 12 << 20


@contextmanager
def answering(server: Loopback) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT": server.url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "somebody",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }.items():
            patch.setenv(name, value)
        yield
    server.stop()


def said(status: int, body: str = "", **headers: str) -> Response:
    return Response(status=status, headers={"content-type": "application/xml", **headers}, chunks=(body.encode(),))


def test_a_part_that_fails_is_sent_again_and_no_other() -> None:
    """The file is not begun anew: a part that arrived stays where it is."""
    tries: dict[str, int] = {}

    def respond(request: Request) -> Response:
        part = re.search(r"partNumber=(\d+)", request.path)
        if request.method == "POST" and "uploads" in request.path:
            return said(200, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
        if part:
            tries[part[1]] = tries.get(part[1], 0) + 1
            return said(503) if part[1] == "2" and tries["2"] < 3 else said(200, etag=f'"{part[1]}"')
        return said(
            200, '<CompleteMultipartUploadResult><ETag>"whole"</ETag></CompleteMultipartUploadResult>', etag='"whole"'
        )

    with answering(Loopback(respond)):
        size = open_bucket("s3://things").write("large", (b"x" * 65_536 for _ in range(_SIZE // 65_536)))

    assert size == _SIZE
    assert tries == {"1": 1, "2": 3, "3": 1}


@pytest.mark.parametrize("status", [401, 403])
def test_denied_access_is_told_with_what_the_server_says(status: int) -> None:
    with answering(Loopback(lambda _: said(status, "<Error><Code>AccessDenied</Code></Error>"))):
        bucket = open_bucket("s3://things")

        with pytest.raises(PlaceDenied, match="AccessDenied") as caught:
            bucket.write("it", [b"x"])
        with pytest.raises(PlaceDenied):
            bucket.stat("it")

    assert "credentials" in caught.value.advice


def test_a_bucket_that_nobody_answers_for_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentreplay.contents.bucket._RETRIES", {"max_retries": 0})
    server = Loopback(lambda _: said(200))
    with answering(server):
        server.stop()

        with pytest.raises(PlaceUnreachable, match="s3://things/it"):
            open_bucket("s3://things").write("it", [b"x"])


def test_a_file_that_is_not_there_is_missing() -> None:
    with (
        answering(Loopback(lambda _: said(404, "<Error><Code>NoSuchKey</Code></Error>"))),
        pytest.raises(SnapshotMissing, match="s3://things/it"),
    ):
        list(open_bucket("s3://things").read("it"))


@pytest.mark.parametrize(("address", "backend"), [("s3://b/f", "s3"), ("gs://b/f", "gcs"), ("az://c/f", "azure")])
def test_each_provider_has_its_address(address: str, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "somebody")

    bucket = open_bucket(address)

    assert bucket.backend == backend
    assert bucket.place("it") == f"{address}/it"


def test_what_an_address_lacks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)

    with pytest.raises(PlaceUnknown, match=r"(?i)account"):
        open_bucket("az://container/folder")
