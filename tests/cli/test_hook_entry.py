"""What a coding agent runs as its hook: quick, quiet, and never in its way."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.cli.hook_entry import LARGEST, Usage, main
from agentreplay.intake.hooks.payload import unpack
from agentreplay.settings import Settings
from agentreplay.store.journal.reader import journals_in, read_frames

EVENT = b'{"session_id": "s1", "hook_event_name": "Stop"}'
TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)


def hooked(folder: Path, *arguments: str, body: bytes = EVENT, **variables: str) -> str:
    reading, writing = os.pipe()

    def feed() -> None:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(body)

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        return main(list(arguments), {"AGENTREPLAY_DB": str(folder), **variables}, reading)
    finally:
        thread.join()
        os.close(reading)


def kept(folder: Path) -> list[tuple[dict[str, str], bytes]]:
    frames = [frame for journal in journals_in(folder) for frame in read_frames(journal, 0)]
    return [found for frame in frames if (found := unpack(frame.payload)) is not None]


def test_an_event_is_kept_as_it_came(tmp_path: Path) -> None:
    said = hooked(tmp_path, "--agent", "claude-code", "Stop", body=EVENT + b"\0\xff")

    ((head, body),) = kept(tmp_path)
    assert said == ""
    assert body == EVENT + b"\0\xff"
    assert (head["agent"], head["event"], head["content"], head["cut"]) == ("claude-code", "Stop", "redacted", "")


@given(tenant=st.none() | TEXT, project=st.none() | TEXT)
def test_it_reads_the_environment_as_the_settings_do(
    tmp_path_factory: pytest.TempPathFactory, tenant: str | None, project: str | None
) -> None:
    folder = tmp_path_factory.mktemp("data")
    told: dict[str, Any] = {"AGENTREPLAY_TENANT": tenant, "AGENTREPLAY_PROJECT": project}
    variables = {name: value for name, value in told.items() if value is not None}

    hooked(folder, **variables)

    settings = Settings.read({"AGENTREPLAY_DB": str(folder), **variables})
    ((head, _),) = kept(settings.db_path)
    assert (head["tenant"], head["project"], head["content"]) == (settings.tenant, settings.project, settings.content)


def test_options_count_more_than_the_environment(tmp_path: Path) -> None:
    hooked(tmp_path / "no", f"--db-path={tmp_path}/yes", "--project", "shop", AGENTREPLAY_PROJECT="other")

    ((head, _),) = kept(tmp_path / "yes")
    assert head["project"] == "shop"
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("Stop", "Start"), ("--other",)])
def test_what_it_does_not_understand_it_leaves_alone(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(Usage):
        hooked(tmp_path, *arguments)

    assert not kept(tmp_path)


def test_a_folder_that_cannot_be_written_fails_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")

    said = hooked(tmp_path / "file")

    assert said == ""
    assert "was not kept" in capsys.readouterr().err


def test_too_much_is_cut_and_says_so(tmp_path: Path) -> None:
    hooked(tmp_path, body=b"x" * (LARGEST + 1))

    ((head, body),) = kept(tmp_path)
    assert (len(body), head["cut"]) == (LARGEST, "1")


def test_an_event_that_wants_an_answer_gets_it(tmp_path: Path) -> None:
    assert hooked(tmp_path, "--agent", "cursor", "beforeSubmitPrompt") == '{"continue": true}\n'
