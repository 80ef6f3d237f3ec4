"""The addresses under ``/api/v1``, one subject a file."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = ["ROUTERS"]

if TYPE_CHECKING:
    from ectopy.app.routes.every import ROUTERS
else:
    __getattr__, __dir__ = lazy(__name__, {"ROUTERS": "ectopy.app.routes.every"})
