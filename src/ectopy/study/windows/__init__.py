"""Studies of windows of single beats: a model of the registry, trained and tested on them."""
