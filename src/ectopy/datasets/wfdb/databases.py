"""The databases: a new one is a constant here, and its name in ``WFDB_DATABASES``."""

from __future__ import annotations

from typing import Final

from ectopy.beats import aami
from ectopy.datasets.wfdb.database import WfdbDatabase, physionet

MITDB: Final = WfdbDatabase(
    folder="mitdb",
    beats="mitbih",
    title="The MIT-BIH Arrhythmia Database",
    version="1.0.0",
    licence="ODC-By 1.0",
    addresses=physionet("mitdb/1.0.0"),
    records=tuple(sorted((*aami.DS1, *aami.DS2, *aami.PACED))),
    leads=("MLII",),  # in every record but 102 and 104; first in all others but 114
    subjects=dict.fromkeys(aami.SAME_SUBJECT, aami.SAME_SUBJECT[0]),
    paced=aami.PACED,
    summary="109,494 beats of 48 records",
)

SVDB: Final = WfdbDatabase(
    folder="svdb",
    beats="svdb",
    title="The MIT-BIH Supraventricular Arrhythmia Database",
    version="1.0.0",
    licence="ODC-By 1.0",
    addresses=physionet("svdb/1.0.0"),
    records=tuple(str(n) for n in (*range(800, 813), *range(820, 830), *range(840, 895))),
    partial=True,
    leads=("ECG1",),
    summary="beats of up to 78 other patients, many S",
    caveats=("The leads are unnamed, so they are not the leads of the MIT-BIH records.",),
)

WFDB_DATABASES: Final = (MITDB, SVDB)
