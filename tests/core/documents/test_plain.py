"""Paragraphs of plain text."""

from agentreplay.core.documents.plain import blocks_of_text


def test_paragraphs_are_what_stands_between_empty_lines() -> None:
    found = [(one.text, one.first_line, one.last_line) for one in blocks_of_text("\na\nb  \n\n \nc")]

    assert found == [("a\nb", 2, 3), ("c", 6, 6)]
