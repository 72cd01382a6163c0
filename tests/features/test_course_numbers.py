"""The numbers of a part's course, held against a slow and simple version that looks at one part, note by note."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest

from music21_kdic.features.course_numbers import Course, course_numbers
from music21_kdic.features.number_names import (
    BEATS,
    CHORD,
    COURSE_NUMBERS,
    FAST,
    HELD,
    LONGEST,
    MORE,
    MOST_BEATS,
    NEAR,
    PAUSE,
    SLOTS,
    TICK,
)
from music21_kdic.features.part_numbers import part_numbers
from music21_kdic.features.windows import TOLERANCE, cut_windows
from music21_kdic.reading.notes import NoteSequence

NAMES = [name for name, _ in COURSE_NUMBERS]


def fast(part: NoteSequence) -> dict[str, float]:
    numbers = part_numbers([part], [cut_windows(part)])[0, -len(NAMES) :]
    return dict(zip(NAMES, numbers.tolist(), strict=True))


def mean(values) -> float:
    values = list(values)
    return sum(values) / len(values) if values else 0.0


def slow(part: NoteSequence) -> dict[str, float]:
    """The numbers of a part that has two notes or more."""
    found: dict[str, float] = {}
    tick = lambda x: round(x / TICK) * TICK  # noqa: E731
    notes = [
        (tick(on), min(tick(end), tick(on) + LONGEST), int(pitch))
        for on, end, pitch in zip(part.onsets, part.ends, part.pitches, strict=True)
    ]
    chords: list[list[tuple[float, float, int]]] = []
    for before, note in zip([None, *notes], notes, strict=False):
        if before is None or note[0] - before[0] > CHORD:
            chords.append([])
        chords[-1].append(note)
    opening = {chord[0] for chord in chords}
    bars: dict[int, list[tuple[float, float, int]]] = {}
    places, lengths = [], []
    for note, on in zip(notes, part.onsets, strict=True):
        bar = sum(line <= on + TOLERANCE for line in part.bars)  # 0: before the first barline
        places.append(on - part.bars[max(bar - 1, 0)])
        lengths.append((*np.diff(part.bars), 4.0)[max(bar - 1, 0)])
        bars.setdefault(bar, []).append((round(round(places[-1] / TICK) * TICK * SLOTS), note[2], note in opening))
    _slow_bars(found, list(bars.values()))
    _slow_held(found, chords, notes)
    _slow_lines(found, chords)
    place_of = dict(zip(notes, zip(places, lengths, strict=True), strict=True))
    _slow_beats(found, chords, _slow_places([place_of[chord[0]] for chord in chords]))
    gaps = [[b - a for a, b in itertools.pairwise(sorted({p for _, _, p in chord}))] for chord in chords]
    found['widest gap in chords, mean'] = mean(max(each) for each in gaps if each)
    found['narrowest gap in chords, mean'] = mean(min(each) for each in gaps if each)
    _slow_tones(found, notes)
    return found


def _slow_bars(found, bars):
    ways = {
        '': [Counter((slot, pitch) for slot, pitch, _ in bar) for bar in bars],
        ' in rhythm': [Counter(slot for slot, _, opens in bar if opens) for bar in bars],
        ', transposed or not': [
            Counter((slot, pitch - min(p for _, p, _ in bar)) for slot, pitch, _ in bar) for bar in bars
        ],
    }
    others = max(len(bars) - 1, 1)
    for how, played in ways.items():
        found[f'bars that come again{how}'] = sum(bar in played[:at] for at, bar in enumerate(played)) / others
        if how != ', transposed or not':
            found[f'bars as the one before{how}'] = sum(a == b for a, b in itertools.pairwise(played)) / others


def _slow_held(found, chords, notes):
    begin = [chord[0][0] for chord in chords]
    so_far = [max(end for chord in chords[:at] for _, end, _ in chord) for at in range(1, len(chords) + 1)]
    silences = [b - end for b, end in zip(begin[1:], so_far, strict=False)]
    found['chords that begin while a note is held'] = sum(s < -HELD for s in silences) / len(chords)
    held, far = [], 0
    for at, chord in enumerate(chords):
        for _, end, pitch in chord:
            if at + 1 < len(chords) and end - begin[at + 1] > HELD:
                held.append((pitch, min(p for _, _, p in chords[at + 1]), max(p for _, _, p in chords[at + 1])))
            far += at + 2 < len(chords) and end - begin[at + 2] > HELD
    found['held into the next chord'], found['held into the one after'] = len(held) / len(notes), far / len(notes)
    found['held below the next chord'] = mean(p < low for p, low, _ in held)
    found['held above the next chord'] = mean(p > high for p, _, high in held)
    found['held as the lowest of the next chord'] = mean(p == low for p, low, _ in held)
    apart = [abs(low - p) for p, low, _ in held]
    found['from the held note to the next chord'] = mean(apart)
    found['from the held note to the next chord, a step'] = mean(a <= 2 for a in apart)
    found['from the held note to the next chord, an octave or more'] = mean(a >= 12 for a in apart)
    cuts = [0, *(at + 1 for at, s in enumerate(silences) if s > PAUSE), len(chords)]
    sizes = [b - a for a, b in itertools.pairwise(cuts)]
    lengths = [max(so_far[b - 1] - begin[a], TICK) for a, b in itertools.pairwise(cuts)]
    for name, values in (('chords', sizes), ('length', lengths)):
        found[f'phrases, {name}, mean'] = math.log2(mean(values))
        found[f'phrases, {name}, most'] = math.log2(max(values))
    found['phrases a chord'] = len(sizes) / len(chords)


def _slow_lines(found, chords):
    low = [min(p for _, _, p in chord) for chord in chords]
    high = [max(p for _, _, p in chord) for chord in chords]
    paces = [b[0][0] - a[0][0] for a, b in itertools.pairwise(chords)]
    same = [low[i] == low[i + 1] and high[i] == high[i + 1] for i in range(len(paces))]
    found['fast repetitions'] = mean(s and p < FAST for s, p in zip(same, paces, strict=True))
    found['fast changes'] = mean(not s and p < FAST for s, p in zip(same, paces, strict=True))
    for name, line in (('highest', high), ('lowest', low)):
        triples = list(zip(line, line[1:], line[2:], strict=False))
        found[f'{name} voice comes back from another pitch'] = mean(a == c != b for a, b, c in triples)
        if name == 'highest':
            found['highest voice comes back after a chord'] = mean(a == c for a, _, c in triples)
    ordered = sorted(min(p, LONGEST) for p in paces)
    for share in (5, 95):
        at = round(share / 100 * (len(ordered) - 1)) if ordered else 0
        found[f'next chord after, {share} %'] = ordered[at] if ordered else 0.0


def _slow_places(places):
    """Counted from a barline a sixteenth later, and then from a beat on which much more begins than on the barline."""
    sixteenths = [round(4 * place) % 2 for place, _ in places if abs(4 * place - round(4 * place)) < 0.25]
    if sum(sixteenths) > MORE * sixteenths.count(0):
        places = [(place - 0.25, length) for place, length in places]
    beats = Counter(
        round(place) % max(round(length), 1) for place, length in places if abs(place - round(place)) < NEAR
    )
    first = max(range(MOST_BEATS), key=lambda beat: (beats[beat], -beat))
    if not beats[first] > MORE * beats[0]:
        return [place for place, _ in places]
    return [(place - first + NEAR) % max(length, 1) - NEAR for place, length in places]


def _slow_beats(found, chords, places):
    kinds = []
    for place in places:
        beat = round(place)
        if abs(place - beat) < NEAR:
            kinds.append('downbeat' if beat == 0 else 'other beats')
        else:
            kinds.append('half beats' if abs(abs(place - beat) - 0.5) < NEAR else 'between')
    pitches = [[p for _, _, p in chord] for chord in chords]
    mids, lows, sizes = [(min(c) + max(c)) / 2 for c in pitches], [min(c) for c in pitches], [len(c) for c in pitches]
    longest = [max(end - on for on, end, _ in chord) for chord in chords]

    def beside(values, kind):
        of_kind = [v for v, k in zip(values, kinds, strict=True) if k == kind]
        return mean(of_kind) - mean(values) if of_kind else 0.0

    for kind in BEATS:
        found[f'chords on {kind}'] = mean(k == kind for k in kinds)
        found[f'pitch on {kind}, beside the mean'] = beside(mids, kind)
        found[f'lowest voice on {kind}, beside the mean'] = beside(lows, kind)
        found[f'notes a chord on {kind}, beside the mean'] = beside(sizes, kind)
    found['length on downbeat, beside the mean'] = beside(longest, 'downbeat')
    on_beat = [round(place) for place in places if abs(place - round(place)) < NEAR]
    found['beats that are the second or the fourth'] = mean(beat % 2 == 1 for beat in on_beat)


def _slow_tones(found, notes):
    pitches = [p for _, _, p in notes]
    logs = [math.log2(max(end - on, 0.02)) for on, end, _ in notes]
    spread = np.std(pitches) * np.std(logs)
    found['pitch and length'] = np.corrcoef(pitches, logs)[0, 1] if spread > 1e-3 else 0.0
    keys = [{(tonic + step) % 12 for step in (0, 2, 4, 5, 7, 9, 11)} for tonic in range(12)]
    found['in the best major scale'] = max(mean(p % 12 in key for p in pitches) for key in keys)
    shares = [count / len(pitches) for count in Counter(p % 12 for p in pitches).values()]
    found['pitch classes'] = -sum(share * math.log2(share) for share in shares)
    angles = [2 * math.pi * (7 * p % 12) / 12 for p in pitches]
    x, y = mean(math.cos(a) for a in angles), mean(math.sin(a) for a in angles)
    found['circle of fifths, towards C'], found['circle of fifths, towards A'] = x, y
    found['circle of fifths, length'] = math.hypot(x, y)


def _random(seed: int) -> NoteSequence:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(4, 150))
    onsets = rng.uniform(-1 if seed % 4 == 0 else 2, 30, count)
    if seed % 3 == 0:
        onsets = np.round(onsets * 4) / 4
    elif seed % 3 == 1:
        onsets = np.round(onsets * 2) / 2 + rng.choice([0, 0.02, 0.05], count)
    ends = onsets + rng.choice([0.05, 0.25, 0.24, 0.5, 1.0, 3.0, 9.0, 90.0], count)
    pitches = rng.integers(40, 80, count) if seed % 5 else rng.choice([60, 64, 67], count)
    bars = np.cumsum([0, *rng.choice([2, 3, 4, 1.5], 9)])
    # No two notes are the same, so that each can be told from the others.
    _, kept = np.unique(np.stack([np.round(onsets, 6), pitches]), axis=1, return_index=True)
    return NoteSequence(onsets[kept], ends[kept], pitches[kept], bars)


@pytest.mark.parametrize('seed', range(60))
def test_course_numbers_are_those_of_the_slow_version(seed):
    part = _random(seed)
    wanted, found = slow(part), fast(part)
    assert set(wanted) == set(NAMES)
    for name in NAMES:
        assert found[name] == pytest.approx(wanted[name], abs=2e-4), name


def test_a_riff_comes_again_and_an_arpeggio_is_held():
    """Worked out by hand: one bar four times; a chord whose three notes are held until the bar ends."""
    onsets = np.arange(0, 16, 0.5)
    riff = NoteSequence(onsets, onsets + 0.5, [40, 43, 45, 47, 40, 43, 45, 47] * 4, range(0, 17, 4))
    numbers = fast(riff)
    assert numbers['bars that come again'] == numbers['bars as the one before'] == 1
    assert numbers['held into the next chord'] == 0
    assert numbers['phrases, chords, most'] == math.log2(32)
    assert numbers['chords on downbeat'] == 4 / 32
    arpeggio = NoteSequence([0, 1, 2, 4, 5, 6], [4, 4, 4, 8, 8, 8], [48, 55, 64] * 2, [0, 4, 8])
    numbers = fast(arpeggio)
    assert numbers['held into the next chord'] == pytest.approx(4 / 6)  # all but the last of each bar
    assert numbers['held below the next chord'] == 1
    assert numbers['from the held note to the next chord'] == pytest.approx((7 + 9) / 2)


@pytest.mark.parametrize('tick', [19, 20, 21])
def test_a_bar_played_late_comes_again(tick):
    """Off-beats so many of 480 ticks late, the same in sixteen bars: 20 ticks are half a slot."""
    onsets = np.concatenate(
        [[4 * bar + beat, 4 * bar + beat + 0.5 + tick / 480] for bar in range(16) for beat in range(4)]
    )
    numbers = fast(NoteSequence(onsets, onsets + 0.25, [40, 43, 45, 47] * 32, range(0, 65, 4)))
    assert numbers['bars that come again'] == numbers['bars as the one before'] == 1


@pytest.mark.parametrize('kind', [np.float64, np.float32])
@pytest.mark.parametrize('pitches', [[36, 43, 40], [43, 36, 40]])
def test_triplets_are_equally_long(kind, pitches):
    """A third of a quarter is no number of any format; in the seconds of symusic it has 32 bits."""
    times = (np.arange(97) / 3).astype(kind).astype(np.float64)
    part = NoteSequence(times[:-1], times[1:], pitches * 32, range(0, 37, 4))
    assert fast(part)['pitch and length'] == 0


@pytest.mark.parametrize('by', [0.25, 1, 1.25, 2, 3])
def test_beats_are_counted_from_the_first_wherever_the_barlines_are(by):
    """In 3/4 a bass plays every first beat, and the second or the half beat after it in turn."""
    onsets = np.concatenate([[bar, bar + 1, bar + 3, bar + 4.5] for bar in range(0, 48, 6)]).astype(float)
    pitches = np.tile([40, 52, 40, 55], 8)
    bars = np.arange(0, 52, 3)
    wanted = fast(NoteSequence(onsets, onsets + 0.5, pitches, bars))
    found = fast(NoteSequence(onsets + by, onsets + by + 0.5, pitches, bars))
    names = [name for name in NAMES if ' on ' in name or 'beats' in name]
    assert {name: found[name] for name in names} == pytest.approx({name: wanted[name] for name in names}, abs=0.05)


def test_a_part_in_e_major_lies_four_fifths_from_c():
    """E major has the pitch classes of C major moved by four fifths, that is by 120 degrees on the circle."""
    scale = [0, 2, 4, 5, 7, 9, 11, 12]
    in_c = fast(NoteSequence(range(8), range(1, 9), [60 + step for step in scale], [0, 4, 8]))
    in_e = fast(NoteSequence(range(8), range(1, 9), [64 + step for step in scale], [0, 4, 8]))
    turned = complex(in_c['circle of fifths, towards C'], in_c['circle of fifths, towards A']) * complex(
        math.cos(2 * math.pi / 3), math.sin(2 * math.pi / 3)
    )
    assert in_e['circle of fifths, towards C'] == pytest.approx(turned.real, abs=1e-6)
    assert in_e['circle of fifths, towards A'] == pytest.approx(turned.imag, abs=1e-6)
    assert in_c['in the best major scale'] == in_e['in the best major scale'] == 1


def test_parts_without_a_note_that_begins_say_nothing():
    none, empty = np.zeros(0, np.int64), np.zeros(0)
    assert not course_numbers(Course(none, 3, empty, empty, none, none, empty, empty)).any()
    one = np.array([1])
    some = Course(one, 3, np.array([0.0]), np.array([1.0]), np.array([60]), one, np.array([0.0]), np.array([4.0]))
    numbers = course_numbers(some)
    assert numbers.shape == (3, len(NAMES))
    assert not numbers[[0, 2]].any()
    assert np.isfinite(numbers).all()
