"""Takes the pictures of the documentation: `python -m tools.screenshots`, which `make screenshots` runs.

The examples and the demo are recorded anew in a folder that is thrown away, and each page is taken in light and in dark
by a real browser from a real server.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tools import chromium

__all__ = ["main"]

_ROOT = Path(__file__).resolve().parent.parent
_TARGET = _ROOT / "docs" / "images"
_SIZE: ViewportSize = {"width": 1280, "height": 800}
_QUALITY = 82
_PAUSE, _PATIENCE = 1_200, 20_000
_REMEMBERED = (
    ("add", "Refunds are given for a month", "--id", "refunds", "--author", "support"),
    (
        "add",
        "Refunds are given for 30 days after delivery",
        "--id",
        "refunds",
        "--author",
        "support",
        "--importance",
        "0.9",
    ),
    ("add", "Kettles of the spring batch leak: offer a new one after a photo", "--author", "support"),
    ("add", "Nobody is called back after six", "--author", "planner", "--importance", "0.2"),
    ("add", "Ask for the order number before anything else", "--agent", "planner"),
)
"""What is remembered beside the demo, whose agent does without."""

SCREENS = {
    "home": "/",
    "sessions": "/sessions",
    "search": "/search?q=kettle",
    "player": "/sessions/{session}?project=demo&at=5",
    "flame": "/sessions/{session}?project=demo&at=5&view=flame",
    "conversation": "/sessions/{session}?project=demo&at=8&view=conversation",
    "graph": "/sessions/{session}?project=demo&at=8&view=graph",
    "memory": "/memory?project=demo&collection=notes&q=refund*%20for%20a%20kettle&record=refunds",
    "compare": "/compare?project=demo&before={session}&after={fork}",
    "measures": "/measures?range=1h&by=kind",
    "settings": "/settings?section=connect",
}


def main() -> None:
    """Write each screen twice."""
    with tempfile.TemporaryDirectory(prefix="screenshots-") as folder, _server(Path(folder)) as address:
        fork, session = (item["id"] for item in _ask(f"{address}/api/v1/sessions?project=demo")["items"])
        with _browser() as browser:
            for theme in ("light", "dark"):
                context = browser.new_context(viewport=_SIZE, color_scheme=theme, reduced_motion="reduce")
                page = context.new_page()
                for name, place in SCREENS.items():
                    page.goto(address + place.format(session=session, fork=fork))
                    _settle(page)
                    _take(page, _TARGET / f"{name}-{theme}.webp")
                context.close()


def _settle(page: Page) -> None:
    """Wait until nothing is being loaded. What is shown first asks for more, so it is looked at twice."""
    for _ in range(2):
        page.wait_for_timeout(_PAUSE)
        expect(page.locator("main [role=status] .animate-spin")).to_have_count(0, timeout=_PATIENCE)


def _take(page: Page, target: Path) -> None:
    """As WebP, which the browser can write and which is a third of the same picture as PNG."""
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": _QUALITY})
    session.detach()
    target.write_bytes(base64.b64decode(taken["data"]))
    print(f"wrote {target.relative_to(_ROOT)}, {target.stat().st_size // 1024} KiB")


def _ask(url: str) -> dict[str, list[dict[str, str]]]:
    with urlopen(url, timeout=20) as answer:  # noqa: S310 - the server that was started here
        found: dict[str, list[dict[str, str]]] = json.load(answer)
        return found


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    # What else is set here is nobody's business, and would be in the recording by its name.
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
    # As where the program is installed and found by its name.
    kept["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    environment = {**kept, "AGENTREPLAY_DB": str(folder / "data"), "PYTHONPATH": str(_ROOT / "src")}
    command = [sys.executable, "-m", "agentreplay.cli"]
    for example in sorted((_ROOT / "examples").glob("*.py")):
        subprocess.run([sys.executable, example], env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - ours
    subprocess.run([*command, "demo"], env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - ours
    for arguments in _REMEMBERED:
        remember = [*command, "--project", "demo", "memory", *arguments]
        subprocess.run(remember, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - ours
    options = ["--json", "up", "--port", "0", "--no-otlp-ports", "--no-grpc"]
    with subprocess.Popen([*command, *options], env=environment, stdout=subprocess.PIPE) as process:  # noqa: S603 - ours
        try:
            line = process.stdout.readline() if process.stdout else b"{}"
            yield json.loads(line)["address"]
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        options = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=options)
        try:
            yield browser
        finally:
            browser.close()


if __name__ == "__main__":
    main()
