"""Tells what kind of document something is, and reads it as such."""

from collections.abc import Iterator
from pathlib import PurePath

from agentreplay.core.documents.chunk import USUAL_SIZE, Block, Chunk, pack
from agentreplay.core.documents.code import SUFFIXES, blocks_of_code
from agentreplay.core.documents.html import blocks_of_html
from agentreplay.core.documents.markdown import blocks_of_markdown
from agentreplay.core.documents.pdf import blocks_of_pdf
from agentreplay.core.documents.plain import blocks_of_text
from agentreplay.errors import DocumentUnreadable

__all__ = ["chunks_of", "is_document"]

_MARKDOWN = frozenset({"md", "mdx", "markdown"})
_HTML = frozenset({"html", "htm", "xhtml"})
_TEXT = frozenset(
    {
        "",
        "txt",
        "text",
        "rst",
        "adoc",
        "org",
        "tex",
        "log",
        "csv",
        "tsv",
        "json",
        "jsonl",
        "yaml",
        "yml",
        "toml",
        "ini",
        "cfg",
        "xml",
    }
)
_PDF = b"%PDF-"
_LOOKED_AT = 8192


def is_document(name: str) -> bool:
    """Whether a file of this name is one of those that can be read; what has no suffix may be one."""
    return _suffix(name) in _MARKDOWN | _HTML | _TEXT | SUFFIXES | {"pdf"}


def chunks_of(data: bytes, place: str, size: int = USUAL_SIZE) -> Iterator[Chunk]:
    """All of a document in chunks, in order. Raises DocumentUnreadable, and ExtraMissing."""
    return pack(_blocks(data, place), size)


def _blocks(data: bytes, place: str) -> Iterator[Block]:
    suffix = _suffix(place)
    if suffix == "pdf" or data.startswith(_PDF):
        return blocks_of_pdf(data, place)
    text = _decoded(data, place)
    if suffix in _MARKDOWN:
        return blocks_of_markdown(text)
    if suffix in _HTML:
        return blocks_of_html(text)
    return blocks_of_code(text) if suffix in SUFFIXES else blocks_of_text(text)


def _decoded(data: bytes, place: str) -> str:
    if b"\0" in data[:_LOOKED_AT] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentUnreadable(place=place, problem="it is binary")
    coding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(coding)
    except UnicodeDecodeError as error:
        raise DocumentUnreadable(place=place, problem=f"it is no text in UTF-8: {error}") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _suffix(name: str) -> str:
    return PurePath(name).suffix.removeprefix(".").lower()
