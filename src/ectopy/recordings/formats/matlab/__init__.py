"""MATLAB files, version 5 by a small reader of our own and version 7.3 through `h5py`."""
