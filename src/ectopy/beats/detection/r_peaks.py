"""R peaks: where the beats are, in any lead, at any sampling rate.

A small convolutional network reads a band-passed, amplitude-normalised copy of each lead at a
nominal 100 Hz and says, for every 10 ms, how much of a beat mark it expects there. Everything it
sees lies within `BEHIND_S` before and `AHEAD_S` after a sample, so that a week gives the same
peaks in pieces, streamed or at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.lead_votes import widened
from ectopy.beats.conditioning.qrs_band import NOMINAL_HZ, band_pass, normalise
from ectopy.beats.conditioning.quality import FLAT, assess
from ectopy.beats.conditioning.quality_limits import QualityLimits
from ectopy.errors import ConfigError, ModelError
from ectopy.recordings.stretches import Stretch, stretches

Int64 = npt.NDArray[np.int64]
Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]

BEHIND_S = 11
"""Whole seconds before a sample that can change whether it is a peak."""

AHEAD_S = 8
"""Whole seconds after a sample that can change whether it is a peak: the streaming delay."""

PIECE_S = 600
"""Seconds of signal in one pass of the network; bounds the memory."""

STRETCH = 6000
"""Network samples in one run: a minute's activations stay in the processor's cache."""

MARGIN = 200
"""Network samples around a stretch; more than the 144 that the network sees to either side."""

MASS_WINDOW = 15
"""Network samples (of 10 ms) whose expectation is summed into one beat: the 150 ms of EC57."""

LOWEST_HZ, HIGHEST_HZ = 50, 20_000
"""Sampling rates; the filters of the highest take 100 MB, and no recorder is faster."""

THRESHOLD = 0.35
"""Beat marks expected within `MASS_WINDOW` from which there is a beat."""

PACKAGED = Path(__file__).parent / "weights" / "r-peaks-ds1.onnx"
"""The network, trained on MIT-BIH's DS1 alone; how, is `ectopy.training.r_peak_network`."""

CLEAR = 0.4
"""Unsureness up to which the first lead or leads decide alone, where they are good."""

ASKED = (1, 1, 3)
"""Leads that are asked everywhere, of one, two, and three or more: of two the first, for asking the
other where that one is sure changed nothing; of many three, so that one that is sure of T waves is
outvoted."""

LEADING_WEIGHT = 2.0
"""How much more the first of two leads counts, equally sure: chosen on DS1 and svdb, as `THRESHOLD`
was. Of more leads each counts alike, for one that leads may be the one that is wrong."""

HEARD = (1.0, 0.5, 0.5, 1e-6, 1e-6)
"""How much a lead counts in each state of its second; a lost one only where all leads are."""

FUSION_REACH = 200
"""Network samples to either side from which a lead's sureness is told (2 s)."""

NO_BEATS = 1e-3
"""Mean expectation that counts as none: one beat in thirty seconds."""

REFRACTORY = 20
"""Network samples within which only the likeliest beat stands: 200 ms."""

MARK_MASS = 3.0
"""Sum of the target for one annotated beat: a triangle of 10 ms steps, 1/3 2/3 1 2/3 1/3."""

SMOOTHING = np.array([0.25, 0.5, 0.25], dtype=np.float32)
"""Takes the sample-to-sample ripple off the expectation before its maximum is taken."""

LEVEL_S = 0.2
"""Half-width, in s, of the stretch whose median is the level that an R wave rises from."""

REFINE_S = 0.015
"""Half-width, in s, of the search for the R wave's extremum around the network's mark."""


