"""Ships the journals of this process to a server, in the background: nothing is lost while the server is away.

What waits to be shipped lies in a spool, a folder of journals that no index is made of. A journal leaves it when the
server has said that it stored the whole, or when the spool is full: then the oldest goes, and that is written down.
"""

import atexit
import http.client
import json
import os
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

from agentreplay.core.live import settle_spool
from agentreplay.sdk import backlog
from agentreplay.sdk.recorder import count_trouble
from agentreplay.sdk.silence import silence
from agentreplay.settings import Settings
from agentreplay.store.journal.reader import claim, journals_in, read_frames
from agentreplay.store.journal.spool import note_drop
from agentreplay.store.journal.writer import JournalWriter

__all__ = ["BadAnswer", "Sender", "ship"]

_EVERY = 0.5
_LONGEST_PAUSE = 30.0
_AT_ONCE = 4 << 20
_TIMEOUT = 10.0
_FAREWELL = 2.0
"""The seconds that the end of the program may wait for what is left to be shipped."""
_SIGN_OF_LIFE = 10.0
"""The server takes a writer for gone that it did not hear of for a few times this long."""
_LONGEST_ANSWER = 1 << 16
_OK = 200
_start, _clock = threading.Thread.start, time.monotonic
"""As they are before anything is patched."""

_senders: dict[tuple[str, Path], "Sender"] = {}


class BadAnswer(Exception):
    """The server answered something that no server of ours does."""


