"""What tests of the server may ask for."""

from tests.server.shared import anybody

__all__ = ["anybody"]
