"""Humdrum that music21 does not read whole is refused; notes are counted by hand."""

import pytest

from music21_kdic.errors import UnreadableError
from music21_kdic.reading.scores import read_score


def spines(*lines):
    return ('\n'.join(lines).replace(' ', '\t') + '\n').encode()


def heard(*lines):
    return [part.notes.pitches.tolist() for part in read_score(spines(*lines), 'a.krn')]


def test_two_voices_of_a_spine_are_read():
    assert heard('**kern', '*M4/4', '=1', '*^', '2c 2e', '2d 2f', '*v *v', '=2', '1cc', '*-') == [[60, 64, 62, 65, 72]]


def test_a_spine_that_is_split_again_once_its_voices_are_joined_is_read():
    split = ('*^', '2c 2e', '2d 2f', '*v *v')
    assert heard('**kern', '*M4/4', '=1', *split, '=2', *split, '=3', '1cc', '*-') == [[60, 64, 62, 65] * 2 + [72]]


@pytest.mark.parametrize('between', [(), ('*',), ('!',), ('!x',), ('!!x',), ('=2',), ('*clefF4',)])
def test_voices_that_are_joined_and_split_at_once_follow_each_other(between):
    """As verovio reads them; music21 put the second ones behind the last bar."""
    joined = '2c 2e', '*v *v', *between, '*^', '2d 2f', '*v *v'
    (part,) = read_score(spines('**kern', '*M4/4', '=1', '*^', *joined, '=3', '1cc', '*-'), 'a.krn')
    assert part.notes.pitches.tolist() == [60, 64, 62, 65, 72]
    assert part.notes.onsets.tolist() == [0, 0, 2, 2, 4]


def test_voices_of_one_spine_that_are_joined_and_split_at_once_beside_another():
    bar = '* *^', '1C 2e 2g', '* *v *v', '* *^', '. 2f 2a', '* *v *v'
    lines = '**kern **kern', '*M4/4 *M4/4', '=1 =1', *bar, '=2 =2', *bar, '=3 =3', '1C 1cc', '*- *-'
    found = {tuple(part.notes.pitches): part.notes.onsets.tolist() for part in read_score(spines(*lines), 'a.krn')}
    assert found == {(48, 48, 48): [0, 4, 8], (*(64, 67, 65, 69) * 2, 72): [0, 0, 2, 2, 4, 4, 6, 6, 8]}


def test_two_spines_of_two_voices_each_are_read():
    lines = '**kern **kern', '*M4/4 *M4/4', '=1 =1', '*^ *^', '1C 1E 1c 1e', '*v *v *v *v', '=2 =2', '1C 1c', '*- *-'
    assert sorted(map(tuple, heard(*lines))) == [(48, 52, 48), (60, 64, 60)]


@pytest.mark.parametrize(
    ('bar', 'pitches', 'onsets'),
    [
        (('4C 4ddP', '4D 4ccp', '2E 2b'), [74, 72, 71], [0, 1, 2]),
        (('4C (4ddPP/', '4D 4ccpp)', '2E 2b'), [74, 72, 71], [0, 1, 2]),
        (('4C [4ddP', '4D 4dd]p', '2E 2b'), [74, 71], [0, 2]),
    ],
)
def test_an_appoggiatura_takes_its_time(bar, pitches, onsets):
    """It is written as it is played (the reference of **kern), and verovio reads the token as without P."""
    lines = '**kern **kern', '*M4/4 *M4/4', '=1 =1', *bar, '=2 =2', '1C 1g', '*- *-'
    low, high = sorted(read_score(spines(*lines), 'a.krn'), key=lambda part: part.notes.pitches[0])
    assert low.notes.onsets.tolist() == [0, 1, 2, 4]
    assert high.notes.pitches.tolist() == [*pitches, 67]
    assert high.notes.onsets.tolist() == [*onsets, 4]
    assert high.notes.bars.tolist() == [0, 4, 8]


def test_an_appoggiatura_of_a_chord_and_one_of_a_voice():
    lines = '**kern', '*M4/4', '=1', '*^', '4ccP 4E', '4dd 4F', '*v *v'
    two = spines(*lines).decode() + '4cP 4eP\n4d 4f\n=2\n1g\n*-\n'
    (part,) = read_score(two.encode(), 'a.krn')
    assert part.notes.onsets.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4]
    assert part.notes.pitches.tolist() == [52, 72, 53, 74, 60, 64, 62, 65, 67]


def test_grace_notes_take_no_time_and_words_are_no_appoggiaturas():
    lines = '**kern **text', '*M4/4 *', '=1 =1', '8ddq .', '2cc Pour', '2b P', '=2 =2', '1g .', '*- *-'
    (part,) = read_score(spines(*lines), 'a.krn')
    assert part.notes.onsets.tolist() == [0, 2, 4]


def test_three_voices_of_a_spine_are_refused():
    """Of six notes music21 reads two."""
    lines = '**kern', '*M4/4', '=1', '*^', '* *^', '2c 2e 2g', '2c 2f 2a', '*v *v *v', '=2', '1cc', '*-'
    with pytest.raises(UnreadableError, match=r'^a\.krn: line 5: a spine of 3 voices at a time'):
        heard(*lines)


def test_a_voice_that_goes_on_alone_is_read():
    lines = '**kern', '*M4/4', '=1', '*^', '1c 1e', '* *-', '=2', '1g', '*-'
    assert heard(*lines) == [[60, 64, 67]]


@pytest.mark.parametrize('ends', ['* *-', '*- *'])
def test_a_voice_that_is_split_once_the_other_has_ended_is_refused(ends):
    """verovio reads 67 and 71, music21 neither."""
    lines = '**kern', '*M4/4', '=1', '*^', '1c 1e', ends, '=2', '*^', '1g 1b', '*v *v', '=3', '1a', '*-'
    with pytest.raises(UnreadableError, match=r'^a\.krn: line 8: a voice that is split once the other has ended'):
        heard(*lines)


def test_a_spine_that_begins_later_is_refused():
    with pytest.raises(UnreadableError, match=r'^a\.krn: line 4: a spine that begins beside others'):
        heard('**kern', '*M4/4', '1c', '*+', '* **kern', '1c 1e', '*- *-')


def test_spines_that_change_places_are_followed():
    lines = '**kern **kern', '*^ *', '*x *x *', '*v *v *', '*^ *', '4c 4e 4C', '*v *v *', '*- *-'
    assert sum(map(len, heard(*lines))) == 3


@pytest.mark.parametrize(
    ('lines', 'error'),
    [
        (('**mens', '*M2/1', '=1', 'Sc', 'Sd', '*-'), r'a spine of \*\*mens'),
        (('**kern **mens', '*M4/4 *M4/4', '=1 =1', '1c Sc', '*- *-'), r'a spine of \*\*mens'),
        (('**ekern_1.0 **text', '1c la', '*- *-'), r"no spine of \*\*kern, found \['\*\*ekern_1\.0', '\*\*text'\]"),
        (('4c', '4d'), r'no spine of \*\*kern, found \[\]'),
    ],
)
def test_notes_that_music21_passes_over_are_refused(lines, error):
    with pytest.raises(UnreadableError, match=r'^a\.krn: ' + error):
        heard(*lines)


def test_what_stands_beside_the_notes_is_passed_over():
    kinds = '**recip', '**kern', '**dynam', '**text', '**harm', '**semits'
    notes = '1', '1c', 'p', 'la', 'I', '0'
    assert heard(' '.join(kinds), ' '.join(['=1'] * 6), ' '.join(notes), ' '.join(['*-'] * 6)) == [[60]]
