"""Notes become what a network reads: windows of two bars, the numbers that sum them up, and their piano-rolls."""
