"""What was found clean is not looked at again, by none of the redactors that share it; what is secret always is."""

from pathlib import Path

from agentreplay.core.policy import redactor_of
from agentreplay.core.redact import Redactor
from agentreplay.core.redact_known import CleanNames, Known
from agentreplay.core.redact_span import SpanRedactor
from agentreplay.settings import Settings
from agentreplay.testing import Maker

SECRET = "Bearer 9f8e7d6c5b4a39281706f5e4d3c2b1a0"


def test_redactors_that_share_it_know_the_same_and_keep_their_own_salt() -> None:
    known = Known()
    one, other = (Redactor(salt=salt, known=known) for salt in (b"one", b"other"))

    one.headers({"accept": "text/html", "authorization": SECRET})

    assert ("accept", "text/html") in known.texts
    assert not any(SECRET in text for text in known.texts)
    assert other.headers({"accept": "text/html"}) == {"accept": "text/html"}
    assert one.headers({"authorization": SECRET}) != other.headers({"authorization": SECRET})


def test_sessions_with_the_same_rules_share_it_and_others_do_not(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.write_text("order = order-\\d+\n", encoding="utf-8")
    plain, ruled = Settings(db_path=tmp_path), Settings(db_path=tmp_path, redact=rules)

    assert redactor_of(plain, b"1", "redacted").known is redactor_of(plain, b"2", "redacted").known
    assert redactor_of(plain, b"1", "redacted").known is not redactor_of(plain, b"1", "structure").known
    assert redactor_of(plain, b"1", "redacted").known is not redactor_of(ruled, b"1", "redacted").known
    redactor_of(plain, b"1", "redacted").text("order-7")
    assert redactor_of(ruled, b"1", "redacted").text("order-7") != "order-7"


def test_attributes_that_were_clean_are_known_to_the_next_session() -> None:
    known = Known()
    span = Maker().span(attributes={"city": "Paris", "degrees": 21})

    SpanRedactor(Redactor(known=known)).span(span)

    assert ("city", "Paris") in known.values
    assert ("city", "degrees") in known.names
    assert SpanRedactor(Redactor(known=known)).span(span) is span


def test_it_never_grows_without_end() -> None:
    known = Known()

    for number in range(60_000):
        known.add_text(str(number))
        known.add_value("number", number)
        known.add_names((str(number),), CleanNames(frozenset(), frozenset()))

    assert len(known.texts) <= 4_096
    assert len(known.values) <= 50_000
    assert len(known.names) <= 500
