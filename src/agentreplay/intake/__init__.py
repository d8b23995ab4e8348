"""What others say in their own formats, read into our words. Nothing here does any I/O."""

__all__: list[str] = []
