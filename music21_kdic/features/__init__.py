"""Notes become what a network reads: windows of two bars, their piano-rolls, and how exactly their notes are timed."""
