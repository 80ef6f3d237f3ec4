"""Beats of databases of annotated WFDB records: a database is a constant in `databases`."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "WFDB_DATABASES",
    "WfdbDatabase",
]

if TYPE_CHECKING:
    from ectopy.datasets.wfdb.database import WfdbDatabase
    from ectopy.datasets.wfdb.databases import WFDB_DATABASES
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "WFDB_DATABASES": "ectopy.datasets.wfdb.databases",
            "WfdbDatabase": "ectopy.datasets.wfdb.database",
        },
    )
