"""What a closed store takes on disk, and how much of it is full text."""

from pathlib import Path

import apsw
import msgspec

__all__ = ["Disk", "measure_disk"]

_MAGIC = b"SQLite format 3\x00"
_PARTS = ("data", "idx", "content", "docsize", "config")


class Disk(msgspec.Struct, frozen=True):
    """Bytes on disk."""

    total: int
    """Every file in the folder."""
    trees: dict[str, int]
    """Tables and indexes one by one, but not those of full text."""
    tables: dict[str, int]
    """The same, each table with its indexes."""
    full_text: dict[str, int]
    """What each table of FTS5 takes."""

    @property
    def without_text(self) -> int:
        """Without what finds words. An index of attributes counts, though it may be made with FTS5."""
        return self.total - sum(size for name, size in self.full_text.items() if not name.startswith("attribute"))

    @property
    def without_fts5(self) -> int:
        """Without all that FTS5 keeps."""
        return self.total - sum(self.full_text.values())


def measure_disk(folder: Path) -> Disk:
    """Look at a store nobody has open."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    disk = Disk(sum(path.stat().st_size for path in files), {}, {}, {})
    for path in files:
        with path.open("rb") as file:
            is_database = file.read(len(_MAGIC)) == _MAGIC
        if is_database:
            connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
            try:
                _weigh(connection, disk)
            finally:
                connection.close()
    return disk


def _weigh(connection: apsw.Connection, disk: Disk) -> None:
    names = connection.execute("SELECT name FROM sqlite_schema WHERE sql LIKE '%USING fts5%'")
    parts = {f"{name}_{part}": str(name) for (name,) in names for part in _PARTS}
    owners = dict(connection.execute("SELECT name, tbl_name FROM sqlite_schema WHERE rootpage > 0"))
    for name, size in connection.execute("SELECT name, pgsize FROM dbstat WHERE aggregate = 1"):
        owner = str(owners.get(name, name))
        if owner in parts:
            _add(disk.full_text, parts[owner], size)
        else:
            _add(disk.trees, str(name), size)
            _add(disk.tables, owner, size)


def _add(sizes: dict[str, int], name: str, size: object) -> None:
    sizes[name] = sizes.get(name, 0) + int(str(size))
