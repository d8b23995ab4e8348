"""Every reader takes in whatever it is given: cut, mixed, put in another order, salted with what nobody ever wrote."""

import json
from pathlib import Path
from typing import Any, cast

import pytest
from blake3 import blake3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentreplay.core.transcript_files import Found
from agentreplay.intake.transcripts.reader import Identity, Reader
from agentreplay.intake.transcripts.readers import READERS
from tests.intake.transcripts import test_copilot, test_cursor, test_gemini_cli
from tests.transcripts import LONG_AFTER, Importing, corpus, kept_lines, raw_lines

OF_LINES = [reader for reader in READERS if reader.is_lines]
OF_DOCUMENTS = [reader for reader in READERS if not reader.is_lines]
CALLED: dict[str, Any] = {"type": "tool_use", "id": "t1", "name": "Write", "input": {"path": "a", "contents": "x"}}
SAID: list[Any] = [
    *test_copilot.WRITTEN,
    test_gemini_cli.META,
    *test_gemini_cli.SAID,
    {"$rewindTo": "m1"},
    {"$set": {"summary": "s"}},
    test_cursor.said("user", {"type": "text", "text": "go"}),
    test_cursor.said("assistant", CALLED),
    test_cursor.said("user", {"type": "tool_result", "tool_use_id": "t1", "content": "written"}),
]
CORPUS = corpus()
LINES = [
    *(json.dumps(line).encode() for line in SAID),
    *(line for name, data in CORPUS.items() if name.endswith(".jsonl") for line in raw_lines(name, data)[:12]),
]
DOCUMENTS: list[Any] = [
    {**test_gemini_cli.META, "messages": test_gemini_cli.SAID},
    {"composer": {"createdAt": 5}, "bubbles": [{"type": 1, "text": "a"}, {"type": 2, "toolFormerData": {"name": "x"}}]},
    {"meta": {"createdAt": 5}, "messages": [{"role": "assistant", "content": [CALLED]}, {"role": "tool"}]},
    {
        "schema_version": "ATIF-v1.7",
        "session_id": "s",
        "steps": [{"step_id": 1, "source": "agent", "message": "a", "tool_calls": [{"tool_call_id": "c"}]}],
        "subagent_trajectories": [{"steps": [{"source": "user"}]}],
    },
    *(json.loads(data) for name, data in CORPUS.items() if name.endswith(".json")),
    {**json.loads(CORPUS["swe-agent-marshmallow-1867.traj"]), "history": [], "replay_config": ""},
]
for document in DOCUMENTS:
    if isinstance(document.get("trajectory"), list):
        document["trajectory"] = document["trajectory"][:3]
SALT = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 70), 1 << 70)
    | st.floats()
    | st.sampled_from(["", "a", "2026-02-01T00:00:00Z", "user", "assistant", "tool_use", "\udc80", "{}", "9" * 30]),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "x"]), below, max_size=3)
    ),
    max_leaves=5,
)
COMMON = settings(
    # Each reads whole files twice.
    max_examples=settings().max_examples // 10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def take_in(folder: Path, reader: Reader, data: bytes, thread: str = "") -> set[str]:
    """Read it with this reader, whatever it looks like, in two strokes where it grows; what was kept, as hashes."""
    path = folder / "transcript"
    importing = Importing(folder / "data")
    strokes = (data[: len(data) // 2], data) if reader.is_lines else (data,)
    for number, stroke in enumerate(strokes):
        path.write_bytes(stroke)
        importing.now = LONG_AFTER if number == len(strokes) - 1 else 0
        importing.importer.read(Found(reader, path, Identity("s", thread, 1), len(stroke), number + 1))
    kept = kept_lines(importing)
    importing.close()
    return kept


def salted(value: Any, data: st.DataObject) -> Any:
    """The value with something else in one of its places."""
    if not isinstance(value, dict | list) or not value or data.draw(st.integers(0, 30)) == 0:
        return data.draw(SALT)
    copy: Any = cast("Any", value).copy()
    places: list[Any] = list(copy) if isinstance(value, dict) else list(range(len(copy)))
    place = data.draw(st.sampled_from(places))
    copy[place] = salted(copy[place], data)
    return copy


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize("reader", OF_LINES, ids=lambda reader: reader.name)
@COMMON
@given(data=st.data())
def test_any_lines_are_taken_in_without_loss(
    tmp_path_factory: pytest.TempPathFactory, reader: Reader, data: st.DataObject
) -> None:
    lines = data.draw(st.lists(st.sampled_from(LINES), min_size=1, max_size=25))
    for place in data.draw(st.lists(st.integers(0, len(lines) - 1), max_size=6)):
        try:
            lines[place] = encoded(salted(json.loads(lines[place]), data))
        except ValueError:
            lines[place] = lines[place][: data.draw(st.integers(0, len(lines[place])))]
    whole = b"\n".join(lines)
    whole = whole[: data.draw(st.integers(len(whole) // 2, len(whole)))]

    kept = take_in(tmp_path_factory.mktemp("lines"), reader, whole, data.draw(st.sampled_from(["", "agent-1"])))

    assert {blake3(line).hexdigest() for line in raw_lines("a.jsonl", whole)} <= kept


@pytest.mark.parametrize("reader", OF_DOCUMENTS, ids=lambda reader: type(reader).__name__)
@COMMON
@given(data=st.data())
def test_any_document_is_taken_in_without_loss(
    tmp_path_factory: pytest.TempPathFactory, reader: Reader, data: st.DataObject
) -> None:
    document = data.draw(st.sampled_from(DOCUMENTS))
    for _ in range(data.draw(st.integers(0, 6))):
        document = salted(document, data)
    whole = encoded(document)
    whole = whole[: data.draw(st.sampled_from([len(whole), len(whole), len(whole) // 2]))]

    kept = take_in(tmp_path_factory.mktemp("document"), reader, whole)

    assert not whole or blake3(whole).hexdigest() in kept
