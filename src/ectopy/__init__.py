"""ectopy: train, prove, explain and deploy heartbeat classifiers for the ECG."""

__version__ = "0.1.0"
