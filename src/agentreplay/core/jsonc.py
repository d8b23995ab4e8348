"""Changes a JSON text in place, as people write it by hand: with comments, their order, their indents, their commas.

What is not changed keeps each of its bytes.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from agentreplay.errors import ValueInvalid

__all__ = ["add_item", "put", "read", "remove", "remove_items"]

_BLANK = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_REST_OF_LINE = re.compile(r"[ \t]*(?:/\*[^\n]*?\*/[ \t]*)*(?://[^\n\r]*)?(?=\r?\n)")
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_PLAIN = re.compile(r"[^\s,\]}/]+")
_INDENT = re.compile(r"\n([ \t]+)\S")
_DEEPEST = 200


@dataclass
class _Node:
    """A value in the text."""

    start: int
    end: int = 0
    opening: str = ""
    """`{` or `[`; nothing for what holds no others."""
    keys: list[str] = field(default_factory=list[str])
    starts: list[int] = field(default_factory=list[int])
    """Where each child begins: with its key, if it has one."""
    children: "list[_Node]" = field(default_factory=list["_Node"])
    value: Any = None

    def child(self, key: str) -> "_Node | None":
        """Of several under one key, the last counts. What is no object has none."""
        if self.opening != "{":
            return None
        found = [node for name, node in zip(self.keys, self.children, strict=True) if name == key]
        return found[-1] if found else None


def read(text: str) -> Any:
    """What the text says; an empty one says an empty object. Raises ValueInvalid with the line where it is wrong."""
    return _plain(_parse(text)) if text.strip("\ufeff \t\r\n") else {}


def add_item(text: str, path: Sequence[str], item: object) -> str:
    """The text with one more item at the end of the list under these keys, which are made where they are missing."""
    if not text.strip("\ufeff \t\r\n"):
        text = "{}\n"
    node, left = _parse(text), list(path)
    while left and (below := node.child(left[0])) is not None:
        node = below
        left.pop(0)
    if (node.opening != "{") if left else (node.opening != "["):
        place = ".".join(path[: len(path) - len(left)]) or "the whole"
        raise ValueInvalid(what="the configuration", problem=f"{place} is no {'object' if left else 'list'}")
    value: object = item
    for key in reversed(left[1:]):
        value = {key: [value] if key == left[-1] else value}
    if left:
        return _insert(text, node, left[0], [item] if len(left) == 1 else value)
    return _insert(text, node, None, item)


def put(text: str, path: Sequence[str], value: object) -> str:
    """The text with this value under these keys, in place of what stands there; missing objects are made."""
    text = remove(text, path)
    if not text.strip("\ufeff \t\r\n"):
        text = "{}\n"
    node, left = _parse(text), list(path)
    while (below := node.child(left[0])) is not None:
        node = below
        left.pop(0)
    if node.opening != "{":
        place = ".".join(path[: len(path) - len(left)]) or "the whole"
        raise ValueInvalid(what="the configuration", problem=f"{place} is no object")
    for key in reversed(left[1:]):
        value = {key: value}
    return _insert(text, node, left[0], value)


def remove(text: str, path: Sequence[str]) -> str:
    """The text without what stands under these keys; what holds nothing else then goes too."""
    while text.strip("\ufeff \t\r\n"):
        node, way = _parse(text), list[tuple[_Node, int]]()
        for key in path:
            below = node.child(key)
            if below is None:
                return text
            way.append((node, _place(node, below)))
            node = below
        text = _cut_way(text, way)
    return text


def remove_items(text: str, path: Sequence[str], is_ours: Callable[[Any], bool]) -> str:
    """The text without the items that are ours in all lists under these keys; what holds nothing else then goes too."""
    found = True
    while found:
        text, found = _remove_one(text, path, is_ours)
    return text


def _remove_one(text: str, path: Sequence[str], is_ours: Callable[[Any], bool]) -> tuple[str, bool]:
    node: _Node | None = _parse(text) if text.strip("\ufeff \t\r\n") else None
    above: list[tuple[_Node, int]] = []
    for key in path:
        below = node.child(key) if node is not None else None
        if node is None or below is None:
            return text, False
        above.append((node, _place(node, below)))
        node = below
    for number, items in enumerate(node.children if node is not None and node.opening == "{" else ()):
        for place, item in enumerate(items.children if items.opening == "[" else ()):
            if node is not None and is_ours(_plain(item)):
                return _cut_way(text, [*above, (node, number), (items, place)]), True
    return text, False


def _cut_way(text: str, way: list[tuple[_Node, int]]) -> str:
    """The text without what the way leads to, and without all on the way that holds nothing else."""
    while len(way) > 1 and len(way[-1][0].children) == 1:
        way.pop()
    return _cut(text, *way[-1])


def _place(node: _Node, child: _Node) -> int:
    return next(place for place, one in enumerate(node.children) if one is child)


def _insert(text: str, node: _Node, key: str | None, value: object) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    unit = found[1] if (found := _INDENT.search(text)) else "  "
    outer = _indent_of(text, node.start)
    inner = _indent_of(text, node.starts[0]) if node.starts and _is_first(text, node.starts[0]) else outer + unit
    told = json.dumps(value, indent=unit, ensure_ascii=False).replace("\n", newline + inner)
    entry = newline + inner + (f"{json.dumps(key, ensure_ascii=False)}: " if key is not None else "") + told
    if not node.children:
        inside = text[node.start + 1 : node.end - 1]
        if inside.strip():
            return text[: node.start + 1] + entry + text[node.start + 1 :]
        return text[: node.start + 1] + entry + newline + outer + text[node.end - 1 :]
    end = node.children[-1].end
    comma = _skip(text, end)
    if text[comma] == ",":
        place = _end_of_line(text, comma + 1)
        return text[:place] + entry + "," + text[place:]
    place = _end_of_line(text, end)
    closing = newline + outer if "\n" not in text[place : node.end] else ""
    return text[:end] + "," + text[end:place] + entry + closing + text[place:]


def _cut(text: str, node: _Node, place: int) -> str:
    """The text without one of the children of a node."""
    start, end = node.starts[place], node.children[place].end
    if len(node.children) == 1:
        return text[: node.start + 1] + text[node.end - 1 :]
    after = _skip(text, end)
    line = len(text[:start].rstrip(" \t\r\n"))
    start = line if "\n" in text[line:start] or place else start
    if text[after] == ",":
        rest = text[after + 1 :]
        return text[:start] + (rest if "\n" in text[line : node.starts[place]] else rest.lstrip(" \t"))
    # It is the last, and the comma stands behind the one before, perhaps with a comment between.
    comma = _skip(text, node.children[place - 1].end)
    return text[:comma] + text[comma + 1 : start] + text[end:]


def _end_of_line(text: str, start: int) -> int:
    """Behind what else stands on the line, if that is only a comment."""
    found = _REST_OF_LINE.match(text, start)
    return start if found is None else start + len(found[0].rstrip())


def _indent_of(text: str, place: int) -> str:
    line = text.rfind("\n", 0, place) + 1
    return text[line : line + len(text[line:place]) - len(text[line:place].lstrip(" \t"))]


def _is_first(text: str, place: int) -> bool:
    """Whether nothing stands before it on its line."""
    return not text[text.rfind("\n", 0, place) + 1 : place].strip()


def _skip(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    return found.end() if found else place


def _plain(node: _Node) -> Any:
    match node.opening:
        case "{":
            return dict(zip(node.keys, map(_plain, node.children), strict=True))
        case "[":
            return list(map(_plain, node.children))
        case _:
            return node.value


def _parse(text: str) -> _Node:
    node = _value(text, _skip(text, len(text) - len(text.lstrip("\ufeff"))), 0)
    if (place := _skip(text, node.end)) < len(text):
        raise _wrong(text, place)
    return node


def _value(text: str, start: int, depth: int) -> _Node:
    if start >= len(text) or depth > _DEEPEST:
        raise _wrong(text, start)
    if text[start] in "{[":
        return _container(text, start, depth)
    found = _STRING.match(text, start) or _PLAIN.match(text, start)
    try:
        return _Node(start, found.end() if found else start, value=json.loads(found[0] if found else ""))
    except ValueError:
        raise _wrong(text, start) from None


def _container(text: str, start: int, depth: int) -> _Node:
    node = _Node(start, opening=text[start])
    closing = "}" if node.opening == "{" else "]"
    place = _skip(text, start + 1)
    while text[place : place + 1] != closing:
        begin = place
        if node.opening == "{":
            key = _STRING.match(text, place)
            colon = _skip(text, key.end()) if key else place
            if key is None or text[colon : colon + 1] != ":":
                raise _wrong(text, place)
            node.keys.append(json.loads(key[0]))
            place = _skip(text, colon + 1)
        child = _value(text, place, depth + 1)
        node.starts.append(begin)
        node.children.append(child)
        place = _skip(text, child.end)
        if text[place : place + 1] == ",":
            place = _skip(text, place + 1)
        elif text[place : place + 1] != closing:
            raise _wrong(text, place)
    node.end = place + 1
    return node


def _wrong(text: str, place: int) -> ValueInvalid:
    line = text.count("\n", 0, place) + 1
    return ValueInvalid(what="the configuration", problem=f"it is no JSON at line {line}")
