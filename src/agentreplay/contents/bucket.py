"""A shelf in a bucket: S3 and what speaks like it, Google Cloud Storage, Azure.

Credentials, region and endpoint come from the environment, under the names that the tools of each provider use. A
request that fails for a passing reason is sent again, with more and more time in between; of a large file each part
is, so that what was uploaded already is not uploaded twice. On S3 that holds even for an upload that was cut.
"""

import itertools
import os
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import obstore
from obstore import exceptions
from obstore.store import from_url

from agentreplay.contents.parts import noted, notes_folder, upload
from agentreplay.contents.s3 import S3, S3Cut, S3Refused, open_s3
from agentreplay.contents.shelf import Stored
from agentreplay.errors import (
    AgentReplayError,
    BucketMissing,
    PlaceDenied,
    PlaceFailing,
    PlaceUnknown,
    PlaceUnreachable,
    SnapshotInTheWay,
    SnapshotMissing,
)
from agentreplay.model.time import Nanoseconds

if TYPE_CHECKING:
    from obstore.store import ObjectStore, RetryConfig

__all__ = ["Bucket", "open_bucket"]

_PART = 5 << 20
"""The smallest part that S3 takes; a file that is smaller goes in one request."""
_PARTS_AT_ONCE = 1
"""With more, a process that uploads would take more than 64 MiB."""
_PIECE = 1 << 18
_DRAFTS = ".drafts/"
_BACKENDS = {"s3": "s3", "gs": "gcs", "az": "azure"}
_RETRIES: "RetryConfig" = {
    "max_retries": 8,
    "retry_timeout": timedelta(seconds=60),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=10), "base": 2},
}
_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound", "The specified bucket does not exist")
_NO_CREDENTIALS = ("credential", "metadata.google.internal", "169.254.169.254", "AccessDenied")
_DENIED = frozenset({401, 403})
_BROKEN_OFF = ("error sending request", "connection", "timed out", "dns error", "retry_timeout")


class Bucket:
    """Files in a bucket, below the folder its address names."""

    def __init__(self, store: "ObjectStore", address: str, s3: S3 | None = None) -> None:
        """With `s3`, an upload that was cut goes on; else it is begun anew."""
        self._s3 = s3
        self.backend = _BACKENDS[address.partition("://")[0]]
        self._store = store
        self._address = address.rstrip("/")

    def place(self, name: str) -> str:
        return f"{self._address}/{name}"

    def write(self, name: str, pieces: Iterable[bytes], *, replace: bool = True) -> int:
        waiting = iter(pieces)
        begun = _gathered(waiting, _PART)
        with self._told(name):
            if len(begun) < _PART:
                obstore.put(self._store, name, begun, mode="overwrite" if replace else "create")
                return len(begun)
            if self._s3 is not None:
                parts = _cut(itertools.chain([begun], waiting))
                del begun  # what is sent need not be held
                return self._go_on(self._s3, name, parts, replace=replace)
            file = _Counted(begun, waiting)
            del begun
            if replace:
                self._upload(name, file)
            else:
                self._upload_once(name, file)
        return file.size

    def _go_on(self, s3: S3, name: str, parts: Iterator[bytes], *, replace: bool) -> int:
        """Upload in parts, and go on where the last upload of this name from this machine was cut."""
        within = self._address.partition("://")[2].partition("/")[2]
        with noted(notes_folder(os.environ), f"{s3.address} {within}/{name} {replace}") as note:
            key = f"{within}/{name}".lstrip("/")
            if replace:
                return upload(s3, note, key, parts)
            draft = note.key.removeprefix(within).lstrip("/") or f"{_DRAFTS}{token_hex(16)}"
            size = upload(s3, note, f"{within}/{draft}".lstrip("/"), parts)
            self._copy_once(draft, name)
        return size

    def _upload(self, name: str, file: "_Counted") -> None:
        obstore.put(self._store, name, iter(file), use_multipart=True, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE)

    def _upload_once(self, name: str, file: "_Counted") -> None:
        """An upload in parts knows no condition: it goes under another name, and a copy does."""
        draft = f"{_DRAFTS}{token_hex(16)}"
        self._upload(draft, file)
        self._copy_once(draft, name)

    def _copy_once(self, draft: str, name: str) -> None:
        try:
            obstore.copy(self._store, draft, name, overwrite=False)
        finally:
            obstore.delete(self._store, draft)

    def read(self, name: str, start: int = 0, size: int | None = None) -> Iterator[bytes]:
        options: Any = {}
        if size is not None:
            options = {"range": (start, start + size)}
        elif start:
            options = {"range": {"offset": start}}
        if size == 0:
            return
        with self._told(name):
            for piece in obstore.get(self._store, name, options=options).stream(min_chunk_size=1 << 18):
                yield bytes(piece)

    def stat(self, name: str) -> Stored:
        with self._told(name):
            found = obstore.head(self._store, name)
        return Stored(name, found["size"], _nanoseconds(found["last_modified"].timestamp()))

    def delete(self, name: str) -> None:
        self.stat(name)  # S3 deletes what is not there without a word
        with self._told(name):
            obstore.delete(self._store, name)

    def files(self) -> Iterator[Stored]:
        with self._told(""):
            for found in obstore.list(self._store):
                for each in found:
                    if not any(part.startswith(".") for part in each["path"].split("/")):  # as in a folder
                        yield Stored(each["path"], each["size"], _nanoseconds(each["last_modified"].timestamp()))

    @contextmanager
    def _told(self, name: str) -> Generator[None, None, None]:
        """What the provider says, as errors of ours."""
        try:
            yield
        except AgentReplayError:
            raise
        except exceptions.AlreadyExistsError as error:
            raise SnapshotInTheWay(place=self.place(name)) from error
        except FileNotFoundError as error:
            raise self._missing(name, str(error)) from error
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
            raise PlaceDenied(place=self.place(name), problem=_first_line(error)) from error
        except exceptions.BaseError as error:
            raise self._failure(name, error) from error
        except S3Cut as error:
            raise PlaceUnreachable(place=self.place(name), problem=str(error)) from error
        except S3Refused as error:
            if error.code in _NO_BUCKET:
                raise self._missing(name, error.code) from error
            refused = PlaceDenied if error.status in _DENIED else PlaceFailing
            raise refused(place=self.place(name), problem=str(error)) from error

    def _failure(self, name: str, error: Exception) -> AgentReplayError:
        text = str(error)
        if any(sign in text for sign in _NO_BUCKET):
            return self._missing(name, text)
        problem = _first_line(error)
        if any(sign in text for sign in _NO_CREDENTIALS):
            return PlaceDenied(place=self.place(name), problem=problem)
        if any(sign in problem for sign in _BROKEN_OFF):
            return PlaceUnreachable(place=self.place(name), problem=problem)
        return PlaceFailing(place=self.place(name), problem=problem)

    def _missing(self, name: str, said: str) -> AgentReplayError:
        """Whether it is the file or its bucket; who asks for no more than a head is not told which."""
        if not any(sign in said for sign in _NO_BUCKET):
            try:
                next(iter(obstore.list(self._store, chunk_size=1)), None)
            except Exception as error:  # noqa: BLE001  # it is asked only what else can be said
                said = str(error)
        if any(sign in said for sign in _NO_BUCKET):
            scheme, _, rest = self._address.partition("://")
            return BucketMissing(bucket=rest.partition("/")[0], service=f"{scheme}://")
        return SnapshotMissing(place=self.place(name))


