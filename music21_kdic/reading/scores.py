"""The reader of scores: MusicXML and Humdrum files, which music21 reads, MEI (verovio) and ABC (our own).

music21 is made for files that one trusts, so what a stranger's file could do is settled before music21 sees it:

* Only the endings in FORMATS are read. music21 goes by the ending too, and has one for which it unpickles.
* It keeps what it has parsed as pickles in a folder that all users of a machine may share, and loads them by the path
  of the file; ``forceSource`` has it read the file, and leave no pickle behind.
* A compressed file (``.mxl``) is unpacked here, no further than to MAX_BYTES. music21 would unpack all of it.
* music21 parses XML with ``xml.etree``, so with expat, which replaces entities by what the document says they stand
  for. (It opens no other file for them, and newer versions of expat give up when they grow beyond measure, after some
  megabytes.) Entities have no use in a score: a document that declares any is refused, and so are default values of
  attributes, which grow in the same way and which expat does not bound. A DOCTYPE alone is in most MusicXML files.
* What is parsed is a private copy of the bytes that were checked.
"""

import codecs
import io
import posixpath
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.parsers import expat

from music21_kdic.errors import KdicError, NoteError, UnreadableError, is_of_a_signal
from music21_kdic.reading import humdrum
from music21_kdic.reading.abc import read_abc
from music21_kdic.reading.content import MAX_BYTES
from music21_kdic.reading.corpus import corpus_file
from music21_kdic.reading.endings import ABC, COMPRESSED, CORPUS, FORMATS, INSIDE, MEI, WrongEndingError
from music21_kdic.reading.instruments import by_name
from music21_kdic.reading.mei import read_mei
from music21_kdic.reading.musicxml import Prepared, prepared
from music21_kdic.reading.parts import MAX_NAME, FilePart

_CONTAINER = 'META-INF/container.xml'
MAX_MEMBERS = 1000  # of a compressed file


def read_score(content: bytes, name: str) -> list[FilePart]:
    """Read the content of a score; ``name`` is the file's, whose ending says which format it is.

    Raises:
        UnreadableError: where it is of another format, damaged, or holds what no score needs, see above.
        NoteError: where it holds more than is read.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in FORMATS:
        raise WrongEndingError(f'{name}: ends in {suffix!r}, wanted a MIDI file, or one of {", ".join(FORMATS)}')
    if suffix == ABC:
        with _typed(name, 'it cannot be read'):
            return _abc_parts(content)
    if suffix == MEI:
        with _typed(name, 'neither UTF-8 nor UTF-16'):
            text = _as_mei(content)
        _check_prolog(text, name)
        with _typed(name, 'it cannot be read'):
            return read_mei(text)
    written = None
    if suffix == COMPRESSED and content.startswith(b'PK'):  # others are MusicXML by a wrong name
        with _typed(name, 'it cannot be unpacked'):
            content = _unpacked(content, name)
    if FORMATS[suffix] == 'musicxml':
        _check_prolog(content, name)
        with _typed(name, 'it cannot be read'):
            written = prepared(content)
            content = written.content
    if FORMATS[suffix] == 'humdrum':
        with _typed(name, 'it cannot be read'):
            content = humdrum.prepared(content.removeprefix(codecs.BOM_UTF8))
    with _typed(name, 'music21 cannot read it'), tempfile.TemporaryDirectory(prefix='kdic-') as folder:
        from music21 import converter

        copy = Path(folder, 'score' + suffix.replace(COMPRESSED, '.musicxml'))
        copy.write_bytes(content)
        return _parts(converter.parse(copy, format=FORMATS[suffix], forceSource=True), written)


def read_corpus(name: str) -> list[FilePart]:
    """Read a piece of music21's corpus, ``corpus:`` and its name there.

    Raises:
        UnreadableError: where there is none of that name, or more than one.
        NoteError: where it holds more than is read.
    """
    with _typed(name, 'music21 cannot read it'):
        from music21 import converter

        path = corpus_file(name.removeprefix(CORPUS))
        if path.suffix.lower() in FORMATS:
            return read_score(path.read_bytes(), str(path))
        return _parts(converter.parse(path, forceSource=True))


@contextmanager
def _typed(name: str, what: str) -> Iterator[None]:
    try:
        yield
    except (NoteError, UnreadableError) as error:  # of a part or a document, which may not know its file
        raise type(error)(f'{name}: {str(error).removeprefix(f"{name}: ")}') from error
    except (KdicError, MemoryError):
        raise
    except Exception as error:  # the readers of formats raise whatever comes their way
        if is_of_a_signal(error):
            raise
        raise UnreadableError(f'{name}: {what} ({type(error).__name__}: {error})') from error


def _unpacked(content: bytes, name: str) -> bytes:
    """The score in a compressed file: the member that its container names first.

    Where there is no container, or it names nothing that is there: the only member that is MusicXML by its ending.
    """
    # Their number as the archive gives it can be anything; so many headers at most are there.
    members = content.count(b'PK\x01\x02')
    if members > MAX_MEMBERS:
        raise UnreadableError(f'{name}: an archive of {members} files, at most {MAX_MEMBERS} are looked through')
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        by_path = {_plain(member.filename): member for member in archive.infolist() if not member.is_dir()}
        by_loose_path = {each.casefold(): member for each, member in by_path.items()}
        roots: list[zipfile.ZipInfo] = []
        if _CONTAINER.casefold() in by_loose_path:
            container = _member(archive, by_loose_path[_CONTAINER.casefold()], name)
            _check_prolog(container, name)
            found = (by_path.get(each) or by_loose_path.get(each.casefold()) for each in _roots(container))
            roots = [member for member in found if member is not None][:1]
        roots = roots or [member for each, member in by_path.items() if _is_score(each)]
        if len(roots) != 1:
            number = (
                f'of {len(roots)} scores, none of which its container names' if roots else 'without a MusicXML file'
            )
            raise UnreadableError(f'{name}: an archive {number}')
        return _member(archive, roots[0], name)


def _roots(container: bytes) -> Iterator[str]:
    """The paths that a container gives, scores in MusicXML first; others (a PDF, a sound) are other renditions."""
    files = [each for each in ElementTree.fromstring(container).iter() if each.tag.rpartition('}')[2] == 'rootfile']
    for each in sorted(files, key=lambda each: 'musicxml' not in each.get('media-type', 'musicxml')):
        path = each.get('full-path', '')
        yield _plain(path)
        yield _plain(unquote(path))


def _plain(path: str) -> str:
    """A path in an archive, however it is written."""
    return unicodedata.normalize('NFC', posixpath.normpath(path.strip().replace('\\', '/')).lstrip('/'))


def _is_score(path: str) -> bool:
    inside = PurePosixPath(path)
    if inside.name.startswith('._') or 'META-INF' in path.upper():  # of a Mac, and of the archive
        return False
    return inside.suffix.lower() in INSIDE or inside.name == '.xml'


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    if member.flag_bits & 1:
        raise UnreadableError(f'{name}: {member.filename!r} inside it is encrypted')
    # Others are not of the standard, and zipfile does not bound what it unpacks of them at a time.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableError(f'{name}: {member.filename!r} inside it is not compressed by deflate')
    with archive.open(member) as file:
        score = file.read(MAX_BYTES + 1)
    if len(score) > MAX_BYTES:
        raise UnreadableError(f'{name}: unpacks to more than {MAX_BYTES} bytes, the most that are read')
    return score


def _as_mei(content: bytes) -> str:
    """The text of an MEI document, whatever encoding it declares."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode('utf-16')


