"""The ledger of transcripts is shared between processes, and written as a whole or not at all."""

from contextlib import closing
from pathlib import Path

import pytest

from agentreplay.model.ids import SessionId
from agentreplay.store.sqlite.transcripts import Known, Transcripts

KNOWN = Known(path="/x/a.jsonl", reader="codex", session=SessionId("s"), read=7, tail=b"t", unknown={"new": 2})


def test_what_is_written_down_is_read_by_another_process(tmp_path: Path) -> None:
    with closing(Transcripts(tmp_path, "acme\0demo")) as ledger, ledger.changing():
        ledger.put(KNOWN, b"state")

    with closing(Transcripts(tmp_path, "acme\0demo")) as again, closing(Transcripts(tmp_path, "other")) as other:
        assert again.get(KNOWN.path) == KNOWN
        assert (again.state(KNOWN.path), again.files(), again.files_of(KNOWN.session)) == (b"state", [KNOWN], [KNOWN])
        assert (other.get(KNOWN.path), other.files()) == (None, [])


def test_who_comes_first_holds_a_claim(tmp_path: Path) -> None:
    with closing(Transcripts(tmp_path, "s")) as one, closing(Transcripts(tmp_path, "s")) as other:
        assert [one.claim("message", "mine"), other.claim("message", "theirs")] == ["mine", "mine"]
        assert (other.find("message"), other.find("another")) == ("mine", None)


def _fail(ledger: Transcripts) -> None:
    with ledger.changing():
        ledger.put(KNOWN, None)
        raise RuntimeError


def test_what_fails_is_not_written_by_half(tmp_path: Path) -> None:
    with closing(Transcripts(tmp_path, "s")) as ledger:
        with pytest.raises(RuntimeError):
            _fail(ledger)

        assert ledger.get(KNOWN.path) is None
