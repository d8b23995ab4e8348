"""What the models of the demo say: it follows from what the tools found, so that a fork comes out otherwise."""

from agentreplay.intake.providers import Asked, Reply, ToolCall
from agentreplay.intake.providers.wire import mapping, mappings, text
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value
from agentreplay.testing.script import words_in

__all__ = ["support_models"]

_POLICY = "Within 30 days of the purchase anything can be returned, opened or not."


def support_models(asked: Asked, body: Value) -> Reply:
    """The next thing the models say in this conversation."""
    messages = mappings(mapping(body).get("messages"))
    used = Usage(input=len(list(words_in(body))) + 40, output=25)
    if not asked.tools:
        return Reply(text=_POLICY, usage=used)
    found = " ".join(text(message.get("content")) for message in messages if message.get("role") == "tool")
    if not found:
        calls = (
            ToolCall(id="call_1", name="lookup_order", arguments={"order": "7"}),
            ToolCall(id="call_2", name="carrier_status", arguments={"order": "7"}),
        )
        return Reply(text="Let me look.", tool_calls=calls, usage=used)
    if "30 days" not in found and "lost" not in found:
        question = "Can a kettle bought on 2 November still be returned?"
        return Reply(
            tool_calls=(ToolCall(id="call_3", name="policy_expert", arguments={"question": question}),), usage=used
        )
    if "lost" in found:
        return Reply(
            text="I am sorry: your kettle was lost on its way. A new one leaves today, at no cost.", usage=used
        )
    return Reply(text="Your kettle arrives on Friday, and you can return it until 2 December.", usage=used)
