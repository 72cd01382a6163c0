"""Plain music made by rule, with the answer that a musician would give: what must be neither noise nor a surprise.

Each kind draws a key, a tempo of harmony and a length, and writes four to sixteen bars of 4/4, exactly in time, as
programs do. TAUGHT may be learnt from; TESTED are only measured. Pitches are sounding MIDI pitches, times are quarter
lengths.
"""

from collections.abc import Callable

from export.data.bass_lines import modulo_bass, root_bass, scale_bass, walking_bass
from export.data.composition import Key, Rng, Writer, draw_bars, write_melody
from music21_kdic.reading.notes import DEFAULT_BAR as BAR
from music21_kdic.reading.notes import NoteSequence

# Open and first-position shapes of a guitar in standard tuning, lowest string first.
GUITAR_SHAPES = (
    (40, 47, 52, 56, 59, 64),
    (45, 52, 57, 61, 64),
    (50, 57, 62, 66),
    (43, 47, 50, 55, 59, 67),
    (48, 52, 55, 60, 64),
    (45, 52, 57, 60, 64),
    (40, 47, 52, 55, 59, 64),
    (50, 57, 62, 65),
    (41, 48, 53, 57, 60, 65),
    (47, 54, 59, 62, 66),
)


def strummed_guitar(rng: Rng) -> NoteSequence:
    """A guitar strums open chords down and up, string after string."""
    bars, out = draw_bars(rng), Writer()
    shapes = [GUITAR_SHAPES[i] for i in rng.choice(len(GUITAR_SHAPES), 4)]
    pattern = [(0, 1, 1.5, 2.5, 3, 3.5), (0, 1, 2, 3), (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5), (0, 1, 1.5, 2, 3, 3.5)][
        rng.integers(4)
    ]
    spread = float(rng.choice([0.0, 0.01, 0.02, 0.04]))
    for bar in range(bars):
        for at, until in zip(pattern, (*pattern[1:], BAR), strict=True):
            strings = shapes[bar % 4] if at % 1 == 0 else shapes[bar % 4][::-1][:4]
            for number, pitch in enumerate(strings):
                out.add(BAR * bar + at + spread * number, until - at - spread * number, pitch)
    return out.part(bars)


def picked_guitar(rng: Rng) -> NoteSequence:
    """A guitar picks open chords: the thumb on a low string, the fingers on the upper three, all left to ring."""
    bars, out = draw_bars(rng), Writer()
    shapes = [GUITAR_SHAPES[i] for i in rng.choice(len(GUITAR_SHAPES), 4)]
    pattern = [(0, -3, -2, -1, -2, -3, -1, -2), (0, -3, -1, -2, 1, -3, -1, -2), (0, -2, 1, -1, 0, -2, 1, -1)][
        rng.integers(3)
    ]
    for bar in range(bars):
        for number, string in enumerate(pattern):
            at = number / 2
            out.add(BAR * bar + at, float(min(rng.choice([0.5, 1.0, 2.0]), BAR - at)), shapes[bar % 4][string])
    return out.part(bars)


def alberti_piano(rng: Rng) -> NoteSequence:
    """A piano: a melody in the right hand over broken triads in the left."""
    key, bars, out = Key(rng), draw_bars(rng), Writer()
    write_melody(rng, key, out, bars, 67, 88, (0.5, 1.0, 1.0, 2.0), 0.05)
    for bar in range(bars):
        low, middle, high = sorted(key.near(degree, 55) for degree in key.triad(bar))
        for number in range(8):
            out.add(BAR * bar + number / 2, 0.5, (low, high, middle, high)[number % 4])
    return out.part(bars)


