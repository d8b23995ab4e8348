"""Uploads that were cut go on; with other bytes, other writers or another server in between nothing mixes."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentreplay.contents.parts import Note, noted, notes_folder, upload
from agentreplay.contents.s3 import S3, S3Cut, S3Keys
from agentreplay.testing.loopback import Loopback, Request, Response


class Server:
    """As much of S3 as an upload in parts asks for. After so many parts it answers no more."""

    def __init__(self) -> None:
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.files: dict[str, bytes] = {}
        self.sent: list[int] = []
        self.left = 1_000
        self._loopback = Loopback(self._respond)
        self.s3 = S3(f"{self._loopback.url}/things", S3Keys("somebody", "secret", "here"), pause=lambda _: None)

    def stop(self) -> None:
        self._loopback.stop()

    def _respond(self, request: Request) -> Response:
        key = request.path.partition("?")[0].removeprefix("/things/")
        found = re.search(r"uploadId=(\w+)", request.path)
        if found is None:
            name = f"u{len(self.uploads)}"
            self.uploads[name] = {}
            return _said(f"<UploadId>{name}</UploadId>")
        if found[1] not in self.uploads:
            return _said("<Error><Code>NoSuchUpload</Code></Error>", 404)
        parts = self.uploads[found[1]]
        if request.method == "PUT":
            number = int(re.findall(r"partNumber=(\d+)", request.path)[0])
            if len(self.sent) >= self.left:
                return _said("", 503)
            self.sent.append(number)
            parts[number] = request.content
            return Response(headers={"etag": _tag(request.content)}, chunks=(b"",))
        if request.method == "GET":
            return self._listed(parts, int(re.findall(r"part-number-marker=(\d+)", request.path)[0]))
        del self.uploads[found[1]]
        if request.method == "POST":
            tags = re.findall("<ETag>(.*?)</ETag>", request.content.decode())
            assert tags == [_tag(parts[number + 1]) for number in range(len(tags))]
            self.files[key] = b"".join(parts[number + 1] for number in range(len(tags)))
        return _said("")

    @staticmethod
    def _listed(parts: dict[int, bytes], behind: int) -> Response:
        """Two at a time."""
        numbers = [number for number in sorted(parts) if number > behind]
        listed = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{_tag(parts[number])}</ETag></Part>"
            for number in numbers[:2]
        )
        if len(numbers) > 2:
            listed += f"<IsTruncated>true</IsTruncated><NextPartNumberMarker>{numbers[1]}</NextPartNumberMarker>"
        return _said(listed)


def _said(body: str, status: int = 200) -> Response:
    return Response(status=status, chunks=(body.encode(),))


def _tag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server()
    yield started
    started.stop()


PARTS = [b"one", b"two", b"three", b"four", b"five"]


def cut_after(server: Server, folder: Path, parts: int) -> None:
    server.left = parts
    with pytest.raises(S3Cut), noted(folder, "here") as note:
        upload(server.s3, note, "a", iter(PARTS))
    server.left = 1_000


def test_an_upload_that_was_cut_goes_on_where_it_was(server: Server, tmp_path: Path) -> None:
    cut_after(server, tmp_path, 3)
    assert server.files == {}

    with noted(tmp_path, "here") as note:
        assert upload(server.s3, note, "a", iter(PARTS)) == 19

    assert server.files == {"a": b"".join(PARTS)}
    assert server.sent == [1, 2, 3, 4, 5]
    assert list(tmp_path.iterdir()) == []


def test_other_bytes_take_the_place_of_what_was_sent(server: Server, tmp_path: Path) -> None:
    cut_after(server, tmp_path, 3)

    with noted(tmp_path, "here") as note:
        upload(server.s3, note, "a", iter([b"one", b"other"]))

    assert server.files == {"a": b"oneother"}
    assert server.sent == [1, 2, 3, 2]


def test_of_bytes_that_cannot_be_had_nothing_stays(server: Server, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"one"
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"), noted(tmp_path, "here") as note:
        upload(server.s3, note, "a", broken())

    assert (server.uploads, server.files) == ({}, {})


def test_two_that_write_one_name_share_no_upload(server: Server, tmp_path: Path) -> None:
    with noted(tmp_path, "here") as one, noted(tmp_path, "here") as other:
        other_parts = iter([b"x", b"y"])

        def first() -> Iterator[bytes]:
            yield b"one"
            upload(server.s3, other, "a", other_parts)
            yield b"two"

        upload(server.s3, one, "a", first())

    assert server.files == {"a": b"onetwo"}


@pytest.mark.parametrize("left", ["", "{", '{"key": "b", "upload": "u0"}', '{"key": "a", "upload": "gone"}', "[]"])
def test_a_note_that_helps_no_more_is_forgotten(server: Server, tmp_path: Path, left: str) -> None:
    """Its writer died over it, it is of another name, or the server has thrown the parts away."""
    with noted(tmp_path, "here") as note:
        note.keep("a", "u9")
    [path] = tmp_path.iterdir()
    path.write_text(left)

    with noted(tmp_path, "here") as note:
        upload(server.s3, note, "a", iter(PARTS))

    assert server.files == {"a": b"".join(PARTS)}


def test_without_a_place_for_notes_it_is_uploaded_all_the_same(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with noted(tmp_path / "file" / "notes", "here") as note:
        upload(server.s3, note, "a", iter(PARTS))

    assert server.files == {"a": b"".join(PARTS)}
    assert isinstance(note, Note)


def test_notes_lie_beside_the_data(tmp_path: Path) -> None:
    assert notes_folder({"AGENTREPLAY_DB": str(tmp_path)}) == tmp_path / "unfinished"
