"""``tag``: what is added, and that nothing else is touched, by the event lists that mido reads."""

import io
import os
import time
from collections import Counter
from pathlib import Path

import mido
import pytest

from music21_kdic import InputError, OutputError, tag
from music21_kdic.classes import class_of_program
from music21_kdic.collection.engine.publish import _prefix
from music21_kdic.collection.splicing import Edit, might_be_copy, splice
from music21_kdic.collection.tagging import PROGRAMS, TagQuery, is_placeholder
from music21_kdic.errors import ModelError, WriteError
from music21_kdic.reading.midi_events import read_chunks
from tests.collection.conftest import song
from tests.conftest import save_midi


def events(path):
    """Of each track, its messages with their absolute times."""
    tracks = []
    for track in mido.MidiFile(path).tracks:
        now, found = 0, []
        for message in track:
            now += message.time
            found.append((now, message.copy(time=0)))
        tracks.append(found)
    return tracks


def untagged(tracks, names=True, programs=True):
    """The tracks of a song without their names and programs."""
    gone = {'track_name': names, 'program_change': programs}
    return [[event for event in track if not gone.get(event[1].type)] for track in tracks]


@pytest.fixture
def plain(write_midi):
    """Song 0, its parts unnamed and without programs, with everything else that a MIDI file may hold."""
    setup, *parts = untagged(song(0))
    setup += [
        (0, mido.MetaMessage('copyright', text='nobody')),
        (0, mido.MetaMessage('key_signature', key='Bb')),
        (0, mido.MetaMessage('set_tempo', tempo=400_000)),
        (10, mido.Message('sysex', data=(0x7E, 0x7F, 0x09, 0x01))),
        (96, mido.MetaMessage('marker', text='A')),
        (100, mido.UnknownMetaMessage(0x60, data=(1, 2, 3))),
    ]
    parts[1] += [
        (5, mido.Message('pitchwheel', channel=1, pitch=100)),
        (7, mido.Message('control_change', channel=1, control=7, value=90)),
        (9, mido.MetaMessage('lyrics', text='la')),
        (11, mido.Message('aftertouch', channel=1, value=3)),
    ]
    return write_midi([setup, *parts], name='plain.mid')


def added(before, after):
    """What a track holds more than before: every event of before is still there, in its order."""
    rest = iter(before)
    wanted = next(rest, None)
    more = []
    for event in after:
        if event == wanted:
            wanted = next(rest, None)
        else:
            more.append(event)
    assert wanted is None, f'{wanted} is lost'
    return more


def test_names_and_programs_are_added_and_nothing_else_changes(plain, tmp_path):
    batch = tag(plain, tmp_path / 'tagged.mid', threshold=0.0)
    assert (batch.files, batch.failed) == (1, 0)
    before, after = events(plain), events(tmp_path / 'tagged.mid')
    assert len(before) == len(after) == 4
    assert added(before[0], after[0]) == []
    count = Counter()
    for row in batch:
        label, channel = row['label'], row['channel']
        count[label] += 1
        name = label if count[label] == 1 else f'{label} {count[label]}'  # no two parts get the same
        assert added(before[row['track']], after[row['track']]) == [
            (0, mido.MetaMessage('track_name', name=name)),
            (0, mido.Message('program_change', channel=channel, program=PROGRAMS[label])),
        ]
        assert (row['new_name'], row['new_program']) == (name, PROGRAMS[label])
        assert class_of_program(PROGRAMS[label]) == label
    assert mido.MidiFile(plain).ticks_per_beat == mido.MidiFile(tmp_path / 'tagged.mid').ticks_per_beat


def test_what_is_there_stays(write_midi, tmp_path):
    path = write_midi(song(0), name='full.mid')
    batch = tag(path, tmp_path / 'tagged.mid', threshold=0.0)
    assert [row['new_name'] for row in batch] == [row['new_program'] for row in batch] == [None] * 3
    assert (tmp_path / 'tagged.mid').read_bytes() == path.read_bytes()


