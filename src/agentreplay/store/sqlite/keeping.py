"""Stores contents and context links, and notes which span of which session holds them."""

from array import array
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence

import apsw

from agentreplay.store.sqlite.numbering import new_numbers
from agentreplay.store.sqlite.prepared import ContentRow, LinkRow
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.rows import hash_prefix, unpack_held

__all__ = ["Holder", "Keeping"]

_SQL = queries("write")
_REMEMBERED_SESSIONS = 2_000

Holder = tuple[int, int, int]
"""The numbers of session, trace and span."""

_Named = tuple[int, bytes]
"""The tenant, and a hash or the id of a context."""


class Keeping:
    """Contents and links of this store. Valid inside a write transaction; `forget` after a rollback."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self.forget()

    def forget(self) -> None:
        """Remember nothing any more."""
        self._seen: OrderedDict[int, set[int]] = OrderedDict()

    def contents(self, rows: Sequence[tuple[int, ContentRow, int]], mentioned: Iterable[_Named]) -> dict[_Named, int]:
        """Store contents, given with their tenants and media; return the numbers of these and of those mentioned.

        What is mentioned and not stored gets a row that waits for its bytes.
        """
        given = {(tenant, row.hash): (row, media) for tenant, row, media in rows}
        known = self._find("find_contents", [*given, *mentioned])
        absent = [name for name in dict.fromkeys([*given, *mentioned]) if name not in known]
        numbers = dict(zip(absent, new_numbers(self._connection, "content", len(absent)), strict=True))
        fresh, filled, texts = [], [], []
        for name in absent:
            if name not in given:
                fresh.append((numbers[name], name[0], hash_prefix(name[1]), name[1], None, 0, 0, None))
        for name, (row, media) in given.items():
            number, waits = known.get(name, (numbers.get(name, 0), False))
            if name in numbers:
                fresh.append((number, name[0], row.prefix, row.hash, media, row.size, row.codec, row.data))
            elif waits:
                filled.append((media, row.size, row.codec, row.data, number))
            else:
                continue
            if row.text:
                texts.append((number, row.text))
        self._connection.executemany(_SQL["add_content"], fresh)
        self._connection.executemany(_SQL["fill_content"], filled)
        self._connection.executemany(_SQL["index_content"], texts)
        return {name: number for name, (number, _) in known.items()} | numbers

    def adopt(self, contents: Mapping[_Named, int], mentioned: Collection[_Named]) -> None:
        """Remember contents nobody holds yet, so that no deletion takes them, until somebody does."""
        orphans = [(number,) for name, number in contents.items() if name not in mentioned]
        if orphans:
            self._connection.executemany(_SQL["add_orphan"], orphans)
        if self._connection.execute(_SQL["any_orphan"]).get is not None:
            self._connection.executemany(_SQL["drop_orphan"], [(contents[name],) for name in mentioned])

    def links(
        self, rows: Sequence[tuple[int, LinkRow]], mentioned: Iterable[_Named], contents: dict[_Named, int]
    ) -> dict[_Named, int]:
        """Store links, given with their tenants; return the numbers of these and of those mentioned."""
        given = {(tenant, row.key): row for tenant, row in rows}
        others = [(tenant, row.previous) for tenant, row in rows if row.previous is not None]
        names = dict.fromkeys([*given, *others, *mentioned])
        known = self._find("find_links", list(names))
        absent = [name for name in names if name not in known]
        numbers = {name: number for name, (number, _) in known.items()}
        numbers.update(zip(absent, new_numbers(self._connection, "link", len(absent)), strict=True))

        def told(name: _Named) -> tuple[int | None, int | None]:
            """The link before and the message, as far as these rows tell."""
            row = given.get(name)
            if row is None:
                return None, None
            previous = None if row.previous is None else numbers[name[0], row.previous]
            return previous, contents[name[0], row.message]

        fresh = [(numbers[name], name[0], hash_prefix(name[1]), name[1], *told(name)) for name in absent]
        filled = [(*told(name), numbers[name]) for name in given if name in known and known[name][1]]
        self._connection.executemany(_SQL["add_link"], fresh)
        self._connection.executemany(_SQL["fill_link"], filled)
        for _, _, link in filled:
            self._wake(link)
        return numbers

    def hold(self, holder: Holder, contents: Iterable[int]) -> None:
        """Note that a span holds these contents."""
        self._connection.executemany(_SQL["add_holding"], [(content, *holder) for content in contents])

    def hold_again(self, session: int, suspects: Iterable[int]) -> None:
        """Note anew who of a session holds these contents, after some of its spans went or changed."""
        self._seen.pop(session, None)
        for content in suspects:
            self._connection.execute(_SQL["drop_session_holdings"], (content, session))
        for _, trace, span, _, _, _, context, _, held in list(
            self._connection.execute(_SQL["session_spans"], (session,))
        ):
            holder = (session, trace, span)
            self.hold(holder, unpack_held(held))
            self.hold_context(holder, context)

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
        seen = self._seen_by(session)
        while link is not None and link not in seen:
            row = self._connection.execute(_SQL["read_link"], (link,)).fetchone()
            if row is None:
                return
            previous, message = row
            if message is None:
                self._connection.execute(_SQL["add_waiting"], (link, *holder))
                return
            if self._connection.execute(_SQL["is_held"], (message, session)).get is None:
                self._connection.execute(_SQL["add_holding"], (message, *holder))
            seen.add(link)
            link = previous

    def _wake(self, link: int) -> None:
        for holder in list(self._connection.execute(_SQL["take_waiting"], (link,))):
            self.hold_context(holder, link)

    def _seen_by(self, session: int) -> set[int]:
        """The links whose messages, and all before them, the session is known to hold."""
        seen = self._seen.get(session)
        if seen is None:
            seen = self._seen[session] = set()
            if len(self._seen) > _REMEMBERED_SESSIONS:
                self._seen.popitem(last=False)
        return seen

    def _find(self, query: str, names: Sequence[_Named]) -> dict[_Named, tuple[int, bool]]:
        """The numbers of those that are stored, and whether they wait for what they hold."""
        if not names:
            return {}
        wanted = set(names)
        prefixes = array("q", {hash_prefix(name[1]) for name in wanted})
        found = self._connection.execute(_SQL[query], (apsw.carray(prefixes),))
        return {(tenant, key): (number, bool(waits)) for number, tenant, key, waits in found if (tenant, key) in wanted}
