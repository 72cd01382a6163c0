"""Pieces of music21's corpus, by name."""

from pathlib import Path, PurePath

from music21_kdic.errors import UnreadableError

_MOST_NAMES = 3  # in a message


def corpus_file(name: str) -> Path:
    """The file of the piece that a name fits; of several formats the one that music21 takes.

    A name fits all pieces in whose path it is found. Where it is all of the name of one of them, it means that one:
    'bwv244.3' is not 'bwv244.32'.

    Raises:
        UnreadableError: where it fits several pieces.
        CorpusException: where it fits none.
    """
    from music21 import corpus

    found = corpus.getWork(name)
    if not isinstance(found, list):
        return Path(found)
    files = _by_piece(found)
    if len(files) > 1:
        files = _by_piece([path for path in found if _is_named(path, name)]) or files
    if len(files) > 1:
        names = [_shown(piece) for piece in files]
        more = ', ...' if len(names) > _MOST_NAMES else ''
        raise UnreadableError(f'{len(names)} pieces ({", ".join(names[:_MOST_NAMES])}{more}); wanted one')
    (file,) = files.values()
    return file


def _by_piece(paths: list[Path]) -> dict[Path, Path]:
    """The first file of each piece, which may be there in several formats."""
    files: dict[Path, Path] = {}
    for path in paths:
        files.setdefault(path.with_suffix(''), path)
    return files


def _is_named(path: Path, name: str) -> bool:
    end = f'/{PurePath(name).as_posix()}'.lower()
    return any(each.as_posix().lower().endswith(end) for each in (path, path.with_suffix('')))


def _shown(piece: Path) -> str:
    """The name of a piece in the corpus; its whole path where it is of another corpus."""
    from music21.common import getCorpusFilePath

    core = getCorpusFilePath()
    return (piece.relative_to(core) if piece.is_relative_to(core) else piece).as_posix()
