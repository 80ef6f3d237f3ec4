"""The data sets by name: a new one is a new file here and one line in ``DATASETS``."""

from __future__ import annotations

import os
from typing import Any, Final

from ectopy.datasets import ecg5000, mitbih, simulated
from ectopy.datasets.dataset import BeatDataset
from ectopy.datasets.source import Source
from ectopy.errors import ConfigError

DATASETS: Final[dict[str, Source]] = {
    "ecg5000": ecg5000.SOURCE,
    "mitbih": mitbih.KACHUEE,
    "mitbih-p": mitbih.CENTRED,
    "simulated-140": simulated.LIKE_ECG5000,
    "simulated-187": simulated.LIKE_MITBIH,
}


def load(name: str, data_dir: str | os.PathLike[str] | None = None, **options: Any) -> BeatDataset:
    """Load a data set by its name.

    Parameters
    ----------
    name : str
        A key of ``DATASETS``.
    data_dir : path, optional
        Where to look first (``--data``); then come ``$ECTOPY_DATA``, the user cache and the web.
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
