"""Recordings of all kinds: what is read is the sound that was written, or the error says why not."""

import os

import numpy as np
import pytest
import soundfile

from music21_kdic import UnreadableError
from music21_kdic.reading.endings import is_recording
from music21_kdic.sound.audio import MOST_CHANNELS, MOST_SECONDS, open_recording
from tests.fuzz.mutate_audio import mend_pages
from tests.sound.hand_made_sound import sine

OGG_HEADER = 27  # bytes of a page before the lengths of what is in it


def read(path):
    return np.concatenate([np.zeros(0, np.float32), *open_recording(path).blocks()])


@pytest.mark.parametrize(
    ('ending', 'subtype', 'rate', 'channels', 'error'),
    [
        ('wav', 'PCM_16', 8192, 1, 1e-4),
        ('wav', 'PCM_U8', 44100, 2, 2e-2),  # 8 bits
        ('wav', 'PCM_24', 192_000, 2, 1e-4),
        ('wav', 'FLOAT', 48000, 6, 1e-4),  # 5.1
        ('wav', 'ULAW', 8000, 1, 3e-2),
        ('flac', 'PCM_16', 22050, 1, 1e-4),
        ('ogg', 'VORBIS', 44100, 2, 5e-2),
    ],
)
def test_what_is_read_is_what_was_written(ending, subtype, rate, channels, error, tmp_path):
    path = tmp_path / f'a.{ending}'
    soundfile.write(path, np.repeat(sine(440, 3, rate)[:, None], channels, axis=1), rate, subtype=subtype)
    found = open_recording(path)
    assert (found.rate, found.channels, found.seconds) == (rate, channels, 3.0)
    sound = read(path)
    assert len(sound) == 3 * 8192
    # Where the resampler has what lies on both sides.
    middle = slice(8192, 2 * 8192)
    np.testing.assert_allclose(sound[middle], sine(440, 3)[middle], atol=error)


@pytest.mark.parametrize('kept', [0.3, 0.7, 0.99])
@pytest.mark.parametrize(
    ('ending', 'options'),
    [('wav', {}), ('wav', {'endian': 'BIG'}), ('wav', {'format': 'RF64'}), ('ogg', {}), ('flac', {})],
)
def test_what_was_cut_off_is_refused(ending, options, kept, tmp_path):
    whole, cut = tmp_path / f'whole.{ending}', tmp_path / f'cut.{ending}'
    soundfile.write(whole, sine(440, 6, 22050), 22050, **options)
    assert len(read(whole)) == 6 * 8192
    cut.write_bytes(whole.read_bytes()[: int(kept * whole.stat().st_size)])
    with pytest.raises(UnreadableError, match=r'ends early|ends before|damaged'):
        read(cut)


@pytest.mark.parametrize('length', [0, 0xFFFFFFFF, 0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFDB])
def test_a_length_that_was_not_known_is_no_sign_of_a_cut(length, tmp_path):
    """Programs that write to a pipe leave it so."""
    path = tmp_path / 'a.wav'
    soundfile.write(path, sine(440, 3, 22050), 22050)
    content = bytearray(path.read_bytes())
    place = content.index(b'data') + 4
    content[place : place + 4] = length.to_bytes(4, 'little')
    path.write_bytes(content)
    assert open_recording(path).samples in (0, 3 * 22050)


@pytest.mark.parametrize('ending', ['ogg', 'oga', 'opus'])
@pytest.mark.parametrize('subtype', ['VORBIS', 'OPUS'])
def test_endings_of_ogg(ending, subtype, tmp_path):
    path = tmp_path / f'a.{ending}'
    soundfile.write(path, sine(440, 3, 48000), 48000, format='OGG', subtype=subtype)
    assert is_recording(str(path))
    assert len(read(path)) == 3 * 8192


def test_an_ogg_file_of_one_stream_after_another_is_refused(tmp_path):
    first, second = (
        mend_pages(written(tmp_path / 'one.ogg', sine(pitch, 3)).read_bytes(), serial)
        for pitch, serial in ((440, b'one.'), (880, b'two.'))
    )
    path = tmp_path / 'a.ogg'
    path.write_bytes(first + second)  # RFC 3533: chained
    with pytest.raises(UnreadableError, match=r'a\.ogg: it holds several streams one after another, wanted one'):
        open_recording(path)
    # Grouped: all first pages, and then the rest of each; the first stream is the sound.
    ends = [OGG_HEADER + 1 + stream[OGG_HEADER] for stream in (first, second)]
    path.write_bytes(b''.join([first[: ends[0]], second[: ends[1]], first[ends[0] :], second[ends[1] :]]))
    assert len(read(path)) == 3 * 8192


def test_a_flac_file_that_does_not_say_how_long_it_is(tmp_path):
    content = bytearray(written(tmp_path / 'a.flac').read_bytes())
    # The 36 bits of STREAMINFO behind 108 others (RFC 9639), which follows 'fLaC' and the head of its block.
    content[8 + 13] &= 0xF0
    content[8 + 14 : 8 + 18] = bytes(4)
    (tmp_path / 'a.flac').write_bytes(content)
    with pytest.raises(UnreadableError, match=r'a\.flac: it does not say how long it is'):
        open_recording(tmp_path / 'a.flac')


