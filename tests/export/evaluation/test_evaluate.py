"""Which students are compared."""

import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('lightgbm', reason='export needs lightgbm (extra `train`)')

from export.evaluation import evaluate
from export.recipe import Recipe


def test_a_student_is_compared_with_all_seeds_or_not_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate, 'read_student', lambda path, settings: path.name)
    monkeypatch.setattr(evaluate, 'ask', lambda student, table: student)
    monkeypatch.setattr(evaluate, 'in_short', lambda said: said)
    folder = tmp_path / 'tiny'
    folder.mkdir()
    for name in ('kdic.1.pt', 'kdic.2.pt', 'nic.1.pt'):
        (folder / name).touch()
    with pytest.raises(FileNotFoundError, match=r'nic\.2\.pt: not there, but other seeds of nic are'):
        evaluate._compared(Recipe('tiny'), tmp_path, None, (1, 2))
    (folder / 'nic.2.pt').touch()
    found = evaluate._compared(Recipe('tiny'), tmp_path, None, (1, 2))
    assert found == {'kdic': ['kdic.1.pt', 'kdic.2.pt'], 'nic': ['nic.1.pt', 'nic.2.pt']}
