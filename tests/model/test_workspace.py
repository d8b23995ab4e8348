"""Trees of files."""

import json

import pytest

from agentreplay.errors import ValueInvalid
from agentreplay.model.content import Content
from agentreplay.model.ids import ContentHash
from agentreplay.model.workspace import Entry, pack_tree, unpack_tree

HASH = ContentHash("ab" * 32)
ENTRIES = [
    Entry(name="b.txt", kind="file", mode=0o644, size=3, hash=HASH, is_redacted=True),
    Entry(name="a", kind="folder", mode=0o755, hash=HASH),
    Entry(name="to", kind="link", target="../b\udcff"),
    Entry(name="large\udcfe", kind="left out", size=10, why="it is large"),
]


def test_a_tree_comes_back_as_it_was_in_the_order_of_names() -> None:
    assert unpack_tree(pack_tree(ENTRIES)) == sorted(ENTRIES, key=lambda entry: entry.name)
    assert pack_tree(ENTRIES).hash == pack_tree(ENTRIES[::-1]).hash


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc", "a\0b"])
def test_a_name_that_could_lead_out_of_the_folder_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no name of a file"):
        unpack_tree(pack_tree([Entry(name=name, kind="file", hash=HASH)]))


@pytest.mark.parametrize("told", [[], {"version": 2, "entries": []}, {"version": 1}, {"version": 1, "entries": [{}]}])
def test_what_is_no_tree_is_refused(told: object) -> None:
    with pytest.raises(ValueError, match="it is no tree"):
        unpack_tree(Content.of(json.dumps(told).encode()))


def test_a_hash_is_checked() -> None:
    tree = json.dumps({"version": 1, "entries": [{"name": "a", "kind": "file", "hash": "no"}]})

    with pytest.raises(ValueInvalid):
        unpack_tree(Content.of(tree.encode()))
