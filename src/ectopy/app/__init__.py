"""The review application: REST and pages over `ectopy.review`, with no logic of its own."""
