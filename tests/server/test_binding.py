"""How functions get their arguments from requests."""

from types import SimpleNamespace
from typing import Annotated, Any, Literal, cast

import msgspec
import pytest
from msgspec import Meta

from agentreplay.errors import RequestMalformed, ValueInvalid
from agentreplay.model.ids import ProjectId, SessionId
from agentreplay.model.page import PageRequest
from agentreplay.model.session import SessionKey
from agentreplay.server.asking import Asked, Body, Count, Headers, Place
from agentreplay.server.binding import Binding
from agentreplay.server.service import Service


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str


SERVICE = cast("Service", SimpleNamespace(settings=SimpleNamespace(tenant="local", project="default")))


def asked(query: str = "", body: bytes = b"", **path: str) -> Asked:
    return Asked(SERVICE, Headers({"x-one": "1"}), path, query, Body(body))


def test_an_argument_is_a_parameter_of_the_path_or_of_the_query() -> None:
    def function(
        side: Literal["left", "right"], by: list[str] | None = None, much: float = 0.5, at: Count | None = None
    ) -> None: ...

    binding = Binding(function, "/things/{side}")

    assert [(one.name, one.in_path, one.is_required) for one in binding.parameters] == [
        ("side", True, True),
        ("by", False, False),
        ("much", False, False),
        ("at", False, False),
    ]
    assert binding.arguments(asked(side="left")) == {"side": "left", "by": None, "much": 0.5, "at": None}
    assert binding.arguments(asked("by=a&by=b+c&much=2.5&at=7&else=1", side="right")) == {
        "side": "right",
        "by": ["a", "b c"],
        "much": 2.5,
        "at": 7,
    }


def test_what_the_path_names_cannot_be_named_otherwise_by_the_query() -> None:
    def function(name: str) -> None: ...

    assert Binding(function, "/{name}").arguments(asked("name=other", name="one")) == {"name": "one"}


@pytest.mark.parametrize("query", ["", "limit=", "limit=many", "limit=0", "limit=6", "limit=3&kind=cat"])
def test_what_does_not_fit_its_type_is_refused_with_its_name(query: str) -> None:
    def function(limit: Annotated[int, Meta(ge=1, le=5)], kind: Literal["dog"] = "dog") -> None: ...

    with pytest.raises(RequestMalformed, match=r"limit|kind"):
        Binding(function, "/").arguments(asked(query))


def test_a_key_is_made_of_several_parameters_and_checked() -> None:
    def function(service: Service, session: SessionKey, place: Place, page: PageRequest, headers: Headers) -> None: ...

    binding = Binding(function, "/sessions/{session_id}")
    found: dict[str, Any] = binding.arguments(asked("project=shop&limit=3", session_id="s1"))

    assert [one.name for one in binding.parameters] == ["project", "session_id", "limit", "cursor"]
    assert found["session"] == SessionKey(found["place"].tenant, ProjectId("shop"), SessionId("s1"))
    assert (found["page"], found["headers"]) == (PageRequest(limit=3), {"x-one": "1"})
    with pytest.raises(ValueInvalid):
        binding.arguments(asked("project=%00", session_id="s1"))


def test_a_struct_is_what_the_body_tells() -> None:
    def function(data: Wish, body: Body) -> None: ...

    binding = Binding(function, "/")

    assert binding.body is Wish
    assert binding.parameters == ()
    assert binding.arguments(asked(body=b'{"name": "x"}')) == {"data": Wish("x"), "body": b'{"name": "x"}'}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"name": 1}', b'{"names": "x"}', b'{"name": "\xff"}'])
def test_a_body_that_tells_something_else_is_refused(body: bytes) -> None:
    def function(data: Wish) -> None: ...

    with pytest.raises(RequestMalformed, match="body"):
        Binding(function, "/").arguments(asked(body=body))
