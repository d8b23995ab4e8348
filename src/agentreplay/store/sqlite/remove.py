"""Deletes: the target, all that is derived from it, and the contents and links that only it held."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import apsw
import msgspec

from agentreplay.contents.echoes import Sources
from agentreplay.model.content import Content
from agentreplay.model.ids import ContentHash
from agentreplay.model.receipt import Receipt, Target
from agentreplay.model.values import encode
from agentreplay.store.sqlite.blocks import Blocks, cut
from agentreplay.store.sqlite.completing import text_to_index
from agentreplay.store.sqlite.derive import rederive_session
from agentreplay.store.sqlite.keeping import Keeping
from agentreplay.store.sqlite.measuring import Rollups
from agentreplay.store.sqlite.numbering import Counter, Numbering
from agentreplay.store.sqlite.prepared import PreparedSpan
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.restoring import Payload
from agentreplay.store.sqlite.rollup import AnyWord, gather, session_text
from agentreplay.store.sqlite.rows import (
    ERROR_MEDIA,
    Body,
    Echoed,
    pack_body,
    pack_held,
    span_number,
    unpack_body,
    unpack_held,
    unpack_shape,
)
from agentreplay.store.sqlite.telling import Tellings, load
from agentreplay.store.sqlite.unused import Suspects, erasing

__all__ = ["remove"]

_SQL = queries("remove")

_Names = tuple[str, str, str]
"""Tenant, project and session."""


class _Doomed(NamedTuple):
    """A span that goes, or loses its payload."""

    number: int
    session: int
    trace: int
    span_id: int
    context: int | None
    held: list[int]
    row: PreparedSpan
    """With the store's own numbers."""
    body: Body
    attributes: list[str]
    """Their names."""
    words: str
    """Under which it is found by its attributes."""


def remove(connection: apsw.Connection, target: Target, unused: Suspects) -> Receipt:
    """Delete the target within the caller's transaction, and say what went.

    The words and bags that it used are added to `unused`; before the transaction ends the caller has them forgotten,
    once for all that it removes.
    """
    return _Removal(connection, target, unused).run()


