"""HTML as a browser would show it."""

from agentreplay.core.documents.html import blocks_of_html

TEXT = """<html><head><title>Page</title><style>p { color: red }</style></head>
<body><h1>Top</h1><p>One &amp; <b>two</b>
three.</p>
<script>var secret = "<p>no</p>";</script>
<h2>Below</h2><ul><li>first</li><li>second</ul>
<pre>a
  b</pre> tail
"""


def test_texts_of_blocks_stand_under_their_headings() -> None:
    found = [(one.heading, one.text, one.first_line, one.last_line) for one in blocks_of_html(TEXT)]

    assert found == [
        ("", "Page", 1, 1),
        ("Top", "Top", 2, 2),
        ("Top", "One & two three.", 2, 3),
        ("Top > Below", "Below", 5, 5),
        ("Top > Below", "first", 5, 5),
        ("Top > Below", "second", 5, 5),
        ("Top > Below", "a\n  b", 6, 7),
        ("Top > Below", "tail", 7, 7),
    ]
