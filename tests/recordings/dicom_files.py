"""DICOM waveforms, made with `pydicom`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np


def general_ecg(path: Path, names: Sequence[str], rows: np.ndarray, fs_hz: int) -> Path:
    """Two leads at 5 uV a unit, II and V1 by their codes."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.sequence import Sequence as Items
    from pydicom.uid import ExplicitVRLittleEndian

    item = Dataset()
    item.WaveformOriginality = "ORIGINAL"
    item.NumberOfWaveformChannels = 2
    item.NumberOfWaveformSamples = rows.shape[1]
    item.SamplingFrequency = fs_hz
    item.WaveformBitsAllocated = 16
    item.WaveformSampleInterpretation = "SS"
    item.WaveformData = rows.T.astype("<i2").tobytes()
    channels = []
    for name, code in zip(names, ("2:2", "2:3"), strict=True):
        source = Dataset()
        source.CodeValue, source.CodingSchemeDesignator = code, "MDC"
        source.CodeMeaning = f"Lead {name}"
        unit = Dataset()
        unit.CodeValue, unit.CodingSchemeDesignator, unit.CodeMeaning = "uV", "UCUM", "microvolt"
        channel = Dataset()
        channel.ChannelSourceSequence = Items([source])
        channel.ChannelSensitivity = 5
        channel.ChannelSensitivityUnitsSequence = Items([unit])
        channel.ChannelSensitivityCorrectionFactor = 1
        channel.ChannelBaseline = 0
        channel.WaveformBitsStored = 16
        channels.append(channel)
    item.ChannelDefinitionSequence = Items(channels)
    whole = Dataset()
    whole.SOPClassUID = "1.2.840.10008.5.1.4.1.1.9.1.2"  # general ECG
    whole.SOPInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    whole.Modality = "ECG"
    whole.WaveformSequence = Items([item])
    whole.file_meta = FileMetaDataset()
    whole.file_meta.MediaStorageSOPClassUID = whole.SOPClassUID
    whole.file_meta.MediaStorageSOPInstanceUID = whole.SOPInstanceUID
    whole.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    whole.save_as(path, enforce_file_format=True)
    return path
