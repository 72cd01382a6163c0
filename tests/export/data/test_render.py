import ctypes.util
from functools import partial

import numpy as np
import pytest

pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.cli import main
from export.data.render import (
    SOUNDFONT_FOLDERS,
    Synthesizer,
    draw_soundfonts,
    render,
    render_in_soundfonts,
)
from export.data.spectrograms import HOP, SAMPLE_RATE, Spectrograms, log_mel
from export.data.window_table import load_windows
from export.recipe import Recipe

SOUNDFONT = 'TimGM6mb.sf2'
needs_fluidsynth = pytest.mark.skipif(
    ctypes.util.find_library('fluidsynth') is None
    or not any((folder / SOUNDFONT).is_file() for folder in SOUNDFONT_FOLDERS),
    reason="needs Debian's fluidsynth and timgm6mb-soundfont",
)


def tone(frequency, seconds):
    return np.sin(2 * np.pi * frequency * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE).astype(np.float32)


def loudest_frequency(audio):
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(audio.size)))
    return spectrum.argmax() * SAMPLE_RATE / audio.size


@pytest.fixture(scope='module')
def synthesizer():
    return Synthesizer(SOUNDFONT)


def play(synthesizer, begin, end, pitches, program=80, seconds=1.0):
    return synthesizer.play(program, np.array(begin), np.array(end), np.array(pitches), seconds)


@needs_fluidsynth
def test_a_note_sounds_at_its_pitch_while_it_lasts(synthesizer):
    audio = play(synthesizer, [0.25], [0.5], [69])
    assert audio.size == SAMPLE_RATE
    assert np.abs(audio[: SAMPLE_RATE // 4 - 64]).max() < 1e-4  # FluidSynth's dither
    assert loudest_frequency(audio[SAMPLE_RATE // 4 : SAMPLE_RATE // 2]) == pytest.approx(440, rel=0.02)


@needs_fluidsynth
def test_windows_do_not_ring_into_one_another(synthesizer):
    first = play(synthesizer, [0.0], [1.0], [69], seconds=0.997)
    play(synthesizer, [0.0, 0.1], [1.0, 1.0], [40, 90], program=19)
    assert play(synthesizer, [0.0], [1.0], [69], seconds=0.997) == pytest.approx(first, abs=1e-4)


@needs_fluidsynth
def test_programs_sound_different(synthesizer):
    piano, organ = (log_mel(play(synthesizer, [0], [1], [60], program)).astype(int) for program in (0, 19))
    assert np.abs(piano - organ).mean() > 5


@needs_fluidsynth
def test_a_tempo_too_fast_to_be_heard_still_gives_a_frame(synthesizer):
    assert play(synthesizer, [0.0], [1e-6], [60], seconds=1e-6).size == HOP


@needs_fluidsynth
def test_a_soundfont_that_is_not_there():
    with pytest.raises(FileNotFoundError, match='no such soundfont'):
        Synthesizer('none.sf2')


def test_a_slakh_window_is_cut_from_its_stem(slakh, tmp_path):
    import librosa

    main(['prepare', '--recipe', 'controls', '--slakh', str(slakh), '--work', str(tmp_path / 'work'), '--jobs', '1'])
    render(tmp_path / 'work', partial(draw_soundfonts, (SOUNDFONT,), 1), jobs=1)
    table = load_windows(tmp_path / 'work')
    starts = table.windows.starts / 2  # quarters at 120 a minute, in seconds
    assert sorted(set(starts.tolist())) == [0, 4, 8, 12]
    stem, _ = librosa.load(slakh / 'train/Track00001/stems/S00.flac', sr=SAMPLE_RATE)
    for row, start in enumerate(starts):
        wanted = log_mel(stem[int(start * SAMPLE_RATE) :][: 4 * SAMPLE_RATE])
        (found,) = Spectrograms(tmp_path / 'work').batch(np.array([row]))
        assert found[0, :, : wanted.shape[1]] * 255 == pytest.approx(wanted, abs=0.01)


def test_spectrograms_of_two_soundfonts_or_seeds_are_not_mixed(tmp_path):
    """Even where no shard is left to render."""
    (tmp_path / 'shards').mkdir()
    assert render_in_soundfonts(tmp_path, Recipe('one', soundfonts=('a.sf2',)), jobs=1) == 0
    assert render_in_soundfonts(tmp_path, Recipe('again', soundfonts=('a.sf2',)), jobs=1) == 0
    for other in (Recipe('other', soundfonts=('b.sf2',)), Recipe('other', seed=21, soundfonts=('a.sf2',))):
        with pytest.raises(FileExistsError, match=r"mel: was begun with .*'a.sf2'.*choose another work"):
            render_in_soundfonts(tmp_path, other, jobs=1)
