"""Labels of files that were written here, and a model that says the same of everything."""

import numpy as np
import pretty_midi
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
from export.cli import main
from export.evaluation.evaluate_shipped import figures_of
from music21_kdic import instrument_likelihood
from music21_kdic.classes import CLASSES

LINE = [(0.5 * i, 0.5, 40 + i % 7) for i in range(32)]


def write(path, *programs):
    midi = pretty_midi.PrettyMIDI()
    for program in programs:
        player = pretty_midi.Instrument(program)
        player.notes = [pretty_midi.Note(64, pitch, on / 2, (on + length) / 2) for on, length, pitch in LINE]
        midi.instruments.append(player)
    path.parent.mkdir(exist_ok=True)
    midi.write(str(path))


def test_figures_are_worked_out_from_labels_and_answers():
    """The line is answered Bass: of two parts of Bass and one of Piano two are right; F1 is 0.8 and 0."""
    answer = instrument_likelihood(LINE)
    assert answer.best == 'Bass'
    alone, together = figures_of('pop', [(CLASSES.index(name), answer) for name in ('Bass', 'Bass', 'Piano')])
    assert (alone['classified'], together['classified'], alone['parts']) == ('alone', 'together', 3)
    assert alone['macro-F1'] == pytest.approx(0.4)
    assert alone['accuracy'] == pytest.approx(2 / 3)
    assert alone['calibration error'] == pytest.approx(abs(answer['Bass'] - 2 / 3), abs=1e-6)
    assert list(figures_of('pop', [])) == []


def test_the_files_of_the_test_split_are_asked_about(tmp_path, capsys):
    write(tmp_path / 'pop/a.mid', 32, 0)  # a bass and a piano
    write(tmp_path / 'pop/b.mid', 32)
    write(tmp_path / 'pop/c.mid', 0, 0)
    (tmp_path / 'pop/d.mid').write_bytes(b'no MIDI')
    rows = ['file,collection,source,group,split,fallback_label']
    rows += [
        f'pop/{name}.mid,pop,pop,{name},{split},'
        for name, split in zip('abcd', ('test', 'test', 'train', 'test'), strict=True)
    ]
    (tmp_path / 'manifest.csv').write_text('\n'.join(rows))
    main(['evaluate-shipped', '--data', str(tmp_path), '--collections', 'pop'])
    cells = [[cell.strip() for cell in line.split('|')[1:-1]] for line in capsys.readouterr().out.splitlines()]
    assert cells[0][:4] == ['test set', 'classified', 'parts', 'macro-F1']
    assert [row[:3] for row in cells[2:]] == [['pop', 'alone', '3'], ['pop', 'together', '3']]
    # Alone all three are Bass: right of two.
    assert float(cells[2][4]) == pytest.approx(2 / 3, abs=1e-3)
    assert np.isfinite(float(cells[3][4]))
