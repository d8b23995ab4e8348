"""The texts of files, as far as a transcript tells them."""

from agentreplay.intake.transcripts.outbox import Outbox
from agentreplay.intake.transcripts.place import Place
from agentreplay.intake.transcripts.state import State

__all__ = ["Texts"]


class Texts:
    """What stands in each file now. The state knows only the hash; a text that is not at hand is asked for by it."""

    def __init__(self, place: Place, outbox: Outbox, state: State) -> None:
        self._place = place
        self._outbox = outbox
        self._state = state
        self._known: dict[str, str] = {}

    def see(self, path: str, text: str) -> None:
        """This is the whole text of a file."""
        self._known[path] = text
        self._state.files[path] = self._outbox.keep(text)

    def forget(self, path: str) -> None:
        """The file has another text now, and nobody knows which."""
        self._known.pop(path, None)
        self._state.files.pop(path, None)

    def of(self, path: str) -> str | None:
        """The text of a file; None where the transcript has not told it."""
        known, digest = self._known.get(path), self._state.files.get(path)
        if known is None and digest is not None:
            data = self._place.recall(digest)
            known = None if data is None else data.decode("utf-8", "surrogatepass")
        return known
