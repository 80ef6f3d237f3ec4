"""What the calibration pulses of a recording say of its gain."""

from __future__ import annotations

import numpy as np

from ectopy.analysis.summary.model import Calibration
from ectopy.beats.conditioning.calibration import Pulse
from ectopy.recordings.clock import Clock
from ectopy.recordings.recording import Recording

STANDARD_MV = 1.0


def calibration(pulses: list[Pulse], recording: Recording) -> list[Calibration]:
    """Sum up pulses, those of an expected size apart from others; of each kind the leads."""
    found = []
    for expected in (True, False):
        own = [pulse for pulse in pulses if pulse.expected is expected]
        if own:
            leads = sorted({pulse.lead for pulse in own})
            found.append(
                Calibration(
                    pulses=max(sum(pulse.lead == lead for pulse in own) for lead in leads),
                    leads=[recording.leads[lead] for lead in leads],
                    height_mv=round(float(np.median([pulse.height_mv for pulse in own])), 3),
                    first_s=round(min(pulse.start for pulse in own) / recording.fs_hz, 3),
                    expected=expected,
                )
            )
    return found


def told(found: list[Calibration], recording: Recording) -> tuple[list[str], list[str]]:
    """Say where there are pulses and what they measure: as notes, and as warnings."""
    clock = Clock(recording.start, recording.duration_s)
    notes, warnings = [], []
    for one in found:
        many = (
            "calibration pulses" if one.pulses > 1 or len(one.leads) > 1 else "a calibration pulse"
        )
        every = len(one.leads) == len(recording.leads) > 1
        where = "in all leads" if every else f"in {', '.join(one.leads)}"
        what = f"{many} of {one.height_mv:.2f} mV at {clock.text(one.first_s)} {where}"
        if one.expected:
            usual = abs(one.height_mv / STANDARD_MV - 1) < 0.25
            notes.append(what if usual else f"{what}: half or double the standard 1 mV")
        else:
            warnings.append(
                f"{what}, expected 1 mV, or 0.5 or 2 mV at half or double size: check gain and "
                "unit, nothing was rescaled"
            )
    return notes, warnings
