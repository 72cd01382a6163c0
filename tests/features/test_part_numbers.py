"""The numbers of windows and parts, held against a slow and simple version that looks at one window at a time."""

import itertools
import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from music21_kdic.features.context_numbers import MOST_SLOTS, SLOT, likely_others, place_numbers
from music21_kdic.features.number_names import (
    CHORD,
    CONTEXT_NUMBERS,
    EXACT,
    GRIDS,
    LEGATO,
    LENGTH_GRIDS,
    LENGTHS,
    MEAN_PITCH,
    MORE,
    PACES,
    PART_NUMBERS,
    PERIODS,
    PLACE_NUMBERS,
    QUANTILES,
    STRUM,
    TICK,
    WINDOW_NUMBERS,
)
from music21_kdic.features.part_numbers import each_window_numbers, part_numbers
from music21_kdic.features.window_numbers import window_numbers
from music21_kdic.features.windows import TOLERANCE, Windows, cut_windows
from music21_kdic.reading.notes import NoteSequence

NAMES = [name for name, _ in WINDOW_NUMBERS]


def of_heights(*mean_pitches):
    """Numbers of parts of which only the mean pitches matter."""
    numbers = np.zeros((len(mean_pitches), len(PART_NUMBERS)), np.float32)
    numbers[:, MEAN_PITCH] = mean_pitches
    return numbers


def _mean(values):
    return sum(values) / len(values) if values else 0.0


def _deviation(values):
    return math.sqrt(max(_mean([v * v for v in values]) - _mean(values) ** 2, 0.0)) if values else 0.0


def _bin(names, edges, values, found):
    for value in values:
        found[names[sum(value >= edge for edge in edges)]] += 1 / len(values)


def slow_numbers(notes: list[tuple[float, float, int]], length: float) -> dict[str, float]:
    """Of one window's notes (onset, end, pitch), in order of onset and pitch: the numbers by name."""
    found: dict[str, float] = defaultdict(float)
    pitches = sorted(pitch for _, _, pitch in notes)
    for quantile, name in zip(QUANTILES, ('lowest', '10 %', '25 %', 'median', '75 %', '90 %', 'highest'), strict=True):
        found[f'pitch, {name}'] = pitches[round(quantile * (len(pitches) - 1))]
    found['pitch, mean'], found['pitch, deviation'] = _mean(pitches), _deviation(pitches)
    weights = [max(min(end, length) - max(onset, 0.0), EXACT) for onset, end, _ in notes]
    heights = [pitch for _, _, pitch in notes]
    by_length = sum(w * p for w, p in zip(weights, heights, strict=True)) / sum(weights)
    found['pitch, mean by length'] = by_length
    found['pitch, deviation by length'] = math.sqrt(
        max(sum(w * (p - by_length) ** 2 for w, p in zip(weights, heights, strict=True)) / sum(weights), 0)
    )
    found['different pitches'] = len(set(pitches))
    classes = Counter(pitch % 12 for pitch in pitches)
    found['different pitch classes'], found['commonest pitch class'] = (
        len(classes),
        max(classes.values()) / len(pitches),
    )
    begun = [note for note in notes if note[0] >= -TOLERANCE]
    found['notes a quarter'] = len(begun) / length
    found['held from before'] = 1 - len(begun) / len(notes)
    found['held beyond'] = _mean([end > length + TOLERANCE for _, end, _ in notes])
    _slow_voices(found, notes, length)
    chords: list[list[tuple[float, float, int]]] = []
    for before, note in zip([None, *begun], begun, strict=False):
        if before is None or note[0] - before[0] > CHORD:
            chords.append([])
        chords[-1].append(note)
    found['chords a quarter'] = len(chords) / length
    if not begun:
        found['length of the window'] = length
        return found
    _slow_chords(found, chords, len(begun))
    for voice, choose in (('lowest', min), ('highest', max)):
        _slow_line(found, voice, [choose(pitch for _, _, pitch in chord) for chord in chords])
    _slow_times(found, chords, begun)
    found['length of the window'] = length
    return found


