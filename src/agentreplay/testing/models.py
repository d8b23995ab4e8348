"""Models that speak from a script, in the words of every provider we know, on a port of this machine."""

from types import TracebackType
from typing import Self

from agentreplay.contents.forms import FORM, form_value
from agentreplay.contents.media import media_value
from agentreplay.intake.providers import Asked, Reply, ask, hosts, speak
from agentreplay.model.values import Value
from agentreplay.testing.keeping import Keeping, answered
from agentreplay.testing.loopback import Loopback, Request, Response
from agentreplay.testing.script import Director, Line, Script, words_in

__all__ = ["ScriptedModels"]

_GOOD = 200


class ScriptedModels:
    """A server with models that say what the script wants; give a client its `url` as base address.

    Without a script the models improvise: they call the first tool offered, and then give an answer. It also
    lists the models, counts tokens (a word is one), keeps files, batches and caches, and answers at `/echo` with
    what it was sent, for programs that ask no model.
    """

    def __init__(self, script: Script | None = None, *, models: tuple[str, ...] = ("scripted",), port: int = 0) -> None:
        self._director = Director(script)
        self._models = models
        self._keeping = Keeping(self._spoken)
        self._loopback = Loopback(self._respond, port=port)

    @property
    def url(self) -> str:
        """Where the server is, without a slash at the end."""
        return self._loopback.url

    @property
    def requests(self) -> list[Request]:
        """What was asked until now, in the order in which it came."""
        return self._loopback.requests

    def stop(self) -> None:
        """Break all connections and end. Answers that wait are not given any more."""
        self._loopback.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _respond(self, request: Request) -> Response:
        path = hosts.path(request.path)
        body = _body(request)
        if path == "/echo" or path.startswith("/echo/"):
            said = body if body is not None else request.content.decode("utf-8", "replace")
            return answered({"method": request.method, "path": request.path, "body": said})
        if request.method == "GET" and path.endswith("/models"):
            return answered(_list_of(self._models))
        if path.endswith(("/count_tokens", ":countTokens")):
            count = len(list(words_in(body)))
            return answered({"totalTokens": count} if path.endswith(":countTokens") else {"input_tokens": count})
        if kept := self._keeping.respond(request, self.url):
            return kept
        if request.method != "POST":
            return _unknown(request.method, path)
        return self._spoken(request.path, body, request.headers.get("accept", ""))

    def _spoken(self, path: str, body: Value, accept: str = "") -> Response:
        """What a model says to a request."""
        asked = ask(self.url + path, body, accept)
        if asked is None:
            return _unknown("POST", hosts.path(path))
        return self._perform(asked, body)

    def _perform(self, asked: Asked, body: Value) -> Response:
        try:
            line, number = self._director.line(asked, body)
        except Exception as error:  # noqa: BLE001 - whatever a script raises, the one who called must hear of it
            line, number = Reply(status=500, text=f"the script raised {error!r}"), 0
        spoken = speak(asked, line, number)
        directions = line if isinstance(line, Line) else Line()
        return Response(
            status=spoken.status,
            headers={"content-type": spoken.media, **directions.headers},
            chunks=spoken.chunks,
            streams=asked.streams and spoken.status == _GOOD,
            after=directions.after,
            pause=directions.pause,
            cut=directions.cut,
        )


def _body(request: Request) -> Value:
    """The value of JSON, the fields of a form, or what an image or a sound says of itself."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == FORM:
        return form_value(request.content, media)
    body = request.body
    return media_value(request.content, media) if body is None else body


def _unknown(method: str, path: str) -> Response:
    problem = f"nothing is known of {method} {path}"
    return answered({"type": "error", "error": {"type": "not_found_error", "message": problem}}, status=404)


def _list_of(models: tuple[str, ...]) -> Value:
    """Each provider's clients find what they look for: those of Gemini in `models`, all others in `data`."""
    data = [
        {
            "id": model,
            "object": "model",
            "type": "model",
            "display_name": model,
            "owned_by": "agentreplay",
            "created": 0,
            "created_at": "1970-01-01T00:00:00Z",
        }
        for model in models
    ]
    ends = {"has_more": False, "first_id": models[0], "last_id": models[-1]} if models else {"has_more": False}
    named = [{"name": f"models/{model}", "displayName": model} for model in models]
    return {"object": "list", "data": data, **ends, "models": named}