def bass_only(**keep):
    return [untagged(song(0), **keep)[1]]


def test_a_name_without_a_program_and_the_other_way_round(write_midi, tmp_path):
    named = write_midi(bass_only(names=False), name='named.mid')
    programmed = write_midi(bass_only(programs=False), name='programmed.mid')
    by_name, by_program = tag([named, programmed], tmp_path / 'tagged', threshold=0.0, jobs=1)
    assert by_name['label'] == by_program['label'] == 'Bass'
    assert (by_name['new_name'], by_name['new_program']) == (None, 33)
    assert (by_program['new_name'], by_program['new_program']) == ('Bass', None)


def test_what_the_file_says_is_not_contradicted(write_midi, tmp_path):
    """A bass line whose track is named "Flute", or has the program of one."""
    (bass,) = bass_only()
    named = write_midi([[(0, mido.MetaMessage('track_name', name='Flute')), *bass]], name='named.mid')
    program = mido.Message('program_change', channel=0, program=73)
    programmed = write_midi([[(0, program), *bass]], name='programmed.mid')
    rows = tag([named, programmed], tmp_path / 'tagged', threshold=0.0, jobs=1)
    assert rows[0]['label'] != 'Pipe'
    assert [(row['new_name'], row['new_program']) for row in rows] == [(None, None)] * 2


def test_the_program_of_a_set_up_track_holds(write_midi, tmp_path):
    (bass,) = bass_only()
    path = write_midi([[(0, mido.Message('program_change', channel=0, program=34))], bass])
    (row,) = tag(path, tmp_path / 't.mid', threshold=0.0)
    assert (row['program'], row['new_program']) == (34, None)


def test_parts_that_share_a_channel_and_differ_get_no_program(write_midi, tmp_path):
    _, bass, _, tune = untagged(song(0))
    tune = [(time, message.copy(channel=0) if not message.is_meta else message) for time, message in tune]
    batch = tag(write_midi([bass, tune]), tmp_path / 't.mid', threshold=0.0)
    assert len({row['label'] for row in batch}) == 2
    assert [row['new_program'] for row in batch] == [None, None]
    assert [row['new_name'] for row in batch] == [row['label'] for row in batch]


def test_parts_that_share_a_track_and_differ_get_no_name(write_midi, tmp_path):
    _, bass, _, tune = untagged(song(0))
    batch = tag(write_midi([[*bass, *tune]]), tmp_path / 't.mid', threshold=0.0)
    assert [row['new_name'] for row in batch] == [None, None]
    assert [row['new_program'] for row in batch] == [PROGRAMS[row['label']] for row in batch]


def test_strings_of_a_guitar_that_share_their_track_with_a_bass_get_no_name(write_midi, midi_note, tmp_path):
    """Six channels of one program are one guitar, which has no channel of its own."""
    guitar = [
        event
        for string, pitch in enumerate((40, 45, 50, 55, 59, 64))
        for event in (
            (0, mido.Message('program_change', channel=string, program=24)),
            *(one for beat in range(16) for one in midi_note(96 * beat + 8 * string, 96 * beat + 90, pitch, string)),
        )
    ]
    bass = [
        (0, mido.Message('program_change', channel=7, program=33)),
        *(event for beat in range(16) for event in midi_note(96 * beat, 96 * beat + 90, 28 + beat % 5, 7)),
    ]
    rows = tag(write_midi([[*guitar, *bass]]), tmp_path / 't.mid', threshold=0.0)
    assert {row.label for row in rows} == {'Guitar', 'Bass'}
    assert [row.new_name for row in rows] == [None, None]


def test_less_sure_than_asked_for_and_drums_are_left_alone(plain, write_midi, midi_note, tmp_path):
    batch = tag(plain, tmp_path / '1.mid', threshold=1.0)
    assert {row['label'] for row in batch} == {'unknown'}
    assert (tmp_path / '1.mid').read_bytes() == plain.read_bytes()
    drums = write_midi([[event for i in range(8) for event in midi_note(48 * i, 48 * i + 40, 36, channel=9)]])
    tag(drums, tmp_path / '2.mid', threshold=0.0)
    assert (tmp_path / '2.mid').read_bytes() == drums.read_bytes()


