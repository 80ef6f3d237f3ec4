"""The data sets by name: a new one is a new file here and one line in ``DATASETS``.

Those of WFDB databases come from the constants in `ectopy.datasets.wfdb.databases`.
"""

from __future__ import annotations

import os
from typing import Any, Final

from ectopy.datasets import ecg5000, heartbeat_csv, simulated
from ectopy.datasets.dataset import BeatDataset
from ectopy.datasets.locate import Database
from ectopy.datasets.source import Source
from ectopy.datasets.wfdb.beats import sources
from ectopy.datasets.wfdb.databases import WFDB_DATABASES
from ectopy.errors import ConfigError

DATASETS: Final[dict[str, Source]] = {
    "ecg5000": ecg5000.SOURCE,
    **{name: one for wfdb in WFDB_DATABASES for name, one in sources(wfdb).items()},
    "heartbeat-csv": heartbeat_csv.SOURCE,
    "simulated-140": simulated.LIKE_ECG5000,
    "simulated-187": simulated.LIKE_MITBIH,
}

DATABASES: Final = {
    source.database.folder: source.database
    for source in DATASETS.values()
    if source.database is not None
}
"""The files behind the data sets, by the name of their folder."""


def database(name: str) -> Database:
    """Give a database by its own name or by that of a data set made from it.

    Raises
    ------
    ConfigError
        If there is none of that name, or the data set is made and needs no files.

    Examples
    --------
    >>> from ectopy.datasets import database
    >>> database("mitbih").folder
    'mitdb'
    """
    if name in DATABASES:
        return DATABASES[name]
    if name not in DATASETS:
        known = ", ".join(dict.fromkeys([*DATASETS, *DATABASES]))  # some are called the same
        raise ConfigError(f"data set {name!r} is unknown; there are {known}")
    found = DATASETS[name].database
    if found is None:
        raise ConfigError(
            f"{name} is simulated when asked for; there is nothing to fetch or verify"
        )
    return found


def load(name: str, data_dir: str | os.PathLike[str] | None = None, **options: Any) -> BeatDataset:
    """Load a data set by its name.

    Parameters
    ----------
    name : str
        A key of ``DATASETS``.
    data_dir : path, optional
        Where to look first; then come ``$ECTOPY_DATA``, the user cache and the web.
    **options
        Settings of that data set; its module documents them.

    Returns
    -------
    BeatDataset
        Beats, labels, patients where known, provenance and checksums.

    Raises
    ------
    ConfigError
        If the name or an option is unknown.
    DataNotFoundError
        If its files are nowhere; the message names the embedded data set to use instead.
    DataFormatError
        If a file does not hold what it should.

    Examples
    --------
    >>> data = ectopy.load_dataset("simulated-140", patients=2, duration_s=30)
    >>> data.X.shape[1], data.classes
    (140, ('N', 'S', 'V', 'F', 'Q'))
    """
    if name not in DATASETS:
        raise ConfigError(f"data set {name!r} is unknown; there are {', '.join(DATASETS)}")
    source = DATASETS[name]
    if unknown := sorted(set(options) - set(source.options)):
        raise ConfigError(
            f"data set {name} has no option {unknown[0]!r}; "
            f"it has {', '.join(source.options) or 'none'}"
        )
    return source.load(data_dir, **options)
