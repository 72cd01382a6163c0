import re

import numpy as np
import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.arguments import EXPERIMENT
from export.data.no_music import KINDS
from export.studies.report.sound import (
    Sound,
    by_target,
    interval,
    listening,
    made_by,
    no_music,
    of_songs,
    page,
    read_sound,
    recorded,
    separation,
)


def stems(nsdr, songs, split='test', target='Bass'):
    """Columns of one target; the other measures are the same numbers."""
    count = len(nsdr)
    columns = {name: np.array(nsdr, dtype=float) for name in ('nsdr', 'sdr', 'sir', 'sar')}
    return {
        'split': np.array([split] * count),
        'song': np.array(songs),
        'target': np.array([target] * count),
        **columns,
    }


def test_the_stems_of_a_song_count_as_one():
    columns = stems([1, 3, 10], ['a', 'a', 'b'])
    assert of_songs(columns, np.ones(3, bool), 'nsdr').tolist() == [2, 10]
    assert of_songs(columns, np.array([True, False, False]), 'nsdr').tolist() == [1]


def test_an_interval_holds_nineteen_of_twenty_means_of_normal_samples():
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(60):
        low, high = map(float, re.search(r'\[(.*), (.*)\]', interval(rng.normal(5, 2, 40))).groups())
        held += low <= 5 <= high
    assert 52 <= held <= 60  # 57 expected; a percentile interval of 40 songs is a little narrow


def test_a_figure_of_few_songs_has_no_interval_and_of_none_is_empty():
    assert interval(np.array([1.0, 2.0])) == '1.5'
    assert interval(np.zeros(0)) == ''


def test_systems_are_compared_on_the_songs_that_all_were_measured_on():
    few, many = stems([1.0] * 6, list('abcdef')), stems([3.0] * 6 + [100.0], list('abcdefg'))
    text = separation({'separation-small': few, 'separation-u-net': many})
    assert 'On 6 test songs' in text
    assert '3.0 [3.0, 3.0]' in text
    assert '16.9' not in text  # what the seventh song would make of it


def recording(family, best, second, sure=()):
    mean = {best: 0.6, second: 0.2} if best else {}
    facts = {'instrument': 'x', 'package': 'p', 'path': 'p/x.ogg', 'status': 'ok' if best else 'empty'}
    return facts | {'family': family, 'best': best, 'second': second, 'mean': mean, 'sure': list(sure)}


def test_recordings_are_counted_by_what_sounds_in_them():
    text = recorded([
        recording('Brass', 'Brass', 'Reed', ['Brass']),
        recording('Pipe', 'Reed', 'Pipe', ['Reed']),
        recording('Bass', None, None),
        recording('Drums', 'Piano', 'Bass', ['Piano']),
        recording('Other', 'Organ', 'Bass'),
        recording('mixed', 'Organ', 'Bass', ['Organ']),
    ])  # fmt: skip
    assert 'Of 3 in which one class sounds' in text
    assert 'right in **1**, and among the first two in 2' in text
    assert 'Of 2 of drums and instruments of no class, 1 have no class that is sure' in text
    assert '3 answers are sure, of which 1 are right' in text
    assert 'empty' in text


def test_the_area_is_1_where_no_music_has_larger_errors_and_a_half_where_they_say_nothing():
    kinds = np.array(['music'] * 4 + [kind for kind in KINDS for _ in range(2)])
    music = kinds == 'music'
    text = no_music(
        {'no-music': {'kind': kinds, 'error': np.where(music, 0.1, 0.9), 'confidence': np.full(kinds.size, 0.5)}}
    )
    assert all(re.search(rf'\| {kind} +\| 1\.000 +\| 0\.500', text) for kind in (*KINDS, 'all together'))


def test_what_is_stored_is_read():
    found = read_sound(EXPERIMENT / 'sound')
    assert {'separation-u-net', 'separation-installed', 'listener', 'no-music'} <= set(found.columns)
    assert read_sound(EXPERIMENT / 'nothing') is None


def test_each_section_of_which_nothing_was_measured_says_so():
    text = page(Sound({}, [], {}))
    sections = [section.partition('\n\n')[2].strip() for section in text.split('\n## ')[1:]]
    assert sections == ['Not measured.'] * 7


def test_what_was_measured_stands_beside_what_was_not():
    columns = {'separation-u-net': stems([1.0] * 6, list('abcdef'))}
    assert by_target(columns).endswith('What is installed: Not measured.')
    said, truth = np.zeros((4, 8, 16)), np.arange(4 * 8 * 16).reshape(4, 8, 16) % 2 == 0
    mixture = {
        f'{split}_{name}': each for split in ('test', 'unheard') for name, each in (('said', said), ('truth', truth))
    }
    assert listening({'listener-mixture': mixture}).endswith('The shipped listener: Not measured.')


def test_the_page_tells_no_other_arguments_than_were_given():
    columns = {f'separation-{name}': stems([1.0], ['a']) for name in ('small', 'u-net')}
    given = {'songs': 45, 'every': 2}
    both = dict.fromkeys(columns, given)
    assert made_by(Sound(columns, [], both)) == (
        'Separation was measured by `python -m export evaluate-sound --songs 45 --every 2`.'
    )
    for known in ({}, {'separation-small': given}, both | {'separation-small': {'songs': 0, 'every': 1}}):
        assert (
            made_by(Sound(columns, [], known)) == 'Of the separation: with which arguments it was made was not stored.'
        )