def _slow_voices(found, notes, length):
    edges = sorted({0.0, length, *(min(max(t, 0.0), length) for on, end, _ in notes for t in (on, end))})
    silence = sound = 0.0
    total = 0.0
    was_silent = None
    for a, b in itertools.pairwise(edges):
        voices = sum(on <= a and end >= b for on, end, _ in notes)
        found['time with ' + ('nothing', '1', '2', '3', '4', '5', '6 or more')[min(voices, 6)] + ' sounding'] += (
            b - a
        ) / length
        total += voices * (b - a)
        silent = voices == 0 and b - a > TOLERANCE
        if silent and not was_silent:
            found['rests'] += 1 / length
        if silent != was_silent:
            silence = sound = 0.0
        silence, sound = (silence + b - a, 0.0) if silent else (0.0, sound + b - a)
        was_silent = silent
        found['longest silence'] = max(found['longest silence'], silence)
        found['longest without a rest'] = max(found['longest without a rest'], sound)
    sounding = length - found['time with nothing sounding'] * length
    found['sounding at once, mean'] = total / sounding if sounding > 1e-9 else 0.0


def _slow_chords(found, chords, strokes):
    for chord in chords:
        found[f'chords of {len(chord) if len(chord) < 6 else "6 or more"}'] += 1 / len(chords)
        heights = sorted(pitch for _, _, pitch in chord)
        for apart in (1, 2, 3):
            for low, high in zip(heights, heights[apart:], strict=False):
                if high - low:
                    name = (
                        f'intervals of {high - low} semitones'
                        if high - low < 25
                        else 'intervals of more than two octaves'
                    )
                    found[f'{name} in chords'] += 1 / strokes
    found['notes a chord, mean'] = strokes / len(chords)
    found['notes a chord, most'] = max(len(chord) for chord in chords)
    heights = [sorted(pitch for _, _, pitch in chord) for chord in chords]
    real = [each for each in heights if len(each) > 1]
    found['span of chords, mean'] = _mean([each[-1] - each[0] for each in real])
    found['span of chords, widest'] = max([each[-1] - each[0] for each in real], default=0)
    found['lowest gap of chords'] = _mean([each[1] - each[0] for each in real])
    found['highest gap of chords'] = _mean([each[-1] - each[-2] for each in real])
    shapes = [(each[0], each[-1], len(each)) for each in heights]
    found['repeated chords'] = _mean([a == b for a, b in itertools.pairwise(shapes)])


def _slow_line(found, voice, line):
    steps = [b - a for a, b in itertools.pairwise(line)]
    found[f'{voice} voice, size of steps'], found[f'{voice} voice, direction'] = (
        _mean([abs(s) for s in steps]),
        _mean(steps),
    )
    names = {
        0: 'repeated',
        1: '1 semitone',
        2: '2 semitones',
        3: '3 semitones',
        4: '4 semitones',
        5: '5 semitones',
        7: 'a fifth',
        12: 'an octave',
    }
    for step in steps:
        name = names.get(abs(step), 'more than an octave' if abs(step) > 12 else 'a sixth, seventh or tritone')
        found[f'{voice} voice, {name}'] += 1 / len(steps)
    pairs = list(itertools.pairwise(steps))
    found[f'{voice} voice, turns'] = _mean([a * b < 0 for a, b in pairs])
    found[f'{voice} voice, runs by step'] = _mean([a * b > 0 and max(abs(a), abs(b)) <= 2 for a, b in pairs])
    found[f'{voice} voice, runs by leap'] = _mean([a * b > 0 and min(abs(a), abs(b)) >= 3 for a, b in pairs])


