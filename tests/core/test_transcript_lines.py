"""What another process reads ahead is what would be read here, and its death is no loss."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from agentreplay.core.policy import redactor_of
from agentreplay.core.transcript_lines import Ahead, Lines, Wanted, lines_in, main
from agentreplay.model.values import encode
from agentreplay.settings import Settings

SALT = b"otlp default"
SECRET = "sk-proj-" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9v"
CLEAN = redactor_of(Settings(db_path=Path("nowhere")), SALT, "redacted").data


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("transcripts")
    paths = [folder / f"{number}.jsonl" for number in range(4)]
    for number, path in enumerate(paths):
        lines = [json.dumps({"number": number, "line": line, "key": SECRET}) for line in range(5)]
        path.write_text("\n".join(lines) + ("" if number % 2 else "\n"))
    return paths


def wanted(paths: list[Path]) -> Wanted:
    return Wanted(policy="redacted", rules=None, salt=SALT, files=[(str(path), 0) for path in paths])


def read_here(path: Path) -> list[Lines]:
    return list(lines_in(path, 0, CLEAN))


@pytest.fixture
def ahead(paths: list[Path]) -> Iterator[Ahead]:
    started = Ahead(wanted(paths))
    yield started
    started.close()


def test_what_is_read_ahead_is_what_is_read_here_and_some_may_be_left_out(paths: list[Path], ahead: Ahead) -> None:
    first, _, third, fourth = paths

    assert list(ahead.lines(first, 0)) == [*read_here(first), None]
    next(ahead.lines(third, 0))
    assert list(ahead.lines(third, 7)) == [], "nobody asked for it from there"
    assert list(ahead.lines(fourth, 0)) == [*read_here(fourth), None]
    assert all(SECRET.encode() not in line.data for path in paths for lines in read_here(path) for line in lines.lines)


def test_what_it_cannot_read_is_left_to_others(paths: list[Path], tmp_path: Path) -> None:
    out = BytesIO()
    data = encode(wanted([tmp_path / "nothing", paths[0]]))

    main(BytesIO(len(data).to_bytes(8, "little") + data), out)

    assert out.getvalue().count(b'"line"') == 5


def test_the_death_of_the_process_is_no_loss(paths: list[Path]) -> None:
    dead = Ahead(wanted(paths))
    dead.close()

    found = list(dead.lines(paths[3], 0))

    assert found in ([], [*read_here(paths[3]), None])
