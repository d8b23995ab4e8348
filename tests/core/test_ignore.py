"""Patterns of files that git ignores."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentreplay.core.ignore import NO_RULES, Rules

PATTERNS = (
    "*.log", "build/", "/top", "a/b", "**/deep", "deep/**", "x/**/y", "!keep.log", "[ab].txt", "[!ab].txt", "?x",
    "#no", "\\#yes", "\\!yes", "trailing  ", "na\\me", "*", "!*/", "!*.py", "a?c", "**", "[", "a[", "[]]", "dir/*.o",
)  # fmt: skip
NAMES = (
    "a.log", "keep.log", "build", "top", "a", "b", "deep", "x", "y", "a.txt", "c.txt", "zx", "#no", "#yes", "!yes",
    "trailing", "name", "m.py", "abc", "[", "]", "dir", "t.o",
)  # fmt: skip


def ignored(rules: Rules, path: str, *, is_folder: bool = False) -> bool:
    return rules.ignores(path, path.rpartition("/")[2], is_folder=is_folder)


@pytest.mark.parametrize(
    ("patterns", "path", "is_folder", "expected"),
    [
        ("*.log", "deep/down/a.log", False, True),
        ("*.log\n!keep.log", "keep.log", False, False),
        ("build/", "build", True, True),
        ("build/", "build", False, False),
        ("/top", "below/top", False, False),
        ("a/b", "a/b", False, True),
        ("a/b", "c/a/b", False, False),
        ("x/**/y", "x/y", False, True),
        ("x/**/y", "x/1/2/y", False, True),
        ("deep/**", "deep/one", False, True),
        ("deep/**", "deep", True, False),
        ("# a remark\n\n", "# a remark", False, False),
    ],
)
def test_a_pattern_means_what_git_says(patterns: str, path: str, is_folder: bool, expected: bool) -> None:  # noqa: FBT001
    assert ignored(NO_RULES.with_lines("", patterns), path, is_folder=is_folder) is expected


def test_patterns_of_a_folder_below_come_first() -> None:
    above = NO_RULES.with_lines("", "*.log\n/only")
    below = above.with_lines("sub/", "!*.log\n/only")

    assert ignored(above, "a.log")
    assert not ignored(below, "sub/a.log")
    assert ignored(below, "sub/only")
    assert above.with_lines("plain/", "# nothing") is above


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    git = shutil.which("git")
    if git is None:
        pytest.skip("there is no git to compare with")
    folder = tmp_path_factory.mktemp("ignoring")
    subprocess.run([git, "init", "-q", str(folder)], check=True)
    return folder


@settings(max_examples=15, deadline=None)
@given(
    patterns=st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=4),
    paths=st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map("/".join), min_size=1, max_size=20),
)
def test_what_is_ignored_is_what_git_ignores(repository: Path, patterns: list[str], paths: list[str]) -> None:
    """The paths need not be there: git is asked about names, and takes each for a file."""
    (repository / ".gitignore").write_text("\n".join(patterns), encoding="utf-8")
    asked = "\0".join(paths)
    command = ["git", "-c", "core.excludesFile=", "check-ignore", "--no-index", "--stdin", "-z"]
    told = subprocess.run(command, cwd=repository, input=asked.encode(), capture_output=True, check=False).stdout
    expected = set(told.decode().split("\0")) - {""}
    rules = NO_RULES.with_lines("", "\n".join(patterns))

    found = {path for path in paths if any(_ignored_on_the_way(rules, path))}

    assert found == expected


def _ignored_on_the_way(rules: Rules, path: str) -> list[bool]:
    """Whether each folder on the way to a path is ignored, and the path itself."""
    parts = path.split("/")
    return [ignored(rules, "/".join(parts[:end]), is_folder=end < len(parts)) for end in range(1, len(parts) + 1)]