class _FirstElement(Exception):  # noqa: N818 - it ends the reading of what comes before, and is no error
    pass


def _check_prolog(document: bytes | str, name: str) -> None:
    """Look at what comes before the first element of an XML document, the only place for declarations."""

    def entity(declared: str, *_: Any) -> None:
        raise UnreadableError(f'{name}: declares the entity {declared!r}, which no score needs')

    def attribute(element: str, declared: str, kind: str, default: str | None, required: int) -> None:
        if default is not None:
            raise UnreadableError(f'{name}: gives <{element}> a default {declared!r}, which no score needs')

    def first_element(*_: Any) -> None:
        raise _FirstElement

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = entity
    parser.AttlistDeclHandler = attribute
    parser.StartElementHandler = first_element
    try:
        parser.Parse(document, True)
    except _FirstElement:
        return
    except (expat.ExpatError, ValueError, LookupError) as error:  # LookupError: an encoding that there is not
        raise UnreadableError(f'{name}: not an XML document ({error})') from error


def _abc_parts(content: bytes) -> list[FilePart]:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = content.decode('latin-1')
    voices = read_abc(text)
    tunes = len({voice.tune_number for voice in voices}) > 1
    first: dict[tuple[int, str], int] = {}
    numbers = [first.setdefault((voice.tune_number, voice.instrument), i) for i, voice in enumerate(voices)]
    for _, tune in groupby(range(len(voices)), key=lambda i: voices[i].tune_number):
        here = list(tune)
        hands = by_name([(voices[i].name, None) for i in here], numbers[here[0] : here[-1] + 1])
        numbers[here[0] : here[-1] + 1] = hands
    return [
        FilePart(
            notes=voice.notes,
            name=voice.name[:MAX_NAME],
            track=number,
            channel=None,
            program=None,
            is_drum=voice.notes.unpitched > 0 and len(voice.notes) == 0,
            instrument=numbers[number],
            remark=f'of the tune "{voice.tune[:MAX_NAME]}"' if tunes else '',
            piece=voice.tune_number,
        )
        for number, voice in enumerate(voices)
    ]


def _parts(parsed: Any, written: Prepared | None = None) -> list[FilePart]:
    """The parts that music21 has read.

    Raises:
        UnreadableError: where they have not as many notes as are written.
    """
    from music21_kdic.reading.staves import first_instrument, name_and_program, name_in_file, parts_with_instruments
    from music21_kdic.reading.streams import placed_notes

    parts = list(parts_with_instruments(parsed))
    if written is not None and (read := sum(_count_notes(placed.part) for _, placed, _ in parts)) != written.notes:
        raise UnreadableError(f'music21 reads {read} of {written.notes} notes')
    found = []
    for number, (piece, placed, instrument) in enumerate(parts):
        # Those of MusicXML begin together already, but for measures that say that they do not; and what is a drum's was
        # told from the document. music21 would take the name "Tom" for a drum's, and one channel for the whole part.
        notes = placed_notes(placed if written is None else replace(placed, moved=None, drums_marked=True))
        if written is None:
            program = name_and_program(placed.part)[1]
        else:
            player = first_instrument(placed.part)
            program = None if player is None else written.programs.get(player.partId or '')
        found.append(
            FilePart(
                notes=notes,
                name=name_in_file(placed.part)[:MAX_NAME],
                track=number,
                channel=None,
                program=program,
                is_drum=notes.unpitched > 0 and len(notes) == 0,
                instrument=instrument,
                piece=piece,
            )
        )
    return found


def _count_notes(part: Any) -> int:
    """How many notes with a pitch and a length a part has, as they are written."""
    from music21 import harmony, note

    from music21_kdic.reading.nested import inside

    return sum(
        sum(isinstance(each, note.Note) for each in getattr(element, 'notes', (element,)))
        for _, element, _ in inside(part)
        if isinstance(element, note.NotRest) and element.quarterLength and not isinstance(element, harmony.Harmony)
    )