@dataclass(frozen=True)
class Peaks:
    """R peaks with how sure the network is of each.

    Attributes
    ----------
    samples : ndarray of int64, shape (n_beats,)
        Sample indices, ascending.
    strength : ndarray of float32, shape (n_beats,)
        Beat marks expected within 150 ms, about 1 for a clear beat.

    Examples
    --------
    >>> from ectopy.beats import Peaks
    >>> peaks = Peaks(np.array([100, 300, 310]), np.array([1.0, 0.9, 0.4], dtype=np.float32))
    >>> peaks.select(peaks.strength > 0.5).samples
    array([100, 300])
    """

    samples: Int64
    strength: Float32

    def select(self, mask: npt.NDArray[np.bool_]) -> Peaks:
        """Keep the peaks where ``mask`` is true."""
        return Peaks(self.samples[mask], self.strength[mask])

    @classmethod
    def join(cls, parts: list[Peaks]) -> Peaks:
        """Put stretches one after another."""
        parts = parts or [cls(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))]
        return cls(
            np.concatenate([part.samples for part in parts]),
            np.concatenate([part.strength for part in parts]),
        )


def detect(signal_mv: npt.ArrayLike, fs_hz: float, *, network: Path = PACKAGED) -> Int64:
    """Find the R peaks of one recording.

    Parameters
    ----------
    signal_mv : array_like, shape (n_samples,) or (n_leads, n_samples)
        ECG in mV; NaN where samples are missing. With several leads the surer ones decide, and
        the marks are placed on the first.
    fs_hz : float
        Sampling rate in Hz, 50 to 20,000.
    network : Path
        An ONNX file; by default the packaged one.

    Returns
    -------
    ndarray of int64, shape (n_beats,)
        Sample indices of the R peaks, ascending.

    Raises
    ------
    ConfigError
        If the signal is not one or more leads, or the rate is outside 50 Hz to 20 kHz.

    Examples
    --------
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> peaks = ectopy.detect(recording.read(), recording.fs_hz)
    >>> len(peaks) == len(reference)
    True
    """
    leads = np.atleast_2d(np.asarray(signal_mv, dtype=np.float32))
    if leads.ndim != 2:
        raise ConfigError(f"signal has {leads.ndim} dimensions, expected (n_leads, n_samples)")
    detector = Detector(fs_hz, network)
    parts = [
        detector.piece(leads[:, part.start : part.stop], part.start, (part.begin, part.end))
        for part in detector.stretches(leads.shape[1])
    ]
    return Peaks.join(parts).samples


