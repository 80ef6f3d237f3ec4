"""Beats of databases of annotated WFDB records: a database is a constant in `databases`."""
