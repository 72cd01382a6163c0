import mido
import numpy as np
import pytest

pytest.importorskip('yaml', reason='export needs the extra `train`')

from export.data import noise
from export.data.noise import (
    cluster_part,
    drum_parts,
    hiss_part,
    load_noise,
    random_part,
    rows_part,
    walk_part,
    write_noise,
)
from export.data.sources import ManifestFile
from export.data.window_table import NO_CLASS, SPLITS
from music21_kdic.reading.midi import read_midi

SEEDS = range(60)


def drawn(draw):
    return [draw(np.random.default_rng(seed)) for seed in SEEDS]


@pytest.fixture
def beat(tmp_path):
    """A file with a drum track (kick and hi-hat in turn, sixteen bars) and a bass."""
    rng = np.random.default_rng(5)
    file = mido.MidiFile(ticks_per_beat=96)
    for channel, pitches in ((9, [36, 42] * 32), (1, rng.integers(30, 50, 64).tolist())):
        track = mido.MidiTrack()
        for pitch in pitches:
            track.append(mido.Message('note_on', note=pitch, channel=channel, time=0))
            track.append(mido.Message('note_off', note=pitch, channel=channel, time=96))
        file.tracks.append(track)
    path = tmp_path / 'beat.mid'
    file.save(path)
    return path


@pytest.mark.parametrize('draw', [random_part, walk_part, hiss_part, rows_part])
def test_registers_narrow_and_wide_all_over_the_keyboard_and_never_beyond(draw):
    pitches = [part.pitches for part in drawn(draw)]
    assert min(one.min() for one in pitches) >= 21
    assert max(one.max() for one in pitches) <= 108
    widths = [np.ptp(one) for one in pitches]
    assert min(widths) < 15
    assert max(widths) > 33
    means = [one.mean() for one in pitches]
    assert min(means) < 45
    assert max(means) > 80


def test_random_notes_spread_evenly_over_their_register():
    """An even spread over so many semitones deviates by their number / sqrt(12)."""
    for part in drawn(random_part):
        if len(part) > 150:
            width = np.ptp(part.pitches) + 1
            assert part.pitches.std() == pytest.approx(width / np.sqrt(12), rel=0.2)


def test_a_row_has_each_of_the_twelve_tones_once():
    for part in drawn(rows_part):
        assert sorted((part.pitches[:12] % 12).tolist()) == list(range(12))


def test_a_cluster_has_no_gap():
    for part in drawn(cluster_part):
        first = part.pitches[part.onsets == 0]
        assert np.diff(first).tolist() == [1] * (first.size - 1)
        assert first.size >= 24


def test_a_walk_steps_by_up_to_an_octave_and_is_one_voice():
    parts = drawn(walk_part)
    assert {int(np.abs(np.diff(part.pitches)).max()) for part in parts} == set(range(3, 13))
    for part in parts:
        assert (part.ends[:-1] == part.onsets[1:]).all()


def test_drum_tracks_become_pitches_and_melodic_ones_are_left_out(beat):
    (notes,) = drum_parts(beat)
    assert notes.pitches.tolist() == [36, 42] * 32
    assert notes.onsets.tolist() == list(range(64))
    drums, bass = read_midi(beat).parts
    assert (len(drums.notes), drums.notes.unpitched, len(bass.notes)) == (0, 64, 64)


def test_what_is_written_is_read_with_its_kinds_and_splits(beat, tmp_path, monkeypatch):
    monkeypatch.setattr(
        noise, 'DRAWN_KINDS', {'random': (random_part, {'train': 3, 'val': 2}), 'walk': (walk_part, {'test': 2})}
    )
    files = [ManifestFile(str(beat), split, 'pop', split, split, '') for split in ('train', 'test')]
    files.append(ManifestFile(str(tmp_path / 'no.mid'), 'no', 'pop', 'no', 'train', ''))
    write_noise(files, tmp_path, seed=20, jobs=1)
    table = load_noise(tmp_path)
    assert set(table.label.tolist()) == {NO_CLASS}
    found = {(kind, SPLITS[split]) for kind, split in zip(table.source.tolist(), table.split.tolist(), strict=True)}
    assert found == {
        ('random', 'train'), ('random', 'val'), ('walk', 'test'), ('drums', 'train'), ('drums', 'test'),
    }  # fmt: skip
    # A beat that repeats itself is one window, however long it goes on.
    assert [
        np.sum((table.source == 'drums') & (table.split == SPLITS.index(split))) for split in ('train', 'test')
    ] == [
        1,
        1,
    ]


def test_it_is_said_where_there_is_none(tmp_path):
    with pytest.raises(FileNotFoundError, match='run `python -m export noise` first'):
        load_noise(tmp_path)
