"""What no seam records: told while recording, refused while replaying."""

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from agentreplay.playback.player import Plan
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.seams import unrecorded
from agentreplay.sdk.seams.unrecorded import NotRecorded
from agentreplay.sdk.silence import silence
from tests.sdk.seams.taped import Memory, record, replay


class Connect:
    """Connects when it is awaited, as the class of the library does."""

    def __init__(self, uri: str, **options: Any) -> None:
        self.uri = uri
        self.options = options


def websockets(*, is_class: bool = True) -> Any:
    library = ModuleType("websockets.asyncio.client")
    library.__dict__["connect"] = Connect if is_class else lambda uri, **_: f"connected to {uri}"
    return library


def grpc() -> Any:
    library = ModuleType("grpc")
    library.__dict__["insecure_channel"] = lambda target, *_: f"channel to {target}"
    library.__dict__["aio"] = SimpleNamespace(secure_channel=lambda target, *_: f"secure channel to {target}")
    return library


def test_each_target_is_told_once() -> None:
    library = grpc()

    def program() -> list[str]:
        return [
            library.insecure_channel("a:1"),
            library.insecure_channel(target="a:1"),
            library.aio.secure_channel("b:2"),
        ]

    plain = program()
    result, memory = record(program, lambda patches: unrecorded.install(patches, library))

    assert result == plain
    assert memory.gone_by == ["grpc a:1", "grpc b:2"]


def test_no_secret_of_an_address_is_told() -> None:
    library = websockets()

    made, memory = record(
        lambda: library.connect("wss://me:secret@host/path?key=secret", max_size=3),
        lambda patches: unrecorded.install(patches, library),
    )

    assert (made.uri, made.options) == ("wss://me:secret@host/path?key=secret", {"max_size": 3})
    assert memory.gone_by == ["websocket wss://host/path"]


@pytest.mark.parametrize("is_class", [True, False])
def test_a_replay_refuses_it_with_a_clear_error(*, is_class: bool) -> None:
    library = websockets(is_class=is_class)

    def program() -> str:
        with pytest.raises(NotRecorded, match=r"websocket ws://host/path goes through no seam") as caught:
            library.connect("ws://host/path")
        assert isinstance(caught.value, ConnectionRefusedError)
        return "refused"

    _, player = replay(program, Memory(), lambda patches: unrecorded.install(patches, library))

    assert player.report.refused == ["websocket ws://host/path"]


def test_a_fork_may_connect() -> None:
    library = grpc()

    result, player = replay(
        lambda: library.insecure_channel("a:1"),
        Memory(),
        lambda patches: unrecorded.install(patches, library),
        plan=Plan(at=1),
    )

    assert result == "channel to a:1"
    assert player.report.refused == []


def test_what_a_call_does_inside_is_not_told() -> None:
    library = grpc()

    def program() -> str:
        with silence():
            return str(library.insecure_channel("a:1"))

    result, memory = record(program, lambda patches: unrecorded.install(patches, library))

    assert result == "channel to a:1"
    assert memory.gone_by == []


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("websockets.asyncio.client", "ws://127.0.0.1:9/"),
        ("websockets.sync.client", "ws://127.0.0.1:9/"),
        ("grpc", "127.0.0.1:9"),
    ],
)
def test_the_real_library_is_told_of(name: str, target: str) -> None:
    library: Any = pytest.importorskip(name)
    patches = Patches()

    def program() -> None:
        if name == "grpc":
            library.insecure_channel(target).close()
        elif name == "websockets.sync.client":
            with pytest.raises(OSError, match="refused"):
                library.connect(target)
        else:
            library.connect(target)

    _, memory = record(program, lambda patches: unrecorded.install(patches, library))

    patches.undo()
    assert memory.gone_by == [f"{'grpc' if name == 'grpc' else 'websocket'} {target}"]