def stride_piano(rng: Rng) -> NoteSequence:
    """A piano in ragtime: octaves and chords by turns in the left hand, syncopated thirds or octaves in the right."""
    key, bars, out = Key(rng), draw_bars(rng), Writer()
    for bar in range(bars):
        chord = key.triad(bar)
        for beat in range(4):
            if beat % 2 == 0:
                root = key.near(chord[(beat // 2) * 2], 40)
                out.add(BAR * bar + beat, 0.5, root, root - 12 if root - 12 >= 24 else root + 12)
            else:
                out.add(BAR * bar + beat, 0.5, *sorted(key.near(degree, 57) for degree in chord))
        for at in (0, 0.5, 1, 1.75, 2.25, 2.75, 3.25, 3.5):
            if rng.random() < 0.8:
                top = key.near(int(rng.choice(chord)) + int(rng.choice([0, 0, 1])), 76)
                out.add(BAR * bar + at, 0.5, top, top - 12)
    return out.part(bars)


def organ_chorale(rng: Rng) -> NoteSequence:
    """An organ plays a chorale: four voices on two manuals and pedal, in quarters and halves, bound throughout."""
    key, bars, out = Key(rng), draw_bars(rng), Writer()
    top = 74.0
    for bar in range(bars):
        for beat in range(0, 4, int(rng.choice([1, 2]))):
            chord = key.triad(bar + beat // 2)
            top = min(max(key.near(int(rng.choice(chord)), top), 67), 81)
            alto, tenor = key.near(chord[1], top - 5), key.near(chord[2], top - 12)
            bass = key.near(chord[0], 43)
            length = 2.0 if beat == 2 else 1.0
            out.add(BAR * bar + beat, length, *sorted({int(top), alto, tenor, bass, bass - 12}))
            if length == 1.0 and beat == 0:
                out.add(BAR * bar + 1, 1.0, *sorted({key.near(chord[2], top), alto, tenor, bass}))
    return out.part(bars)


def organ_trio(rng: Rng) -> NoteSequence:
    """An organ holds chords in the manuals for whole bars over a pedal that is held still longer."""
    key, bars, out = Key(rng), draw_bars(rng), Writer()
    for bar in range(bars):
        chord = key.triad(bar)
        out.add(BAR * bar, BAR, *sorted({key.near(degree, 62) for degree in chord} | {key.near(chord[0], 72)}))
        if bar % 2 == 0:
            out.add(BAR * bar, BAR * min(2, bars - bar), key.near(key.triad(bar)[0], 36))
    return out.part(bars)


def fanfare(rng: Rng) -> NoteSequence:
    """A trumpet plays a fanfare: natural tones in dotted and repeated notes, rests of a bar between."""
    key, bars, out = Key(rng), draw_bars(rng), Writer()
    tones = [key.near(degree, 67) for degree in (0, 2, 4, 0)]
    tones[3] = tones[0] + 12
    rhythm = [(0, 0.75), (0.75, 0.25), (1, 1), (2, 0.5), (2.5, 0.5), (3, 1)]
    for bar in range(bars):
        if bar % 4 == 3:
            out.add(BAR * bar, 2.0, int(rng.choice(tones)))
            continue
        pitch = int(rng.choice(tones))
        for at, length in rhythm:
            if rng.random() < 0.5:
                pitch = int(rng.choice(tones))
            out.add(BAR * bar + at, length * 0.8, pitch)
    return out.part(bars)


def brass_stabs(rng: Rng) -> NoteSequence:
    """A brass section: short chords in close position off the beat, and rests."""
    key, bars, out = Key(rng), draw_bars(rng), Writer()
    hits = [(0, 1.5), (0.5, 1.5, 3), (1.5, 2), (0, 0.75, 2.5)][rng.integers(4)]
    for bar in range(bars):
        chord = sorted({key.near(degree, 65) for degree in (*key.triad(bar), key.triad(bar)[0] + 6)})
        if bar % 4 == 3:
            out.add(BAR * bar, 3.0, *chord)
            continue
        for at in hits:
            out.add(BAR * bar + at, 0.4, *chord)
    return out.part(bars)


def string_pad(rng: Rng) -> NoteSequence:
    """Strings: chords of three or four notes, a whole bar each, every voice by the nearest way."""
    key, bars, out = Key(rng), draw_bars(rng), Writer()
    voices = [74.0, 69.0, 64.0, 57.0][: rng.integers(3, 5)]
    for bar in range(bars):
        chord = key.triad(bar)
        voices = [float(key.near(chord[number % 3], voice)) for number, voice in enumerate(voices)]
        out.add(BAR * bar, BAR, *sorted({int(voice) for voice in voices}))
    return out.part(bars)


def violin_crossings(rng: Rng) -> NoteSequence:
    """A violin plays unbroken sixteenths: scales, and a tone that returns on the string below."""
    key, bars, out = Key(rng), draw_bars(rng), Writer()
    degree, lowest, highest = key.from_pitch(74), key.from_pitch(57), key.from_pitch(90)
    for bar in range(bars):
        if rng.random() < 0.5:
            direction = int(rng.choice([-1, 1]))
            for number in range(16):
                if not lowest <= degree + direction <= highest:
                    direction = -direction
                degree += direction
                out.add(BAR * bar + number / 4, 0.25, key.degree(degree))
        else:
            pedal = max(lowest, degree - 7)
            for number in range(16):
                degree = min(max(degree + int(rng.choice([-1, 0, 1])), lowest + 3), highest)
                out.add(BAR * bar + number / 4, 0.25, key.degree(degree if number % 2 else pedal))
    return out.part(bars)


def flute_melody(rng: Rng) -> NoteSequence:
    """A flute: a melody by step above the staff in eighths and quarters, with breaths."""
    key, bars, out = Key(rng), draw_bars(rng), Writer()
    write_melody(rng, key, out, bars, 72, 93, (0.5, 0.5, 1.0, 1.5), 0.03)
    return out.part(bars)


def piccolo_runs(rng: Rng) -> NoteSequence:
    """A flute or piccolo: quick runs of a scale and trills, high up, rests between."""
    key, bars, out = Key(rng), draw_bars(rng), Writer()
    for bar in range(bars):
        start = key.from_pitch(int(rng.integers(79, 88)))
        kind = rng.integers(3)
        if kind == 0:
            for number in range(8):
                out.add(BAR * bar + number / 4, 0.25, key.degree(start + number))
            out.add(BAR * bar + 2, 1.0, key.degree(start + 7))
        elif kind == 1:
            for number in range(16):
                out.add(BAR * bar + number / 8, 0.125, key.degree(start + number % 2))
            out.add(BAR * bar + 2, 1.0, key.degree(start))
        else:
            for number in range(6):
                out.add(BAR * bar + number / 2, 0.4, key.degree(start + (0, 2, 4, 7, 4, 2)[number]))
    return out.part(bars)


def clarinet_arpeggios(rng: Rng) -> NoteSequence:
    """A clarinet: broken chords over two octaves and more, from the low register up and down, in eighths or
    triplets."""
    key, bars, out = Key(rng), draw_bars(rng), Writer()
    step = float(rng.choice([0.5, 1 / 3]))
    for bar in range(bars):
        root, third, fifth = key.triad(bar)
        low = key.from_pitch(key.near(root, 56))
        tones = [low + 7 * octave + extra for octave in (0, 1) for extra in (0, third - root, fifth - root)]
        wave = [*tones, *tones[-2:0:-1]]
        count = round((BAR - (1 if bar % 4 == 3 else 0)) / step)
        for number in range(count):
            out.add(BAR * bar + number * step, step, key.degree(wave[number % len(wave)]))
    return out.part(bars)


def sax_line(rng: Rng) -> NoteSequence:
    """A saxophone improvises in swung eighths about the middle of the keyboard, with rests between phrases."""
    key, bars, out = Key(rng), draw_bars(rng), Writer()
    degree, lowest, highest = key.from_pitch(66), key.from_pitch(52), key.from_pitch(80)
    for bar in range(bars):
        for number in range(int(rng.integers(5, 9)) if bar % 2 == 0 else int(rng.integers(2, 6))):
            at = BAR * bar + number // 2 + (2 / 3 if number % 2 else 0)
            pitch = key.degree(degree) + (int(rng.choice([-1, 1])) if rng.random() < 0.15 else 0)
            out.add(at, 1 / 3 if number % 2 else 2 / 3, pitch)
            degree = min(max(degree + int(rng.choice([-3, -2, -1, -1, 1, 1, 2])), lowest), highest)
    return out.part(bars)


# Each kind: how it is written, and its class.
TAUGHT: dict[str, tuple[Callable[[Rng], NoteSequence], str]] = {
    'walking bass': (walking_bass, 'Bass'),
    'scale bass': (scale_bass, 'Bass'),
    'strummed guitar': (strummed_guitar, 'Guitar'),
    'alberti piano': (alberti_piano, 'Piano'),
    'organ chorale': (organ_chorale, 'Organ'),
    'fanfare': (fanfare, 'Brass'),
    'string pad': (string_pad, 'Strings'),
    'piccolo runs': (piccolo_runs, 'Pipe'),
    'clarinet arpeggios': (clarinet_arpeggios, 'Reed'),
}
TESTED: dict[str, tuple[Callable[[Rng], NoteSequence], str]] = {
    'root bass': (root_bass, 'Bass'),
    'modulo bass': (modulo_bass, 'Bass'),
    'picked guitar': (picked_guitar, 'Guitar'),
    'stride piano': (stride_piano, 'Piano'),
    'organ trio': (organ_trio, 'Organ'),
    'brass stabs': (brass_stabs, 'Brass'),
    'violin crossings': (violin_crossings, 'Strings'),
    'flute melody': (flute_melody, 'Pipe'),
    'sax line': (sax_line, 'Reed'),
}