def _slow_times(found, chords, begun):
    begins = [chord[0][0] for chord in chords]
    paces = [b - a for a, b in itertools.pairwise(begins)]
    _bin([name for name in NAMES if name.startswith('next chord after') and name[16] != ','], PACES, paces, found)
    logs = [math.log2(pace) for pace in paces]
    found['next chord after, mean'], found['next chord after, deviation'] = _mean(logs), _deviation(logs)
    found['steady pulse'] = _mean([abs(a - b) < 2 * CHORD / 3 for a, b in itertools.pairwise(paces)])
    for period in PERIODS:
        turns = [complex(math.cos(2 * math.pi * b / period), math.sin(2 * math.pi * b / period)) for b in begins]
        found[f'regular every {period:g}'] = abs(sum(turns)) / len(turns)
    lengths = [max(end - onset, EXACT) for onset, end, _ in begun]
    _bin(
        [n for n in NAMES if n.startswith(('length below', 'length 0', 'length 1', 'length 2', 'length 3'))],
        LENGTHS,
        lengths,
        found,
    )
    logs = [math.log2(length) for length in lengths]
    found['length, mean'], found['length, deviation'] = _mean(logs), _deviation(logs)

    def off(value, grid):
        return abs(value - round(value / grid) * grid)

    for grid in LENGTH_GRIDS:
        found[f'length a multiple of 1/{1 / grid:.0f}'] = _mean([off(length, grid) < EXACT for length in lengths])
    shares = [
        max(end - onset, EXACT) / pace for chord, pace in zip(chords, paces, strict=False) for onset, end, _ in chord
    ]
    _bin([n for n in NAMES if n.startswith('length to next chord') and n[20] != ','], LEGATO, shares, found)
    found['length to next chord, mean'] = _mean([math.log2(share) for share in shares])
    sixteenths = [round(4 * b) % 2 for b in begins if off(b, 1 / 4) < 1 / 16]
    late = 1 / 4 if sum(sixteenths) > MORE * sixteenths.count(0) else 0
    for grid in GRIDS:
        found[f'begins on a multiple of 1/{1 / grid:.0f}'] = _mean(
            [off(onset - late, grid) < EXACT for onset, _, _ in begun]
        )
    found['off the sixteenth'] = _mean([off(onset, 1 / 4) for onset, _, _ in begun])
    gaps = [(b[0] - a[0], b[2] - a[2]) for a, b in itertools.pairwise(begun)]
    spread = [(gap, step) for gap, step in gaps if 0 < gap <= CHORD]
    found['begins exactly with the one before'] = sum(gap == 0 for gap, _ in gaps) / len(begun)
    found['begins a hair after the one before'] = sum(gap < STRUM for gap, _ in spread) / len(begun)
    found['begins in a spread chord'] = len(spread) / len(begun)
    found['spread of chords'] = _mean([gap for gap, _ in spread])
    found['strummed upwards'] = _mean([(step > 0) - (step < 0) for _, step in spread])


def _random(seed: int) -> NoteSequence:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 120))
    onsets = np.sort(rng.uniform(0, 24, count))
    if seed % 3 == 0:
        onsets = np.round(onsets * 4) / 4
    elif seed % 3 == 1:
        onsets = np.round(onsets * 2) / 2 + rng.choice([0, 0.02, 0.05], count)
    ends = onsets + rng.choice([0.05, 0.25, 0.24, 0.5, 1.0, 3.0, 9.0], count)
    return NoteSequence(onsets, ends, rng.integers(40, 80, count), 4.0 * np.arange(7))


@pytest.mark.parametrize('seed', range(60))
def test_window_numbers_are_those_of_the_slow_version(seed):
    windows = cut_windows(_random(seed))
    numbers = window_numbers(windows)
    tick = lambda x: np.round(x / TICK) * TICK  # noqa: E731
    for row in range(len(windows)):
        mine = windows.window == row
        notes = list(
            zip(
                tick(windows.onsets[mine]),
                tick(windows.ends_in_window[mine]),
                windows.pitches[mine].tolist(),
                strict=True,
            )
        )
        slow = slow_numbers(notes, float(windows.ends[row] - windows.starts[row]))
        assert set(slow) <= set(NAMES)
        np.testing.assert_allclose(numbers[row], [slow[name] for name in NAMES], atol=2e-5, err_msg=str(seed))


