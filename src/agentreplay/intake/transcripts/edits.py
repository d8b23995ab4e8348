"""What becomes of a file's text by an edit; None where that cannot be known."""

from collections.abc import Sequence

from agentreplay.intake.providers.wire import mapping, mappings, text
from agentreplay.model.values import Value

__all__ = ["PATHS", "edited", "is_edit", "written"]

PATHS = ("file_path", "filePath", "path", "notebook_path", "absolute_path", "target_file")
_WRITES = frozenset({"write", "write_file", "create", "create_file", "save_file"})
_EDITS = frozenset(
    "edit replace edit_file str_replace strreplace str_replace_editor search_replace multiedit multi_edit".split()
)
_OLD = ("old_string", "oldString", "old_str")
_NEW = ("new_string", "newString", "new_str")
_TEXTS = ("content", "contents", "file_text")


def is_edit(tool: str) -> bool:
    """Whether a tool of this name writes files."""
    return tool.lower() in _WRITES | _EDITS


def edited(tool: str, arguments: Value, before: str | None) -> str | None:
    """The text of the file after the call, from the text before it."""
    told = mapping(arguments)
    if tool.lower() in _WRITES and (whole := _first(told, _TEXTS)) is not None:
        return whole
    steps = mappings(told.get("edits")) or [told]
    result = before
    for step in steps:
        result = _replaced(result, step)
        if result is None:
            return None
    return result


def written(arguments: Value) -> str | None:
    """The last text that a call puts into a file, be it all of the file or a part."""
    told = mapping(arguments)
    steps = mappings(told.get("edits")) or [told]
    return _first(steps[-1], (*_NEW, *_TEXTS))


def _replaced(before: str | None, step: dict[str, Value]) -> str | None:
    old, new = _first(step, _OLD), _first(step, _NEW)
    if old is None or new is None:
        return None
    if not old:
        # An edit of nothing makes a file that is not there, or fills an empty one.
        return new if not before else None
    if before is None or old not in before:
        return None
    everywhere = any(step.get(name) is True for name in ("replace_all", "replaceAll", "allow_multiple"))
    return before.replace(old, new) if everywhere else before.replace(old, new, 1)


def _first(told: dict[str, Value], names: Sequence[str]) -> str | None:
    return next((text(told[name]) for name in names if isinstance(told.get(name), str)), None)
