"""Where files lie beside the store: a folder or a bucket, chosen by address."""

import importlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol, cast

from agentreplay.errors import ExtraMissing, PlaceUnknown
from agentreplay.model.time import Nanoseconds

__all__ = ["KINDS", "Kind", "Located", "Shelf", "Stored", "locate", "open_shelf"]


class Stored(NamedTuple):
    """A file on a shelf."""

    name: str
    size: int
    modified: Nanoseconds


class Shelf(Protocol):
    """Files by name; the parts of a name are separated by slashes.

    A file is there whole or not at all: while one is written, and after the writer died, readers see what was there
    before. Of two who write one name at once, one wins with all of its bytes. Safe to share between threads.
    Raises only agentreplay.errors: SnapshotMissing, BucketMissing, PlaceDenied, PlaceUnreachable, PlaceFailing.
    """

    backend: str
    """What it stands on: `folder`, `s3`, `gcs` or `azure`."""

    def place(self, name: str) -> str:
        """The address of a file, as people read it."""
        ...

    def write(self, name: str, pieces: Iterable[bytes], *, replace: bool = True) -> int:
        """Write a file and return its size; when this returns, the file survives the loss of power.

        Where the pieces raise, nothing was written. Raises SnapshotInTheWay where there is one and it MUST NOT be
        replaced; of several who write so at once, one succeeds.
        """
        ...

    def read(self, name: str, start: int = 0, size: int | None = None) -> Iterator[bytes]:
        """The bytes of a file in order, all of the same version of it; fewer where it ends."""
        ...

    def stat(self, name: str) -> Stored:
        """What is known of a file."""
        ...

    def delete(self, name: str) -> None:
        """Delete a file. Raises SnapshotMissing where there is none."""
        ...

    def files(self) -> Iterator[Stored]:
        """All files, in the order of their names; those that are being written are none."""
        ...


class Kind(NamedTuple):
    """One kind of shelf."""

    factory: str
    """`module:function`, called with the address."""
    example: str
    package: str = ""
    extra: str = ""


_BUCKET = "agentreplay.contents.bucket:open_bucket"
KINDS = {
    "file": Kind("agentreplay.contents.folder:open_folder", "file:///FOLDER"),
    "s3": Kind(_BUCKET, "s3://BUCKET/FOLDER", "obstore", "bucket"),
    "gs": Kind(_BUCKET, "gs://BUCKET/FOLDER", "obstore", "bucket"),
    "az": Kind(_BUCKET, "az://CONTAINER/FOLDER", "obstore", "bucket"),
}


class Located(NamedTuple):
    """One file and the shelf it lies on."""

    shelf: Shelf
    name: str

    @property
    def place(self) -> str:
        """Its address, as people read it."""
        return self.shelf.place(self.name)


def open_shelf(address: str | Path, *, region: str | None = None) -> Shelf:
    """The shelf at an address: a folder, or a URL with one of the known beginnings.

    A region is asked for by S3 alone; without one, that of the environment is.
    """
    scheme, colon, _ = str(address).partition("://")
    if isinstance(address, Path) or not colon:
        scheme, address = "file", Path(address).expanduser()
    kind = KINDS.get(scheme)
    if kind is None:
        known = ", ".join(kind.example for kind in KINDS.values())
        raise PlaceUnknown(address=str(address), problem=f"{scheme}:// is unknown", known=known)
    module, _, function = kind.factory.partition(":")
    try:
        factory = getattr(importlib.import_module(module), function)
    except ModuleNotFoundError as error:
        if error.name != kind.package:
            raise
        raise ExtraMissing(what=f"{scheme}://", package=kind.package, extra=kind.extra) from error
    more = {} if region is None or scheme == "file" else {"region": region}
    return cast("Shelf", factory(str(address), **more))


def locate(address: str | Path, *, region: str | None = None) -> Located:
    """The file at an address. Raises PlaceUnknown where the address names none."""
    text = str(Path(address).expanduser()) if isinstance(address, Path) or "://" not in address else address
    folder, name = (str(Path(text).parent), Path(text).name) if "://" not in text else _split(text)
    if not name or name in {".", ".."}:
        raise PlaceUnknown(address=text, problem="it names no file", known="FOLDER/NAME, s3://BUCKET/NAME")
    return Located(open_shelf(folder, region=region), name)


def _split(address: str) -> tuple[str, str]:
    scheme, _, rest = address.partition("://")
    folder, slash, name = rest.rpartition("/")
    # Without a slash all of it is a bucket.
    return f"{scheme}://{folder}", name if slash else ""
