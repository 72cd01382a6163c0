from music21_kdic.collection.engine.inputs import LINKS
from music21_kdic.collection.engine.run import Batch, Counts
from music21_kdic.collection.in_words import summary
from music21_kdic.collection.label import LabelRow
from music21_kdic.statuses import Status


def test_the_summary():
    bass = LabelRow(path='a.mid', name='Slap', label='Bass', status=Status.OK)
    drums = LabelRow(path='a.mid', name='', status=Status.DRUMS)
    unread = LabelRow.without_answer('b.mid', Status.UNREADABLE, 'damaged MIDI file')
    counts = Counts(files=3)
    counts.add([bass, drums, unread, bass])
    assert summary(Batch(counts, LabelRow.columns())) == '3 files, 3 parts: Bass 2, unknown 1; 1 file not read'
    counts.skipped.update(['.txt', '.txt', ''])
    assert summary(Batch(counts, LabelRow.columns())).endswith('; passed over for their endings: 2 .txt, 1 without one')
    counts.skipped[LINKS] = 2
    assert summary(Batch(counts, LabelRow.columns())).endswith(' 1 without one; not followed: 2 links to folders')
