"""The timelines of the sessions that were asked for last, so that stepping through one is a short walk each time."""

import threading
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager

from agentreplay.core.timeline import Timeline
from agentreplay.model.session import SessionKey
from agentreplay.store.protocol import Store

__all__ = ["Timelines"]

_MOST = 16
"""Each holds a milestone for every thousand steps of its session: some kilobytes."""


class Timelines:
    """Safe to share between threads; one of them at a time walks through a session."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: OrderedDict[SessionKey, tuple[Timeline, threading.Lock]] = OrderedDict()

    @contextmanager
    def of(self, key: SessionKey) -> Generator[Timeline]:
        """The timeline of a session. Raises SessionMissing."""
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = Timeline(self._store, key), threading.Lock()
        with self._lock:
            known = self._known.setdefault(key, known)
            self._known.move_to_end(key)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
        line, walking = known
        with walking:
            yield line
