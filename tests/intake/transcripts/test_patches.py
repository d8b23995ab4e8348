"""What becomes of a text by a unified diff."""

from difflib import unified_diff

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake.transcripts.patches import patched

TEXTS = st.lists(st.sampled_from(["a", "b", "c", "", "- d", "+ e", "@@ f", "\\ g"]), max_size=12).flatmap(
    lambda lines: st.sampled_from(["\n".join(lines), "".join(f"{line}\n" for line in lines)])
)


def diff_of(before: str, after: str, around: int) -> str:
    """As tools write it: the marks of a missing last end of line stand on lines of their own."""
    lines = ["".join(f"{part}\n" for part in text.split("\n")) for text in (before, after)]
    old, new = [
        whole.splitlines(keepends=True)[:-1] if text.endswith("\n") else whole.splitlines(keepends=True)
        for whole, text in zip(lines, (before, after), strict=True)
    ]
    old, new = [] if not before else old, [] if not after else new
    if before and not before.endswith("\n"):
        old[-1] = old[-1].removesuffix("\n") + "\0\n"
    if after and not after.endswith("\n"):
        new[-1] = new[-1].removesuffix("\n") + "\0\n"
    told = "".join([*unified_diff(old, new, n=around)][2:])
    return told.replace("\0\n", "\n\\ No newline at end of file\n")


@given(TEXTS, TEXTS, st.integers(0, 3))
def test_the_difference_of_two_texts_makes_one_of_the_other(before: str, after: str, around: int) -> None:
    diff = diff_of(before, after, around)

    if diff:
        assert patched(before, diff) == after


@pytest.mark.parametrize(
    ("before", "diff"),
    [
        ("a\n", "@@ -1 +1 @@\n-b\n+c\n"),
        ("a\n", "@@ -7 +7 @@\n-a\n+c\n"),
        ("a\nb\n", "@@ -2 +2 @@\n-b\n+c\n@@ -1 +1 @@\n-a\n+d\n"),
        ("a\n", "-a\n+b\n"),
        ("a\n", "@@ nonsense @@\n-a\n+b\n"),
        ("a\n", "@@ -1 +1 @@\n?a\n"),
        ("a\n", ""),
    ],
    ids=["another text", "behind the end", "backwards", "no place", "nonsense", "an unknown mark", "nothing"],
)
def test_what_does_not_fit_is_not_known(before: str, diff: str) -> None:
    assert patched(before, diff) is None


def test_names_of_files_before_the_first_hunk_and_bare_empty_lines_are_taken() -> None:
    assert patched("a\n\nb\n", "--- a.py\n+++ a.py\n@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n") == "a\n\nc\n"
