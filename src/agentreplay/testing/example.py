"""A value that suits a JSON schema, the same each time."""

from agentreplay.intake.providers.wire import mapping, sequence, text
from agentreplay.model.values import Value

__all__ = ["example"]

_DEEPEST = 20
_WORD = "Paris"
_NUMBER = 7


def example(schema: Value) -> Value:
    """The plainest value that the schema allows: what it names itself where it does, and only what is required."""
    return _example(mapping(schema), mapping(schema), 0)


def _example(schema: dict[str, Value], root: dict[str, Value], depth: int) -> Value:
    schema = _resolved(schema, root)
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    for name in ("enum", "examples"):
        if named := sequence(schema.get(name)):
            return named[0]
    for name in ("anyOf", "oneOf", "allOf", "any_of"):
        choices = [mapping(choice) for choice in sequence(schema.get(name))]
        if choices and depth < _DEEPEST:
            return _example(next(filter(_is_something, choices), choices[0]), root, depth + 1)
    return _of_kind(_kind(schema), schema, root, depth)


def _of_kind(kind: str, schema: dict[str, Value], root: dict[str, Value], depth: int) -> Value:
    match kind:
        case "object":
            properties = mapping(schema.get("properties"))
            wanted = sequence(schema.get("required")) if "required" in schema else list(properties)
            known = {name: mapping(properties[name]) for name in properties if name in wanted}
            return {name: _example(inner, root, depth + 1) for name, inner in known.items() if depth < _DEEPEST}
        case "array":
            least = schema.get("minItems", 0)
            item = mapping(schema.get("items"))
            is_wanted = isinstance(least, int) and least > 0 and depth < _DEEPEST
            return [_example(item, root, depth + 1)] * min(least, _DEEPEST) if is_wanted else []
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _WORD


def _number(schema: dict[str, Value]) -> Value:
    least, most = schema.get("minimum"), schema.get("maximum")
    if isinstance(least, int | float) and least > _NUMBER:
        return least
    return most if isinstance(most, int | float) and most < _NUMBER else _NUMBER


def _kind(schema: dict[str, Value]) -> str:
    said = schema.get("type")
    kinds = [text(kind).lower() for kind in (sequence(said) or [said])]
    if not any(kinds):
        return "object" if "properties" in schema else "string"
    return next((kind for kind in kinds if kind not in {"", "null"}), "null")


def _is_something(schema: dict[str, Value]) -> bool:
    return schema.get("type") != "null"


def _resolved(schema: dict[str, Value], root: dict[str, Value]) -> dict[str, Value]:
    """The schema that a reference within the same document leads to."""
    for _ in range(_DEEPEST):
        reference = text(schema.get("$ref"))
        if not reference.startswith("#/"):
            break
        found = root
        for name in reference[2:].split("/"):
            found = mapping(found.get(name))
        schema = found
    return schema
