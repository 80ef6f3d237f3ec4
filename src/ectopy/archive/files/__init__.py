"""Where an archive is kept: a folder or an object store, with names that are created once."""
