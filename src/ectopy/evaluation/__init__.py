"""AAMI EC57 statistics, per-class metrics, calibration and intervals."""
