"""The benchmark runs and prints ratios; what they are is not tested here."""

import re

import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('onnxscript', reason='export needs onnxscript (extra `train`)')

from export.cli import main
from export.release import benchmark, benchmark_commands


def test_each_table_has_its_ratios(collection, sound_model, monkeypatch, capsys):
    monkeypatch.setattr(benchmark, 'ROUNDS', 1)
    monkeypatch.setattr(benchmark_commands, 'SMALL_FILES', (2, 4))
    monkeypatch.setattr(benchmark, 'CANDIDATES', 50)
    monkeypatch.setattr(benchmark_commands, 'RECORDING_SECONDS', (1, 2))
    main(['benchmark', str(collection[0] / 'lakh'), '--sound-model', str(sound_model)])
    tables = capsys.readouterr().out.strip().split('\n\n')
    assert [table.split('|')[1].strip() for table in tables] == [
        '1 files, 32 windows',
        'network alone, 8 parts of 32 windows',
        '1 files',
        'first part of',
        'two-bar candidates',
        'label, largest process',
        'listen, from start to end',
    ]
    for table in tables:
        ratios = [row.split('|')[-2].strip() for row in table.split('\n')[2:]]
        assert all(re.fullmatch(r'[\d.]+', ratio) for ratio in ratios)
        assert float(ratios[0]) == 1.0 or 'first part' in table


def test_no_music_is_a_sentence(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(['benchmark', str(tmp_path)])
    assert 'no MIDI file there' in capsys.readouterr().err