def test_a_tag_before_flac_is_passed_over(tmp_path):
    flac, wav = (written(tmp_path / f'a.{ending}').read_bytes() for ending in ('flac', 'wav'))
    tag = b'ID3\4\0\0\0\0\1\2' + bytes(130)  # ID3v2: seven bits of the length in each of four bytes
    path = tmp_path / 'tagged.flac'
    path.write_bytes(tag + flac)
    np.testing.assert_array_equal(read(path), read(tmp_path / 'a.flac'))
    for behind in (wav, b'', b'\xff\xfb\x90\0' * 100):  # the last as MP3 begins
        path.write_bytes(tag + behind)
        with pytest.raises(UnreadableError, match='begins as no WAV, FLAC or Ogg file does'):
            open_recording(path)


def test_channels_are_averaged(tmp_path):
    path = tmp_path / 'a.wav'
    left, right = sine(440, 1), sine(880, 1)
    soundfile.write(path, np.stack([left, right], axis=1), 8192, subtype='FLOAT')
    np.testing.assert_allclose(read(path), (left + right) / 2, atol=1e-6)


def test_a_long_recording_comes_in_blocks(tmp_path):
    path = tmp_path / 'a.flac'
    soundfile.write(path, np.tile(sine(440, 60, 44100), 2), 44100)
    sizes = [len(block) for block in open_recording(path).blocks()]
    assert sum(sizes) == 120 * 8192
    assert max(sizes) < 30 * 8192


@pytest.mark.parametrize('samples', [0, 1, 2])
def test_hardly_any_sample(samples, tmp_path):
    path = tmp_path / 'a.wav'
    soundfile.write(path, np.full(samples, 0.5), 8192, subtype='FLOAT')
    assert read(path).tolist() == [0.5] * samples


def test_an_odd_name(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b'/odd-\xff.wav')
    with open(path, 'wb') as file:
        soundfile.write(file, sine(440, 1), 8192, format='WAV')
    assert len(read(path)) == 8192


def written(path, sound=None, rate=8192, **words):
    soundfile.write(path, sine(440, 2) if sound is None else sound, rate, **words)
    return path


@pytest.mark.parametrize(
    ('make', 'reason'),
    [
        (lambda path: path, 'cannot be opened (No such file or directory)'),
        (lambda path: path.mkdir(), 'not a file'),
        (os.mkfifo, 'not a file'),
        (lambda path: path.write_bytes(b''), 'begins as no WAV, FLAC or Ogg file does'),
        (lambda path: written(path, format='AIFF'), 'begins as no WAV, FLAC or Ogg file does'),
        (lambda path: path.write_bytes(b'RIFF' + bytes(100)), 'it is damaged ('),
        (lambda path: path.write_bytes(b'OggS' + bytes(100)), 'it is damaged ('),
        (
            lambda path: path.write_bytes(written(path, format='FLAC').read_bytes()[:-2000]),
            'it is damaged (',
        ),
        (lambda path: written(path, np.array([0, np.nan]), subtype='DOUBLE'), 'a sample of nan, wanted at most 1e+06'),
        (lambda path: written(path, np.array([0, -np.inf]), subtype='FLOAT'), 'a sample of inf, wanted at most 1e+06'),
        (lambda path: written(path, np.array([0, 1e300]), subtype='DOUBLE'), 'a sample of inf, wanted at most 1e+06'),
        (lambda path: written(path, np.zeros((9, MOST_CHANNELS + 1))), '65 channels, at most 64 are read'),
        (lambda path: written(path, rate=900), '900 samples a second, wanted 1000 to 768000'),
        (
            lambda path: written(path, np.zeros(1000 * MOST_SECONDS + 1, np.int16), 1000),
            '21600 seconds, at most 21600 are read',
        ),
    ],
)
def test_what_cannot_be_read_says_why(make, reason, tmp_path):
    path = tmp_path / 'a.wav'
    make(path)
    with pytest.raises(UnreadableError) as caught:
        read(path)
    assert str(caught.value).startswith(f'{path}: {reason}')
    if path.is_file():
        path.unlink()  # pytest keeps the folders of some runs


def test_a_recording_that_gets_shorter_while_it_is_read(tmp_path):
    path = tmp_path / 'a.wav'
    found = open_recording(written(path))
    written(path, sine(440, 1))
    with pytest.raises(UnreadableError, match='it ends before the 16384 samples that it announces'):
        list(found.blocks())


def test_a_name_with_a_nul_cannot_be_opened():
    with pytest.raises(UnreadableError, match='cannot be opened'):
        open_recording('a\0.wav')


def test_which_names_are_recordings():
    assert [is_recording(name) for name in ('a.WAV', 'b.flac', 'c/d.ogg', 'e.mid', 'wav')] == [True] * 3 + [False] * 2
