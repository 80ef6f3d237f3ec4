"""From an archive of recordings to one data set of labels: planned, worked off, proved complete."""
