"""Model providers: which one a request speaks to, what was asked and answered, how it would say something else."""

from agentreplay.intake.providers.protocol import Answered, Asked, Provider, Reply, Spoken, ToolCall

__all__ = ["Answered", "Asked", "Provider", "Reply", "Spoken", "ToolCall"]
