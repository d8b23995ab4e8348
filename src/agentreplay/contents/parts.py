"""Uploads in parts that go on where an earlier one was cut, also by the death of its process.

Which upload that was is noted in a file of this machine, which the uploading process holds locked: so two that write
the same name never send parts to one upload. Which parts are there already, the server tells, and each is compared
with what is to be sent.
"""

import hashlib
import json
import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

from agentreplay.contents.s3 import S3, S3Cut, S3Refused, all_told, told
from agentreplay.folders import data_folder, make_private
from agentreplay.platform import lock_file

__all__ = ["Note", "noted", "notes_folder", "upload"]

_UPLOADS = "unfinished"
_GONE = 404


class Note:
    """What is remembered of an upload until it is done."""

    def __init__(self, descriptor: int | None, told: Mapping[str, Any]) -> None:
        """Without a descriptor nothing is: another process has the note, or there is no place for it."""
        self._descriptor = descriptor
        self.key = str(told.get("key", ""))
        self.upload = str(told.get("upload", ""))

    def keep(self, key: str, upload: str) -> None:
        """Remember this upload, and no other; the empty one is none."""
        self.key, self.upload = key, upload
        if self._descriptor is not None:
            data = json.dumps({"key": key, "upload": upload}).encode() if upload else b""
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.write(self._descriptor, data)


def notes_folder(environment: Mapping[str, str]) -> Path:
    """Where notes lie."""
    return Path(environment.get("AGENTREPLAY_DB") or data_folder(environment)).expanduser() / _UPLOADS


@contextmanager
def noted(folder: Path, place: str) -> Generator[Note]:
    """The note of the upload to a place, for as long as nobody else may have it."""
    path = folder / f"{hashlib.sha256(place.encode()).hexdigest()[:32]}.json"
    try:
        make_private(folder)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:  # then it cannot go on later, but it can be done now
        yield Note(None, {})
        return
    try:
        if not lock_file(descriptor):
            yield Note(None, {})
            return
        note = Note(descriptor, _read(descriptor))
        yield note
        if not note.upload:
            with suppress(OSError):  # where open files cannot be removed, an empty one stays
                path.unlink()
    finally:
        os.close(descriptor)


def upload(s3: S3, note: Note, key: str, parts: Iterator[bytes]) -> int:
    """Send what is not there yet, let the whole become visible at once, and say how many bytes it has.

    Raises S3Cut where the server is out of reach; the parts that arrived are then left there, and the next upload of
    the same bytes with this note goes on behind them. Where anything else is raised, by the parts themselves above
    all, nothing is left there.
    """
    there = _there(s3, note, key)
    if not note.upload:
        note.keep(key, told("UploadId", s3.ask("POST", key, {"uploads": ""}).body))
    try:
        size = _send(s3, note, key, parts, there)
    except S3Cut:
        raise
    except Exception:
        with suppress(S3Cut, S3Refused):
            s3.ask("DELETE", key, {"uploadId": note.upload})
        note.keep("", "")
        raise
    note.keep("", "")
    return size


def _send(s3: S3, note: Note, key: str, parts: Iterator[bytes], there: Mapping[int, str]) -> int:
    size, tags = 0, list[str]()
    for number, part in enumerate(parts, 1):
        size += len(part)
        digest = hashlib.md5(part, usedforsecurity=False).hexdigest()
        if there.get(number, "").strip('"') == digest:
            tags.append(there[number])
        else:
            query = {"partNumber": str(number), "uploadId": note.upload}
            tags.append(s3.ask("PUT", key, query, part).headers["etag"])
    listed = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>" for number, tag in enumerate(tags, 1)
    )
    body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
    said = s3.ask("POST", key, {"uploadId": note.upload}, body).body
    if told("Code", said):  # it begins to answer before it knows
        raise S3Refused(500, said)
    return size


def _there(s3: S3, note: Note, key: str) -> dict[int, str]:
    """The tags of the parts that arrived earlier, by number. What the server knows no more is forgotten."""
    found: dict[int, str] = {}
    if not note.upload or note.key != key:
        note.keep("", "")
        return found
    marker = "0"
    try:
        while marker:
            query = {"uploadId": note.upload, "part-number-marker": marker}
            said = s3.ask("GET", key, query).body
            for part in all_told("Part", said):
                found[int(told("PartNumber", part))] = told("ETag", part)
            marker = told("NextPartNumberMarker", said) if told("IsTruncated", said) == "true" else ""
    except S3Refused as error:
        if error.status != _GONE:
            raise
        note.keep("", "")
        return {}
    return found


def _read(descriptor: int) -> Mapping[str, Any]:
    try:
        said: Any = json.loads(os.read(descriptor, 1 << 16) or b"{}")
    except ValueError:  # its writer died
        return {}
    return cast("Mapping[str, Any]", said) if isinstance(said, dict) else {}
