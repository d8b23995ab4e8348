"""What models say to the programs of each framework: two tools, one of which fails, then a guide, then a farewell."""

from typing import Any

from agentreplay.model.usage import Usage
from agentreplay.testing import Line, ToolCall

__all__ = ["USAGE", "script_of"]

USAGE = Usage(input=80, cache_read=20, output=10)


def _call(name: str, **arguments: Any) -> ToolCall:
    return ToolCall(name=name, arguments=arguments)


def _says(when: str, said: str | ToolCall) -> Line:
    """Spoken to a call whose last message holds certain words."""
    if isinstance(said, str):
        return Line(when=when, text=said, usage=USAGE)
    return Line(when=when, tool_calls=(said,), usage=USAGE)


def _thinks(when: str, name: str, **arguments: Any) -> Line:
    """As DSPy reads it."""
    fields = {"next_thought": "Well.", "next_tool_name": name, "next_tool_args": str(arguments).replace("'", '"')}
    return _says(when, _fields(fields))


def _fields(fields: dict[str, str]) -> str:
    said = "\n\n".join(f"[[ ## {name} ## ]]\n{value}" for name, value in fields.items())
    return f"{said}\n\n[[ ## completed ## ]]"


_WEATHER, _TRAINS = _call("weather", city="Paris"), _call("trains", city="Rome")
_TOOLS = [
    _says("weather in Paris", _WEATHER),
    _says("sunny in Paris", "It is sunny in Paris."),
    _says("train to Rome", _TRAINS),
    _says("no line goes to Rome", "No train goes to Rome."),
]
_END = [_says("goodbye", "See you in Paris.")]


def _asked(guide: ToolCall) -> list[Line]:
    return [
        _says("Which museum", guide),
        _says("Louvre?", "The Louvre is open."),
        _says("The Louvre is open", "Go to the Louvre."),
    ]


_SCRIPTS = {
    "adk_agent": [
        *_TOOLS,
        _says("Which museum", _call("transfer_to_agent", agent_name="guide")),
        _says("`transfer_to_agent` tool returned", "The Louvre is open."),
        *_END,
    ],
    "agno_agent": [
        *_TOOLS,
        *_asked(_call("delegate_task_to_member", member_id="guide", task="Is it the Louvre?")),
        *_END,
    ],
    "autogen_agent": [
        *_TOOLS,
        _says("Which museum", _call("transfer_to_guide")),
        _says("Transferred to guide", "The Louvre is open."),
    ],
    "crewai_agent": [*_TOOLS, _says("Which museum", "The Louvre is open.")],
    "dspy_agent": [
        _thinks("weather in Paris", "weather", city="Paris"),
        _thinks("sunny in Paris", "finish"),
        _says("sunny in Paris", _fields({"reasoning": "So it is.", "answer": "It is sunny in Paris."})),
        _thinks("train to Rome", "trains", city="Rome"),
        _thinks("no line goes to Rome", "finish"),
        _says("no line goes to Rome", _fields({"reasoning": "Well.", "answer": "No train goes to Rome."})),
        _says("goodbye", _fields({"words": "See you in Paris."})),
    ],
    "haystack_agent": [
        *_TOOLS,
        *_asked(_call("guide", messages=[{"role": "user", "content": [{"text": "The Louvre?"}]}])),
        *_END,
    ],
    "instructor_agent": [
        _says("weather in Paris", _call("Weather", city="Paris", degrees=20)),
        _says("weather in Rome", _call("Weather", city="Rome", degrees=99)),
        _says("60", _call("Weather", city="Rome", degrees=30)),
        _says("weather in Oslo", _call("Weather", city="Oslo", degrees=5)),
    ],
    "langgraph_agent": [*_TOOLS, *_asked(_call("ask_guide", question="The Louvre?")), *_END],
    "litellm_agent": [*_TOOLS, *_END],
    "llama_index_agent": [
        *_TOOLS,
        _says("Which museum", _call("handoff", to_agent="guide", reason="It knows.")),
        _says("guide", "The Louvre is open."),
        *_END,
    ],
    "openai_agent": [
        *_TOOLS[:3],
        # What went wrong is not told to the model.
        _says("error occurred while running the tool", "No train goes to Rome."),
        _says("Which museum", _call("transfer_to_guide")),
        _says("guide", "The Louvre is open."),
        *_END,
    ],
    "pydantic_agent": [*_TOOLS[:3], *_asked(_call("ask_guide", question="The Louvre?")), *_END],
    "smolagents_agent": [
        _TOOLS[0],
        _says("sunny in Paris", _call("final_answer", answer="It is sunny in Paris.")),
        _TOOLS[2],
        _says("no line goes to Rome", _call("final_answer", answer="No train goes to Rome.")),
        _says("Which museum", _call("guide", task="The Louvre?")),
        _says("The Louvre?", _call("final_answer", answer="The Louvre is open.")),
        _says("The Louvre is open", _call("final_answer", answer="Go to the Louvre.")),
    ],
    "strands_agent": [*_TOOLS, *_asked(_call("ask_guide", question="The Louvre?"))],
    "semantic_kernel_agent": [
        _says("weather in Paris", _call("Journeys-weather", city="Paris")),
        _TOOLS[1],
        _says("train to Rome", _call("Journeys-trains", city="Rome")),
        # What went wrong is not told to the model.
        _says("trains", "No train goes to Rome."),
        *_asked(_call("guide-guide", messages=["Louvre?"])),
        *_END,
    ],
}


def script_of(program: str) -> list[Line]:
    """What models say to a program, each line once."""
    return list(_SCRIPTS[program])
