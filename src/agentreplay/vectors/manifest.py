"""Says which files make up an index; replacing it is what makes a change visible."""

from pathlib import Path

import msgspec
from blake3 import blake3

from agentreplay.errors import VectorsDamaged, VectorsForeign
from agentreplay.platform import sync_data, sync_folder

__all__ = ["FORMAT", "MANIFEST", "Manifest", "Part", "read_manifest", "write_manifest"]

FORMAT = 1
MANIFEST = "manifest.json"
_DRAFT = "manifest.new"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A file of vectors, and the file that says which rows of it are gone, where any are."""

    segment: str
    rows: int
    gone: str = ""
    gone_rows: int = 0
    quantiser: str = ""
    """The file of that which made its lists and codes; none where it has none."""

    @property
    def living(self) -> int:
        """How many vectors it counts."""
        return self.rows - self.gone_rows


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One state of an index."""

    format: int = FORMAT
    model: str
    dimensions: int
    generation: int = 0
    position: int = 0
    quantiser: str = ""
    """The file of that which makes those of what comes next."""
    trained: int = 0
    """How many vectors there were when that one learnt."""
    parts: tuple[Part, ...] = ()

    @property
    def files(self) -> set[str]:
        """The names of all files it speaks of."""
        named = {name for part in self.parts for name in (part.segment, part.gone, part.quantiser)}
        return (named | {self.quantiser}) - {""}

    @property
    def living(self) -> int:
        """How many vectors there are."""
        return sum(part.living for part in self.parts)


class _Format(msgspec.Struct, frozen=True):
    format: int


def read_manifest(folder: Path) -> Manifest | None:
    """The state that holds now; None where nothing was flushed yet."""
    try:
        text = (folder / MANIFEST).read_bytes()
    except FileNotFoundError:
        return None
    body, _, seal = text.partition(b"\n")
    if blake3(body).hexdigest().encode() != seal.strip():
        raise VectorsDamaged(place=str(folder), problem=f"{MANIFEST} does not match its checksum")
    try:
        found = msgspec.json.decode(body, type=_Format).format
        if found > FORMAT:
            raise VectorsForeign(place=str(folder), found=f"format {found}", wanted=f"format {FORMAT}")
        return msgspec.json.decode(body, type=Manifest)
    except msgspec.DecodeError as error:
        raise VectorsDamaged(place=str(folder), problem=f"{MANIFEST} cannot be read: {error}") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Let a state hold; when this returns, it survives the loss of power."""
    body = msgspec.json.encode(manifest)
    draft = folder / _DRAFT
    with draft.open("wb") as file:
        file.write(body + b"\n" + blake3(body).hexdigest().encode() + b"\n")
        file.flush()
        sync_data(file.fileno())
    sync_folder(folder)  # what it names must be there before it is
    draft.replace(folder / MANIFEST)
    sync_folder(folder)
