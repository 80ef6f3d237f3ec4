"""The review application: REST and pages over `ectopy.review`, with no logic of its own."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = ["AppSettings", "create_app"]

if TYPE_CHECKING:
    from ectopy.app.create import create_app
    from ectopy.app.settings import AppSettings
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {"AppSettings": "ectopy.app.settings", "create_app": "ectopy.app.create"},
    )
