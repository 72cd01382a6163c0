import numpy as np
import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')
from export.data.render import Synthesizer
from export.data.spectrograms import SAMPLE_RATE, Spectrograms, log_mel
from export.data.window_table import load_windows
from export.studies.renderings import Renderings, own_programs, render_all
from tests.export.conftest import PROGRAMS
from tests.export.data.test_render import SOUNDFONT, needs_fluidsynth


def test_a_windows_own_program_is_its_parts(prepared):
    programs = own_programs(prepared)
    table = load_windows(prepared)
    assert {tuple(pair) for pair in zip(table.label.tolist(), programs.tolist(), strict=True)} == {
        (label, program) for label, program in enumerate(PROGRAMS.values())
    }


@needs_fluidsynth
def test_a_rendering_is_what_the_synthesizer_plays(prepared, tmp_path):
    """One window on two programs, and another: quarters at 120 a minute, from the notes of the window table."""
    table = load_windows(prepared)
    plan = Renderings(np.array([1, 1, 100]), np.array([19, 73, 0]), np.array([SOUNDFONT] * 3))
    render_all(plan, prepared, tmp_path, jobs=1)
    found = Spectrograms(tmp_path)
    synthesizer = Synthesizer(SOUNDFONT)
    for number, (row, program) in enumerate(zip(plan.window, plan.program, strict=True)):
        notes = table.windows.select(np.array([row]))
        audio = synthesizer.play(int(program), notes.onsets / 2, notes.ends_in_window / 2, notes.pitches, 4.0)
        wanted = log_mel(audio)
        (image,) = found.batch(np.array([number]))
        assert image[0, :, : wanted.shape[1]] * 255 == pytest.approx(wanted, abs=2)
    assert wanted.shape[1] == 1 + 4 * SAMPLE_RATE // 512


@needs_fluidsynth
def test_other_renderings_are_not_mixed_in(prepared, tmp_path):
    render_all(Renderings(np.array([0]), np.array([0]), np.array([SOUNDFONT])), prepared, tmp_path, jobs=1)
    with pytest.raises(FileExistsError, match='choose another work'):
        render_all(Renderings(np.array([0]), np.array([5]), np.array([SOUNDFONT])), prepared, tmp_path, jobs=1)
