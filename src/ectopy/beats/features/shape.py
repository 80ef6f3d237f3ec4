"""What is measured of each beat against the patient's usual one: likeness, P wave, width, height.

Beats lie in columns, so that every sum over the samples of a beat is a sum of long rows.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.canonical import RATE_HZ

Float32 = npt.NDArray[np.float32]

BEFORE: Final = 42
AFTER: Final = 48
LENGTH: Final = BEFORE + AFTER
"""Canonical samples of a beat: 0.33 s before (a long PR) to 0.38 s after its centre."""

QRS: Final = slice(BEFORE - 10, BEFORE + 11)  # 80 ms either side
P: Final = slice(BEFORE - 36, BEFORE - 9)  # 280 to 70 ms before
_ST: Final = slice(BEFORE + 12, LENGTH)
_WIDE: Final = slice(BEFORE - 20, BEFORE + 24)  # where the width of the QRS is measured
_STEEP: Final = slice(QRS.start - _WIDE.start, QRS.stop - 1 - _WIDE.start)  # slopes in the QRS

WAVES_S: Final = {
    name: ((wave.start - BEFORE) / RATE_HZ, (wave.stop - 1 - BEFORE) / RATE_HZ)
    for name, wave in (("P", P), ("QRS", QRS), ("ST, T", _ST))
}
"""Where each is looked for, in s from the centre of the beat."""

N_MEASURES: Final = 21
P_DIFFERENCE: Final = 7
"""Place among the measures of the distance from the usual beat where the P wave lies."""

FLAT: Final = 0.05
"""Share of the usual QRS height: a lead that moves less than that around a beat is off."""


class OwnMeasures:
    """What is measured of beats of one lead against their neighbours and against a usual beat.

    Parameters
    ----------
    near : ndarray of float32, shape (LENGTH, n_beats + 2)
        The beat before the first, the beats, and the beat after the last.
    heard : ndarray of bool, shape (n_beats + 2,)
        Where the lead is heard. A neighbour at which it is not is taken for the usual beat.
    last : ndarray of bool, shape (n_beats,), optional
        Beats after which nothing is known: such a one is its own next.
    """

    def __init__(
        self,
        near: Float32,
        heard: npt.NDArray[np.bool_],
        last: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        last = np.zeros(near.shape[1] - 2, dtype=bool) if last is None else last
        self._alone_before = ~heard[:-2]
        self._alone_after = ~np.where(last, heard[1:-1], heard[2:])
        self._mine = near[:, 1:-1]
        self._height = _log(np.ptp(near[QRS], axis=0))
        self._width, self._steep = _slopes(self._mine)
        self._area = _log(np.abs(self._mine[QRS]).mean(axis=0))
        self._qrs, self._p, self._all = _Centred(near[QRS]), _Centred(near[P]), _Centred(near)
        self._before, self._after = zip(
            *(part.like_neighbours(last) for part in (self._qrs, self._p)), strict=True
        )
        self._height_after = np.where(last, self._height[1:-1], self._height[2:])
        self._p_deviation = self._p.deviation()[1:-1]
        self._span = np.ptp(self._mine[::2], axis=0)

    def against(self, usual: Float32) -> tuple[Float32, npt.NDArray[np.bool_]]:
        """Measure the beats against the patient's usual one.

        Parameters
        ----------
        usual : ndarray of float32, shape (LENGTH, n_beats)
            The usual beat at each of them.

        Returns
        -------
        ndarray of float32, shape (N_MEASURES, n_beats)
            About 1 in size, clipped at 4.
        ndarray of bool, shape (n_beats,)
            True where the lead is on.
        """
        gain = 2.5 * _rms(usual[QRS]) + np.float32(1e-3)
        difference = self._mine - usual
        height, height_usual = self._height, _log(np.ptp(usual[QRS], axis=0))
        width_usual, steep_usual = _slopes(usual)
        area_usual = _log(np.abs(usual[QRS]).mean(axis=0))
        p_usual = _Centred(usual[P])
        rows: list[Float32] = [
            self._qrs.like(_Centred(usual[QRS])), self._before[0], self._after[0],
            self._p.like(p_usual), self._all.like(_Centred(usual)),
            self._before[1], self._after[1],
            _rms(difference[P]) / gain,
            p_usual.deviation() / gain, self._p_deviation / gain,
            _rms(difference[QRS]) / gain,
            _rms(difference[_ST]) / gain,
            height[1:-1] - height_usual, self._width, width_usual, self._width - width_usual,
            self._area - area_usual, self._steep - steep_usual,
            area_usual - height_usual, self._area - height[1:-1],
            self._height_after - height_usual,
        ]  # fmt: skip
        table = np.stack(rows)
        for alone, likenesses in ((self._alone_before, (1, 5)), (self._alone_after, (2, 6))):
            if alone.any():
                for row, to_usual in zip(likenesses, (0, 3), strict=True):
                    table[row, alone] = table[to_usual, alone]
        table[20, self._alone_after] = 0
        return np.clip(table, -4, 4), self._span > FLAT * gain


class _Centred:
    """Stretches of beats, shape (n_samples, n_beats), less their means."""

    def __init__(self, rows: Float32) -> None:
        self.rows = rows - rows.mean(axis=0)
        self.size = _product(self.rows, self.rows)

    def like(self, usual: _Centred) -> Float32:
        """Correlate all but the first and last beat with as many usual ones."""
        return _likeness(_product(self.rows[:, 1:-1], usual.rows), self.size[1:-1], usual.size)

    def like_neighbours(self, last: npt.NDArray[np.bool_]) -> tuple[Float32, Float32]:
        """Correlate all but the outermost with the one before, and the one after or themselves."""
        size = self.size
        next_ = _likeness(_product(self.rows[:, :-1], self.rows[:, 1:]), size[:-1], size[1:])
        own = size[1:-1]
        return next_[:-1], np.where(last, _likeness(own, own, own), next_[1:])

    def deviation(self) -> Float32:
        return np.asarray(np.sqrt(self.size / len(self.rows)), dtype=np.float32)


def _likeness(ab: Float32, aa: Float32, bb: Float32) -> Float32:
    return np.asarray(ab / np.sqrt(aa * bb + np.float32(1e-9)), dtype=np.float32)


def _product(a: Float32, b: Float32) -> Float32:
    return np.asarray(np.einsum("ij,ij->j", a, b))


def _rms(rows: Float32) -> Float32:
    return np.asarray(np.sqrt(_product(rows, rows) / len(rows)), dtype=np.float32)


def _slopes(beats: Float32) -> tuple[Float32, Float32]:
    """Width of the QRS, and the logarithm of its steepest slope.

    Width is the spread of the slope around its middle, in units of 50 ms: wide QRS, large figure.
    """
    slope = np.abs(np.diff(beats[_WIDE], axis=0))
    steep = _log(slope[_STEEP].max(axis=0))
    slope += np.float32(1e-6)
    time = (np.arange(len(slope)) - len(slope) // 2) / RATE_HZ
    total, first, second = np.stack([time**0, time, time**2]).astype(np.float32) @ slope
    middle = first / total
    variance = second / total - middle**2
    return np.sqrt(np.maximum(variance, 0)) * np.float32(20), steep


def _log(values: Float32) -> Float32:
    return np.asarray(np.log(values + np.float32(1e-3)), dtype=np.float32)
