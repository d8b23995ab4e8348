"""The story that models tell to programs of every framework: two tools, one of which fails, and a guide."""

from agentreplay.model.usage import Usage
from agentreplay.testing import Line, ToolCall

__all__ = ["script_of"]


def _line(when: str, text: str = "", /, *calls: ToolCall) -> Line:
    return Line(when=when, text=text, tool_calls=calls, usage=Usage(input=80, cache_read=20, output=10))


def script_of(program: str) -> list[Line]:
    """What models say to a program."""
    weather = ToolCall(name="weather", arguments={"city": "Paris"})
    trains = ToolCall(name="trains", arguments={"city": "Rome"})
    return [
        _line("weather in Paris", "", weather),
        _line("sunny in Paris", "It is sunny in Paris."),
        _line("train to Rome", "", trains),
        _line("no line goes to Rome", "No train goes to Rome."),
        _line("Which museum", "", ToolCall(name="transfer_to_guide", arguments={})),
        _line("Transferred to guide", "The Louvre is open."),
    ]
