"""Markdown in blocks under their headings."""

from agentreplay.core.documents.markdown import blocks_of_markdown

TEXT = """# Guide

Intro.

## Set up ##
```sh
make

# no heading
```

## Run
Go.
"""


def test_blocks_stand_under_their_headings() -> None:
    found = [(one.heading, one.text, one.first_line) for one in blocks_of_markdown(TEXT)]

    assert found == [
        ("Guide", "# Guide", 1),
        ("Guide", "Intro.", 3),
        ("Guide > Set up", "## Set up ##\n```sh\nmake\n\n# no heading\n```", 5),
        ("Guide > Run", "## Run\nGo.", 12),
    ]


def test_a_fence_that_stays_open_ends_with_the_text() -> None:
    assert [one.text for one in blocks_of_markdown("~~~~\na\n~~~\n# b")] == ["~~~~\na\n~~~\n# b"]
