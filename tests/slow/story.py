"""The story that models tell to programs of every framework: two tools, one of which fails, and a guide."""

from agentreplay.model.usage import Usage
from agentreplay.testing import Line, ToolCall

__all__ = ["script_of"]


def _line(when: str, text: str = "", /, *calls: ToolCall) -> Line:
    return Line(when=when, text=text, tool_calls=calls, usage=Usage(input=80, cache_read=20, output=10))


def _weather(name: str = "weather") -> ToolCall:
    return ToolCall(name=name, arguments={"city": "Paris"})


def _trains(name: str = "trains") -> ToolCall:
    return ToolCall(name=name, arguments={"city": "Rome"})


def script_of(program: str) -> list[Line]:
    """What models say to a program."""
    prefix = "Journeys-" if program == "semantic_kernel_agent" else ""
    lines = [
        _line("weather in Paris", "", _weather(prefix + "weather")),
        _line("sunny in Paris", "It is sunny in Paris."),
        _line("train to Rome", "", _trains(prefix + "trains")),
        _line("trains", "No train goes to Rome.") if prefix else _line("no line goes to Rome", "No train goes to Rome."),
        _line("Which museum", "", *([ToolCall(name="transfer_to_guide", arguments={})] if not prefix else [ToolCall(name="guide-guide", arguments={"messages": ["Louvre?"]})])),
        _line("Louvre?", "The Louvre is open.") if prefix else _line("Transferred to guide", "The Louvre is open."),
        _line("The Louvre is open", "Go to the Louvre."),
        _line("goodbye", "See you in Paris."),
    ]
    return lines
