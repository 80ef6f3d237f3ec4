"""The windows that data sets of beats are cut with: each makes one data set of every database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ectopy.beats.windows import Window


@dataclass(frozen=True)
class NamedWindow:
    """A window, and what is said of data sets that are cut with it.

    Attributes
    ----------
    window : Window
        How their beats are cut.
    ending : str
        What it adds to the name of a data set.
    brief, words : str
        What a beat is, for ``ectopy data list`` and for reports.
    caveats : tuple of str
        What such beats cannot show.
    """

    window: Window
    ending: str
    brief: str
    words: str
    caveats: tuple[str, ...] = ()


FROM_R_PEAK: Final = NamedWindow(
    window=Window(cut="kachuee"),
    ending="",
    brief="187 samples from the R peak on",
    words="187 samples at 125 Hz from the R peak on, zero-padded after 1.2 median RR intervals "
    "(Kachuee et al. 2018)",
    caveats=(
        "A beat starts at its R peak: its own P wave is not in it, and the length of the zero "
        "padding tells the heart rate.",
    ),
)
CENTRED: Final = NamedWindow(
    window=Window(cut="centred"),
    ending="-p",
    brief="187 samples around the R peak, with P wave",
    words="187 samples at 125 Hz centred on the R peak, P wave included",
)

WINDOWS: Final = (FROM_R_PEAK, CENTRED)
