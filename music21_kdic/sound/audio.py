"""Recordings as they are read, block by block: an hour of a WAV, FLAC or Ogg file needs no more memory than a minute.

Which format a file is in is told by how it begins, not by its name: libsndfile knows others, which nobody has looked at
here. What is read is mono, RATE samples a second.
"""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np

from music21_kdic.errors import UnreadableError, needs
from music21_kdic.sound.spectra import RATE, Samples

if TYPE_CHECKING:
    import soundfile

BEGINS = (b'RIFF', b'RIFX', b'RF64', b'fLaC', b'OggS')
MOST_SECONDS = 6 * 3600
LEAST_RATE, MOST_RATE = 1000, 768_000  # samples a second
MOST_CHANNELS = 64
LOUDEST = 1e6  # of a sample, where full scale is 1
NO_LENGTH = 2**63 - 1  # samples: what libsndfile says of a FLAC file that does not say how many it has
_ENDIAN: dict[bytes, Literal['little', 'big']] = {b'RIFF': 'little', b'RIFX': 'big', b'RF64': 'little'}
_RIFF_HEADER, _CHUNK_HEADER = 12, 8  # bytes
_NOT_KNOWN = 0x7FFF0000  # bytes: as much, or nothing, is what programs write that cannot go back to the head
_MOST_CHUNKS = 1000  # of a WAV file, or streams of an Ogg file, that are looked at
_OGG_PAGE, _OGG_HEADER = 65_307, 27  # bytes of a page at most, of its head
_FIRST_PAGE, _LAST_PAGE = 2, 4  # flags of the first page of a stream, and of the last
_SERIAL = slice(14, 18)  # of a page: the number of its stream
_TAG, _TAG_HEADER = b'ID3', 10  # of ID3v2, which some programs put before FLAC; bytes of its head
_CUT_OFF = 'it ends early: it was cut off'
BLOCK_VALUES = 2**20  # that are read at once, of all channels together


