"""Beats with labels, ready for training: find, download, verify, read and split."""

from ectopy.datasets.dataset import BeatDataset
from ectopy.datasets.registry import load

__all__ = ["BeatDataset", "load"]
