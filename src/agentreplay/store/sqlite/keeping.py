"""Stores contents and context links, and notes which span of which session holds them."""

import sys
from array import array
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager

import apsw

from agentreplay.store.sqlite.blocks import Blocks, Given, Place, cut
from agentreplay.store.sqlite.filling import Block
from agentreplay.store.sqlite.many import inserting
from agentreplay.store.sqlite.numbering import new_numbers
from agentreplay.store.sqlite.prepared import ContentRow, Prepared
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.rows import unpack_held

__all__ = ["Holder", "Keeping"]

_SQL = queries("write")
_REMEMBERED_SESSIONS = 2_000
_REMEMBERED_LINKS = 50_000
"""Of all sessions together; more only where one session has more."""

_LINK_BITS = 64

Holder = tuple[int, int, int]
"""The numbers of session, trace and span."""

_Named = tuple[int, bytes]
"""The tenant, and a hash or the id of a context."""

_NOTHING = (None, 0, None, None)
"""The media, size, block and start of a content of which only the hash is known."""


class Keeping:
    """Contents and links of this store. Valid inside a write transaction; `forget` after a rollback."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._blocks = Blocks(connection)
        self.forget()

    def forget(self) -> None:
        """Remember nothing any more."""
        self._seen: OrderedDict[int, list[int]] = OrderedDict()
        # All in one: a set for each session is a block that stays between those that come and go, and keeps their room.
        self._seen_links: set[int] = set()
        self._reached: set[int] = set()
        self._told: dict[int, tuple[int | None, int | None]] = {}
        self._met: dict[int, set[int]] = {}
        self._unwritten: list[tuple[int, int, int, int]] = []
        self._unindexed: list[tuple[int, str]] = []

    def meet(self, session: int) -> None:
        """Take note of a session that nothing was known of before this transaction: what it holds is held here."""
        self._met[session] = set()

    def contents(self, prepared: Prepared, words: Sequence[int], mentioned: Collection[int]) -> list[int]:
        """Store the contents of a Prepared; return the number of each of its hashes.

        What is mentioned and neither given nor stored gets a row that waits for its bytes. `indexing` makes what was
        stored searchable.
        """
        names = [(words[tenant], digest) for tenant, digest in prepared.hashes]
        prefixes = _prefixes(names)
        known = self._find("find_contents", names, prefixes)
        given = {row.content for row in prepared.contents}
        absent = [place for place, one in enumerate(known) if one is None and (place in given or place in mentioned)]
        numbers = [0 if one is None else one[0] for one in known]
        for place, number in zip(absent, new_numbers(self._connection, "content", len(absent)), strict=True):
            numbers[place] = number
        rows = [row for row in prepared.contents if (one := known[row.content]) is None or one[1]]
        told = self._lay_down(prepared, rows, words, numbers)
        fresh = [
            (numbers[place], (name := names[place])[0], prefixes[place], name[1], *told.get(place, _NOTHING))
            for place in absent
        ]
        filled = [(*row, numbers[place]) for place, row in told.items() if known[place] is not None]
        self._connection.executemany(_SQL["add_content"], fresh)
        self._connection.executemany(_SQL["fill_content"], filled)
        self._unindexed += [(numbers[row.content], row.text) for row in rows if row.text]
        self._adopt([numbers[place] for place in given.difference(mentioned)], [numbers[place] for place in mentioned])
        return numbers

    def indexing(self) -> AbstractContextManager[None]:
        """Make searchable what `contents` stored, while a context lasts in which the connection is not used."""
        # FTS5 writes out all it has collected whenever a number is lower than the one before.
        texts, self._unindexed = sorted(self._unindexed), []
        return inserting(self._connection, _SQL["index_content"], _SQL["index_contents"], texts)

    def links(
        self, prepared: Prepared, words: Sequence[int], mentioned: Collection[int], contents: Sequence[int]
    ) -> list[int]:
        """Store the links of a Prepared; return the number of each of its contexts."""
        names = [(words[tenant], key) for tenant, key in prepared.contexts]
        prefixes = _prefixes(names)
        known = self._find("find_links", names, prefixes)
        given = {row.link: row for row in prepared.links}
        needed = {*given, *mentioned, *[row.previous for row in prepared.links if row.previous is not None]}
        absent = [place for place, one in enumerate(known) if one is None and place in needed]
        numbers = [0 if one is None else one[0] for one in known]
        for place, number in zip(absent, new_numbers(self._connection, "link", len(absent)), strict=True):
            numbers[place] = number
        # The link before and the message, as far as these rows tell.
        told = {
            link: (None if previous is None else numbers[previous], contents[message])
            for link, previous, message in prepared.links
        }
        fresh = [
            (numbers[place], (name := names[place])[0], prefixes[place], name[1], *told.get(place, (None, None)))
            for place in absent
        ]
        filled = [(*row, numbers[place]) for place, row in told.items() if (one := known[place]) is not None and one[1]]
        self._connection.executemany(_SQL["add_link"], fresh)
        self._connection.executemany(_SQL["fill_link"], filled)
        self._told = {numbers[place]: row for place, row in told.items() if (one := known[place]) is None or one[1]}
        for _, _, link in filled:
            self._wake(link)
        return numbers

    def _lay_down(
        self, prepared: Prepared, rows: Sequence[ContentRow], words: Sequence[int], numbers: Sequence[int]
    ) -> dict[int, tuple[int, int, int, int]]:
        """Store the bytes of contents; returns media, size, block and start of each."""
        wanted = {row.content: row for row in rows}
        owners = prepared.hashes
        whole: list[tuple[list[int], Block]] = []
        given: list[Given] = []
        for contents, block in prepared.blocks:
            if wanted.keys() >= set(contents):
                whole.append(([numbers[place] for place in contents], block))
                continue
            # Some of these are stored. What is left is taken out, and goes where there is room.
            for place, start in zip(contents, block.starts, strict=True):
                if place in wanted:
                    data = cut(block.codec, block.packed, start, wanted[place].size)
                    given.append(Given(numbers[place], words[owners[place][0]], data))
        if not prepared.blocks:
            given = [Given(numbers[row.content], words[owners[row.content][0]], row.data) for row in rows]
        places: dict[int, Place] = self._blocks.put(whole)
        places.update(self._blocks.add(given, thorough=prepared.thorough))
        return {content: (words[media], size, *places[numbers[content]]) for content, media, size, _, _ in rows}

    def _adopt(self, orphans: Sequence[int], held: Sequence[int]) -> None:
        """Remember contents nobody holds yet, so that no deletion takes them, until somebody does."""
        if orphans:
            self._connection.executemany(_SQL["add_orphan"], [(number,) for number in orphans])
        self._own(held)

    def _own(self, contents: Iterable[int]) -> None:
        """Remember that somebody holds these now."""
        if self._connection.execute(_SQL["any_orphan"]).get is not None:
            self._connection.executemany(_SQL["drop_orphan"], [(number,) for number in contents])

    def hold(self, holder: Holder, contents: Sequence[int]) -> None:
        """Note that a span holds these contents; `loosen` writes it down."""
        session, trace, span = holder
        self._unwritten += [(number, session, trace, span) for number in contents]
        met = self._met.get(session)
        if met is not None:
            met.update(contents)

    def hold_again(self, session: int, suspects: Iterable[int]) -> None:
        """Note anew who of a session holds these contents, after some of its spans went or changed."""
        self._seen_links.difference_update(self._seen.pop(session, ()))
        self._connection.execute(_SQL["stop_waiting"], (session,))
        for content in suspects:
            self._connection.execute(_SQL["drop_session_holdings"], (content, session))
        for _, trace, span, _, _, _, context, _, held in list(
            self._connection.execute(_SQL["session_spans"], (session,))
        ):
            holder = (session, trace, span)
            self.hold(holder, unpack_held(held))
            self.hold_context(holder, context)
        self._write_holdings()

    def hashes(self, contents: Iterable[int]) -> list[bytes]:
        """The hashes of contents."""
        return [self._connection.execute(_SQL["read_hash"], (number,)).get for number in contents]

    def context_key(self, link: int | None) -> bytes | None:
        """The id of the context that ends with a link."""
        key: bytes | None = None if link is None else self._connection.execute(_SQL["read_link_key"], (link,)).get
        return key

    def messages(self, link: int) -> list[int]:
        """The contents that are the messages of a context."""
        return [row[0] for row in self._connection.execute(_SQL["find_messages"], (link,))]

    def hold_context(self, holder: Holder, link: int | None) -> None:
        """Note which messages of the context are new to the session, and that this span saw them first."""
        session = holder[0]
        seen, met = self._seen_by(session), self._met.get(session)
        while link is not None and (place := session << _LINK_BITS | link) not in self._seen_links:
            row = self._told.get(link) or self._connection.execute(_SQL["read_link"], (link,)).fetchone()
            if row is None:
                return
            previous, message = row
            if message is None:
                self._connection.execute(_SQL["add_waiting"], (link, *holder))
                return
            if met is None:
                self._hold_first(holder, message)
            elif message not in met:
                self.hold(holder, (message,))
            seen.append(place)
            self._seen_links.add(place)
            self._reached.add(link)
            link = previous

    def loosen(self) -> None:
        """Remember the links just stored that no span saw yet, so that no deletion takes their messages."""
        loose = [(link,) for link in self._told if link not in self._reached]
        self._write_holdings()
        self._met.clear()
        if loose:
            self._connection.executemany(_SQL["add_loose"], loose)
        if self._connection.execute(_SQL["any_loose"]).get is not None:
            self._connection.executemany(_SQL["drop_loose"], [(link,) for link in self._reached])
        self._reached.clear()

    def _hold_first(self, holder: Holder, message: int) -> None:
        """Note that a span holds a message unless another one of its session does."""
        self._write_holdings()
        if self._connection.execute(_SQL["is_held"], (message, holder[0])).get is None:
            self.hold(holder, (message,))

    def _write_holdings(self) -> None:
        if self._unwritten:
            self._unwritten.sort()
            self._connection.executemany(_SQL["add_holding"], self._unwritten)
            self._own(content for content, *_ in self._unwritten)
            self._unwritten.clear()

    def _wake(self, link: int) -> None:
        for holder in list(self._connection.execute(_SQL["take_waiting"], (link,))):
            self.hold_context(holder, link)

    def _seen_by(self, session: int) -> list[int]:
        """The links whose messages, and all before them, the session is known to hold, each with the session."""
        seen = self._seen.setdefault(session, [])
        self._seen.move_to_end(session)
        links = self._seen_links
        while len(self._seen) > 1 and (len(self._seen) > _REMEMBERED_SESSIONS or len(links) > _REMEMBERED_LINKS):
            links.difference_update(self._seen.popitem(last=False)[1])
        return seen

    def _find(self, query: str, names: Sequence[_Named], prefixes: "array[int]") -> list[tuple[int, bool] | None]:
        """The numbers of those that are stored, and whether they wait for what they hold; None for the others."""
        found = self._connection.execute(_SQL[query], (apsw.carray(array("q", sorted(prefixes))),)) if names else ()
        known = {(tenant, key): (number, bool(waits)) for number, tenant, key, waits in found}
        return list(map(known.get, names))


def _prefixes(names: Sequence[_Named]) -> "array[int]":
    """The `hash_prefix` of each, all at once."""
    prefixes = array("q", b"".join([key[:8] for _, key in names]))
    if sys.byteorder == "little":
        prefixes.byteswap()
    return prefixes
