"""Beats with labels, ready for training: find, download, verify, read and split."""
