"""MIDI collections become labelled windows, spectrograms, and examples of what is no music."""
