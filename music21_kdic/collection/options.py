"""What the verbs assume where nothing is said; by itself, so that the command line need not import the verbs for it."""

TIMEOUT_SECONDS = 60.0
MEMORY_BYTES = 2**30
AUDIT_THRESHOLD = 0.8
TAG_THRESHOLD = 0.5
