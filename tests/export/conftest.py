"""A collection of a few bars for each class, small enough to make a model from in seconds."""

import csv

import mido
import numpy as np
import pytest

try:
    import torch

    # The networks here are tiny: threads would only wait for one another, for minutes on a busy machine.
    torch.set_num_threads(1)
except ImportError:
    pass  # each test file says for itself that it is skipped

PROGRAMS = {
    'Guitar': 24, 'Piano': 0, 'Bass': 33, 'Strings': 48, 'Organ': 19, 'Brass': 56, 'Pipe': 73, 'Reed': 65,
}  # fmt: skip


def _song(path, program_of_track, seed, names=()):
    """A file whose tracks each play eight bars of random quarters in a register of their own."""
    rng = np.random.default_rng(seed)
    file = mido.MidiFile(type=1, ticks_per_beat=96)
    for channel, program in enumerate(program_of_track):
        track = mido.MidiTrack()
        if channel < len(names):
            track.append(mido.MetaMessage('track_name', name=names[channel]))
        if program is not None:
            track.append(mido.Message('program_change', program=program, channel=channel))
        lowest = 30 + 8 * channel
        for pitch in rng.integers(lowest, lowest + 8, 32).tolist():
            track.append(mido.Message('note_on', note=pitch, channel=channel, time=0))
            track.append(mido.Message('note_off', note=pitch, channel=channel, time=96))
        file.tracks.append(track)
    file.save(path)


@pytest.fixture
def song():
    return _song


@pytest.fixture(scope='session')
def collection(tmp_path_factory):
    """(folder, manifest): 12 songs of all eight classes; groups of one song; 8 train, 2 val, 2 test and a lakh."""
    folder = tmp_path_factory.mktemp('collection')
    rows = []
    for number, split in enumerate(['train'] * 8 + ['val'] * 2 + ['test'] * 2 + ['lakh']):
        source = 'lakh' if split == 'lakh' else 'pop'
        name = f'{source}/{number:02}.mid'
        (folder / source).mkdir(exist_ok=True)
        _song(folder / name, PROGRAMS.values(), seed=number)
        rows.append([name, source, source, 'none', f'g{number}', 'test' if split == 'lakh' else split, ''])
    manifest = folder / 'manifest.csv'
    with manifest.open('w', newline='') as stream:
        writer = csv.writer(stream)
        writer.writerow(['file', 'collection', 'source', 'licence', 'group', 'split', 'fallback_label'])
        writer.writerows(rows)
    return folder, manifest


@pytest.fixture(scope='session')
def prepared(collection, tmp_path_factory):
    """A working folder with the collection's shards: its songs have 8 parts of 4 windows each."""
    from export.cli import main

    folder, manifest = collection
    work = tmp_path_factory.mktemp('work')
    words = ['--data', str(folder), '--manifest', str(manifest), '--collections', 'pop', 'lakh']
    main(['prepare', '--recipe', 'controls', *words, '--work', str(work), '--jobs', '1'])
    return work


@pytest.fixture
def slakh(tmp_path, song):
    """Two tracks of Slakh2100-redux, as Zenodo's archive lays them out."""
    yaml = pytest.importorskip('yaml', reason='export needs the extra `train`')
    soundfile = pytest.importorskip('soundfile', reason='export needs the extra `train`')
    stems = {
        'S00': ('Guitar', 27, False), 'S01': ('Strings', 48, False), 'S02': ('Strings', 47, False),
        'S03': ('Strings (continued)', 50, False), 'S04': ('Drums', 128, True), 'S05': ('Bass', 33, False),
    }  # fmt: skip
    for split, name, uuid in (('train', 'Track00001', 'aa'), ('test', 'Track01876', 'bb'), ('omitted', 'Track9', 'aa')):
        track = tmp_path / 'slakh' / split / name
        (track / 'MIDI').mkdir(parents=True)
        (track / 'stems').mkdir()
        facts = {}
        for stem, (inst_class, program, is_drum) in stems.items():
            song(track / 'MIDI' / f'{stem}.mid', [program % 128], seed=3)
            if stem != 'S05':
                soundfile.write(track / 'stems' / f'{stem}.flac', np.sin(np.arange(16 * 22050) * 0.1), 22050)
            facts[stem] = {
                'inst_class': inst_class, 'program_num': program, 'is_drum': is_drum, 'midi_saved': True,
                'audio_rendered': stem != 'S05', 'plugin_name': 'x.nkm',
            }  # fmt: skip
        (track / 'metadata.yaml').write_text(yaml.safe_dump({'UUID': uuid, 'stems': facts}))
    return tmp_path / 'slakh'
