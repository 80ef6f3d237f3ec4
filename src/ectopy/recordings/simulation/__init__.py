"""A simulator of continuous ECG with annotated beats, for tests and demos."""