@dataclass(frozen=True)
class Recording:
    """What the head of a file says.

    Attributes:
        path: of the file.
        rate: samples a second.
        channels: how many.
        samples: of each channel.
    """

    path: str
    rate: int
    channels: int
    samples: int

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.samples / self.rate

    def blocks(self) -> Iterator[Samples]:
        """Its samples, mono at RATE.

        Raises:
            UnreadableError: where it is damaged, ends early, or holds what is no sound.
        """
        with needs('audio', 'a recording'):
            import soxr
        resample: Callable[[Samples, bool], Samples] = lambda block, _: block  # noqa: E731
        if self.rate != RATE:
            stream = soxr.ResampleStream(self.rate, RATE, 1, dtype='float32')
            resample = lambda block, last: stream.resample_chunk(block, last=last)  # noqa: E731
        left = self.samples
        with _opened(self.path) as file:
            while left > 0:
                block = self._read(file, min(left, max(1, BLOCK_VALUES // self.channels)))
                left -= len(block)
                yield resample(block, left == 0)

    def _read(self, file: 'soundfile.SoundFile', count: int) -> Samples:
        try:
            block = file.read(count, dtype='float32', always_2d=True)
        except RuntimeError as error:  # of soundfile, whose own are
            raise UnreadableError(f'{self.path}: it is damaged ({_reason(error)})') from error
        if len(block) < count:
            raise UnreadableError(f'{self.path}: it ends before the {self.samples} samples that it announces')
        loudest = np.abs(block).max()
        if not loudest <= LOUDEST:
            raise UnreadableError(f'{self.path}: a sample of {loudest:g}, wanted at most {LOUDEST:g}')
        mono: Samples = block @ np.full(self.channels, 1 / self.channels, np.float32)
        return mono


def open_recording(path: str | os.PathLike[str]) -> Recording:
    """Look at the head of a file.

    Raises:
        MissingExtraError: where soundfile or soxr is not installed (the extra ``audio``).
        UnreadableError: where the file is missing, is no WAV, FLAC or Ogg file, was cut off, holds one stream after
            another, does not say how long it is, or is longer, has more channels or another sample rate than is read.
    """
    name = os.fspath(path)
    with _opened(name) as file:
        found = Recording(name, file.samplerate, file.channels, file.frames)
    if not LEAST_RATE <= found.rate <= MOST_RATE:
        raise UnreadableError(f'{name}: {found.rate} samples a second, wanted {LEAST_RATE} to {MOST_RATE}')
    if found.channels > MOST_CHANNELS:
        raise UnreadableError(f'{name}: {found.channels} channels, at most {MOST_CHANNELS} are read')
    if found.samples == NO_LENGTH:
        raise UnreadableError(f'{name}: it does not say how long it is')
    if found.samples > MOST_SECONDS * found.rate:
        raise UnreadableError(f'{name}: {found.seconds:.0f} seconds, at most {MOST_SECONDS} are read')
    return found


def native(name: str | os.PathLike[str]) -> str | bytes:
    """A name as soundfile takes any: bytes where it need not be UTF-8."""
    return os.fsencode(name) if os.name == 'posix' else os.fspath(name)


def _opened(name: str) -> 'soundfile.SoundFile':
    with needs('audio', 'a recording'):
        import soundfile
        import soxr  # noqa: F401 - it is needed as soon as the file is read
    try:
        if not stat.S_ISREG(os.stat(name).st_mode):
            raise UnreadableError(f'{name}: not a file')
        with open(name, 'rb') as file:
            begin = _begin(file)
            if begin not in BEGINS:
                raise UnreadableError(f'{name}: begins as no WAV, FLAC or Ogg file does')
            flaw = _flaw_of_ogg(file) if begin == b'OggS' else begin in _ENDIAN and _flaw_of_wav(file, _ENDIAN[begin])
        opened = soundfile.SoundFile(native(name))
        if flaw:
            opened.close()
            raise UnreadableError(f'{name}: {flaw}')
        return opened
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise UnreadableError(f'{name}: cannot be opened ({getattr(error, "strerror", None) or error})') from error
    except (RuntimeError, TypeError) as error:
        raise UnreadableError(f'{name}: it is damaged ({_reason(error)})') from error


def _begin(file: BinaryIO) -> bytes:
    """The first four bytes of a file; of FLAC those behind an ID3v2 tag, which libsndfile passes over, too."""
    head = file.read(_TAG_HEADER)
    if head.startswith(_TAG):
        length = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(reversed(head[6:])))
        file.seek(_TAG_HEADER + length)
        if (behind := file.read(4)) == b'fLaC':
            return behind
    return head[:4]


def _flaw_of_wav(file: BinaryIO, order: Literal['little', 'big']) -> str:
    """Has a RIFF file all the bytes of sound that it announces? libsndfile takes those that are there for all."""
    size = file.seek(0, os.SEEK_END)
    position = _RIFF_HEADER
    long_length = 0  # of the sound in an RF64 file, where 32 bits do not hold it (EBU Tech 3306)
    for _ in range(_MOST_CHUNKS):
        if file.seek(position) > size - _CHUNK_HEADER:
            break
        kind, length = file.read(4), int.from_bytes(file.read(4), order)
        if kind == b'ds64':
            long_length = int.from_bytes(file.read(16)[8:], order)
        if kind == b'data':
            length = length if length < _NOT_KNOWN else long_length
            return '' if position + _CHUNK_HEADER + length <= size else _CUT_OFF
        position += _CHUNK_HEADER + length + length % 2  # chunks begin at even places
    return ''  # without sound, which libsndfile says


def _flaw_of_ogg(file: BinaryIO) -> str:
    """What libsndfile does not ask (RFC 3533): is the last page whole, marked as the last, and of the first streams?"""
    first = _first_streams(file)
    file.seek(max(0, file.seek(0, os.SEEK_END) - 2 * _OGG_PAGE))
    end = file.read()
    page = end[max(0, end.rfind(b'OggS')) :]
    if len(page) < _OGG_HEADER or not page[5] & _LAST_PAGE:
        return _CUT_OFF
    segments = page[_OGG_HEADER : _OGG_HEADER + page[_OGG_HEADER - 1]]
    if len(page) < _OGG_HEADER + len(segments) + sum(segments) or len(segments) < page[_OGG_HEADER - 1]:
        return _CUT_OFF
    return '' if page[_SERIAL] in first else 'it holds several streams one after another, wanted one'


def _first_streams(file: BinaryIO) -> set[bytes]:
    """The numbers of the streams that begin with an Ogg file: their first pages come before all others."""
    found: set[bytes] = set()
    file.seek(0)
    for _ in range(_MOST_CHUNKS):
        head = file.read(_OGG_HEADER)
        if len(head) < _OGG_HEADER or not head[5] & _FIRST_PAGE:
            break
        found.add(head[_SERIAL])
        file.seek(sum(file.read(head[_OGG_HEADER - 1])), os.SEEK_CUR)
    return found


def _reason(error: Any) -> str:
    """What libsndfile says, without the name of the file."""
    return str(getattr(error, 'error_string', error)).strip().rstrip('.')
