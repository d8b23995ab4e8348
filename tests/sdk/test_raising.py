"""Exceptions come back as the same type, and looking at one never breaks anything."""

import json

import pytest

from agentreplay.model.call import Raised
from agentreplay.sdk.raising import RecordedError, find_type, revive, revivers, told_of


class Refused(Exception):
    def __init__(self, code: int, *, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code
        self.why = why


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")

    @property
    def secret(self) -> str:
        return "kept"


@pytest.mark.parametrize(
    "error", [ValueError("no", 7), KeyError("a"), OSError(2, "gone"), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no")]
)
def test_an_error_of_python_comes_back(error: Exception) -> None:
    back = revive(told_of(error), None)

    assert type(back) is type(error)
    assert str(back) == str(error)


def test_an_error_with_a_constructor_of_its_own_comes_back() -> None:
    back = revive(told_of(Refused(7, why="late")), None)

    assert type(back) is Refused
    assert (str(back), back.code, back.why) == ("7: late", 7, "late")


def test_an_error_that_cannot_be_looked_at_is_told_all_the_same() -> None:
    error = Unspeakable(object())

    told = told_of(error)

    assert (told.name, told.message) == ("Unspeakable", "<Unspeakable>")
    assert isinstance(revive(told, None), Unspeakable)


def test_an_error_whose_type_is_gone_is_stood_for() -> None:
    back = revive(Raised(module="nowhere.at.all", name="Gone", message="it was"), None)

    assert isinstance(back, RecordedError)
    assert "nowhere.at.all.Gone: it was" in str(back)


@pytest.mark.parametrize(("module", "name"), [("subprocess", "Popen"), ("json", "JSONDecoder"), ("os", "system")])
def test_only_exceptions_are_ever_made(module: str, name: str) -> None:
    assert isinstance(revive(Raised(module=module, name=name, arguments=("true",)), None), RecordedError)


def test_a_property_that_refuses_is_left_alone() -> None:
    back = revive(Raised(module=__name__, name="Unspeakable", state={"secret": "x", "__class__": 1}), None)

    assert isinstance(back, Unspeakable)
    assert back.secret == "kept"


def test_a_seam_can_make_its_librarys_errors_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = json.JSONDecodeError("bad", "doc", 1)
    monkeypatch.setitem(revivers, "json", lambda *_: made)

    assert revive(told_of(json.JSONDecodeError("x", "y", 0)), None) is made


def test_a_type_is_found_only_where_it_is_defined() -> None:
    assert find_type("json.decoder", "JSONDecodeError") is json.JSONDecodeError
    assert find_type("not_imported", "Anything") is None
    assert find_type("json", "decoder") is None
