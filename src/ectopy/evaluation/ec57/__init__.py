"""Beat-by-beat statistics of ANSI/AAMI EC57, as PhysioNet's `bxb` and `sumstats` report them."""
