"""Each project is kept by its own policy, which a program that records knows without the database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import agentreplay
from agentreplay.core.policy import FILE, choose_policy, policy_of, read_policies, redactor_of
from agentreplay.errors import ValueInvalid
from agentreplay.model.ids import ProjectId
from agentreplay.sdk.instrument import uninstrument
from agentreplay.settings import Settings
from agentreplay.store.journal.reader import journals_in

SHOP, LAB = ProjectId("shop"), ProjectId("lab = 1")


def test_a_project_without_a_policy_has_that_of_the_settings(tmp_path: Path) -> None:
    settings = Settings(db_path=tmp_path / "none", content="full")

    assert policy_of(settings, "shop") == "full"
    assert not settings.db_path.exists()


def test_what_was_chosen_for_a_project_counts_more(tmp_path: Path) -> None:
    settings = Settings(db_path=tmp_path / "data", content="full")

    choose_policy(settings.db_path, SHOP, "structure")
    choose_policy(settings.db_path, LAB, "redacted")

    assert read_policies(settings.db_path) == {SHOP: "structure", LAB: "redacted"}
    assert [policy_of(settings, name) for name in (SHOP, LAB, "other")] == ["structure", "redacted", "full"]
    choose_policy(settings.db_path, SHOP, None)
    assert policy_of(settings, SHOP) == "full"


@pytest.mark.parametrize("line", ["shop = some", "shop", "= full"])
def test_a_line_that_makes_no_sense_is_refused_with_its_number(line: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(f"# ours\n\n{line}\n", encoding="utf-8")

    with pytest.raises(ValueInvalid, match="line 3"):
        read_policies(tmp_path)


@pytest.mark.parametrize("name", ["", " shop", "#shop", "a\nb"])
def test_a_project_that_no_line_can_name_gets_none(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueInvalid):
        choose_policy(tmp_path, ProjectId(name), "full")


def test_the_redactor_has_the_rules_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "rules").write_text("ticket = TICKET-\\d+\n", encoding="utf-8")
    settings = Settings(db_path=tmp_path, redact=tmp_path / "rules")

    assert "12" not in redactor_of(settings, b"", "redacted").text("TICKET-12").partition(":ticket:")[0]
    assert redactor_of(settings, b"", "full").text("TICKET-12") == "TICKET-12"


def recorded(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in journals_in(folder))


@pytest.fixture
def _without_seams() -> Iterator[None]:
    """They are out again behind the test."""
    yield
    uninstrument()


@pytest.mark.usefixtures("_without_seams")
def test_a_recording_obeys_the_policy_of_its_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTREPLAY_DB", str(tmp_path))
    choose_policy(tmp_path, SHOP, "structure")

    for project, is_told in (("other", True), (SHOP, False)):
        monkeypatch.setenv("AGENTREPLAY_PROJECT", project)
        with agentreplay.session("talk"):
            agentreplay.call("ask", lambda text: text + " and thanks", f"hello {project}")
        assert (f"hello {project}".encode() in recorded(tmp_path)) is is_told
