"""From trained weights to what ships: ONNX file, model card, one command that makes both, benchmark."""
