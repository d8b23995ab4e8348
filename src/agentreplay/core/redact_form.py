"""Takes secrets out of what is uploaded: a form has fields with names, and files, of which many are texts."""

from agentreplay.contents.forms import FormPart, read_form
from agentreplay.core.redact import Redactor

__all__ = ["clean_form"]

_TEXT = "text/plain"


def clean_form(redactor: Redactor, data: bytes, media: str) -> bytes:
    """A form without its secrets, the same bytes where it has none; what is no form, as any other body."""
    form = read_form(data, media) if redactor.policy == "redacted" else None
    if form is None:
        return redactor.data(data, media)
    parts = [part._replace(data=_clean(redactor, part)) for part in form.parts]
    return data if parts == form.parts else form._replace(parts=parts).whole()


def _clean(redactor: Redactor, part: FormPart) -> bytes:
    try:
        text = part.data.decode()
    except UnicodeDecodeError:
        return part.data  # a picture, say
    if part.filename is None:
        return redactor.word(text, part.name).encode()
    return redactor.data(part.data, _TEXT)  # whatever its sender calls it: to many every file is bytes
