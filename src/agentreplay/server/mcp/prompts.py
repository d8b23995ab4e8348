"""Prompts: beginnings of conversations about what was recorded, with the facts they begin from."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from agentreplay.errors import ValueInvalid
from agentreplay.server.mcp.fitting import USUAL_BUDGET, Listing, fit
from agentreplay.server.mcp.reach import Reach
from agentreplay.server.mcp.tools import sessions, spans

__all__ = ["PROMPTS", "Argument", "Prompt"]


class Argument(NamedTuple):
    """What a prompt is given, always a text."""

    name: str
    description: str
    required: bool = True


class Prompt(NamedTuple):
    """A prompt by its name."""

    name: str
    description: str
    arguments: tuple[Argument, ...]
    text: str
    facts: Callable[[Reach, Mapping[str, str]], Listing]

    @property
    def told(self) -> dict[str, Any]:
        """The prompt as clients are told of it."""
        arguments = [argument._asdict() for argument in self.arguments]
        title = self.name.replace("_", " ").capitalize()
        return {"name": self.name, "title": title, "description": self.description, "arguments": arguments}

    def written(self, reach: Reach, given: Mapping[str, Any]) -> str:
        """The text with its facts. Raises ValueInvalid where an argument lacks, and what the tools raise."""
        arguments: dict[str, str] = {}
        for argument in self.arguments:
            value = given.get(argument.name, "")
            if not isinstance(value, str) or (argument.required and not value):
                raise ValueInvalid(
                    what=f"the argument {argument.name} of {self.name}", problem="it is missing, or is no text"
                )
            arguments[argument.name] = value
        return f"{self.text}\n\n{fit(self.facts(reach, arguments), USUAL_BUDGET)}"


_SESSION = Argument("session", "The id of a session, so much of its beginning as is unique, or `last`.")


def _error(reach: Reach, given: Mapping[str, str]) -> Listing:
    if given["span"]:
        return spans.get_span(reach, given["span"])
    return sessions.session_summary(reach, given["session"])


def _session(reach: Reach, given: Mapping[str, str]) -> Listing:
    return sessions.get_session(reach, given["session"])


def _several(reach: Reach, given: Mapping[str, str]) -> Listing:
    return sessions.search_sessions(reach, query=given["query"])


PROMPTS = (
    Prompt(
        "analyse_error",
        "Find out why a session, or one span of it, failed.",
        (_SESSION, Argument("span", "The span that failed, as TRACE_ID/SPAN_ID.", required=False)),
        "Find out why this failed. Begin with the facts below, the first failure first. Read the span with get_span,"
        " what its model saw with get_context, and what lies around it with related_spans, until you know the cause"
        " and not only the symptom: name the span where it began, quote the words that prove it, and say what to"
        " change.",
        _error,
    ),
    Prompt(
        "summarise_session",
        "Tell what an agent did in a session.",
        (_SESSION,),
        "Summarise this session for somebody who was not there, in at most ten sentences: what was wanted, what the"
        " agent did step by step, what came of it, what went wrong, and what it cost. The spans are below in their"
        " order; get_session with the cursor has more of them, get_context and get_span have the words. Name the spans"
        " you speak of.",
        _session,
    ),
    Prompt(
        "find_patterns",
        "Find what goes wrong, or costs most, again and again.",
        (Argument("query", "Which sessions, as search_sessions takes it.", required=False),),
        "Look for patterns over these sessions: errors that come back, tools that are called in vain, loops, prompts"
        " that grow, models that cost more than they give. Use measures for figures, search_sessions and"
        " session_summary for examples, compare_sessions where one went well and one did not. Name for each pattern"
        " how often it occurs, two sessions that show it, and what to do.",
        _several,
    ),
)
