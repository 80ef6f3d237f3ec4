"""A study is data + model + recipe + protocol; run into a run folder."""
