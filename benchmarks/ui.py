"""The web UI with a session of 100,000 spans, in a real browser before a real server.

What is looked at is what a person sees: how long after the address is opened the first spans are painted, how long
frames take while the cursor is dragged and lists are scrolled, what the tab takes, and whether a tool result of 50 MB
stops it. Times are the browser's own. On a machine with other work a page waits for its turn, so beside what went by
stands its work: the processor time of the thread that does everything on a page; and, opened in turns with it, a page
of the same server that has next to nothing on it, which tells what the machine takes for any page.
"""

import json
import math
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin

from playwright.sync_api import Browser, CDPSession, Locator, Page, sync_playwright

from agentreplay.model.session import SessionKey
from agentreplay.store.registry import open_store
from benchmarks.corpus import grouped, one_session
from benchmarks.figures import Report, at_most
from benchmarks.latency import quantile
from tools import chromium

__all__ = ["measure_ui"]

_SPANS = 100_000
_OPENINGS = 7
_SETTLE = 500
_MOVES = 150
_BATCH = 1_000
_MIB = 1 << 20
_LARGE_LINES = 700_000
_FRAME = 1000 / 60

_ROWS = "[role=treeitem]"
_PLAIN = "/healthz"
"""A page of one word."""
# Notes when the first of what is looked for was painted: the frame after the one it was laid out for.
_NOTE_PAINT = """
window.painted = new Promise((tell) => new MutationObserver((_, observer) => {
  if (!document.querySelector('%s')) return;
  observer.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => tell(performance.now())));
}).observe(document, { childList: true, subtree: true }));
"""
_NOTE_LONG_TASKS = """
window.tasks = [];
new PerformanceObserver((list) => list.getEntries().forEach((one) => window.tasks.push(one.duration)))
  .observe({ type: 'longtask', buffered: true });
"""
_LARGE_PROGRAM = f"""
import agentreplay

@agentreplay.tool
def read() -> str:
    line = "line {{}} of a result that goes on for longer than anybody reads".format
    return "\\n".join(line(number) for number in range({_LARGE_LINES}))

read()
"""
_BEGIN_FRAMES = """
window.frames_ = [];
(function tick(now) { window.frames_.push(now); if (window.frames_) requestAnimationFrame(tick); })(performance.now());
"""


def measure_ui(folder: Path, report: Report) -> None:
    """Open it, drag, scroll, and weigh the tab; and open the long result."""
    key = _filled(folder / "ui")
    _record_large(folder / "ui")
    with _server(folder / "ui") as address, _browser() as browser:
        place = f"{address}/sessions/{key.session}?project={key.project}"
        _report_first_load(browser, address, report)
        _report_opening(browser, place, report)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(place)
        page.get_by_role("treeitem").first.wait_for()
        page.wait_for_timeout(1_000)
        _report_frames("scrub", page, page.get_by_role("slider").first, report)
        _report_frames("scroll", page, page.get_by_role("tree"), report)
        rows = page.get_by_role("treeitem").count()
        report.add("ui.rows_in_document", rows, "rows", at_most(200))
        _report_memory(browser, page, report)
        page.close()
        _report_large(browser, address, report)


def _report_first_load(browser: Browser, address: str, report: Report) -> None:
    page = browser.new_page()
    page.goto(address)
    page.get_by_role("main").wait_for()
    page.wait_for_timeout(500)
    scripts = "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('.js'))"
    size = _value(page, f"{scripts}.reduce((sum, one) => sum + one.encodedBodySize, 0)")
    report.add("ui.first_load.script", size / 1e3, "kB", at_most(250))
    page.close()


def _report_opening(browser: Browser, place: str, report: Report) -> None:
    """Each time in a context that is at rest and has nothing in its cache, in turns with a page of a word."""
    plain = urljoin(place, _PLAIN)
    empty, opened = list[_Opened](), list[_Opened]()
    for _ in range(_OPENINGS):
        empty.append(_open(browser, plain, "pre"))
        opened.append(_open(browser, place, _ROWS))
    report.add("ui.open.first_paint", statistics.median(one.painted for one in opened), "ms", at_most(500))
    report.add("ui.open.first_paint.best", min(one.painted for one in opened), "ms")
    report.add("ui.open.first_paint.work", statistics.median(one.worked for one in opened), "ms", at_most(500))
    report.add("ui.open.first_answered", statistics.median(one.answered for one in opened), "ms")
    report.add("ui.open.empty_page", statistics.median(one.painted for one in empty), "ms")
    report.add("ui.open.empty_page.best", min(one.painted for one in empty), "ms")
    report.add("ui.open.empty_page.work", statistics.median(one.worked for one in empty), "ms")


class _Opened(NamedTuple):
    """How a page came, in milliseconds."""

    painted: float
    worked: float
    answered: float
    """When the first spans were there; not a number where none were asked for."""


