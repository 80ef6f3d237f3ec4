"""How long things take on this machine, and how runs compare."""
