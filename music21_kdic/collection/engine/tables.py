"""Tables on disk: CSV, JSON Lines or Parquet by the file's ending, whole or not there at all."""

import csv
import io
import itertools
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from music21_kdic.collection.engine.publish import publish
from music21_kdic.errors import OutputError, needs

Cells = Mapping[str, Any]  # a value for each column
Writer = Callable[[Path, dict[str, type], Iterable[Cells]], None]  # fills a file with columns and rows
ROWS_PER_GROUP = 20_000
# What a cell begins with that a spreadsheet takes for a formula (OWASP, "CSV injection"; the last four as wide as a Han
# character). Names in files begin with anything.
FORMULA = ('=', '+', '-', '@', '\t', '\r', '\n', '\uff1d', '\uff0b', '\uff0d', '\uff20')


def check_output(path: Path, make_folder: bool = False, writers: Mapping[str, Writer] | None = None) -> None:
    """Make sure, before hours of work, that a table can be written there.

    Args:
        path: of the table.
        make_folder: make the folder it is to lie in, where that is not there.
        writers: one for each ending, those of this module where left out.

    Raises:
        OutputError: for an unknown ending, or a folder that is not there.
        MissingExtraError: for Parquet without pyarrow.
    """
    if os.path.isdir(path):
        raise OutputError(f'{path}: is a folder, wanted the name of a file')
    endings = WRITERS if writers is None else writers
    if path.suffix not in endings:
        raise OutputError(f'{path}: ends in {path.suffix!r}, wanted one of {", ".join(endings)}')
    if make_folder:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f'{path.parent}: cannot be made ({error.strerror or error})') from error
    if not path.parent.is_dir():
        raise OutputError(f'{path}: there is no folder {path.parent}')
    if path.suffix == '.parquet':
        with needs('parquet', f'{path}: Parquet'):
            import pyarrow.parquet  # noqa: F401


def write_table(
    path: Path,
    columns: dict[str, type],
    rows: Iterable[Cells],
    before: Callable[[Path], object] | None = None,
    replace: bool = False,
    writers: Mapping[str, Writer] | None = None,
) -> None:
    """Write a table, which appears when it is whole.

    Args:
        path: its ending says which format.
        columns: their names and types (str, int, float, bool).
        rows: values may be None; in CSV that is an empty cell. A text that a spreadsheet would take for a formula
            gets an apostrophe before it there.
        before, replace: see :func:`music21_kdic.collection.engine.publish.publish`. A link that leads to a table of
            that format stays, and what it leads to is replaced.
        writers: one for each ending, those of this module where left out.

    Raises:
        OutputError: where something of that name is there, or it cannot be written.
    """
    write = (WRITERS if writers is None else writers)[path.suffix]
    behind = Path(os.path.realpath(path))
    # A link of another ending may lead to what the table was made from.
    target = behind if replace and behind.is_file() and behind.suffix == path.suffix else path
    publish(target, lambda part: write(part, columns, rows), before, replace)


def read_table(path: Path, columns: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Read a table that was written here; values of a CSV file stay strings.

    Raises:
        OutputError: where it cannot be read, or does not have these columns.
    """
    wanted = list(columns)
    try:
        for row in _read(path):
            if not isinstance(row, dict) or list(row) != wanted:
                raise OutputError(f'{path}: has a row {str(row)[:200]}, wanted the columns {", ".join(wanted)}')
            yield row
    except (OSError, ValueError, AttributeError, csv.Error) as error:
        raise OutputError(f'{path}: cannot be read as a table of ours ({error})') from error


def _read(path: Path) -> Iterator[dict[str, Any]]:
    if path.suffix == '.parquet':
        import pyarrow.parquet

        table = pyarrow.parquet.ParquetFile(path)
        # pyarrow 18 and 19 refuse to go through a table without rows.
        for batch in table.iter_batches() if table.num_row_groups else ():
            yield from batch.to_pylist()
        return
    with path.open(encoding='utf-8', newline='') as file:
        if path.suffix == '.csv':
            for row in csv.DictReader(file):
                yield {name: _plain(cell) for name, cell in row.items()}
        else:
            yield from map(json.loads, file)


def write_text(file: BinaryIO, ending: str, columns: dict[str, type], rows: Iterable[Cells]) -> None:
    """Write a table as text (UTF-8) into an open file: '.csv' or '.jsonl'."""
    # A file name that is not UTF-8 is written with escapes in place of the bytes that are not.
    text = io.TextIOWrapper(file, encoding='utf-8', errors='backslashreplace', newline='')
    TEXTS[ending](text, columns, rows)
    text.detach()  # writes what is left, and leaves the file open


def _to_file(ending: str) -> Writer:
    def write(path: Path, columns: dict[str, type], rows: Iterable[Cells]) -> None:
        with path.open('wb') as file:
            write_text(file, ending, columns, rows)

    return write


def _write_csv(file: TextIO, columns: dict[str, type], rows: Iterable[Cells]) -> None:
    plain = csv.writer(file, lineterminator='\n')
    # Before Python 3.13 a carriage return alone (names of files may hold it) does not make it quote a cell.
    quoted = csv.writer(file, lineterminator='\n', quoting=csv.QUOTE_ALL)
    plain.writerow(columns)
    for row in rows:
        cells = [_cell(row[name]) for name in columns]
        odd = any(isinstance(cell, str) and '\r' in cell for cell in cells)
        (quoted if odd else plain).writerow(cells)


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip("'").startswith(FORMULA):
        return f"'{value}"
    return str(value).lower() if isinstance(value, bool) else value


def _plain(cell: Any) -> Any:
    """Undo what _cell does to texts; a row of another table may have cells that are no texts."""
    if isinstance(cell, str) and cell.startswith("'") and cell.lstrip("'").startswith(FORMULA):
        return cell[1:]
    return cell


def _write_jsonl(file: TextIO, columns: dict[str, type], rows: Iterable[Cells]) -> None:
    for row in rows:
        file.write(json.dumps(_encodable({name: row[name] for name in columns}), ensure_ascii=False) + '\n')


def _write_parquet(path: Path, columns: dict[str, type], rows: Iterable[Cells]) -> None:
    import pyarrow
    import pyarrow.parquet

    types = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_()}
    schema = pyarrow.schema([(name, types[kind]) for name, kind in columns.items()])
    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        rows = iter(rows)
        while group := list(itertools.islice(rows, ROWS_PER_GROUP)):
            writer.write_table(pyarrow.Table.from_pylist([_encodable(row) for row in group], schema=schema))


def _encodable(row: Cells) -> dict[str, Any]:
    # Before it becomes JSON, where a backslash and `udcff` would be half a surrogate pair (RFC 8259, 8.2).
    return {
        name: value.encode('utf-8', 'backslashreplace').decode() if isinstance(value, str) else value
        for name, value in row.items()
    }


TEXTS: dict[str, Callable[[TextIO, dict[str, type], Iterable[Cells]], None]] = {
    '.csv': _write_csv,
    '.jsonl': _write_jsonl,
}
WRITERS: dict[str, Writer] = {
    **{ending: _to_file(ending) for ending in TEXTS},
    '.parquet': _write_parquet,
}
