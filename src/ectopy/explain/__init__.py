"""Which part of a beat decided: maps, and the checks a map must pass."""
