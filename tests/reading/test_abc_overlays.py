"""Ties of ABC (2.1, 4.11) in bars with overlays (7.4): a tie joins two notes of one pitch, one after the other."""

import pytest

from music21_kdic.reading.abc import read_abc

HEAD = 'X:1\nT:A title\nM:4/4\nL:1/4\nK:C\n'


@pytest.mark.parametrize(
    ('body', 'found'),
    [
        ('C4-|C4|', [(0, 8, 60)]),
        ('C4-&E4|C4|', [(0, 8, 60), (0, 4, 64)]),
        ('C4-&E4|C4&G4|', [(0, 8, 60), (0, 4, 64), (4, 4, 67)]),
        ('C4-&E4&G4|C4|', [(0, 8, 60), (0, 4, 64), (0, 4, 67)]),
        ('C4-&E4|C4-&E4|C4|', [(0, 12, 60), (0, 4, 64), (4, 4, 64)]),
        ('C4-&E4||C4|', [(0, 8, 60), (0, 4, 64)]),
        ('C4&E4-|D4&E4|', [(0, 4, 60), (0, 8, 64), (4, 4, 62)]),
        ('C4&E4-&G4-|D4&E4&G4|', [(0, 4, 60), (0, 8, 64), (0, 8, 67), (4, 4, 62)]),
        ('C4&E4-|E4|', [(0, 4, 60), (0, 8, 64)]),
        ('C4&E2-E2|D4|', [(0, 4, 60), (0, 4, 64), (4, 4, 62)]),
        ('C2C2-&E4|C2C2|', [(0, 2, 60), (0, 4, 64), (2, 4, 60), (6, 2, 60)]),
        ('C2-&E4|C4|', [(0, 2, 60), (0, 4, 64), (4, 4, 60)]),  # nothing follows it at once
        ('^C4-&E4|C4&C4|', [(0, 8, 61), (0, 4, 64), (4, 4, 60)]),  # the second C is another's, and natural
        ('C4-&^E4|C4&E4|', [(0, 8, 60), (0, 4, 65), (4, 4, 64)]),
        ('C4-&E4|[K:C transpose=2]C4|', [(0, 4, 60), (0, 4, 64), (4, 4, 62)]),
    ],
)
def test_ties_over_the_barline_of_a_bar_with_overlays(body, found):
    (voice,) = read_abc(HEAD + body)
    notes = voice.notes
    read = zip(notes.onsets.tolist(), (notes.ends - notes.onsets).tolist(), notes.pitches.tolist(), strict=True)
    assert sorted(read) == sorted(found)
