"""What goes wrong between a server and those who ask it."""

from agentreplay.errors.families import Conflict, InputInvalid, NotFound, Unavailable

__all__ = [
    "AddressTaken",
    "BodyTooLarge",
    "BudgetTooSmall",
    "CodingUnknown",
    "ForeignHost",
    "ForeignOrigin",
    "GatewayPathUnknown",
    "JobMissing",
    "JobsForbidden",
    "JobsTooMany",
    "KeyNeeded",
    "KeyWrong",
    "ListenersTooMany",
    "MethodNotAllowed",
    "ModelSilent",
    "Overloaded",
    "RateExceeded",
    "ReplayUnknown",
    "RequestMalformed",
    "RouteMissing",
    "ServerBusy",
    "ServerContradicts",
    "ServerEnding",
    "ServerFailed",
    "ServerLacks",
    "ServerMissing",
    "ServerRefused",
]


class RequestMalformed(InputInvalid):
    """The request cannot be read: {problem}."""


class RouteMissing(NotFound):
    """Nothing is served at {path!r}."""

    hint = "/api/v1/openapi/openapi.json tells of everything that is"


class MethodNotAllowed(InputInvalid):
    """{method} is not what {path!r} takes."""

    hint = "use {known}"


class BodyTooLarge(InputInvalid):
    """The body of the request is larger than {limit} bytes."""

    hint = "send less at once; --max-body of `agentreplay up` sets the limit"


class BudgetTooSmall(InputInvalid):
    """No answer to this fits a budget of {budget} tokens."""

    hint = "give a larger `budget`"


class CodingUnknown(InputInvalid):
    """The {what} {found!r} is not known here."""

    hint = "give one of: {known}"


class KeyNeeded(InputInvalid):
    """Without a key the server listens on this machine only, and {host!r} is elsewhere."""

    hint = "set AGENTREPLAY_KEY to a long random text, or leave --host out"


class KeyWrong(InputInvalid):
    """The request has no key, or not the right one."""

    hint = "send the header `x-agentreplay-key: KEY`, or, but not to the gateway, `authorization: Bearer KEY`"


class ForeignHost(InputInvalid):
    """The request was meant for the host {host!r}, which this server is not."""

    hint = "use the address the server told when it started, or start it with --allow-host {host}"


class ForeignOrigin(InputInvalid):
    """A page of {origin!r} may not ask this server."""

    hint = "only pages of the server itself may"


class ModelSilent(Unavailable):
    """{model} did not answer: {problem}."""

    hint = "check AGENTREPLAY_MODEL, AGENTREPLAY_MODEL_URL and the key of the provider"


class Overloaded(Unavailable):
    """The index is {seconds} s behind, so nothing more is taken in for now."""

    hint = "send it again later; nothing that was acknowledged is lost"


class RateExceeded(Unavailable):
    """More than {rate} spans a minute came with this key."""

    hint = "send it again later; --rate of `agentreplay up` sets the limit"


class JobsTooMany(Unavailable):
    """{most} jobs run or wait already."""

    hint = "wait for one of them to end, or cancel it"


class JobMissing(NotFound):
    """There is no job {job!r}."""

    hint = "a server forgets its jobs when it ends, and the oldest of many"


class JobsForbidden(InputInvalid):
    """This server runs no programs: others than this machine can reach it."""

    hint = "start it with --allow-jobs, and whoever has the key may run what was recorded, as the user of the server"


class ListenersTooMany(Unavailable):
    """{most} listen to the live feed already."""

    hint = "close one that is not needed, or try again later"


class ServerLacks(NotFound):
    """The server lacks it: {problem}."""

    hint = "{advice}"


class ServerContradicts(Conflict):
    """The server contradicts: {problem}."""

    hint = "{advice}"


class ServerBusy(Unavailable):
    """The server cannot do this now: {problem}."""

    hint = "{advice}"


class ServerFailed(Unavailable):
    """The server failed: {problem}."""

    hint = "{advice}"


class GatewayPathUnknown(NotFound):
    """The gateway leads nowhere at {path!r}."""

    hint = "ask below one of {known}; `agentreplay up --upstream NAME=URL` adds another"


class ReplayUnknown(NotFound):
    """There is no replay with this token, or not any more."""

    hint = "`agentreplay gateway replay SESSION` begins one; it ends when it was not asked for a while"


class AddressTaken(Unavailable):
    """The address {address} cannot be used: {problem}."""

    hint = "stop what listens there, maybe another agentreplay, or choose another with --port or AGENTREPLAY_PORT"


class ServerEnding(Unavailable):
    """The server is being stopped, and could not wait for this request."""

    hint = "ask again when it is back; nothing that was acknowledged is lost"


class ServerMissing(Unavailable):
    """No server answers at {address}: {problem}."""

    hint = "`agentreplay up` starts one; AGENTREPLAY_HOST and AGENTREPLAY_PORT say where it is"


class ServerRefused(InputInvalid):
    """The server refused: {problem}."""

    hint = "{advice}"
