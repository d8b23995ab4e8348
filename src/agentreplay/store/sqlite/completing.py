"""The last of preparing: the texts for the index, the blocks and the measures. It needs nothing but the rows.

So either half of indexing can do it, and whichever has time does: what arrives decides which of the two has more to do.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from agentreplay.contents.text import indexed_text, searchable_text
from agentreplay.model.session import Summary
from agentreplay.store.sqlite.filling import NOTHING, fill
from agentreplay.store.sqlite.prepared import ContentRow, Filled, Prepared, PreparedSpan, Rollup
from agentreplay.store.sqlite.repeats import repeats_of, without
from agentreplay.store.sqlite.rollup import gather, session_text

__all__ = ["complete", "tally", "text_to_index"]

# As in `prepare`: made for each content.
_new_content: Callable[[tuple[Any, ...]], ContentRow] = partial(tuple.__new__, ContentRow)

_INDEXED = 1 << 20
"""Of a text, so many characters are searchable."""


def complete(prepared: Prepared, *, thorough: bool = False) -> None:
    """Add what is missing, unless nothing is.

    `thorough` takes time to make contents short, which is well spent unless much is waiting: then they are put into
    blocks here and now.
    """
    if prepared.is_complete:
        return
    rows = prepared.contents
    texts = [text_to_index(prepared.words[row.media], row.data) for row in rows]
    if not thorough:
        prepared.blocks = list(_filled(prepared))
    prepared.contents = [
        _new_content((content, media, size, data if thorough else b"", text))
        for (content, media, size, data, _), text in zip(rows, texts, strict=True)
    ]
    prepared.repeats = repeats_of(dict(enumerate(prepared.spans)), prepared.words)
    charged = list(prepared.spans)
    for place, bits in prepared.repeats.items():
        charged[place] = without(charged[place], bits)
    prepared.summaries, prepared.rollups = tally(prepared, charged)
    prepared.thorough = thorough
    prepared.is_complete = True


def text_to_index(media: str, data: bytes) -> str:
    """What of a content is searched, as the index takes it."""
    return indexed_text(searchable_text(media, data)[:_INDEXED])


def tally(prepared: Prepared, spans: Iterable[PreparedSpan]) -> tuple[list[tuple[int, Summary]], list[Rollup]]:
    """What these spans add to the summaries of their sessions and to the measures."""
    sessions = [session_text(*prepared.projects[project], key) for project, key in prepared.sessions]
    return gather(prepared.words, sessions, spans)


def _filled(prepared: Prepared) -> Iterator[Filled]:
    """The blocks of the contents, tenant by tenant."""
    rows, owners = prepared.contents, prepared.hashes
    for tenant in dict.fromkeys(owners[row.content][0] for row in rows):
        ours = [row for row in rows if owners[row.content][0] == tenant]
        places = iter([row.content for row in ours])
        for block in fill(NOTHING, [row.data for row in ours], thorough=False):
            yield Filled(list(islice(places, len(block.starts))), block)
