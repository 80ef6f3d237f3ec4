"""Worked examples of SQL over an archive, one a file."""
