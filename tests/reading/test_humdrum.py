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


def test_two_spines_of_two_voices_each_are_read():
    lines = '**kern **kern', '*M4/4 *M4/4', '=1 =1', '*^ *^', '1C 1E 1c 1e', '*v *v *v *v', '=2 =2', '1C 1c', '*- *-'
    assert sorted(map(tuple, heard(*lines))) == [(48, 52, 48), (60, 64, 60)]


def test_three_voices_of_a_spine_are_refused():
    """Of six notes music21 reads two."""
    lines = '**kern', '*M4/4', '=1', '*^', '* *^', '2c 2e 2g', '2c 2f 2a', '*v *v *v', '=2', '1cc', '*-'
    with pytest.raises(UnreadableError, match=r'^a\.krn: line 5: a spine of 3 voices at a time'):
        heard(*lines)


def test_a_spine_that_begins_later_is_refused():
    with pytest.raises(UnreadableError, match=r'^a\.krn: line 4: a spine that begins beside others'):
        heard('**kern', '*M4/4', '1c', '*+', '* **kern', '1c 1e', '*- *-')


def test_spines_that_change_places_are_followed():
    lines = '**kern **kern', '*^ *', '*x *x *', '*v *v *', '*^ *', '4c 4e 4C', '*v *v *', '*- *-'
    assert sum(map(len, heard(*lines))) == 3
