"""What kind of document something is."""

import pytest

from agentreplay.core.documents.reading import chunks_of, is_document
from agentreplay.errors import DocumentUnreadable


@pytest.mark.parametrize(
    ("name", "data", "heading"),
    [
        ("a.md", b"# Top\ntext", "Top"),
        ("a.html", b"<h1>Top</h1>", "Top"),
        ("a.py", b"def Top():\n    pass", "Top"),
        ("a.txt", b"# Top", ""),
        ("a.TXT", "\ufeff# Top".encode(), ""),
        ("a.txt", "# Top".encode("utf-16"), ""),
    ],
)
def test_each_kind_is_read_as_such(name: str, data: bytes, heading: str) -> None:
    [chunk] = chunks_of(data, name)

    assert chunk.heading == heading
    assert "Top" in chunk.text


@pytest.mark.parametrize("data", [b"\x7fELF\0\0", b"\xff\xff\xff"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentUnreadable, match=r"a\.txt"):
        list(chunks_of(data, "a.txt"))


def test_pictures_are_no_documents() -> None:
    assert [name for name in ("a.png", "a.md", "Makefile", "b.rs", "c.pdf") if not is_document(name)] == ["a.png"]
