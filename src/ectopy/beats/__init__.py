"""From a recording to beats: R peaks, windows, AAMI classes, RR and context features."""