class _Removal:
    def __init__(self, connection: apsw.Connection, target: Target, unused: Suspects) -> None:
        self._connection = connection
        self._target = target
        self._keeping = Keeping(connection)
        self._numbering = Numbering(connection)
        self._position = Counter.read(connection, Counter.POSITION)
        self._project = connection.execute(_SQL["find_project"], (target.tenant, target.project)).get
        self._unused = unused
        self._contents = self._content_bytes = self._links = 0

    def run(self) -> Receipt:
        """Delete, and say what went."""
        target = self._target
        named, spans = self._sessions(), self._spans()
        touched = dict.fromkeys([*named, *[span.session for span in spans]])
        if not touched:
            return Receipt(target=target)
        names = {number: self._names_of(number) for number in touched}
        suspects = self._contents_of(spans)
        contexts = {span.context for span in spans if span.context is not None}
        if target.what == "payload":
            self._erase(spans)
        else:
            self._drop(spans, names)
        gone = [number for number in touched if number in named or self._is_empty(number)]
        for number in touched:
            if number in gone:
                self._drop_session(number, names[number], suspects)
            else:
                rederive_session(self._connection, self._numbering, self._keeping, number, suspects)
        self._record(names, gone)
        messages, still_held = self._drop_links(contexts)
        self._drop_contents((suspects | messages) - still_held)
        Counter.put(self._connection, Counter.POSITION, self._position)
        Counter.add(self._connection, Counter.DELETIONS)
        return Receipt(
            target=target,
            sessions=len(gone),
            spans=0 if target.what == "payload" else len(spans),
            contents=self._contents,
            content_bytes=self._content_bytes,
            links=self._links,
        )

    def _sessions(self) -> list[int]:
        """The sessions that go as such, with or without spans."""
        match self._target.what:
            case "project":
                found = self._connection.execute(_SQL["sessions_of_project"], (self._project,))
            case "session":
                found = self._connection.execute(_SQL["find_session"], (self._project, self._target.session))
            case _:
                return []
        return [row[0] for row in found]

    def _spans(self) -> list[_Doomed]:
        target = self._target
        where, bindings = "span.project = ?", [self._project]
        if target.session is not None:
            number = self._connection.execute(_SQL["find_session"], (self._project, target.session)).get
            where, bindings = f"{where} AND span.session = ?", [*bindings, number]
        if target.trace_id is not None:
            key = bytes.fromhex(target.trace_id)
            number = self._connection.execute(_SQL["find_trace"], (self._project, key)).get
            where, bindings = f"{where} AND span.trace = ?", [*bindings, number]
        if target.span_id is not None:
            where, bindings = f"{where} AND span.span_id = ?", [*bindings, span_number(target.span_id)]
        rows = self._connection.execute(_SQL["spans"].replace(":conditions", where), bindings)
        return [_doomed(row) for row in rows]

    def _names_of(self, session: int) -> _Names:
        names: _Names
        [names] = self._connection.execute(_SQL["session_names"], (session,))
        return names

    def _contents_of(self, spans: Sequence[_Doomed]) -> set[int]:
        """What the spans hold, by themselves and through their contexts."""
        found = {number for span in spans for number in span.held}
        for context in {span.context for span in spans if span.context is not None}:
            found.update(self._keeping.messages(context))
        return found

    def _drop(self, spans: Sequence[_Doomed], names: Mapping[int, _Names]) -> None:
        for span in spans:
            self._forget_attributes(span)
            row = span.row
            words = (row.kind, row.name, row.agent, row.model, row.provider, row.tool)
            self._unused.words.update(word for word in words if word is not None)
            self._unused.bags.update(bag for bag in (row.resource, row.scope, row.shape) if bag is not None)
        numbers = [(span.number,) for span in spans]
        self._connection.executemany(_SQL["drop_body"], numbers)
        self._connection.executemany(_SQL["drop_span"], numbers)
        self._connection.executemany(_SQL["drop_waiting"], [(span.session, span.trace, span.span_id) for span in spans])
        traces = {(span.trace,) for span in spans}
        self._connection.executemany(_SQL["drop_empty_trace"], traces)
        self._connection.executemany(_SQL["renew_home"], traces)
        sessions = {number: session_text(*name) for number, name in names.items()}
        _, rollups = gather(AnyWord(), sessions, [span.row for span in spans])
        Rollups(self._connection).subtract(rollups)

    def _erase(self, spans: Sequence[_Doomed]) -> None:
        """Take the payload from spans that stay; they move on in the order of changes."""
        for span in spans:
            self._position += 1
            body = self._silenced(span).without_payload()
            self._forget_attributes(span)
            self._connection.execute(_SQL["move_body"], (self._position, pack_body(body), span.number))
            error = span.held[len(span.body.roles) :]
            self._connection.execute(_SQL["move_span"], (self._position, pack_held(error), span.number))
            if words := body.words(span.attributes):
                self._connection.execute(_SQL["index_attributes"], (self._position, words))

    def _silenced(self, span: _Doomed) -> Body:
        """The body with an echo in place of each attribute that says what the payload says, however short it is."""
        body = span.body
        payload = Payload(self._connection, span.held[: len(body.roles)], span.context)
        contents = [payload.content(place) for place in range(len(body.roles))]
        sources = Sources.of(contents, payload.messages())
        values, echoes = list(body.values), list(body.echoes)
        for place, value in enumerate(values):
            if isinstance(value, str) and (echo := sources.find(value)) is not None:
                values[place] = None
                echoes.append(Echoed(place, len(encode(value)), echo))
        return msgspec.structs.replace(body, values=values, echoes=tuple(echoes))

    def _forget_attributes(self, span: _Doomed) -> None:
        if span.words:
            self._connection.execute(_SQL["forget_attributes"], (span.number, span.words))

    def _is_empty(self, session: int) -> bool:
        """Whether nothing is left of a session: no span, and nobody told of it."""
        return self._connection.execute(_SQL["is_left"], (session,)).get is None

    def _drop_session(self, number: int, names: _Names, suspects: Iterable[int]) -> None:
        self._connection.executemany(_SQL["drop_holdings"], [(content, number) for content in suspects])
        before = load(self._connection, number, *names)
        tellings = Tellings(self._connection, self._numbering)
        tellings.drop((self._project, number), before)
        self._unused.words.update(tellings.flush())

    def _record(self, names: Mapping[int, _Names], gone: Sequence[int]) -> None:
        """Tell the change feed."""
        target = self._target
        if target.what == "project":
            self._position += 1
            bindings = (self._position, target.tenant, target.project, None)
            self._connection.execute(_SQL["add_deletion"], bindings)
            return
        for number, (tenant, project, key) in names.items():
            if number in gone:
                self._position += 1
                self._connection.execute(_SQL["add_deletion"], (self._position, tenant, project, key))
            elif target.what == "trace":
                self._position += 1
                self._connection.execute(_SQL["touch_session"], (self._position, number))

    def _drop_links(self, contexts: Iterable[int]) -> tuple[set[int], set[int]]:
        """Remove the links that no span ends with and no link goes on from.

        Returns the messages of those, and the messages of the links that stay.
        """
        gone: dict[int, int | None] = {}
        stopped: set[int] = set()
        for context in contexts:
            link: int | None = context
            while link is not None and self._connection.execute(_SQL["is_link_held"], (link, link)).get is None:
                row = self._connection.execute(_SQL["take_link"], (link,)).fetchone()
                if row is None:
                    break
                gone[link] = row[1]
                link = row[0]
            if link is not None:
                stopped.add(link)
        messages = {message for message in gone.values() if message is not None}
        self._links += sum(message is not None for message in gone.values())
        loose = {number for (number,) in self._connection.execute(_SQL["loose_links"])}
        # What another context ended with, or led through, may have been held only until that went too.
        staying = (stopped - gone.keys()) | loose
        return messages, {message for link in staying for message in self._keeping.messages(link)}

    def _drop_contents(self, suspects: Iterable[int]) -> None:
        """Remove the contents that nobody holds any more, from the full text too."""
        gone = [
            number for number in suspects if self._connection.execute(_SQL["is_held"], (number, number)).get is None
        ]
        emptied: dict[int, set[int]] = {}
        with erasing(self._connection, "content_text", len(gone)):
            for number in sorted(gone):
                [(digest, word, media, block, *place)] = self._connection.execute(_SQL["content"], (number,))
                if word is not None:
                    self._unused.words.add(word)
                if block is not None:
                    emptied.setdefault(block, set()).add(number)
                    self._forget_content(number, Content(hash=ContentHash(digest.hex()), data=cut(*place), media=media))
                self._connection.execute(_SQL["drop_content"], (number,))
            blocks = Blocks(self._connection)
            for block, numbers in emptied.items():
                blocks.remove(block, numbers)

    def _forget_content(self, number: int, content: Content) -> None:
        """Take it out of the full text, and count it as gone."""
        if text := text_to_index(content.media, content.data):
            self._connection.execute(_SQL["forget_text"], (number, text))
        if content.media != ERROR_MEDIA:
            self._contents += 1
            self._content_bytes += len(content.data)


def _doomed(row: Sequence[Any]) -> _Doomed:
    number, data, names, *columns, context, held = row
    span = PreparedSpan._make([*columns, None, b"", [], "", False, 0])
    body = unpack_body(data)
    attributes = unpack_shape(names)
    words = body.words(attributes)
    return _Doomed(
        number, span.session, span.trace, span.span_id, context, unpack_held(held), span, body, attributes, words
    )
