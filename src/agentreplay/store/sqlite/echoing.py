"""Takes out of the attributes of spans what only says again what their contents say. Needs no database."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec
from msgspec import Raw

from agentreplay.contents.echoes import Echo, Parsed, Sources, make_again
from agentreplay.model.batch import Batch
from agentreplay.model.content import Content
from agentreplay.model.context import ContextLink
from agentreplay.model.span import Span
from agentreplay.model.values import encode
from agentreplay.store.sqlite.rows import LONGEST_WORD, Echoed, unpack_body
from agentreplay.store.sqlite.told import Told, ToldContent, ToldLink, ToldSpan

__all__ = ["Echoing"]

_NOTHING = Raw(b"\xc0")
_HEADS = {0xDA: 3, 0xDB: 5}
"""How texts begin that are longer than those we look for, and how long that beginning is."""
_read_text = msgspec.msgpack.Decoder(str).decode


class Echoing:
    """Finds echoes in batches. What stands in a content is remembered: in a conversation it is said again and again."""

    def __init__(self) -> None:
        self._contents: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
        self._links: defaultdict[str, dict[str, tuple[str, str | None]]] = defaultdict(dict)
        self._parsed: dict[str, Parsed] = {}
        self._usual: dict[str, Echo] = {}
        """What attributes of a name were the last time."""

    def learn(self, owner: str, batch: Told | Batch) -> None:
        """Take note of what a batch brings to a tenant."""
        contents: Sequence[ToldContent | Content] = batch.contents
        self._contents[owner].update([(content.hash, content.data) for content in contents])
        links: Sequence[ToldLink | ContextLink] = batch.links
        self._links[owner].update([(link.id, (link.message, link.previous)) for link in links])

    def take_out(self, span: ToldSpan | Span, attributes: dict[str, Raw]) -> tuple[list[Raw], tuple[Echoed, ...]]:
        """The values that are left of the attributes, with nothing in the place of an echo."""
        values = list(attributes.values())
        if not (span.kept or span.context):
            return values, ()
        # What is shorter is found by all of it, which must be there.
        long = [place for place, size in enumerate(map(len, values)) if size > LONGEST_WORD]
        sources: Sources | None = None
        found: list[Echoed] = []
        names = list(attributes) if long else []
        for place in long:
            name, value = names[place], values[place]
            if (head := _HEADS.get(memoryview(value)[0])) is not None:
                sources = sources or self._sources(span)
                echo = self._usual.get(name)
                if echo is None or not sources.say(echo, bytes(value)[head:]):
                    echo = sources.find(_read_text(value))
                if echo is not None:
                    self._usual[name] = echo
                    values[place] = _NOTHING
                    found.append(Echoed(place, len(value), echo))
        return values, tuple(found)

    def whole(self, owner: str, data: bytes, kept: Sequence[str], context: str | None) -> bytes:
        """A body, encoded, with the values that were taken out of it."""
        body = unpack_body(data)
        values, contents = list(body.values), self._contents[owner]
        for place, _, echo in body.echoes:
            values[place] = make_again(
                echo,
                lambda number: contents.get(kept[number]),
                lambda: [data for _, data in self._messages(owner, context)],
            )
        return encode(msgspec.structs.replace(body, values=values, echoes=()))

    def _sources(self, span: ToldSpan | Span) -> Sources:
        contents = self._contents[span.tenant]
        kept = [None if (data := contents.get(one.hash)) is None else (one.hash, data) for one in span.kept]
        messages = self._messages(span.tenant, None if span.context is None else span.context.id)
        return Sources(kept, messages, self._parsed, LONGEST_WORD // 2)

    def _messages(self, owner: str, context: str | None) -> list[tuple[str, bytes]]:
        """The messages of a context with their hashes; none, when not all are here."""
        contents, links = self._contents[owner], self._links[owner]
        messages: list[tuple[str, bytes]] = []
        while context is not None:
            message, context = links.get(context, ("", None))
            data = contents.get(message)
            if data is None:
                return []
            messages.append((message, data))
        messages.reverse()
        return messages
