"""Files and streams become notes: a :class:`~music21_kdic.reading.notes.NoteSequence` for each part."""
