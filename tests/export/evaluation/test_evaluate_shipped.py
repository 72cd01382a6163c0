"""Labels of files that were written here, and a model that says the same of everything."""

import json
from dataclasses import replace

import numpy as np
import pretty_midi
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
from export.cli import main
from export.evaluation.evaluate_shipped import Answered, by_ensemble, figures_of
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
    answer = replace(answer, sure=True)
    answers = [Answered(CLASSES.index(name), answer, 'others') for name in ('Bass', 'Bass', 'Piano')]
    alone, together = figures_of('pop', answers)
    assert (alone['classified'], together['classified'], alone['parts']) == ('alone', 'together', 3)
    assert alone['macro-F1'] == pytest.approx(0.4)
    assert alone['accuracy'] == pytest.approx(2 / 3)
    assert alone['calibration error'] == pytest.approx(abs(answer['Bass'] - 2 / 3), abs=1e-6)
    assert (alone['sure'], alone['right']) == (1.0, pytest.approx(2 / 3))
    doubtful = [replace(each, answer=replace(answer, sure=False)) for each in answers]
    assert [(each['sure'], each['right']) for each in figures_of('pop', doubtful)] == [(0.0, None)] * 2
    assert list(figures_of('pop', [])) == []
    assert list(by_ensemble('pop', answers)) == [
        {'test set': 'pop', 'ensemble': 'others', 'parts': 3, 'alone': 2 / 3, 'together': 2 / 3}
    ]


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
    out = tmp_path / 'shipped.json'
    main(['evaluate-shipped', '--data', str(tmp_path), '--collections', 'pop', '--out', str(out)])
    stored = json.loads(out.read_text())
    assert [row['parts'] for row in stored['collections']] == [3, 3]
    assert [(row['ensemble'], row['parts']) for row in stored['ensembles']] == [('others', 3)]
    cells = [[cell.strip() for cell in line.split('|')[1:-1]] for line in capsys.readouterr().out.splitlines()]
    assert cells[0][:4] == ['test set', 'classified', 'parts', 'macro-F1']
    assert [row[:3] for row in cells[2:4]] == [['pop', 'alone', '3'], ['pop', 'together', '3']]
    # Alone all three are Bass: right of two.
    assert float(cells[2][4]) == pytest.approx(2 / 3, abs=1e-3)
    assert np.isfinite(float(cells[3][4]))
