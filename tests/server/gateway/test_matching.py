"""Requests find their recorded calls by what they ask for."""

import dataclasses
import json

import msgspec

from agentreplay.core.http import request
from agentreplay.model.call import Address, Answer, Call, Request, Site
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.session import Session
from agentreplay.playback.canonical import digest
from agentreplay.playback.tape import Tape
from agentreplay.server.gateway.arrived import BASE, UPSTREAM
from agentreplay.server.gateway.matching import Matching, bases_of, through_gateway
from agentreplay.server.gateway.upstreams import read_upstreams

BASES = {"a": "https://a.example/v1"}


def asked(text: str, path: str = "/chat", host: str = "a.example") -> Request:
    return request("POST", f"https://{host}/v1{path}", [], json.dumps({"said": text}).encode())


def call(number: int, asked: Request, *, is_answered: bool = True) -> Call:
    answer = Answer(head={"status": 200}, body=b"%d" % number) if is_answered else None
    address = Address("main/fetch-3", number)
    return Call(address=address, site=Site("", 0, ""), request=asked, digest="old", answer=answer, seq=number + 1)


def tape(*calls: Call) -> Tape:
    session = Session(tenant=TenantId("t"), project=ProjectId("p"), id=SessionId("s"))
    return through_gateway(Tape(session, is_finished=True, calls=calls), BASES)


def numbers(matching: Matching, *requests: Request) -> list[int]:
    return [matching.address(each, digest(each)).ordinal for each in requests]


def test_calls_made_at_once_find_their_answers_in_any_order() -> None:
    matching = Matching(tape(*(call(number, asked(text)) for number, text in enumerate("abc", 1))))

    assert numbers(matching, asked("c"), asked("a"), asked("b")) == [3, 1, 2]


def test_the_same_request_twice_finds_its_answers_in_order() -> None:
    matching = Matching(tape(*(call(number, asked("a")) for number in (1, 2))))

    assert numbers(matching, asked("a"), asked("a"), asked("a")) == [1, 2, 3]


def test_another_request_stands_for_the_next_of_its_kind() -> None:
    matching = Matching(tape(call(1, asked("a", "/embed")), call(2, asked("b")), call(3, asked("c"))))

    assert numbers(matching, asked("x"), asked("y", "/other"), asked("c"), asked("z")) == [2, 1, 3, 4]


def test_a_first_try_without_an_answer_is_taken_last() -> None:
    matching = Matching(tape(call(1, asked("a"), is_answered=False), call(2, asked("a"))))

    assert numbers(matching, asked("a"), asked("a")) == [2, 1]


def test_only_what_goes_through_the_gateway_is_served() -> None:
    tool = Request(seam="tool", operation="add")
    found = tape(call(1, asked("a")), call(2, tool), call(3, asked("a", host="a.example.evil")), call(4, asked("b")))

    assert [(one.address, one.seq) for one in found.calls] == [(Address("main", 1), 2), (Address("main", 2), 5)]


def test_what_a_fork_asked_instead_is_found_by_what_the_agent_asked() -> None:
    changed = msgspec.structs.replace(call(1, asked("changed")), digest=digest(asked("a")))

    assert numbers(Matching(tape(changed)), asked("a")) == [1]
    assert numbers(Matching(tape(changed)), asked("changed")) == [1]


def test_upstreams_are_taken_to_be_where_they_were() -> None:
    marked = asked("a")
    marked.head.update({UPSTREAM: "openai", BASE: "http://then.example/v1"})
    recorded = dataclasses.replace(tape(), calls=(call(1, marked),))

    bases = bases_of(recorded, read_upstreams([]))

    assert bases["openai"] == "http://then.example/v1"
    assert bases["anthropic"] == "https://api.anthropic.com"


def of(user: str, text: str, **fields: object) -> Request:
    body = {"said": text, "metadata": {"user_id": user, "tag": text}, **fields}
    return request("POST", "https://a.example/v1/chat", [], json.dumps(body).encode())


def test_who_asks_is_not_compared() -> None:
    """Each run of a coding agent has a session of its own, and says so in what it asks."""
    matching = Matching(tape(call(1, of("one", "a", prompt_cache_key="p")), call(2, of("one", "b"))))
    again = of("another", "a", prompt_cache_key="q")

    assert numbers(matching, matching.asked_as_before(again)) == [1]
    assert digest(matching.asked_as_before(of("another", "b"))) == digest(of("one", "b"))


def test_all_else_is_compared_as_it_is() -> None:
    matching = Matching(tape(call(1, of("one", "a"))))
    other = of("another", "b")

    assert digest(matching.asked_as_before(other)) == digest(of("one", "b"))
    plain = asked("a")
    assert matching.asked_as_before(plain) is plain


def test_where_the_upstream_itself_is_asked_for_it_is_on_the_tape() -> None:
    bare = request("HEAD", BASES["a"], [], b"")

    assert len(tape(call(1, bare), call(2, asked("a", host="a.example.org"))).calls) == 1
