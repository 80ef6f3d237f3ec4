"""A study is data + model + recipe + protocol; run into a run folder."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "KINDS",
    "StudyConfig",
    "load",
    "packaged",
    "run_study",
]

if TYPE_CHECKING:
    from ectopy.study.config import KINDS, load, packaged
    from ectopy.study.run import run_study
    from ectopy.study.settings import StudyConfig
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "KINDS": "ectopy.study.config",
            "StudyConfig": "ectopy.study.settings",
            "load": "ectopy.study.config",
            "packaged": "ectopy.study.config",
            "run_study": "ectopy.study.run",
        },
    )
