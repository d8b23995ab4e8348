"""Where the tasks of a process part from the past of a fork: each where it comes to the step, or behind it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from agentreplay.model.call import Address, Call
from agentreplay.playback.order import Order
from agentreplay.playback.tape import outwards

__all__ = ["Parting"]


class Parting:
    """Which tasks are behind the beginning of a fork. Nobody waits for what came back to them from there on."""

    def __init__(self, calls: Iterable[Call], slept: Mapping[str, Sequence[int]], order: Order) -> None:
        """`calls` lie before the step and will be served; `slept` are the turns of sleeps, by the path of the task."""
        self.has_begun = False
        """Whether the step itself was reached."""
        self._behind: set[str] = set()
        self._to_come: set[Address] = set()
        self._ahead = Counter[str]()
        self._turns: defaultdict[str, list[int]] = defaultdict(list)
        for call in calls:
            if call.answer is not None:
                self._to_come.add(call.address)
                self._ahead.update(outwards(call.address.path))
                self._turns[call.address.path] += call.answer.turns
        self._slept = dict(slept)
        self._order = order

    def is_behind(self, path: str) -> bool:
        """Whether the task reads everything anew: all do, but those that have yet to make a call before the step."""
        return path in self._behind or (self.has_begun and self._ahead[path] <= 0)

    def begin(self, path: str) -> None:
        """The task came to the step."""
        self.has_begun = True
        self.go_on(path)
        for other in list(self._slept):
            self._wake(other)

    def go_on(self, path: str) -> None:
        """The task makes a call behind the beginning: it may take long before it takes what is left of its past."""
        if path not in self._behind:
            self._behind.add(path)
            self._order.forget(self._turns[path])
            self._wake(path)

    def serve(self, call: Call) -> None:
        """A call is served; if it lies before the step, that is one less to come."""
        if call.address not in self._to_come:
            return
        self._to_come.remove(call.address)
        paths = outwards(call.address.path)
        self._ahead.subtract(paths)
        if self.has_begun:
            for path in paths:
                self._wake(path)

    def _wake(self, path: str) -> None:
        if path in self._slept and self.is_behind(path):
            self._order.forget(self._slept.pop(path))