class Sender:
    """Ships what is in a spool to a server."""

    def __init__(self, url: str, spool: Path, most: int, *, key: str = "", every: float = _EVERY) -> None:
        self._address = urlsplit(url)
        self._key = key
        self._spool = spool
        self._most = most
        self._every = every
        self._stored: dict[str, int] = {}
        """How much of each journal the server has, as far as it has told us."""
        self._said: dict[str, float] = {}
        """When the server last heard of the journals that this process writes."""
        self._process = os.getpid()
        self._thread: threading.Thread | None = None
        self._waked = threading.Event()
        self._is_ending = False

    def start(self) -> None:
        """Go on in a thread of its own."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="agentreplay-sender", daemon=True)
            with silence():
                _start(self._thread)

    def finish(self, patience: float = _FAREWELL) -> None:
        """Ship what is left, but do not hold up the end of the program for longer than this."""
        thread = self._thread
        self._is_ending = True
        self._waked.set()
        if thread is not None and self._process == os.getpid():
            thread.join(patience)

    def after_fork(self) -> None:
        """A child has journals of its own, and no thread yet."""
        was_running = self._thread is not None
        self._process, self._thread, self._waked = os.getpid(), None, threading.Event()
        if was_running and not self._is_ending:
            self.start()

    def round(self) -> None:
        """Ship all there is, once, and keep the spool within its bounds. Raises OSError or BadAnswer."""
        try:
            for path in journals_in(self._spool):
                with _ours(path) as is_ours:
                    if is_ours:
                        self._ship(path)
                        self._say_so(path)
                self._clear(path)
        finally:
            self._bound()

    def settle(self) -> None:
        """Say of the sessions whose process was killed that they were interrupted."""
        with closing(JournalWriter(self._spool)) as writer:
            settle_spool(self._spool, writer)

    def _run(self) -> None:
        pause = self._every
        with silence():
            try:
                self.settle()
            except Exception as error:  # noqa: BLE001  # the program must not suffer
                count_trouble(error, "the end of an earlier session")
            while True:
                is_last = self._is_ending
                try:
                    self.round()
                    pause = self._every
                except Exception as error:  # noqa: BLE001  # the program must not suffer
                    count_trouble(error, "on the server")
                    pause = min(pause * 2, _LONGEST_PAUSE)
                if is_last:
                    return
                self._waked.wait(pause)

    def _ship(self, path: Path) -> None:
        while True:
            stored = self._stored.get(path.name)
            # Whoever begins asks first how much is there, with nothing to store.
            data = b"" if stored is None else _piece(path, stored)
            if stored is not None and not data:
                return
            told = self._post(path.name, stored or 0, data)
            if told > path.stat().st_size or (stored is not None and told <= stored):
                raise BadAnswer(f"it has {told} bytes of {path.name}, which makes no sense")
            self._stored[path.name] = told

    def _say_so(self, path: Path) -> None:
        """Tell the server now and then that the writer of this journal lives, though it may write nothing."""
        name = path.name
        if _is_own(path) and _clock() - self._said.get(name, -_SIGN_OF_LIFE) >= _SIGN_OF_LIFE:
            self._post(name, self._stored[name], b"")

    def _post(self, name: str, offset: int, data: bytes) -> int:
        address = self._address
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        connection = kind(address.hostname or "", address.port, timeout=_TIMEOUT)
        is_own = _is_own(Path(name))
        path = f"{address.path.rstrip('/')}/v1/journals/{quote(name)}?offset={offset}{'&alive=true' if is_own else ''}"
        headers = {"content-type": "application/octet-stream"}
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        try:
            connection.request("POST", path, data, headers)
            answer = connection.getresponse()
            told = answer.read(_LONGEST_ANSWER)
        except http.client.HTTPException as error:
            raise BadAnswer(f"it speaks no HTTP: {error}") from error
        finally:
            connection.close()
        stored = _stored_of(answer.status, told)
        if is_own:
            self._said[name] = _clock()
        return stored

    def _clear(self, path: Path) -> None:
        """Remove a journal that is stored as a whole and that nobody writes any more."""
        with suppress(OSError), claim(path) as is_free:
            if is_free and self._stored.get(path.name, -1) >= path.stat().st_size:
                path.unlink()
                del self._stored[path.name]
                self._said.pop(path.name, None)

    def _bound(self) -> None:
        sizes = {path: path.stat().st_size for path in journals_in(self._spool)}
        surplus = sum(sizes.values()) - self._most
        for path, size in sizes.items():
            if surplus <= 0:
                return
            with claim(path) as is_free:
                if is_free:
                    note_drop(self._spool, path.name, size - self._stored.pop(path.name, 0))
                    path.unlink(missing_ok=True)
                    surplus -= size


def ship(settings: Settings) -> None:
    """Ship what this process records, if there is a server to ship it to. Doing it again is harmless."""
    if not settings.url:
        return
    key = settings.url, settings.recordings
    if key in _senders:
        return
    sender = _senders[key] = Sender(settings.url, settings.recordings, settings.spool_bytes, key=settings.key)
    sender.start()
    if len(_senders) == 1:
        atexit.register(_say_farewell)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=lambda: _each(Sender.after_fork))


def _say_farewell() -> None:
    backlog.leave(is_final=True)  # what is not in a journal is not shipped
    until = _clock() + _FAREWELL
    _each(lambda sender: sender.finish(max(0.0, until - _clock())))


def _each(act: Callable[[Sender], None]) -> None:
    for sender in list(_senders.values()):
        act(sender)


@contextmanager
def _ours(path: Path) -> Generator[bool, None, None]:
    """Whether it is ours to ship: we are writing it, or nobody is any more."""
    if _is_own(path):
        yield True
    else:
        with claim(path) as is_free:
            yield is_free


def _is_own(path: Path) -> bool:
    """Whether this process writes the journal."""
    return path.name.split("-")[1:2] == [str(os.getpid())]


def _piece(path: Path, offset: int) -> bytes:
    """Whole frames from an offset on, and the header before the first of them."""
    end = offset
    for frame in read_frames(path, offset):
        if end > offset and frame.end - offset > _AT_ONCE:
            break
        end = frame.end
    if end == offset:
        return b""
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(end - offset)


def _stored_of(status: int, told: bytes) -> int:
    if status != _OK:
        raise BadAnswer(f"it answered with status {status}")
    try:
        said = json.loads(told)
        stored = said["stored"]
    except (ValueError, TypeError, KeyError) as error:
        raise BadAnswer(f"it answered {told[:60]!r}") from error
    if type(stored) is not int or stored < 0:
        raise BadAnswer(f"it has {stored!r} bytes")
    if rejected := said.get("rejected"):
        count_trouble(BadAnswer(f"it rejected {rejected} frames: {said.get('problem')}"), "on the server")
    return stored