class Detector:
    """Finds the R peaks of one piece of a recording after another.

    Parameters
    ----------
    fs_hz : float
        Sampling rate in Hz, 50 to 20,000.
    network : Path
        An ONNX file, as for `detect`.

    Examples
    --------
    >>> from ectopy.beats.detection import Detector
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> detector = Detector(recording.fs_hz)
    >>> peaks = detector.piece(recording.read(), 0, (0, recording.n_samples))
    >>> (peaks.samples == ectopy.detect(recording.read(), 250)).all().item()
    True
    """

    def __init__(self, fs_hz: float, network: Path = PACKAGED) -> None:
        if not LOWEST_HZ <= fs_hz <= HIGHEST_HZ:
            raise ConfigError(
                f"sampling rate is {fs_hz} Hz, expected {LOWEST_HZ} to {HIGHEST_HZ}: slower "
                "signals hold no R wave, faster ones should be resampled"
            )
        self.fs_hz = float(fs_hz)
        self.network = network
        self.second = round(fs_hz)
        """Samples in the grid's second; pieces start on whole ones."""
        self._session = _session(network)

    def stretches(self, n_samples: int, stretch_s: int = PIECE_S) -> list[Stretch]:
        """Cut a recording into stretches that start on whole grid seconds."""
        return stretches(
            n_samples,
            stretch_s * self.second,
            behind=BEHIND_S * self.second,
            ahead=AHEAD_S * self.second,
        )

    def piece(
        self,
        leads: Float32,
        offset: int,
        keep: tuple[int, int],
        bands: list[Float32] | None = None,
        states: UInt8 | None = None,
    ) -> Peaks:
        """Find the peaks between two samples, given the signal around them.

        Parameters
        ----------
        leads : ndarray of float32, shape (n_leads, n_samples)
            The piece with its context, in mV.
        offset : int
            Sample index of the piece's first sample in the recording; a whole grid second.
        keep : tuple of int
            Only marks from the first to before the second sample index are given.
        bands : list of ndarray, optional
            What `ectopy.beats.conditioning.qrs_band.band_pass` gives for each lead, if it is known
            already.
        states : ndarray of uint8, shape (n_leads, n_seconds), optional
            What `ectopy.beats.conditioning.quality.assess` says of each second of the piece, if
            it is known already.
        """
        if offset % self.second:
            raise ConfigError(f"a piece starts at {offset}, expected a multiple of {self.second}")
        n = leads.shape[1]
        if not n:
            return Peaks(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))
        if bands is None:
            bands = list(band_pass(leads, self.second))
        if states is None:
            states = assess(leads, self.second, QualityLimits(), bands).states
        wide = widened(states)
        expected = self._expect(bands, states >= FLAT, wide)
        marks, strength = pick(expected)
        scale = self.second / NOMINAL_HZ
        inside = (marks * scale >= keep[0] - offset) & (marks * scale < keep[1] - offset)
        marks, strength = marks[inside], strength[inside]
        near = np.round(marks * scale).astype(np.int64)
        # On the first of the leads that are as good as any.
        best = wide[:, np.minimum(marks // NOMINAL_HZ, wide.shape[1] - 1)].argmin(axis=0)
        for lead in np.unique(best):
            own = best == lead
            near[own] = refine(leads[lead], self.fs_hz, near[own])
        order = np.argsort(near, kind="stable")
        samples, first = np.unique(near[order], return_index=True)
        return Peaks(samples + offset, strength[order][first])

    def _expect(self, bands: list[Float32], lost: Bool, states: UInt8) -> Float32:
        """Beat marks expected in each 10 ms, the leads' opinions put together.

        The first `ASKED` lead or leads are asked everywhere, the others where those are in doubt
        or less than two of them (of one, that one) are good.
        """
        n, n_leads = len(bands[0]), len(bands)
        heard = np.repeat(np.array(HEARD, dtype=np.float32)[states], NOMINAL_HZ, axis=1)
        asked = ASKED[min(n_leads, len(ASKED)) - 1]

        def scaled(leads: range) -> list[Float32]:
            return [np.pad(normalise(bands[i], lost[i]), MARGIN) for i in leads]

        said = [self._run(lead, 0, n) for lead in scaled(range(asked))]
        sure = said[0] if asked == 1 else fuse(np.stack(said), heard[:asked])
        if asked == n_leads:
            return sure
        good = np.count_nonzero(heard[:asked] == 1, axis=0)
        doubtful = (unsureness(sure) > CLEAR) | (good < min(asked, 2))
        if not doubtful.any():
            return sure
        others, out = scaled(range(asked, n_leads)), sure.copy()
        for begin, end in _around(doubtful):
            here = slice(begin, end)
            leads = [lead[here] for lead in said]
            leads += [self._run(lead, begin, end) for lead in others]
            fused = fuse(np.stack(leads), heard[:, here])
            out[here] = np.where(doubtful[here], fused, out[here])
        return out

    def _run(self, padded: Float32, begin: int, end: int) -> Float32:
        """Ask the network about a stretch of one lead."""
        out = np.empty(end - begin, dtype=np.float32)
        for start in range(begin, end, STRETCH):
            stop = min(start + STRETCH, end)
            seen = padded[None, None, None, start : stop + 2 * MARGIN]
            frames = self._session.run(None, {"band": seen})[0]
            marks = frames[0, :, 0, :].T.ravel()  # a frame holds four samples
            out[start - begin : stop - begin] = marks[MARGIN:-MARGIN]
        return out


def fuse(expected: Float32, heard: Float32) -> Float32:
    """Average the leads, each by how sure it is of its beats within two seconds.

    A lead that says yes or no counts more than one that says perhaps; one that sees no beat at
    all counts as unsure, so that a loose electrode does not hide the beats of another lead.

    Parameters
    ----------
    expected : ndarray of float32, shape (n_leads, n)
        Beat marks that each lead expects.
    heard : ndarray of float32, shape (n_leads, n)
        How much it counts, by its quality there.
    """
    # Steep: the clearer of two leads decides, two clear ones share.
    weight = np.stack([unsureness(lead) for lead in expected]) ** -4 * heard
    if len(expected) == 2:
        weight[0] *= LEADING_WEIGHT
    total: Float32 = ((weight * expected).sum(axis=0) / weight.sum(axis=0)).astype(np.float32)
    return total


def unsureness(expected: Float32) -> Float32:
    """Tell how unsure a lead is within two seconds: about 0.3 for clear beats, 1 for none."""
    doubt = _local_mean(expected * (1 - expected))
    unsure: Float32 = (doubt + NO_BEATS) / (_local_mean(expected) + NO_BEATS)
    return unsure


def _local_mean(values: Float32) -> Float32:
    wide = 2 * FUSION_REACH + 1
    padded = np.pad(values, (FUSION_REACH + 1, FUSION_REACH))
    total = np.cumsum(padded, dtype=np.float64)
    mean: Float32 = ((total[wide:] - total[:-wide]) / wide).astype(np.float32)
    return mean


def _around(wanted: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Give stretches of whole seconds that hold what is wanted and the reach around it."""
    size = 5 * NOMINAL_HZ
    blocks = np.add.reduceat(wanted, np.arange(0, len(wanted), size)) > 0
    near = blocks | np.r_[blocks[1:], False] | np.r_[False, blocks[:-1]]
    edges = np.flatnonzero(np.diff(np.r_[0, near.astype(np.int8), 0]))
    return [
        (int(begin) * size, min(int(end) * size, len(wanted)))
        for begin, end in zip(edges[::2], edges[1::2], strict=True)
    ]


def pick(expected: Float32) -> tuple[Int64, Float32]:
    """Choose the beats from the expected marks: local maxima with enough mass around them."""
    half = MASS_WINDOW // 2
    total = np.cumsum(np.pad(expected, (half + 1, half)), dtype=np.float64)
    mass = ((total[MASS_WINDOW:] - total[:-MASS_WINDOW]) / MARK_MASS).astype(np.float32)
    # The mass decides between neighbours that expect the same.
    smooth = np.convolve(expected, SMOOTHING, mode="same") + np.float32(1e-3) * mass
    edged = np.pad(smooth, REFRACTORY)
    rises = edged[REFRACTORY:-REFRACTORY] > edged[REFRACTORY - 1 : -REFRACTORY - 1]
    falls = edged[REFRACTORY:-REFRACTORY] >= edged[REFRACTORY + 1 :][: len(smooth)]
    tops = np.flatnonzero(rises & falls & (mass >= THRESHOLD))
    around = edged[tops[:, None] + np.arange(2 * REFRACTORY + 1)]
    marks = tops[around.argmax(axis=1) == REFRACTORY]
    return marks, mass[marks]


def refine(lead_mv: Float32, fs_hz: float, near: Int64) -> Int64:
    """Move each mark to the extreme of the wave it stands on, within `REFINE_S`.

    The extreme is the largest distance from the level around the beat, whichever way it points.
    """
    wide, half = max(2, round(LEVEL_S * fs_hz)), max(1, round(REFINE_S * fs_hz))
    held = np.nan_to_num(np.pad(lead_mv, wide, mode="edge"))
    around = np.lib.stride_tricks.sliding_window_view(held, 2 * wide + 1)[near]
    level = np.median(around[:, :: max(1, wide // 12)], axis=1, keepdims=True)
    away = np.abs(around[:, wide - half : wide + half + 1] - level)
    # Between equals the one nearest to the mark.
    away -= 1e-6 * np.abs(np.arange(-half, half + 1, dtype=np.float32))
    chosen: Int64 = near + away.argmax(axis=1) - half
    return np.clip(chosen, 0, len(lead_mv) - 1)


@cache
def _session(network: Path) -> Any:
    """Open a detector network; one session serves all threads."""
    import onnxruntime as ort

    if not network.is_file():
        raise ModelError(f"{network} is not there, expected the ONNX file of an R-peak network")
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1  # callers run pieces in parallel instead
    return ort.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
