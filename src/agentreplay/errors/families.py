"""The five families of errors, which each face maps once."""

from agentreplay.fault import Fault

__all__ = ["AgentReplayError", "Conflict", "Damaged", "InputInvalid", "NotFound", "Unavailable"]


class AgentReplayError(Fault):
    """Something went wrong."""


class InputInvalid(AgentReplayError):
    """The input is not usable."""

    exit_code = 2


class NotFound(AgentReplayError):
    """There is no such thing here."""

    exit_code = 5


class Conflict(AgentReplayError):
    """What was asked contradicts what is stored."""

    exit_code = 6


class Unavailable(AgentReplayError):
    """The store cannot do this now; trying again later may work."""

    exit_code = 7


class Damaged(AgentReplayError):
    """What is stored cannot be read as it stands."""

    exit_code = 8
