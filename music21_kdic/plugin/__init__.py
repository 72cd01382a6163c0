"""What music21 gets: the method ``instrumentLikelihood()``, its registration, and analysis classes."""
