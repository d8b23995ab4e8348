"""Spans of one request lose the same secrets together as each would lose alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core.redact import Redactor, Rule
from agentreplay.core.redact_span import SpanRedactor
from agentreplay.testing import Maker

PROSE = "the order was shipped on a Friday and nobody was at home to take it in, so it went back "
KEY = "sk-proj-q7Rt5Yu8Io0Pa2Sd4Fg6Hj8Kl0Zx1Cv3"
NAMES = "password passwd _pass secret token api_key key cookie auth broken :// user:q7Rt5Yu8@host/ hunter2!".split()
BETWEEN = [
    "=",
    ": ",
    '": "',
    "\n",
    "\\n",
    "\\u003d",
    ": str = ",
    " ",
    "Bearer ",
    "Basic ",
    "é",
    "\\",
    "[redacted:named:0a1b2c]",
]
pieces = st.sampled_from([*NAMES, *BETWEEN, PROSE, KEY, "dXNlcjpwYXNzd29yZA==", "Zx81kQmP2vLs93nTfGh7YbWd4Rc6"])
texts = st.lists(pieces, max_size=8).map("".join)
long_texts = texts.map(lambda text: text + PROSE) | texts.map(lambda text: PROSE + text)
attributes = st.dictionaries(st.sampled_from(["said", "password", "image", "auth.token", "x.id"]), texts | long_texts)


@given(told=st.lists(attributes, max_size=4))
def test_what_stands_in_one_text_decides_nothing_about_the_next(told: list[dict[str, object]]) -> None:
    spans = tuple(Maker().span(attributes=each) for each in told)

    together = SpanRedactor(Redactor()).spans(spans)

    assert [span.attributes for span in together] == [
        {name: Redactor().named(name, value) for name, value in each.items()} for each in told
    ]


@pytest.mark.parametrize("name", ["passecret", "secretoken", "my_password", "x_passwd", "app_passphrase"])
def test_a_name_is_found_where_another_one_ends_in_it(name: str) -> None:
    assert "Tr0ub4dor" not in Redactor().text(f"{name}=Tr0ub4dorTr0ub4dor")


def test_texts_are_clean_when_nothing_is_found_in_any_of_them() -> None:
    assert Redactor().are_clean([PROSE, "key: value", PROSE])
    assert not Redactor().are_clean([PROSE, f"it is {KEY}", PROSE])


def test_who_has_rules_of_its_own_looks_at_each_text() -> None:
    redactor = Redactor(rules=[Rule("order", "Friday")])

    assert not redactor.are_clean([PROSE])
    assert (
        "[redacted:order:" in SpanRedactor(redactor).span(Maker().span(attributes={"said": PROSE})).attributes["said"]
    )