def _cut(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in parts of one size, however they came: only so can they be what was sent before."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= _PART:
            part = bytes(held[:_PART])
            del held[:_PART]
            yield part
    if held:
        yield bytes(held)


class _Counted:
    """The pieces of a large file, and how many bytes they were.

    They are made in a thread of their own: the one that uploads may not ask another bucket for them in between.
    """

    def __init__(self, begun: bytes, pieces: Iterator[bytes]) -> None:
        self._begun = [begun]
        self._pieces = pieces
        self.size = len(begun)

    def __iter__(self) -> Iterator[bytes]:
        yield self._begun.pop()
        with ThreadPoolExecutor(1, thread_name_prefix="agentreplay-upload") as thread:
            while piece := thread.submit(_gathered, self._pieces, _PIECE).result():
                self.size += len(piece)
                yield piece


def _gathered(pieces: Iterator[bytes], size: int) -> bytes:
    """The next pieces together, so many that they have this size; fewer at the end."""
    gathered = bytearray()
    while len(gathered) < size and (piece := next(pieces, None)) is not None:
        gathered += piece
    return bytes(gathered)


def open_bucket(address: str, region: str | None = None) -> Bucket:
    """The bucket at a URL, with the credentials of the environment."""
    scheme, _, rest = address.partition("://")
    if not rest.partition("/")[0]:
        raise PlaceUnknown(address=address, problem="it names no bucket", known=f"{scheme}://BUCKET/FOLDER")
    config: Any = None
    s3: S3 | None = None
    if scheme == "s3":
        s3 = open_s3(rest.partition("/")[0], os.environ, region)
        config = {"copy_if_not_exists": "multipart", **({} if region is None else {"region": region})}
    try:
        store = from_url(address, config=config, retry_config=_RETRIES)
    except (exceptions.BaseError, ValueError) as error:
        raise PlaceUnknown(address=address, problem=_first_line(error), known=f"{scheme}://BUCKET/FOLDER") from error
    return Bucket(store, address, s3)


def _nanoseconds(seconds: float) -> Nanoseconds:
    return Nanoseconds(round(seconds * 1000) * 1_000_000)


def _first_line(error: Exception) -> str:
    """Behind the first lines stand the inner lives of a library."""
    return str(error).partition("\n\nDebug source")[0].replace("\n", " ")[:300]
