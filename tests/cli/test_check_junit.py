"""The JUnit report of `agentreplay check`."""

from xml.etree import ElementTree as ET

from agentreplay.cli.check_junit import junit
from agentreplay.core.check import Checked
from agentreplay.model.ids import SessionId
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.playback.verdict import Status
from agentreplay.testing import NEW_YEAR


def checked(status: Status, **fields: object) -> Checked:
    told = (status, "call 3 (f) asks for something else", "  expected <a> & b")
    usual: dict[str, object] = {
        "session": SessionId("x"),
        "name": "agent",
        "source": "run",
        "started": NEW_YEAR,
        "told": () if status == "identical" else told,
        "took": Nanoseconds(SECOND // 4),
    }
    return Checked(status=status, **{**usual, **fields})  # type: ignore[arg-type]  # as given


def report(*items: Checked) -> ET.Element:
    return ET.fromstring(junit(items, "demo", NEW_YEAR))


def test_each_session_is_a_case_and_each_verdict_what_ci_systems_know() -> None:
    root = report(checked("identical"), checked("drift"), checked("diverged"), checked("unreplayable", why="no Python"))

    assert root.tag == "testsuites"
    (suite,) = root
    totals = {name: suite.attrib[name] for name in ("tests", "failures", "errors", "skipped", "time")}
    assert totals == {"tests": "4", "failures": "1", "errors": "1", "skipped": "0", "time": "1.000"}
    assert suite.attrib["timestamp"] == "2026-01-01T00:00:00"
    assert [[child.tag for child in case] for case in suite] == [[], ["system-out"], ["failure"], ["error"]]
    failure, error = suite[2][0], suite[3][0]
    assert failure.attrib == {"type": "diverged", "message": "call 3 (f) asks for something else"}
    assert failure.text is not None
    assert failure.text.endswith("expected <a> & b")
    assert error.attrib["message"] == "no Python"
    assert suite[0].attrib == {"classname": "agentreplay.demo", "name": "agent [x]", "time": "0.250"}


def test_what_xml_cannot_hold_is_left_out() -> None:
    root = report(checked("diverged", name="a\x00b\x1b[31m\ud800\uffff", told=("diverged", "\x07")))

    case = root[0][0]
    assert case.attrib["name"] == "a\ufffdb\ufffd[31m\ufffd\ufffd [x]"
    assert case[0].attrib["message"] == "\ufffd"


def test_no_sessions_are_an_empty_suite() -> None:
    assert report()[0].attrib["tests"] == "0"
