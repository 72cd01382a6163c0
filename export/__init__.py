"""From a MIDI collection to a distilled student in ONNX: ``python -m export <verb>`` from a checkout."""
