"""What was recorded is shown and never obeyed: it runs nothing, and asks nobody."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Recorded
from tests.ui.tab import Tab

pytestmark = pytest.mark.slow

ELSEWHERE = "http://127.0.0.1:9"
HOSTILE = (
    f'</script></textarea><script>window.ran = 1</script><img src="{ELSEWHERE}/a.png" onerror="window.ran = 1">'
    f"<svg onload='window.ran = 1'><iframe src='{ELSEWHERE}/b'></iframe> [link](javascript:window.ran=1) "
    f"![picture]({ELSEWHERE}/c.png) ${{constructor}} {{{{7*7}}}}"
)


@pytest.fixture(scope="module")
def hostile(recorded: Recorded) -> str:
    told: dict[str, Any] = {
        "project": "hostile",
        "sessions": [{"id": "hostile", "name": HOSTILE, "agent": HOSTILE[:200], "labels": {"a": HOSTILE[:200]}}],
        "spans": [
            {
                "session": "hostile",
                "span_id": "00000000000000a1",
                "kind": "llm",
                "name": HOSTILE,
                "start": "2026-01-31T12:00:00Z",
                "end": "2026-01-31T12:00:02Z",
                "status": "error",
                "status_message": HOSTILE,
                "model": HOSTILE[:200],
                "tool": HOSTILE[:200],
                "messages": [{"role": "user", "content": HOSTILE}, {"role": "system", "content": [{"text": HOSTILE}]}],
                "input": {HOSTILE: HOSTILE},
                "output": HOSTILE,
                "attributes": {"note": HOSTILE, HOSTILE[:100]: "x"},
            }
        ],
    }
    recorded.ingest(told)
    return "hostile"


@pytest.mark.parametrize("place", ["/sessions", "/sessions/hostile", "/search", "/measures"])
def test_markup_in_a_recording_is_only_text(tab: Tab, hostile: str, place: str) -> None:
    """The tab itself says whether anything was asked of anyone else, or went wrong."""
    page = tab.open(place, project=hostile, q="window", at="1")
    expect(page.locator("main")).to_contain_text("window.ran" if place != "/measures" else "hostile")

    for target in page.locator("main").get_by_role("link").filter(has_text="link").all():
        assert not (target.get_attribute("href") or "").startswith("javascript:")
    assert page.evaluate("window.ran") is None
