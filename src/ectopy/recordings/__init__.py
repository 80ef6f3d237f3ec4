"""From a file to a `Recording`: open formats, write annotations, simulate."""
