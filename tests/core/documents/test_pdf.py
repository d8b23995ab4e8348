"""PDF, page by page."""

import sys

import pytest

from agentreplay.core.documents.reading import chunks_of
from agentreplay.errors import DocumentUnreadable, ExtraMissing


def pdf(*pages: str) -> bytes:
    """A PDF with a line of text on each page."""
    count = len(pages)
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(count))
    font = "<< /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {count} >>"]
    for number, text in enumerate(pages):
        drawn = f"BT /F 12 Tf 72 700 Td ({text}) Tj ET" if text else ""
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {4 + 2 * number} 0 R /Resources {font} >>",
            f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
        ]
    out = "%PDF-1.4\n"
    places: list[int] = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    start = len(out)
    out += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}"
    return f"{out}trailer\n<< /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()


def test_each_page_is_told() -> None:
    found = [(one.text, one.page) for one in chunks_of(pdf("first page", "second page"), "a.pdf")]

    assert found == [("first page", 1), ("second page", 2)]


@pytest.mark.parametrize("data", [b"%PDF-1.4\nbroken", pdf("")])
def test_what_has_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentUnreadable):
        list(chunks_of(data, "a.pdf"))


def test_without_the_library_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)

    with pytest.raises(ExtraMissing, match="pypdf"):
        list(chunks_of(pdf("text"), "a.pdf"))
