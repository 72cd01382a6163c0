"""What the streams around a stream set for it, held against music21's own search."""

import pytest
from music21 import clef, corpus, instrument, meter

from music21_kdic.reading.streams import _in_force


@pytest.mark.parametrize('name', ['bwv66.6', 'schoenberg/opus19/movement2', 'mozart/k545/movement1_exposition'])
def test_what_is_in_force_is_what_music21_finds(name):
    score = corpus.parse(name)
    asked = list(score.parts)
    for part in score.parts:
        measures = list(part.getElementsByClass('Measure'))[:12]
        taken = [part.flatten(), part.flatten().notes.stream(), part.measures(2, 4), part.measures(3, 4).measure(4)]
        asked += [*measures, *(voice for measure in measures for voice in measure.voices), *taken]
    for kind in (instrument.Instrument, clef.Clef, meter.TimeSignature):
        found = [_in_force(s, kind) for s in asked]
        assert any(each is not None for each in found)
        for s, each in zip(asked, found, strict=True):
            assert each is s.getContextByClass(kind)
