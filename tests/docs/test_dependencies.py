"""The page about dependencies tells of all of them, and of no others."""

import platform
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BASE = {canonicalize_name(Requirement(line).name) for line in PROJECT["project"]["dependencies"]}
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| `")]
WEIGHED = {canonicalize_name(row[0].strip("`")): float(row[1]) for row in ROWS if re.fullmatch(r"[\d.]+", row[1])}
ASKED = {row[0].strip("`"): (set(re.findall(r"`([^`]+)`", row[1])), float(row[2])) for row in ROWS if "`" in row[1]}
LEEWAY = 1.6
"""How far a weight may be off: a newer version may weigh more, and the page is not written anew for each."""


def test_every_dependency_has_its_reason() -> None:
    assert set(WEIGHED) == BASE
    assert [row[0] for row in ROWS if row[0].strip("`") not in ASKED and not all(row)] == []


def test_every_extra_is_told() -> None:
    frameworks = {name for name in EXTRAS if name not in ASKED}

    assert {name: {Requirement(line).name for line in EXTRAS[name]} for name in ASKED} == {
        name: packages for name, (packages, _) in ASKED.items()
    }
    assert [name for name in frameworks if f"`{name}`" not in PAGE] == []


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="wheels weigh something else elsewhere"
)
def test_the_weights_are_those_of_what_is_installed() -> None:
    told = {**{(name,): weight for name, weight in WEIGHED.items()}, **{tuple(sorted(p)): w for p, w in ASKED.values()}}
    wrong = {
        names: (weight, found)
        for names, weight in told.items()
        if (found := sum(map(_megabytes, names))) and not weight / LEEWAY - 0.1 <= found <= weight * LEEWAY + 0.1
    }

    assert wrong == {}


def _megabytes(package: str) -> float:
    """What a package weighs here, without what Python compiles; nothing where it is not installed."""
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        return 0.0
    sizes = (Path(str(file.locate())) for file in files if file.suffix != ".pyc")
    return sum(path.stat().st_size for path in sizes if path.is_file()) / 1e6
