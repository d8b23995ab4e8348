"""The call of a function that a session is about, so that a test can make it again."""

import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from agentreplay.core.redact_call import CallRedactor
from agentreplay.model.call import Request
from agentreplay.model.content import JSON, Content
from agentreplay.sdk.plain import freeze

__all__ = ["Called"]


class Called(NamedTuple):
    """A function and what it was given."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    named: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The function as `module:name`, the module as others import it."""
        function = self.function
        module = _name_of_main() if function.__module__ == "__main__" else function.__module__
        return f"{module}:{function.__qualname__}"

    def content(self, redacting: CallRedactor) -> Content:
        """The arguments without their secrets. Raises NotPlain."""
        given = freeze(
            {
                "arguments": list(self.arguments),
                "named": dict(self.named),
                "is_async": inspect.iscoroutinefunction(self.function),
            }
        )
        asked = Request(seam="function", operation=self.name, body=given)
        return Content.of(redacting.request(asked).body, JSON)


def _name_of_main() -> str:
    """The name under which the program can be imported that was started as `__main__`."""
    main = sys.modules["__main__"]
    spec = getattr(main, "__spec__", None)
    if spec is not None:
        return str(spec.name)
    return Path(getattr(main, "__file__", None) or "__main__").stem
