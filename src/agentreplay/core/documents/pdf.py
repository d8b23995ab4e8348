"""PDF: its blocks are the paragraphs of each page."""

import io
from collections.abc import Iterator

from agentreplay.core.documents.chunk import Block
from agentreplay.core.documents.plain import blocks_of_text
from agentreplay.errors import DocumentUnreadable, ExtraMissing

__all__ = ["blocks_of_pdf"]


def blocks_of_pdf(data: bytes, place: str) -> Iterator[Block]:
    """The text of a PDF, page by page; lines count on each page. Raises ExtraMissing and DocumentUnreadable."""
    try:
        from pypdf import PdfReader  # optional extra
        from pypdf.errors import PyPdfError  # optional extra
    except ModuleNotFoundError as error:
        raise ExtraMissing(what="reading PDF", package="pypdf", extra="memory") from error
    try:
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise DocumentUnreadable(place=place, problem=f"it is no PDF that can be read: {error}") from error
    if not any(page.strip() for page in pages):
        raise DocumentUnreadable(place=place, problem="its pages are pictures, without text")
    for number, page in enumerate(pages, 1):
        for block in blocks_of_text(page):
            yield Block(block.text, block.first_line, block.last_line, block.heading, number)
