"""The report of `agentreplay check` as JUnit XML, which CI systems read."""

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from agentreplay.core.check import Checked, counts
from agentreplay.model.time import SECOND

__all__ = ["junit"]

_SUITE = "agentreplay check"


def junit(checked: Sequence[Checked], project: str, now: int) -> str:
    """One suite with a case for each session: diverged or hung is a failure, unreplayable an error."""
    found = counts(checked)
    totals = {
        "tests": str(len(checked)),
        "failures": str(found["diverged"] + found["hung"]),
        "errors": str(found["unreplayable"]),
        "skipped": "0",
        "time": _seconds(sum(item.took for item in checked)),
    }
    root = ET.Element("testsuites", {"name": _SUITE, **totals})
    timestamp = datetime.fromtimestamp(now // SECOND, UTC).replace(tzinfo=None).isoformat()
    suite = ET.SubElement(root, "testsuite", {"name": _SUITE, **totals, "timestamp": timestamp})
    for item in checked:
        _add_case(suite, item, project)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add_case(suite: ET.Element, item: Checked, project: str) -> None:
    name = f"{item.name} [{item.session}]" if item.name else item.session
    attributes = {"classname": _clean(f"agentreplay.{project}"), "name": _clean(name), "time": _seconds(item.took)}
    case = ET.SubElement(suite, "testcase", attributes)
    text = _clean("\n".join(item.told))
    if item.status in {"diverged", "hung", "unreplayable"}:
        kind = "error" if item.status == "unreplayable" else "failure"
        # What says most is the first line of the divergence, not that there is one.
        message = item.why or (item.told[1] if len(item.told) > 1 else item.status)
        ET.SubElement(case, kind, {"type": item.status, "message": _clean(message)}).text = text
    elif item.status == "drift":
        ET.SubElement(case, "system-out").text = text


def _seconds(nanoseconds: int) -> str:
    return f"{nanoseconds / SECOND:.3f}"


def _clean(text: str) -> str:
    """The text without what XML cannot hold: control characters, halves of surrogate pairs and two others."""
    return "".join(letter if _is_allowed(ord(letter)) else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _is_allowed(code: int) -> bool:
    if code < 0x20:  # noqa: PLR2004  # the control characters end here
        return code in {0x9, 0xA, 0xD}
    return not (0xD800 <= code <= 0xDFFF or code in {0xFFFE, 0xFFFF})  # noqa: PLR2004  # as XML 1.0 says
