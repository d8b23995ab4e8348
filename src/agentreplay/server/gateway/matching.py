"""Finds the recorded call that a request is, where there are no tasks to go by: what it asks for decides.

The calls of a tape are numbered in their order. A request is the first call not served yet that asks for the very same,
so that calls made at once find their answers in any order. One that asks for something else than all of these stands
for the first call not served yet, of its own kind where there is one: there the agent parted from its recording.
"""

from collections.abc import Mapping
from dataclasses import replace

from msgspec.structs import replace as replaced

from agentreplay.intake.providers.wire import mapping, to_json
from agentreplay.model.call import Address, Call, Request
from agentreplay.model.values import Value
from agentreplay.playback.canonical import digest, parse_json
from agentreplay.playback.tape import Outputs, Tape
from agentreplay.server.gateway.arrived import BASE, UPSTREAM
from agentreplay.server.gateway.upstreams import Upstream

__all__ = ["Matching", "bases_of", "through_gateway"]

_PATH = "main"
_WHO = ("client_metadata", "prompt_cache_key", "safety_identifier", "user")
_METADATA, _USER = "metadata", "user_id"
"""What bodies say of who asks: to OpenAI, and to Anthropic in one field of another."""


def bases_of(tape: Tape, upstreams: Mapping[str, Upstream]) -> dict[str, str]:
    """Where each upstream was when the tape was recorded; as it is now for those the tape says nothing of."""
    bases = {name: upstream.base for name, upstream in upstreams.items()}
    for call in tape.calls:
        if UPSTREAM in call.request.head:
            bases[str(call.request.head[UPSTREAM])] = str(call.request.head[BASE])
    return bases


def through_gateway(tape: Tape, bases: Mapping[str, str]) -> Tape:
    """The tape as the gateway serves it: what goes to its upstreams, numbered in order, and nothing beside."""
    beginnings = tuple(f"{base}/" for base in bases.values())
    calls = [
        call
        for call in tape.calls
        # Where the upstream itself was asked for, nothing stands behind its address.
        if call.request.seam == "http" and f"{call.request.head.get('url', '')}/".startswith(beginnings)
    ]
    numbered = [replaced(call, address=Address(_PATH, number), inner=False) for number, call in enumerate(calls, 1)]
    return replace(tape, calls=tuple(numbered), outputs=Outputs(), readings={}, unrecorded=())


def _who_asks(asked: dict[str, Value], told: dict[str, Value]) -> dict[str, Value]:
    """What is asked, by whoever asked what was told: fields that only one of them has stay as they are."""
    changed = {name: told[name] for name in _WHO if name in asked and name in told}
    here, there = mapping(asked.get(_METADATA)), mapping(told.get(_METADATA))
    if _USER in here and _USER in there:
        changed[_METADATA] = {**here, _USER: there[_USER]}
    return {**asked, **changed}


class Matching:
    """Which calls of a tape were asked for already."""

    def __init__(self, tape: Tape) -> None:
        self._left = list(tape.calls)
        # The digest on a tape is of what the agent asked, though a fork may have asked something else; and it may be
        # of another form than those of today.
        self._digests = {call.address: {call.digest, digest(call.request)} for call in tape.calls}
        self._beyond = len(tape.calls)

    def address(self, request: Request, wanted: str) -> Address:
        """The address of the call that this request is; `wanted` is its digest. It is that of no later request."""
        found = self._same(wanted) or self._expected(request)
        if found is None:
            self._beyond += 1
            return Address(_PATH, self._beyond)
        self._left.remove(found)
        return found.address

    def asked_as_before(self, request: Request) -> Request:
        """The request as it would be if it came of the run that was recorded.

        What a body says of who asks (a user, a session, a turn) is another in each run and changes no answer. It is
        taken from the call that comes next.
        """
        before = self._expected(request)
        told = mapping(parse_json(before.request.body, before.request.media)) if before is not None else {}
        asked = mapping(parse_json(request.body, request.media)) if told else {}
        as_before = _who_asks(asked, told)
        return request if as_before == asked else replaced(request, body=to_json(as_before))

    def _same(self, wanted: str) -> Call | None:
        same = [call for call in self._left if wanted in self._digests[call.address]]
        # One that was never answered, such as the first try of two, is taken only where nothing else is.
        return next((call for call in same if call.answer is not None), None) or next(iter(same), None)

    def _expected(self, request: Request) -> Call | None:
        alike = (call for call in self._left if call.request.operation == request.operation)
        return next(alike, None) or next(iter(self._left), None)
