"""The student: the ONNX files that ship, what they say of themselves, and the session that runs them."""
