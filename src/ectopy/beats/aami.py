"""AAMI EC57 classes of WFDB symbols, and the record lists of the inter-patient protocol."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.classes import AAMI
from ectopy.errors import ConfigError

NOT_A_BEAT: Final = -1

SYMBOLS: Final = {
    "N": "NLRB",
    "S": "AaJS",
    "V": "VEr",
    "F": "F",
    "Q": "/fQ?",
}
"""WFDB beat symbols of each class, but for the supraventricular escape beats."""

ESCAPE: Final = "ejn"
"""Supraventricular escape beats: N by the custom of de Chazal (2004), S by EC57 and ``bxb``."""

PACED: Final = ("102", "104", "107", "217")
"""MIT-BIH records with paced beats, which EC57 leaves out."""

SAME_SUBJECT: Final = ("201", "202")
"""MIT-BIH records of one person; the pair straddles DS1 and DS2."""

# de Chazal, O'Dwyer and Reilly, IEEE Trans. Biomed. Eng. 51 (2004) 1196.
DS1: Final = (
    "101", "106", "108", "109", "112", "114", "115", "116", "118", "119", "122", "124",
    "201", "203", "205", "207", "208", "209", "215", "220", "223", "230",
)  # fmt: skip
DS2: Final = (
    "100", "103", "105", "111", "113", "117", "121", "123", "200", "202", "210", "212",
    "213", "214", "219", "221", "222", "228", "231", "232", "233", "234",
)  # fmt: skip


def records_named(text: str) -> list[str]:
    """Give the records of a list with commas, in which ds1 and ds2 name the sets.

    Examples
    --------
    >>> from ectopy.beats import records_named
    >>> len(records_named("ds2,svdb/800"))
    23
    """
    sets = {"ds1": DS1, "ds2": DS2}
    names = (name.strip() for name in text.split(","))
    return [record for name in names if name for record in sets.get(name.casefold(), (name,))]


def to_classes(symbols: npt.ArrayLike, escape: str = "N") -> npt.NDArray[np.int64]:
    """Give the AAMI class of each WFDB symbol.

    Parameters
    ----------
    symbols : array_like of str, shape (n,)
        WFDB annotation symbols.
    escape : {"N", "S"}
        Class of the supraventricular escape beats e, j and n.

    Returns
    -------
    ndarray of int64, shape (n,)
        Position in `ectopy.classes.AAMI`; -1 for what is not a beat (rhythm, noise, waves).

    Raises
    ------
    ConfigError
        If ``escape`` is neither N nor S.

    Examples
    --------
    >>> from ectopy.beats import to_classes
    >>> to_classes(["N", "A", "V", "F", "/", "+"])
    array([ 0,  1,  2,  3,  4, -1])
    """
    if escape not in ("N", "S"):
        raise ConfigError(f"escape beats (e, j, n) can be counted as N or S, not as {escape!r}")
    table = {symbol: AAMI.index(name) for name, all_ in SYMBOLS.items() for symbol in all_}
    table |= dict.fromkeys(ESCAPE, AAMI.index(escape))
    kinds, place = np.unique(np.asarray(symbols, dtype=np.str_), return_inverse=True)
    codes = np.array([table.get(str(kind), NOT_A_BEAT) for kind in kinds], dtype=np.int64)
    return codes[place] if len(kinds) else np.zeros(0, dtype=np.int64)
