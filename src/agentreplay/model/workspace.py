"""The files of a folder as they were at one moment: a tree of contents, whose hash names the whole."""

import json
from typing import Literal

import msgspec

from agentreplay.model.content import JSON, Content
from agentreplay.model.ids import ContentHash, check_content_hash
from agentreplay.model.values import Value, is_map

__all__ = ["FILE", "FOLDER", "TREE", "TREE_NAME", "TREE_VERSION", "WORKSPACE", "Entry", "pack_tree", "unpack_tree"]

WORKSPACE = "workspace"
"""The kind of span that tells how the files of a session are from then on."""

TREE_NAME = "tree"
"""The name of such a span. Those with another name only hold contents that did not fit in with it."""

TREE = "tree"
"""The role of the content that is the tree of the whole folder."""

FILE = "file"
"""The role of contents that came with it: files, and the trees of folders below."""

FOLDER = "agentreplay.workspace"
"""The attribute with the path of the folder, and what became of it."""

TREE_VERSION = 1


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What stands in a folder under a name."""

    name: str
    """Bytes that are not UTF-8 are lone surrogates, as Python reads names of files."""
    kind: Literal["file", "folder", "link", "left out"]
    mode: int = 0
    """The bits of permission."""
    size: int = 0
    """Of a file on the disk, in bytes."""
    hash: ContentHash | None = None
    """Of a file what is kept of it, of a folder its tree."""
    target: str = ""
    """Of a link."""
    is_redacted: bool = False
    """Whether secrets were taken out of the file."""
    why: str = ""
    """Why it was left out."""


def pack_tree(entries: list[Entry]) -> Content:
    """The tree of a folder; equal entries make equal trees, whatever their order."""
    told = [msgspec.to_builtins(entry) for entry in sorted(entries, key=lambda entry: entry.name)]
    # Not msgspec, which refuses the lone surrogates of names that are not UTF-8.
    text = json.dumps({"version": TREE_VERSION, "entries": told}, separators=(",", ":"), sort_keys=True)
    return Content.of(text.encode(), JSON)


def unpack_tree(content: Content) -> list[Entry]:
    """The entries of a folder. Raises ValueError for what is no tree, or could lead out of its folder."""
    told: Value = json.loads(content.data)
    if not is_map(told) or told.get("version") != TREE_VERSION:
        raise ValueError("it is no tree of this version")
    try:
        entries = msgspec.convert(told.get("entries"), list[Entry])
    except msgspec.ValidationError as error:
        raise ValueError(f"it is no tree: {error}") from error
    for entry in entries:
        if entry.name in {"", ".", ".."} or {"/", "\0"} & set(entry.name):
            raise ValueError(f"{entry.name!r} is no name of a file")
        if entry.hash is not None:
            check_content_hash(entry.hash)
    return entries
