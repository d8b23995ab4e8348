"""Takes secrets out of whole spans, as others report them: thousands a second, most of whose values repeat."""

from typing import cast

import msgspec

from agentreplay.core.redact import Redactor
from agentreplay.core.redact_known import CleanNames
from agentreplay.core.secrets import may_be_secret
from agentreplay.model.span import Event, Link, Span
from agentreplay.model.values import Value

__all__ = ["SpanRedactor"]

_SHORT = 64
_ANY_NUMBER = 1 << 62
"""Where this is no secret under a name, no number is: numbers are secret by their name and by being large."""
_NAMED_BY_OTHERS = frozenset({"value", "stringValue", "string_value"})
"""Under these names a value may be a secret because of what stands beside it."""


class SpanRedactor:
    """Redacts spans as the redactor it is given does. What was found clean once is not looked at again."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._known = redactor.known

    def spans(self, spans: tuple[Span, ...]) -> tuple[Span, ...]:
        """The spans without secrets; resources and scopes that they share are looked at once."""
        long = [
            value for span in spans for value in span.attributes.values() if type(value) is str and len(value) > _SHORT
        ]
        # One look at all takes less than a look at each. They live as long as their spans: their ids tell them apart.
        clean = frozenset(map(id, long)) if self._redactor.are_clean(long) else frozenset[int]()
        shared: dict[int, dict[str, Value]] = {}
        return tuple([self._span(span, shared, clean) for span in spans])

    def span(self, span: Span) -> Span:
        """One span without secrets; the same one when it has none."""
        return self._span(span, {}, frozenset())

    def _span(self, span: Span, shared: dict[int, dict[str, Value]], clean: frozenset[int]) -> Span:
        attributes = self._values(span.attributes, clean)
        resource, scope = self._once(span.resource, shared), self._once(span.scope, shared)
        name, message = self._text(span.name), self._text(span.status_message)
        is_same = (
            attributes is span.attributes
            and resource is span.resource
            and scope is span.scope
            and name == span.name
            and message == span.status_message
        )
        if is_same and not span.events and not span.links:
            return span
        return msgspec.structs.replace(
            span,
            name=name,
            attributes=attributes,
            resource=resource,
            scope=scope,
            status_message=message,
            events=tuple([self._event(event) for event in span.events]),
            links=tuple([self._link(link) for link in span.links]),
        )

    def _event(self, event: Event) -> Event:
        return msgspec.structs.replace(event, attributes=self._values(event.attributes))

    def _link(self, link: Link) -> Link:
        return msgspec.structs.replace(link, attributes=self._values(link.attributes))

    def _once(self, values: dict[str, Value], shared: dict[int, dict[str, Value]]) -> dict[str, Value]:
        if not values:
            return values
        found = shared.get(id(values))
        if found is None:
            found = shared[id(values)] = self._values(values)
        return found

    def _text(self, text: str) -> str:
        if not text or ("", text) in self._known.values:
            return text
        clean = self._redactor.text(text)
        if clean is text and len(text) <= _SHORT:
            self._known.add_value("", text)
        return clean

    def _values(self, values: dict[str, Value], clean: frozenset[int] = frozenset()) -> dict[str, Value]:
        if not values:
            return values
        if self._redactor.policy != "redacted" or not _NAMED_BY_OTHERS.isdisjoint(values):
            whole: dict[str, Value] = self._redactor.value(values)
            return whole
        known, names = self._known.values, self._names_of(tuple(values))
        # Asked for each attribute of each span: most are numbers, clean texts, and short ones that came before.
        unknown = [
            key
            for key, value in values.items()
            if not (
                key in names.of_numbers and value <= _ANY_NUMBER
                if type(value) is int
                else (type(value) is str and len(value) <= _SHORT and (key, value) in known)
                or (key in names.of_texts if id(value) in clean else self._is_known(key, value))
            )
        ]
        if not unknown:
            return values
        # A value that is nothing can only be found unclean by its name.
        found = {
            key: {key: self._redactor.named(key, values[key])}
            if self._is_known(key, None)
            else self._redactor.value({key: values[key]})
            for key in unknown
        }
        if all(found[key].get(key) is values[key] for key in unknown):
            return values
        whole = {}
        for key, value in values.items():
            whole.update(found.get(key) or {key: value})
        return whole

    def _names_of(self, names: tuple[str, ...]) -> CleanNames:
        return self._known.names.get(names) or self._known.add_names(names, self._find_names(names))

    def _find_names(self, names: tuple[str, ...]) -> CleanNames:
        return CleanNames(
            of_numbers=frozenset([name for name in names if self._is_known(name, _ANY_NUMBER)]),
            of_texts=frozenset([name for name in names if not may_be_secret(name) and self._is_known(name, None)]),
        )

    def _is_known(self, key: str, value: Value) -> bool:
        """Whether the pair is clean for certain; what is short is found out once."""
        kind = cast("type[object]", type(value))
        if kind is str:
            if len(value) > _SHORT:
                return False
            shown = value
        elif kind is int:
            if value > _ANY_NUMBER:
                return False
            shown = _ANY_NUMBER
        elif kind is float or kind is bool or value is None:
            shown = None
        else:
            return False
        if (key, shown) in self._known.values:
            return True
        pair = {key: shown}
        if self._redactor.value(pair) is not pair:
            return False
        self._known.add_value(key, shown)
        return True