def test_there_is_a_name_for_every_number():
    part = _random(2)
    cut = [cut_windows(part)]
    assert part_numbers([part], cut).shape == (1, len(PART_NUMBERS))
    assert each_window_numbers(cut).shape == (len(cut[0]), len(PART_NUMBERS))
    assert place_numbers([part, part], part_numbers([part, part], cut * 2), False).shape == (2, len(PLACE_NUMBERS))
    assert likely_others(np.ones((2, 8)) / 8, of_heights(60, 62)).shape == (
        2,
        len(CONTEXT_NUMBERS) - len(PLACE_NUMBERS),
    )
    for numbers in (PART_NUMBERS, CONTEXT_NUMBERS):
        assert len({name for name, _ in numbers}) == len(numbers)


def test_a_part_is_the_mean_and_deviation_of_its_windows():
    """Weighted by how long it plays in each."""
    part = _random(5)
    cut = cut_windows(part)
    windows = window_numbers(cut).astype(float)
    played = []
    for row, length in enumerate(cut.ends - cut.starts):
        mine = cut.window == row
        played.append(min(cut.ends_in_window[mine].max(), length) - max(cut.onsets[mine].min(), 0))
    numbers = part_numbers([part], [cut])[0]
    size = len(WINDOW_NUMBERS)
    mean = np.average(windows, axis=0, weights=played)
    deviation = np.sqrt(np.average((windows - mean) ** 2, axis=0, weights=played))
    np.testing.assert_allclose(numbers[:size], mean, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(numbers[size : 2 * size], deviation, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(('over', 'held'), [(TOLERANCE, 0), (1.5 * TOLERANCE, 0.5)])
def test_what_ends_a_hair_after_a_window_is_not_held_beyond(over, held):
    windows = cut_windows(NoteSequence([0, 4], [4, 8 + over], [60, 64], [0, 4, 8, 12]))
    assert window_numbers(windows)[0, NAMES.index('held beyond')] == held


def test_a_last_note_alone_in_a_window_hardly_changes_a_part():
    """A sixteenth later the last chord sounds on into one more window, in which nothing begins."""
    onsets = np.repeat(np.arange(16.0), 2)
    pitches, bars = np.tile([60, 64], 16), [0, 4, 8, 12, 16, 20]
    numbers = [
        part_numbers([part], [cut_windows(part)])[0]
        for part in (NoteSequence(onsets + by, onsets + by + 1, pitches, bars) for by in (0, 0.25))
    ]
    at = NAMES.index('notes a quarter')
    assert (numbers[0][at], numbers[1][at]) == (2, 2 * (7.75 + 8) / (7.75 + 8 + 0.25))


def test_parts_of_a_file_do_not_see_one_another():
    parts = [_random(seed) for seed in range(8)]
    cut = [cut_windows(part) for part in parts]
    together = part_numbers(parts, cut)
    alone = np.concatenate([part_numbers([part], [windows]) for part, windows in zip(parts, cut, strict=True)])
    np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-5)


def test_a_window_asked_about_alone_is_a_part_of_one_window():
    part = NoteSequence([0, 1, 2, 3, 4, 6], [1, 2, 3, 4, 6, 8], [60, 64, 67, 72, 60, 55], [0, 4, 8])
    cut = [cut_windows(part)]
    np.testing.assert_allclose(each_window_numbers(cut), part_numbers([part], cut), rtol=1e-6)


def test_the_order_of_the_other_parts_does_not_matter():
    parts = [_random(seed) for seed in range(6)]
    numbers = part_numbers(parts, [cut_windows(part) for part in parts])
    likelihoods = np.random.default_rng(1).dirichlet(np.ones(8), 6)
    order = np.array([3, 0, 5, 1, 4, 2])
    place = place_numbers(parts, numbers, True)
    shuffled = place_numbers([parts[i] for i in order], numbers[order], True)
    np.testing.assert_allclose(shuffled, place[order], rtol=1e-5, atol=1e-5)
    others = likely_others(likelihoods, numbers)
    np.testing.assert_allclose(likely_others(likelihoods[order], numbers[order]), others[order], rtol=1e-6)


def test_parts_that_play_the_same_are_in_the_same_place():
    """Two flutes of one melody over a bass line: neither is the lower, and for the bass they are one neighbour."""
    flute, bass = _random(1), _random(2)
    bass = NoteSequence(bass.onsets, bass.ends, bass.pitches - 24, bass.bars)
    parts = [flute, bass, flute]
    numbers = part_numbers(parts, [cut_windows(part) for part in parts])
    place = place_numbers(parts, numbers, drums=False)
    np.testing.assert_array_equal(place[0], place[2])
    named = dict(zip([name for name, _ in PLACE_NUMBERS], place[0].tolist(), strict=True))
    assert (named['other parts that are lower'], named['down to the part below']) == (
        0.5,
        pytest.approx(numbers[0, MEAN_PITCH] - numbers[1, MEAN_PITCH]),
    )
    others = likely_others(np.eye(8)[[6, 2, 6]], numbers)
    np.testing.assert_array_equal(others[0], others[2])


@pytest.mark.parametrize('bars', [4, 1500])
def test_onsets_and_pitches_in_common_are_counted_as_by_sets(bars):
    """Of the slots, pitch classes and pitches of each of three parts the share that the other two have, the most."""
    rng = np.random.default_rng(bars)
    parts = []
    for _ in range(3):
        onsets = np.sort(rng.choice(4 * bars, 3 * bars)).astype(float)
        parts.append(NoteSequence(onsets, onsets + 0.5, rng.integers(50, 70, onsets.size), 4.0 * np.arange(bars + 1)))
    place = place_numbers(parts, part_numbers(parts, [cut_windows(part) for part in parts]), False)
    first = min(part.onsets[0] for part in parts)
    for name, thing in (
        ('begins with another part, most', lambda pitch: 0),
        ('in unison or octaves with another part, most', lambda pitch: pitch % 12),
        ('in unison with another part, most', lambda pitch: pitch),
    ):
        have = [
            {
                (onset, thing(pitch))
                for onset, pitch in zip(part.onsets.tolist(), part.pitches.tolist(), strict=True)
                if onset - first < MOST_SLOTS * SLOT - SLOT / 2
            }
            for part in parts
        ]
        most = [
            max(len(own & other) / len(own) for j, other in enumerate(have) if j != i) for i, own in enumerate(have)
        ]
        np.testing.assert_allclose(place[:, [number for number, _ in PLACE_NUMBERS].index(name)], most, rtol=1e-6)


def test_two_long_parts_that_begin_together_and_have_no_pitch_in_common():
    onsets, bars = np.arange(6000.0), 4.0 * np.arange(1501)
    parts = [NoteSequence(onsets, onsets + 1, 60 + np.arange(6000) % 2 + by, bars) for by in (0, 2)]
    place = place_numbers(parts, part_numbers(parts, [cut_windows(part) for part in parts]), False)
    named = dict(zip([name for name, _ in PLACE_NUMBERS], place[0].tolist(), strict=True))
    assert named['begins with another part, most'] == 1
    assert named['in unison or octaves with another part, most'] == named['in unison with another part, most'] == 0


def test_what_the_others_of_a_bass_a_guitar_and_a_flute_are_likely_to_be():
    """The flute is the highest, the bass the lowest; worked out by hand."""
    guitar, bass, flute = np.eye(8)[[0, 2, 6]] * 0.6 + 0.05
    others = likely_others(np.array([flute, bass, guitar]), of_heights(80, 40, 60)).reshape(3, 4, 8)
    np.testing.assert_allclose(
        others[0], [(bass + guitar) / 2, np.maximum(bass, guitar), guitar, np.zeros(8)], rtol=1e-6
    )
    np.testing.assert_allclose(
        others[1], [(flute + guitar) / 2, np.maximum(flute, guitar), np.zeros(8), guitar], rtol=1e-6
    )
    np.testing.assert_allclose(others[2], [(flute + bass) / 2, np.maximum(flute, bass), bass, flute], rtol=1e-6)


def test_nothing_is_asked_of_no_windows():
    assert window_numbers(cut_windows(NoteSequence([], [], [], [0, 4]))).shape == (0, len(WINDOW_NUMBERS))
    assert len(Windows.joined([cut_windows(_random(1))])) > 0
