import pytest

pytest.importorskip('yaml', reason='export needs the extra `train`')

from export.cli import main


def test_nothing_is_written_of_a_collection_that_there_is_not(collection, tmp_path, capsys):
    """Nor of one before it that there is."""
    folder, manifest = collection
    words = ['--data', str(folder), '--manifest', str(manifest), '--work', str(tmp_path), '--jobs', '1']
    with pytest.raises(SystemExit):
        main(['note-store', *words, '--collections', 'lakh', 'popp'])
    assert 'no collection popp, wanted some of lakh, pop' in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
