"""The recordings that sources name: folders, lists, patterns, on a file system or elsewhere."""
