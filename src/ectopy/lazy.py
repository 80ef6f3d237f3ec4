"""Names of a room that are imported when they are first asked for (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

_EXTRAS: Final = {
    "pydicom": "formats",
    "ecgdatakit": "formats",
    "fastapi": "app",
    "starlette": "app",
    "uvicorn": "app",
}
"""Extras of packages that do not come with ``train``."""


def lazy(
    room: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the ``__getattr__`` and ``__dir__`` of a room.

    Parameters
    ----------
    room : str
        Its ``__name__``.
    homes : mapping of str to str
        The module each name is in; ``module:name`` where it is called otherwise there.

    Examples
    --------
    >>> from ectopy.lazy import lazy
    >>> get, names = lazy("ectopy", {"sha256": "ectopy.files"})
    >>> get("sha256").__name__
    'sha256'
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {room!r} has no attribute {name!r}", name=name)
        home, _, called = homes[name].partition(":")
        try:
            value = getattr(import_module(home), called or name)
        except ModuleNotFoundError as error:
            package = (error.name or "").partition(".")[0]
            if package in ("", "ectopy"):
                raise
            from ectopy.errors import MissingExtraError

            raise MissingExtraError(
                f"{room}.{name} needs {package}, which the light install leaves out; install it "
                f'with: pip install "ectopy[{_EXTRAS.get(package, "train")}]"'
            ) from error
        setattr(sys.modules[room], name, value)  # found without us from now on
        return value

    return get, lambda: sorted({*vars(sys.modules[room]), *homes})
