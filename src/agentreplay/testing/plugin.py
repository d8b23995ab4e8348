"""The pytest plugin: a test marked `agentreplay` is served a tape, or is recorded to make one.

The tape begins before the fixtures of the test and ends behind its body. Fixtures of a module, class or session are
made once for many tests, so they are on no tape; what fixtures do after the test is on none either.

pytest loads this module whenever it runs, so nothing but the standard library is imported before a test wants a tape.
"""

import functools
import inspect
import re
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, cast

import pytest

if TYPE_CHECKING:
    from agentreplay.testing.taping import Taping

__all__ = [
    "TapeDrift",
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_pyfunc_call",
    "pytest_runtest_call",
]

_NAME = "agentreplay"
_MODES = ("replay", "record", "refresh", "live")
_CHOICES = ("stop", "serve", "live")
_OPTIONS = {"on_divergence", "allow"}
_UNUSUAL = re.compile(r"[^\w.-]+")

_taping = pytest.StashKey["Taping"]()
_shared = pytest.StashKey[dict[Path, str]]()
"""Tapes that several tests would write, with how to tell them apart."""


class TapeDrift(pytest.PytestWarning):
    """A replay came out the same, and something beside was not as recorded."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --agentreplay."""
    group = parser.getgroup(_NAME, "replays of recorded agents")
    group.addoption(
        f"--{_NAME}",
        dest=_NAME,
        choices=_MODES,
        default="replay",
        metavar="MODE",
        help="what tests marked agentreplay do: `replay` their tape (the default); `record` where there is no tape, "
        "else replay; `refresh`: record anew; `live`: neither",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Tell of the marker."""
    config.addinivalue_line(
        "markers",
        'agentreplay(tape, *, on_divergence="stop", allow=()): serve the calls of the test from a tape; its path is '
        "relative to the test's file and may hold {name}",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Find the tapes that more than one test would write."""
    if _mode(config) not in {"record", "refresh"}:
        return
    marked = [(item, marker) for item in items if (marker := item.get_closest_marker(_NAME)) is not None]
    paths = Counter(_path_of(item, marker) for item, marker in marked if marker.args)
    config.stash[_shared] = {
        path: f"{count} tests would write the tape {path}" for path, count in paths.items() if count > 1
    }


@pytest.fixture(autouse=True)
def _agentreplay(request: pytest.FixtureRequest) -> Generator[None, None, None]:
    item = cast("pytest.Item", request.node)
    marker = item.get_closest_marker(_NAME)
    if marker is None or (mode := _mode(item.config)) == "live":
        yield
        return
    taping = item.stash[_taping] = _begin(item, marker, mode)
    try:
        _enter(taping)
        yield
    finally:
        taping.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Run the body of a test within its tape, and let the verdict decide."""
    taping = item.stash.get(_taping, None)
    if taping is None:
        return (yield)
    del item.stash[_taping]
    taping.begin()
    result, error = None, None
    with _carried_into_tasks(item, taping):
        try:
            result = yield
        except (KeyboardInterrupt, pytest.exit.Exception, pytest.skip.Exception):
            raise
        except BaseException as raised:  # noqa: BLE001  # it is raised again, unless it followed from a divergence
            error = raised
    taping.leave()
    _settle(item, taping, error)
    if error is not None:
        raise error
    return result


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a marked test that is a coroutine function, where no other plugin does."""
    function = pyfuncitem.obj
    if pyfuncitem.get_closest_marker(_NAME) is None or not inspect.iscoroutinefunction(function):
        return None
    import asyncio  # start-up

    names = inspect.signature(function).parameters
    asyncio.run(function(**{name: value for name, value in pyfuncitem.funcargs.items() if name in names}))
    return True


def _enter(taping: "Taping") -> None:
    from agentreplay.errors import AgentReplayError  # start-up

    try:
        taping.enter()
    except AgentReplayError as error:
        _fail(error.message, error.advice)


def _mode(config: pytest.Config) -> Literal["replay", "record", "refresh", "live"]:
    return cast("Literal['replay', 'record', 'refresh', 'live']", config.getoption(_NAME))


def _path_of(item: pytest.Item, marker: pytest.Mark) -> Path:
    named = str(marker.args[0]).replace("{name}", _UNUSUAL.sub("_", item.name).strip("_"))
    return item.path.parent / named


def _begin(item: pytest.Item, marker: pytest.Mark, mode: Literal["replay", "record", "refresh"]) -> "Taping":
    if len(marker.args) != 1 or set(marker.kwargs) - _OPTIONS:
        _fail(f"the marker takes one tape, and {' and '.join(sorted(_OPTIONS))}", '@pytest.mark.agentreplay("a.tape")')
    on_divergence, allow = marker.kwargs.get("on_divergence", "stop"), marker.kwargs.get("allow", ())
    if on_divergence not in _CHOICES:
        _fail(f"on_divergence is {on_divergence!r}", f"choose one of {', '.join(_CHOICES)}")
    path = _path_of(item, marker)
    from agentreplay.errors import AgentReplayError  # start-up
    from agentreplay.testing.taping import Recording, Replaying  # start-up

    if mode == "refresh" or (mode == "record" and not path.exists()):
        shared = item.config.stash.get(_shared, dict[Path, str]()).get(path)
        if shared is not None:
            _fail(shared, "put {name} into the path, so that each test has a tape of its own")
        return Recording(path, item.nodeid)
    if not path.exists():
        _fail(f"there is no tape {_shown(path, item)}", f"`pytest --{_NAME}=record '{item.nodeid}'` records it")
    try:
        return Replaying(path, on_divergence, (allow,) if isinstance(allow, str) else tuple(allow))
    except AgentReplayError as error:
        _fail(error.message, f"`pytest --{_NAME}=refresh '{item.nodeid}'` records it anew")


def _settle(item: pytest.Item, taping: "Taping", error: BaseException | None) -> None:
    """Save what was recorded, or judge what was replayed; raises pytest's Failed when the test failed by that."""
    from agentreplay.errors import AgentReplayError  # start-up
    from agentreplay.testing.taping import Recording, Replaying  # start-up

    # The tests of unittest raise nothing: they leave what went wrong there.
    has_failed = error is not None or bool(getattr(item, "_excinfo", None))
    if isinstance(taping, Recording) and not has_failed:
        try:
            taping.save()
        except AgentReplayError as trouble:
            _fail(trouble.message, trouble.advice)
    if isinstance(taping, Replaying):
        _judge(item, taping, has_failed=has_failed)


def _judge(item: pytest.Item, taping: "Taping", *, has_failed: bool) -> None:
    from agentreplay.playback.verdict import explain  # start-up
    from agentreplay.testing.taping import Replaying  # start-up

    if not isinstance(taping, Replaying):
        return
    verdict = taping.verdict()
    if verdict.status == "identical":
        return
    first, *rest = explain(verdict)
    text = "\n  ".join([f"replay of {_shown(taping.path, item)}: {first}", *rest])
    if verdict.status == "drift":
        item.add_report_section("call", _NAME, text)
        _warn(item, TapeDrift(text))
    elif has_failed and not taping.is_stopped:
        item.add_report_section("call", _NAME, text)
    else:
        _fail(text, f"if that is right, `pytest --{_NAME}=refresh '{item.nodeid}'` records it anew")


def _warn(item: pytest.Item, warning: TapeDrift) -> None:
    """Drift is no failure, so it stays a warning where warnings are errors; the report tells it too."""
    try:
        item.warn(warning)
    except TapeDrift:
        return


def _fail(text: str, hint: str) -> NoReturn:
    pytest.fail(f"{text}\nhint: {hint}" if hint else text, pytrace=False)


def _shown(path: Path, item: pytest.Item) -> str:
    root = item.config.rootpath
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


@contextmanager
def _carried_into_tasks(item: pytest.Item, taping: "Taping") -> Generator[None, None, None]:
    """Plugins run coroutines in tasks of their own, which may have begun before the tape: carry it in there."""
    function = getattr(item, "obj", None)
    if not isinstance(item, pytest.Function) or not inspect.iscoroutinefunction(function):
        yield
        return
    item.obj = _within(function, taping)
    try:
        yield
    finally:
        item.obj = function


def _within(function: Callable[..., Any], taping: "Taping") -> Callable[..., Any]:
    @functools.wraps(function)
    async def run(*arguments: Any, **named: Any) -> Any:
        with taping.body():
            return await function(*arguments, **named)

    return run
