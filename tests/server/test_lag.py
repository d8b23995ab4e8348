"""The lag is told in bytes and in seconds."""

from agentreplay.errors import StoreBusy
from agentreplay.model.receipt import Lag
from agentreplay.server.figures import Figures
from agentreplay.server.lag import LagWatch


class World:
    def __init__(self) -> None:
        self.now = 0.0
        self.behind = 0
        self.watch = LagWatch(self.ask, Figures(), lambda: self.now)

    def ask(self) -> Lag:
        if self.behind < 0:
            raise StoreBusy(path="x", seconds=1)
        return Lag(journals=1, bytes=self.behind)

    def look(self, now: float, behind: int) -> float:
        self.now, self.behind = now, behind
        self.watch.look()
        return self.watch.seconds


def test_the_seconds_are_the_age_of_the_oldest_that_waits() -> None:
    world = World()

    assert world.look(10, 0) == 0
    world.watch.count(100)
    assert world.look(11, 100) == 1
    world.watch.count(100)
    assert world.look(12, 200) == 2
    assert world.look(13, 100) == 2, "the first hundred, written until 11, is indexed"
    assert world.look(14, 0) == 0


def test_a_store_that_cannot_be_asked_falls_behind() -> None:
    world = World()
    world.look(10, 0)

    assert world.look(20, -1) == 10
    assert "busy" in world.watch.problem
    assert world.look(21, 0) == 0
    assert world.watch.problem == ""
