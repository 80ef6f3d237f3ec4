"""Label beats with ONNX Runtime and the packaged weights; no Keras."""