def test_a_dry_run_writes_nothing(plain, tmp_path):
    before = sorted(tmp_path.rglob('*'))
    batch = tag(plain, tmp_path / 'tagged.mid', threshold=0.0, dry_run=True)
    assert all(row['new_name'].startswith(row['label']) for row in batch)
    assert sorted(tmp_path.rglob('*')) == before


@pytest.mark.parametrize('other_name', ['plain.mid', './plain.mid', 'link.mid', 'hard.mid'])
def test_the_input_is_never_written_over(other_name, plain, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.symlink('plain.mid', 'link.mid')
    os.link('plain.mid', 'hard.mid')
    before = plain.read_bytes()
    with pytest.raises(OutputError, match='is the input, and is left as it is'):
        tag('plain.mid', other_name)
    assert plain.read_bytes() == before


def test_nothing_that_is_there_is_overwritten(plain, tmp_path, run):
    (tmp_path / 'mine.mid').write_text('mine')
    status, _, err = run('tag', plain, '-o', tmp_path / 'mine.mid')
    assert (status, (tmp_path / 'mine.mid').read_text()) == (2, 'mine')
    assert 'is there already' in err


def test_several_files_want_a_folder(collection, tmp_path, run):
    there = tmp_path / 'there.mid'
    there.write_text('mine')
    for force in (False, True):
        with pytest.raises(OutputError, match=r'there\.mid: is a file, wanted a folder for the copies'):
            tag(collection, there, force=force)
    assert run('tag', collection, '-o', there)[0] == 2
    assert there.read_text() == 'mine'


def test_a_folder(collection, tmp_path):
    (collection / 'a' / 'bad.mid').write_bytes(b'none')
    out = tmp_path / 'out'
    batch = tag(collection, out, threshold=0.0, jobs=2)
    assert (batch.files, batch.failed) == (13, 1)
    names = {path.relative_to(collection) for path in collection.rglob('*.mid')}
    assert {path.relative_to(out) for path in out.rglob('*') if path.is_file()} == {n for n in names if n.stem != 'bad'}
    with pytest.raises(OutputError, match='is there already'):
        tag(collection, out, jobs=2)
    (out / 'a' / '00.mid').unlink()
    again = tag(collection, out, jobs=1, resume=True)
    assert sorted({row['path'][-8:] for row in again}) == ['/bad.mid', 'a/00.mid']


def test_files_that_cannot_be_tagged_are_rows(tmp_path, plain, run):
    (tmp_path / 'bad.mid').write_bytes(b'none')
    riff = b'RIFF' + bytes(4) + b'RMIDdata' + bytes(4)
    (tmp_path / 'song.rmi').write_bytes(riff + plain.read_bytes())
    batch = tag([tmp_path / 'bad.mid', tmp_path / 'song.rmi'], tmp_path / 'out', jobs=1)
    assert batch.failed == 2
    for row, error in zip(batch, ('wanted a MIDI file', 'wanted a plain one'), strict=True):
        assert row['status'] == 'unreadable'
        assert error in row['error']
    assert not list((tmp_path / 'out').glob('*'))
    assert run('tag', tmp_path / 'bad.mid', '-o', tmp_path / 'out.mid')[0] == 1
    assert not (tmp_path / 'out.mid').exists()
    status, out, _ = run('tag', plain, '-o', tmp_path / 'out.mid', '--threshold', '0')
    assert (status, len(out.splitlines())) == (0, 6)
    assert (tmp_path / 'out.mid').exists()


def test_a_file_that_takes_too_long_is_a_row_like_the_others(slow, tmp_path, run):
    status, out, err = run('tag', slow(), '-o', tmp_path / 'out.mid', '--timeout', '0.2')
    assert (status, 'no answer within 0.2 s' in out) == (1, True), err
    assert not (tmp_path / 'out.mid').exists()


def test_a_melody_that_shares_its_track_with_drums_gets_no_name(write_midi, midi_note, tmp_path):
    (bass,) = bass_only()
    strokes = [event for i in range(8) for event in midi_note(48 * i, 48 * i + 40, 36, channel=9)]
    batch = tag(write_midi([[*bass, *strokes]]), tmp_path / 't.mid', threshold=0.0)
    assert [row['new_name'] for row in batch] == [None, None]
    assert [row['new_program'] is None for row in batch] == [False, True]


def test_a_program_comes_after_the_message_that_resets_the_synthesizer(write_midi, tmp_path):
    (bass,) = bass_only()
    reset = mido.Message('sysex', data=(0x7E, 0x7F, 0x09, 0x01))
    path = write_midi([[(0, mido.MetaMessage('copyright', text='nobody')), (0, reset), *bass]])
    tag(path, tmp_path / 't.mid', threshold=0.0)
    kinds = [message.type for message in mido.MidiFile(tmp_path / 't.mid').tracks[0]][:5]
    assert kinds == ['copyright', 'sysex', 'track_name', 'program_change', 'note_on']


def test_a_worker_killed_as_soon_as_it_had_written_is_no_failure(plain, tmp_path):
    """Another worker is asked for the same file, and finds its copy there."""
    query, copy = TagQuery(threshold=0.0), str(tmp_path / 'tagged.mid')
    first = query.answer(str(plain), copy)
    assert query.answer(str(plain), copy) == first
    (tmp_path / 'tagged.mid').write_bytes(b'mine')
    assert query.answer(str(plain), copy)[0].status == 'unreadable'
    assert (tmp_path / 'tagged.mid').read_bytes() == b'mine'


def test_copies_do_not_lie_among_their_originals(collection, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for output in (collection / 'tagged', collection, 'songs/../songs/tagged'):
        with pytest.raises(OutputError, match='lies inside'):
            tag(collection, output)


def test_many_paths_go_to_one_folder(collection, plain, tmp_path, monkeypatch):
    """As the originals lie in the folders that were named; a file lies in the folder itself."""
    monkeypatch.chdir(tmp_path)
    assert tag(['songs/a/0*.mid', 'songs/b', plain], 'out', jobs=1).failed == 0
    names = [f'{number:02}.mid' for number in range(12) if number % 2 or number < 10]
    assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == sorted(['plain.mid', *names])
    assert tag('songs/a/00.mid', 'new/folder/00.mid').failed == 0
    assert tag('songs/a/00.mid', 'other/').failed == 0
    assert (tmp_path / 'other' / '00.mid').read_bytes() == (tmp_path / 'new' / 'folder' / '00.mid').read_bytes()


def test_a_folder_is_laid_out_alike_however_it_is_named(collection, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tag('songs', 'folder', jobs=1)
    tag('song*', 'glob', jobs=1)
    monkeypatch.setattr('sys.stdin', io.TextIOWrapper(io.BytesIO(b'songs\n')))
    tag('-', 'listed', jobs=1)
    folder, *others = (
        sorted(path.relative_to(out) for path in Path(out).rglob('*.mid')) for out in ('folder', 'glob', 'listed')
    )
    assert len(folder) > 2
    assert others == [folder, folder]
    with pytest.raises(OutputError, match='lies inside'):
        tag('song*', 'songs/tagged')
    tag('songs/a/00*.mid', 'one', jobs=1)  # a glob stands for many, also where it matches one
    assert [path.name for path in Path('one').iterdir()] == ['00.mid']


def test_a_file_that_is_named_twice_is_copied_once(collection, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    batch = tag(['songs/a/00.mid', './songs/../songs/a/00.mid'], 'one')
    assert [path.name for path in (tmp_path / 'one').iterdir()] == ['00.mid']
    assert {row.path for row in batch} == {'songs/a/00.mid'}
    tag(['songs', 'songs/a/00.mid'], 'all', jobs=1)
    assert sorted(path.name for path in (tmp_path / 'all').iterdir()) == ['a', 'b']


def test_two_files_do_not_get_one_copy(collection, tmp_path):
    (collection / 'b' / '00.mid').write_bytes((collection / 'a' / '00.mid').read_bytes())
    with pytest.raises(OutputError, match=r'out/00.mid: would be the copy of .*a/00.mid and of .*b/00.mid'):
        tag([collection / 'a' / '00.mid', collection / 'b' / '00.mid'], tmp_path / 'out')
    assert not (tmp_path / 'out').exists()


def test_a_path_that_is_not_there_writes_nothing(tmp_path, plain, run):
    for name in ('none.mid', '*.kar'):
        with pytest.raises(InputError, match=r'no such file or folder|matches no file'):
            tag([plain, tmp_path / name], tmp_path / 'out')
    assert run('tag', tmp_path / 'none.mid', '-o', tmp_path / 'out.mid')[0] == 2
    assert [path.name for path in tmp_path.iterdir()] == ['plain.mid']


def test_scores_are_said_to_be_no_files_that_can_be_tagged(collection, tmp_path, run):
    (collection / 'a' / 'song.musicxml').write_text('<score-partwise/>')
    (row,) = tag(collection / 'a' / 'song.musicxml', tmp_path / 'out.mid')
    assert (row.status, row.error) == ('unreadable', 'a score; only MIDI files can be tagged')
    status, out, _ = run('tag', collection / 'a', '-o', tmp_path / 'out', '--jobs', '1')
    assert (status, out.splitlines()[-1].endswith('passed over for their endings: 1 .musicxml')) == (0, True)


def test_copies_are_replaced_where_that_is_asked_for_and_inputs_never(collection, tmp_path, run):
    out = tmp_path / 'out'
    tag(collection, out, jobs=1)
    wanted = (out / 'a' / '00.mid').read_bytes()
    (out / 'a' / '00.mid').write_text('old')
    assert run('tag', collection, '-o', out, '--force', '--jobs', '1')[0] == 0
    assert (out / 'a' / '00.mid').read_bytes() == wanted
    original = (collection / 'a' / '00.mid').read_bytes()
    with pytest.raises(OutputError, match='is the input'):
        tag([collection / 'a' / '00.mid', collection / 'b' / '01.mid'], collection / 'a', force=True)
    assert (collection / 'a' / '00.mid').read_bytes() == original


def test_what_a_killed_run_left_is_taken_away_on_resuming(collection, tmp_path):
    out = tmp_path / 'out'
    (out / 'a').mkdir(parents=True)
    left = out / 'a' / f'{_prefix(out / "a" / "00.mid")}123.part'
    left.write_bytes(b'MThd')
    tag(collection, out, jobs=1, resume=True)
    assert not left.exists()
    assert len(list(out.rglob('*'))) == 2 + 12


def aged(path, seconds):
    """Set when a file was changed, in seconds from now."""
    when = time.time() + seconds
    os.utime(path, (when, when))


@pytest.mark.parametrize('other_name', ['plain.mid', 'link.mid', 'hard.mid'])
@pytest.mark.parametrize('options', [{'resume': True}, {'resume': True, 'force': True}, {'dry_run': True}])
def test_the_input_is_no_copy_of_itself(other_name, options, plain, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.symlink('plain.mid', 'link.mid')
    os.link('plain.mid', 'hard.mid')
    before = plain.read_bytes()
    with pytest.raises(OutputError, match='is the input, and is left as it is'):
        tag('plain.mid', other_name, **options)
    assert plain.read_bytes() == before


def test_a_copy_older_than_its_input_is_made_again_only_with_force(collection, tmp_path, run):
    """It may be somebody's work: who wants it replaced says so. The finished copies stay."""
    out = tmp_path / 'out'
    tag(collection, out, threshold=0.0, jobs=1)
    changed, copy = collection / 'a' / '00.mid', out / 'a' / '00.mid'
    save_midi(changed, song(50))
    aged(changed, 100)
    old = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in out.rglob('*.mid')}
    with pytest.raises(OutputError, match=r'out/a/00.mid: is older than .*songs/a/00.mid, or no copy of it, .*--force'):
        tag(collection, out, threshold=0.0, jobs=1, resume=True)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in out.rglob('*.mid')} == old
    batch = tag(collection, out, threshold=0.0, jobs=1, resume=True, force=True)
    assert (batch.files, batch.counts.there, {row.path for row in batch}) == (1, 11, {str(changed)})
    assert copy.read_bytes() == changed.read_bytes()  # which has names and programs
    assert [path for path, before in old.items() if path.stat().st_mtime_ns != before[1]] == [copy]
    aged(changed, -100)
    words = ('tag', collection, '-o', out, '--threshold', '0', '--jobs', '1', '--resume')
    status, told, _ = run(*words)
    assert (status, told.splitlines()[-1]) == (0, '0 files, 0 parts; 12 copied before')
    status, told, _ = run(*words[:-1], '--force')
    assert (status, told.splitlines()[-1].startswith('12 files, 36 parts: ')) == (0, True)
    assert 'before' not in told.splitlines()[-1]


@pytest.mark.parametrize(
    'there', ['no music', 'another song', 'the tracks of another', 'a folder', 'a link to nothing']
)
def test_what_is_no_copy_is_none_on_resuming(there, plain, write_midi, tmp_path):
    copy = tmp_path / 'copy.mid'
    if there == 'a folder':
        copy.mkdir()
        (copy / 'mine').touch()
        copy = copy / 'plain.mid'
        copy.mkdir()
    elif there == 'a link to nothing':
        copy.symlink_to('nothing')
    else:
        other = write_midi(song(7)[: 2 if there == 'the tracks of another' else None], name='other.mid')
        copy.write_bytes(other.read_bytes() if 'another' in there else b'mine')
        aged(copy, 100)
    output = tmp_path / 'copy.mid'
    before = sorted((path, path.is_file() and path.read_bytes()) for path in tmp_path.rglob('*'))
    with pytest.raises(OutputError, match=r'or no copy of it, and is left as it is; --force replaces it'):
        tag(plain, output, resume=True)
    assert sorted((path, path.is_file() and path.read_bytes()) for path in tmp_path.rglob('*')) == before


def test_a_changed_input_that_looks_old_is_seen_by_its_notes(plain, tmp_path):
    tag(plain, tmp_path / 'copy.mid', threshold=0.0)
    save_midi(plain, song(9))
    aged(plain, -1000)
    with pytest.raises(OutputError, match='or no copy of it'):
        tag(plain, tmp_path / 'copy.mid', resume=True)


@pytest.mark.parametrize('name', ['', 'Track 1'])
def test_all_that_is_added_leaves_a_copy_one(name, plain, write_midi, tmp_path):
    """Names, programs, a program 0 that goes, a placeholder that goes."""
    paths = [plain, write_midi(programmed(0, name), name='0.mid'), write_midi(bass_only(), name='1.mid')]
    rows = tag(paths, tmp_path / 'out', threshold=0.0, jobs=1)
    assert {row.path for row in rows if row.new_name and row.new_program is not None} == set(map(str, paths))
    again = tag(paths, tmp_path / 'out', threshold=0.0, jobs=1, resume=True)
    assert (again.files, again.counts.there, list(again)) == (0, 3, [])


def test_a_copy_has_to_go_somewhere(plain):
    for output in (None, 5):
        with pytest.raises(OutputError, match=f'output = {output}: wanted the path of the copy, or of a folder'):
            tag(plain, output)


def test_a_folder_without_midi_files_is_said_to_be_one(tmp_path):
    (tmp_path / 'empty').mkdir()
    (tmp_path / 'empty' / 'readme.txt').touch()
    (row,) = tag(tmp_path / 'empty', tmp_path / 'out', jobs=1)
    assert (row.status, row.error) == ('unreadable', 'a folder without MIDI files, or one that cannot be opened')


def test_splicing_keeps_every_byte(plain):
    """Running status, and bytes after the last track, which a MIDI library would not write back."""
    content = plain.read_bytes() + b'and more'
    chunks = read_chunks(content)
    events = {1: b'\0\xc0\x21', 3: b'\0\xc2\x49'}
    edits = [Edit(chunks[track].head, chunks[track].head, event) for track, event in events.items()]
    spliced = splice(content, chunks, edits)
    assert len(spliced) == len(content) + 6
    for chunk in reversed(read_chunks(spliced)):
        for event in (b'\0\xc0\x21', b'\0\xc2\x49'):
            if spliced[chunk.head : chunk.head + 3] == event:
                length = (int.from_bytes(spliced[chunk.start - 4 : chunk.start], 'big') - 3).to_bytes(4, 'big')
                kept = spliced[chunk.start : chunk.head] + spliced[chunk.head + 3 :]
                spliced = spliced[: chunk.start - 4] + length + kept
    assert spliced == content


def test_a_placeholder_counts_as_no_name_and_goes(write_midi, tmp_path):
    names = ['Track 1', 'track_02', 'MIDI', 'MIDI out', 'Untitled', 'New Track', 'Staff-1', 'Part #3', '7']
    (bass,) = bass_only()
    text = (0, mido.MetaMessage('text', text='stays'))
    paths = [
        write_midi([[(0, mido.MetaMessage('track_name', name=name)), text, *bass]], name=f'{number}.mid')
        for number, name in enumerate(names)
    ]
    rows = tag(paths, tmp_path / 'tagged', threshold=0.0, jobs=1)
    assert [(row.name, row.new_name, row.new_program) for row in rows] == [(name, 'Bass', 33) for name in names]
    for path in paths:
        (track,) = events(tmp_path / 'tagged' / path.name)
        assert track[:3] == [
            text, (0, mido.MetaMessage('track_name', name='Bass')), (0, mido.Message('program_change', program=33)),
        ]  # fmt: skip
        assert [message.type for _, message in added(bass, track[3:])] == ['end_of_track']


@pytest.mark.parametrize('name', ['Melody', 'Track of my tears', 'Partita', 'New York', 'Midnight', '2 Guitars'])
def test_a_name_that_somebody_chose_is_none(name):
    assert not is_placeholder(name)


def test_a_placeholder_that_comes_late_stays(write_midi, tmp_path):
    """It could not be replaced at the start of the track."""
    (bass,) = bass_only()
    path = write_midi([[*bass, (5, mido.MetaMessage('track_name', name='Track 1'))]])
    (row,) = tag(path, tmp_path / 't.mid', threshold=0.0)
    assert (row.name, row.new_name) == ('Track 1', None)


def test_no_two_parts_get_the_same_new_name(write_midi, tmp_path):
    """Three bass lines without names, beside a part that is called Bass."""
    (bass,) = bass_only()
    on = [[(time, m.copy(channel=c) if not m.is_meta else m) for time, m in bass] for c in range(4)]
    named = [(0, mido.MetaMessage('track_name', name='bass')), *on[3]]
    rows = tag(write_midi([*on[:3], named]), tmp_path / 't.mid', threshold=0.0)
    assert [row.new_name for row in rows] == ['Bass 2', 'Bass 3', 'Bass 4', None]


def programmed(program, name, *others):
    """A bass line with a program and a name, and the flute's tune with another program."""
    _, bass, _, tune = untagged(song(0))
    start = [(0, mido.MetaMessage('track_name', name=name))] if name else []
    start.append((0, mido.Message('program_change', program=program)))
    flute = (0, mido.Message('program_change', channel=2, program=73))
    return [[*start, *bass, *others], [(0, mido.MetaMessage('track_name', name='Flute')), flute, *tune]]


@pytest.mark.parametrize('name', ['', 'Track 1'])
def test_a_program_0_that_nobody_chose_is_replaced(name, write_midi, tmp_path):
    """In a file in which others have other programs."""
    before = programmed(0, name)
    row, flute = tag(write_midi(before), tmp_path / 't.mid', threshold=0.0)
    assert (row.label, row.program, row.new_program) == ('Bass', 0, 33)
    assert flute.new_program is None
    changes = [[m for _, m in track if m.type == 'program_change'] for track in events(tmp_path / 't.mid')]
    assert [[m.program for m in track] for track in changes] == [[33], [73]]


def test_a_program_0_that_somebody_may_have_chosen_stays(write_midi, tmp_path):
    again = (20, mido.Message('program_change', program=0))
    paths = [
        write_midi(programmed(0, 'Grand'), name='0.mid'),  # it has a name
        write_midi(programmed(1, ''), name='1.mid'),  # it is another
        write_midi(programmed(0, '', again), name='2.mid'),  # it is set twice
        write_midi(programmed(0, '')[:1], name='3.mid'),  # no part of the file has another
    ]
    rows = tag(paths, tmp_path / 'tagged', threshold=0.0, jobs=1)
    firsts = [next(row for row in rows if row.path == str(path)) for path in paths]
    assert [row.new_program for row in firsts] == [None] * 4


@pytest.mark.parametrize(('controller', 'value'), [(0, 127), (0, 8), (32, 1)])
def test_a_program_of_another_bank_was_chosen(controller, value, write_midi, tmp_path):
    """A drum kit of XG, a variation of GS, a bank of a synthesizer: another program would be another sound there."""
    setup, bass, *others = untagged(song(0), programs=False)
    bank = (0, mido.Message('control_change', channel=0, control=controller, value=value))
    program = (0, mido.Message('program_change', channel=0, program=0))
    bass = [event for event in bass if event[1].type != 'program_change']
    melodic = (0, mido.Message('control_change', channel=0, control=0, value=121))  # of General MIDI 2
    starts = {'chosen': [bank, program], 'set': [bank], 'usual': [program], 'usual-2': [melodic, program]}
    for name, start in starts.items():
        path = write_midi([setup, [*start, *bass], *others], name=f'{name}.mid')
        (row, *_) = tag(path, tmp_path / f'{name}-out.mid', threshold=0.3, quiet=True)
        assert row.new_program == (PROGRAMS['Bass'] if name.startswith('usual') else None)


def test_a_folder_that_takes_no_file_is_an_error_of_its_own(plain, tmp_path):
    """And not one of the input's."""
    (tmp_path / 'file').write_text('no folder')
    with pytest.raises(WriteError, match=r'file/copies: cannot be written'):
        tag(plain, f'{tmp_path}/file/copies/', quiet=True)


def test_a_model_that_is_not_there_leaves_no_folder(plain, tmp_path):
    with pytest.raises(ModelError):
        tag(plain, f'{tmp_path}/copies/', model=tmp_path / 'none', quiet=True)
    assert not (tmp_path / 'copies').exists()


def test_another_tune_of_the_same_rhythm_is_no_copy(plain, tmp_path):
    """Nor is one of which a single pitch is another; one whose program alone is another is."""
    file = mido.MidiFile(plain)
    notes = [event for track in file.tracks for event in track if event.type.startswith('note')]
    original = plain.read_bytes()
    assert might_be_copy(original, original)
    for event in notes[:2]:
        event.note += 1
    file.save(tmp_path / 'other.mid')
    assert not might_be_copy((tmp_path / 'other.mid').read_bytes(), original)


def test_a_file_whose_program_was_changed_is_a_copy(write_midi):
    setup, bass, *_ = untagged(song(0), programs=False)
    bass = [event for event in bass if event[1].type != 'program_change']
    first, second = (
        write_midi([setup, [*bass, (0, mido.Message('program_change', channel=0, program=program)), *bass]], name=name)
        for program, name in ((0, 'first.mid'), (33, 'second.mid'))
    )
    assert might_be_copy(second.read_bytes(), first.read_bytes())