def _open(browser: Browser, place: str, looked_for: str) -> _Opened:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(_NOTE_PAINT % looked_for)
    page = context.new_page()
    session = _measuring(page)
    # What a browser does to make such a context, it does for a while after it says that it is made.
    page.wait_for_timeout(_SETTLE)
    page.goto(place)
    # Asked once, for each question is work for a page that is at work.
    painted: float = _evaluate(session, "window.painted")
    worked = _metrics(session)["TaskDuration"] * 1e3
    columns = "performance.getEntriesByType('resource').filter((one) => one.name.includes('/columns'))"
    answers: list[float] = _evaluate(session, f"{columns}.map((one) => one.responseEnd)")
    context.close()
    return _Opened(painted, worked, min(answers, default=math.nan))


def _report_frames(what: str, page: Page, target: Locator, report: Report) -> None:
    box = target.bounding_box()
    assert box is not None, what
    session = _measuring(page)
    _evaluate(session, _BEGIN_FRAMES)
    before = _metrics(session)
    if what == "scrub":
        page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        for step in range(_MOVES):
            page.mouse.move(box["x"] + 2 + (box["width"] - 4) * step / _MOVES, box["y"] + box["height"] / 2)
        page.mouse.up()
    else:
        page.mouse.move(box["x"] + 40, box["y"] + 60)
        for _ in range(_MOVES):
            page.mouse.wheel(0, 900)
    after = _metrics(session)
    frames: list[float] = _evaluate(
        session, "(() => { const all = window.frames_; window.frames_ = null; return all })()"
    )
    session.detach()
    gaps = sorted(round((later - earlier) * 1e3) for earlier, later in pairwise(frames))
    work = (after["TaskDuration"] - before["TaskDuration"]) * 1e3 / len(gaps)
    report.add(f"ui.{what}.frame.p50", quantile(gaps, 0.5) / 1e3, "ms", at_most(17))
    report.add(f"ui.{what}.frame.p95", quantile(gaps, 0.95) / 1e3, "ms", at_most(34))
    report.add(f"ui.{what}.work", work, "ms/frame", at_most(_FRAME))


def _report_memory(browser: Browser, page: Page, report: Report) -> None:
    session = _measuring(page)
    session.send("HeapProfiler.collectGarbage")
    report.add("ui.memory.script", _metrics(session)["JSHeapUsedSize"] / _MIB, "MiB", at_most(300))
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    taken = [_proportional(one["id"]) for one in processes if one["type"] == "renderer"]
    if any(taken):
        report.add("ui.memory.tab", max(taken) / _MIB, "MiB", at_most(300))


def _report_large(browser: Browser, address: str, report: Report) -> None:
    """The longest time for which the page could not have answered while the result was read and shown."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(_NOTE_LONG_TASKS)
    span = page.request.get(f"{address}/api/v1/spans?project=large&q=name:read").json()["items"][0]
    page.goto(f"{address}/sessions/{span['session']}?project=large&at={span['seq']}")
    show = page.get_by_role("button", name="Show", exact=False).filter(has_text="MiB")
    show.wait_for()
    _value(page, "(window.tasks.length = 0)")
    show.click()
    page.get_by_text(f"{_LARGE_LINES:,} lines").wait_for(timeout=60_000)
    report.add("ui.large.longest_task", _value(page, "Math.max(0, ...window.tasks)"), "ms", at_most(200))
    page.close()


def _proportional(pid: int) -> int:
    """What a process takes, with what it shares divided among those who share it; Linux only."""
    try:
        text = Path(f"/proc/{int(pid)}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))


def _measuring(page: Page) -> CDPSession:
    """A door through which the browser tells what it does, in processor time."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    return session


def _metrics(session: CDPSession) -> dict[str, float]:
    return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}


def _value(page: Page, expression: str) -> float:
    session = page.context.new_cdp_session(page)
    value = _evaluate(session, expression)
    session.detach()
    return float(value)


def _evaluate(session: CDPSession, expression: str) -> Any:
    """Through the browser's own door: the page lets no script in that is not its own."""
    answer = session.send("Runtime.evaluate", {"expression": expression, "returnByValue": True, "awaitPromise": True})
    return answer["result"].get("value")


def _filled(folder: Path) -> SessionKey:
    """A store with the one session."""
    store = open_store(folder)
    try:
        for batch in grouped(one_session(_SPANS), _BATCH):
            store.append(batch)
        store.drain()
        span = batch.spans[0]
        return SessionKey(span.tenant, span.project, span.session)
    finally:
        store.close()


def _record_large(folder: Path) -> None:
    """Into the same store, by a program that is recorded."""
    program = folder / "large.py"
    program.write_text(_LARGE_PROGRAM, encoding="utf-8")
    told = ("--db-path", str(folder), "--project", "large", "run", "--", sys.executable, str(program))
    subprocess.run([sys.executable, "-m", "agentreplay.cli", *told], check=True, stderr=subprocess.DEVNULL)


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    options: Sequence[str] = ("--port", "0", "--no-otlp-ports", "--no-grpc")
    command = [sys.executable, "-m", "agentreplay.cli", "--db-path", str(folder), "--json", "up", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["address"]
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        options = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        # Whoever listens to the requests of a page, as this does, has the browser tell where in a script each began.
        # For that it would parse the scripts again, which nobody pays for who only looks at the page.
        options += ["--disable-background-networking", "--js-flags=--no-enable-lazy-source-positions"]
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=options)
        try:
            yield browser
        finally:
            browser.close()
