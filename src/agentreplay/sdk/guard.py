"""x"""

__all__ = ["allow_all", "refuse"]


def refuse(allow, refused): ...
def allow_all(): ...
