"""The files of the web UI: what is sent, and which scripts may run."""

import asyncio
import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from agentreplay.server.pages import Pages

SCRIPT = "document.title = 'here'"


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "start.js").write_text("start()", encoding="utf-8")
    page = f"<script data-pages='{{}}'>{SCRIPT}</script><script type=module src=/assets/start.js></script>"
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    return Pages(tmp_path)


def asked(pages: Pages, path: str) -> tuple[int, dict[str, str]]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    asyncio.run(pages({"type": "http", "method": "GET", "path": path, "headers": []}, receive, send))
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_only_the_scripts_written_into_a_page_may_run_there(pages: Pages) -> None:
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()

    status, headers = asked(pages, "/sessions/one")

    assert status == 200
    assert f"script-src 'self' 'sha256-{digest}';" in headers["content-security-policy"]
    assert headers["content-security-policy"].count("sha256-") == 1


def test_what_is_no_page_allows_no_script_within(pages: Pages) -> None:
    status, headers = asked(pages, "/assets/start.js")

    assert status == 200
    assert "script-src 'self';" in headers["content-security-policy"]


def test_a_file_that_was_built_otherwise_is_not_there(pages: Pages) -> None:
    assert asked(pages, "/assets/gone.js")[0] == 404
