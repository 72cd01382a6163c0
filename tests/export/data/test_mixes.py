from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.data.mixes import (
    PEAK,
    RATES,
    SECONDS,
    Part,
    draw_parts,
    draw_songs,
    mix_path,
    mixes,
    render_stems,
    target_of,
)
from export.data.render import DRUMS
from export.data.sources import ManifestFile, manifest_files
from music21_kdic.classes import CLASS_PROGRAMS
from music21_kdic.sound.networks import TARGETS
from tests.export.data.test_render import SOUNDFONT, needs_fluidsynth


def part(target, program, pitch, gain=1.0, is_lead=False):
    """A part of one note that lasts a second."""
    return Part(
        TARGETS.index(target), is_lead, program, np.array([0.0]), np.array([1.0]), np.array([pitch]), np.array([90]),
        gain, 64, 0, SOUNDFONT,
    )  # fmt: skip


def test_each_program_belongs_to_the_target_of_its_class():
    for name, programs in CLASS_PROGRAMS.items():
        assert {TARGETS[target_of(program)] for program in programs} == {name}
    assert TARGETS[target_of(DRUMS)] == 'Drums'
    assert TARGETS[target_of(53)] == 'Other'  # General MIDI: voice oohs


def test_an_excerpt_has_the_notes_of_its_time_and_each_part_is_drawn_a_sound(write_midi, midi_note):
    mido = pytest.importorskip('mido')
    # At 120 quarters a minute 96 ticks are half a second: a note each second for 60 s, in two parts, and a drum.
    beats = [event for second in range(60) for event in midi_note(192 * second, 192 * second + 96, 60 + second % 12)]
    tracks = []
    for channel, name, program in ((0, 'Melody', 73), (1, 'Bass', 33), (9, 'Kit', 0)):
        events = [
            (0, mido.MetaMessage('track_name', name=name)),
            (0, mido.Message('program_change', program=program, channel=channel)),
        ]
        tracks.append(events + [(time, message.copy(channel=channel)) for time, message in beats])
    parts = draw_parts(write_midi(tracks), ('one', 'two'), np.random.default_rng(3))
    assert [TARGETS[one.target] for one in parts] == ['Pipe', 'Bass', 'Drums']
    assert [one.is_lead for one in parts] == [True, False, False]
    for one in parts:
        assert one.begin.size == SECONDS
        assert np.diff(one.begin) == pytest.approx(1.0)
        assert one.end - one.begin == pytest.approx(0.5)
        assert 0 <= one.begin.min() <= one.end.max() <= SECONDS
        assert one.soundfont in ('one', 'two')
    assert len({one.gain for one in parts}) == 3


def test_a_file_that_cannot_be_read_has_no_parts(tmp_path):
    (tmp_path / 'x.mid').write_bytes(b'MThd, and then something else')
    assert draw_parts(tmp_path / 'x.mid', (SOUNDFONT,), np.random.default_rng(0)) == []


def files(count, source='pop', split='train'):
    return [
        ManifestFile(f'{source}/{i}', f'{source}/{i}', source, f'{source}{i // 2}', split, '') for i in range(count)
    ]


def test_songs_are_drawn_in_turn_from_each_source_and_never_two_of_a_group():
    chosen = draw_songs([*files(100), *files(8, 'jazz'), *files(9, 'pop', 'test')], 'train', 20, 0)
    assert [file.source for file in chosen].count('jazz') == 4  # its groups
    assert len({file.group for file in chosen}) == len(chosen) == 20
    assert {file.split for file in chosen} == {'train'}


@needs_fluidsynth
def test_stems_are_what_their_parts_play_and_their_sum_does_not_clip():
    bass, flute, second = part('Bass', 33, 40), part('Pipe', 73, 76), part('Bass', 33, 47)
    stems = render_stems([bass, flute, second])
    assert [TARGETS[target] for target in stems['targets']] == ['Bass', 'Pipe']
    assert RATES == (8192, 16000)
    for rate in RATES:
        audio = stems[str(rate)].astype(float) / 32767
        assert audio.shape == (2, rate * SECONDS)
        assert np.abs(audio.sum(axis=0)).max() == pytest.approx(PEAK, abs=0.05)  # another rate's peak is near to it
        spectra = np.abs(np.fft.rfft(audio[:, :rate]))
        spectra[:, :20] = 0
        hertz = spectra.argmax(axis=1)  # a second: a bin is a hertz
        assert min(abs(hertz[0] - harmonic * f) for f in (82.4, 123.5) for harmonic in (1, 2, 3)) < 3
        assert hertz[1] == pytest.approx(659.3, abs=8)


@needs_fluidsynth
def test_the_lead_is_a_row_of_its_own():
    stems = render_stems([part('Pipe', 73, 76), part('Pipe', 73, 88, is_lead=True), part('Bass', 33, 40)])
    assert [TARGETS[target] for target in stems['targets']] == ['Bass', 'Pipe', 'Pipe']
    assert stems['lead'].tolist() == [False, False, True]


@needs_fluidsynth
def test_a_gain_and_a_drum_kit_are_heard():
    loud = render_stems([part('Bass', 33, 40), part('Drums', DRUMS, 38)])['8192'].astype(float)
    soft = render_stems([replace(part('Bass', 33, 40), gain=0.25), part('Drums', DRUMS, 38)])['8192'].astype(float)
    ratio = [np.square(stems[1]).sum() / np.square(stems[0]).sum() for stems in (loud, soft)]
    assert [
        TARGETS[target] for target in render_stems([part('Bass', 33, 40), part('Drums', DRUMS, 38)])['targets']
    ] == ['Drums', 'Bass']
    assert ratio[0] / ratio[1] == pytest.approx(16, rel=0.01)
    assert np.square(loud[0]).sum() > 0


@needs_fluidsynth
def test_songs_are_rendered_once_and_those_of_the_test_in_another_soundfont_too(collection, tmp_path, monkeypatch):
    monkeypatch.setattr('export.data.mixes.SOUNDFONTS', (SOUNDFONT,))
    monkeypatch.setattr('export.data.mixes.STRANGE', SOUNDFONT)
    monkeypatch.setattr('export.data.mixes.UNHEARD', SOUNDFONT)
    monkeypatch.setattr('export.data.mixes.SECONDS', 2.0)
    folder, manifest = collection
    chosen = manifest_files(folder, manifest, ('pop',))
    assert mixes(chosen, tmp_path, {'train': 2, 'val': 1, 'test': 1}, 1) == 6
    found = sorted(path.relative_to(tmp_path / 'mixes').parts[0] for path in tmp_path.glob('mixes/*/*.npz'))
    assert found == ['strange', 'test', 'train', 'train', 'unheard', 'val']
    path = next((tmp_path / 'mixes' / 'train').iterdir())
    before = path.stat().st_mtime_ns
    mixes(chosen, tmp_path, {'train': 2}, 1)
    assert path.stat().st_mtime_ns == before
    assert mix_path(tmp_path, 'train', 'pop/03.mid').name == 'pop-03.npz'
