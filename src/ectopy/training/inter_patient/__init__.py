"""The inter-patient beat model: records, augmentation, ridge regression, calibration, export."""
