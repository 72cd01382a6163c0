"""MEI whose measures hold little, made by hand; more of MEI is in test_scores.py."""

import pytest

from music21_kdic.reading.scores import read_score

pytest.importorskip('verovio')

MEI = (
    '<mei xmlns="http://www.music-encoding.org/ns/mei"><music><body><mdiv><score>'
    '<scoreDef meter.count="4" meter.unit="4"><staffGrp>{}</staffGrp></scoreDef>'
    '<section>{}</section></score></mdiv></body></music></mei>'
)
STAFF = '<staffDef n="{}" lines="5" clef.shape="G" clef.line="2"/>'
LAYER = '<staff n="{}"><layer n="1">{}</layer></staff>'
C, D = (f'<note pname="{name}" oct="4" dur="1"/>' for name in 'cd')


def parts_of(*measures):
    staves = range(1, len(measures[0]) + 1)
    music = ''.join(
        f'<measure n="{number}">{"".join(map(LAYER.format, staves, layers))}</measure>'
        for number, layers in enumerate(measures, start=1)
    )
    return read_score(MEI.format(''.join(map(STAFF.format, staves)), music).encode(), 'a.mei')


@pytest.mark.parametrize('space', ['<mSpace/>', '<mRest/>', '<space dur="1"/>'])
@pytest.mark.parametrize('staves', [1, 2])
def test_a_measure_of_nothing_but_space_is_a_measure(space, staves):
    """mSpace takes the time of its measure, as mRest does."""
    for part in parts_of([C] * staves, [space] * staves, [D] * staves):
        assert part.notes.onsets.tolist() == [0, 8]
        assert part.notes.bars.tolist() == [0, 4, 8, 12]
        assert part.notes.measure_numbers == ('1', '2', '3')


def test_space_beside_notes_and_its_repeat():
    high, low = parts_of([C, '<mSpace/>'], ['<mSpace/>', D], ['<mRpt/>', C])
    assert (high.notes.onsets.tolist(), high.notes.pitches.tolist()) == ([0], [60])
    assert (low.notes.onsets.tolist(), low.notes.pitches.tolist()) == ([4, 8], [62, 60])
    assert high.notes.bars.tolist() == low.notes.bars.tolist() == [0, 4, 8, 12]
