"""What the pages for those who come from elsewhere name on our side is there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentreplay.server.mcp.catalogue import tools
from agentreplay.server.otlp import http as otlp
from agentreplay.settings import SETTINGS
from agentreplay.testing import plugin
from tests.docs.naming import is_command, is_python

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted((DOCS / "coming-from").glob("*.md"))
PATHS = json.loads((DOCS / "reference" / "openapi.json").read_text(encoding="utf-8"))["paths"]
MCP = tools(may_run=True, may_write=True)
VARIABLES = {setting.variable for setting in SETTINGS}
FOREIGN = {"OTEL_EXPORTER_OTLP_ENDPOINT", "x-project-name", "agentreplay.state.v1.State"}
"""What is ours to heed, and not ours to name."""
CODE = re.compile(r"`([^`]+)`")


def _rows(page: Path) -> Iterator[tuple[str, list[str]]]:
    """The rows of all tables: the line, and its cells."""
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and not line.startswith("| there |"):
            yield line, [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_all_that_is_named_here_is_there(page: Path) -> None:
    named = [code for _, cells in _rows(page) for code in CODE.findall(cells[1])]

    assert len(named) > 8
    assert [code for code in named if not _is_there(code)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_every_row_has_three_cells(page: Path) -> None:
    assert [line for line, cells in _rows(page) if len(cells) != 3] == []


def test_what_is_not_there_is_noticed() -> None:
    lacking = ["agentreplay fly", "agentreplay diff --wings", "agentreplay.fly", "Client.fly", "GET /api/v1/wings"]

    assert [
        code for code in [*lacking, "pytest --agentreplay=fly", "AGENTREPLAY_WINGS", "fly"] if _is_there(code)
    ] == []


def _is_there(code: str) -> bool:
    head, _, rest = code.partition(" ")
    if head == "agentreplay":
        return is_command(rest.split())
    if head in {"GET", "POST", "PATCH", "DELETE"}:
        return head.lower() in PATHS.get(rest, {})
    if head == "pytest":
        return rest.removeprefix("--agentreplay=") in plugin._MODES
    if code.startswith("@pytest.mark."):
        return code == "@pytest.mark.agentreplay"
    if code.startswith("/v1/"):
        return code in otlp.PATHS
    return code in MCP or code in VARIABLES or code in FOREIGN or is_python(code.removeprefix("@"))
