"""``label``: one row for each part of a collection."""

from pathlib import Path
from typing import TYPE_CHECKING

from music21_kdic.collection.engine.run import Batch, Paths, inputs_of, run_for
from music21_kdic.collection.options import MEMORY_BYTES, TIMEOUT_SECONDS
from music21_kdic.priors import Priors

if TYPE_CHECKING:
    from distributed import Client


def label(
    paths: Paths,
    output: str | Path | None = None,
    *,
    prior: Priors = None,
    model: str | Path | None = None,
    min_confidence: float = 0.0,
    sure: bool = False,
    jobs: int | None = None,
    timeout: float = TIMEOUT_SECONDS,
    memory: int = MEMORY_BYTES,
    resume: bool = False,
    quiet: bool = False,
    client: 'Client | None' = None,
) -> Batch:
    """Say, for each part of some files, which instrument class it was written for, from its notes alone.

    A file that cannot be read, or not in time, is a row with a status, never an exception.

    Args:
        paths: files, folders, globs, see :func:`music21_kdic.collection.engine.inputs.find_inputs`.
        output: a ``.csv``, ``.jsonl`` or ``.parquet`` file; with ``client`` a folder for Parquet files.
            It appears when it is whole, and nothing that is there already is overwritten.
        prior: how frequent the classes are held to be, see :func:`music21_kdic.instrument_likelihood`.
        model: path of another ONNX model than the shipped one.
        min_confidence: an answer less sure than this is ``unknown``.
        sure: so is one of which the notes alone do not make sure, as the model understands it: of those that they do,
            nine in ten were right on validation data (:class:`~music21_kdic.answers.likelihood.InstrumentLikelihood`).
        jobs: worker processes, one a core where left out. The answers do not depend on it.
        timeout: seconds that one file may take.
        memory: bytes that a worker may grow by over one file (Linux).
        resume: go on where a run that was killed left off; the table is that of a run undisturbed.
        quiet: show no progress, even on a terminal.
        client: a Dask client: the work is done on its cluster, see :mod:`music21_kdic.collection.engine.on_dask`.

    Returns:
        :class:`Batch`, with the rows where there is no ``output``. Their keys are the columns of
        :data:`music21_kdic.collection.engine.files.COLUMNS`; track, channel and program are counted from 0.

    Raises:
        OutputError: where the output is there already, or cannot be written.
        ModelError, PriorError: see :mod:`music21_kdic.errors`.

    >>> batch = label('corpus:bwv66.6', jobs=1)
    >>> batch.files, batch.failed, [row['name'] for row in batch.rows]
    (1, 0, ['Soprano', 'Alto', 'Tenor', 'Bass'])
    """
    run = run_for(prior, model, min_confidence, jobs, timeout, memory, quiet, sure=sure)
    if client is not None:
        from music21_kdic.collection.engine.on_dask import label_on_dask

        return label_on_dask(inputs_of(paths), output, client, run, resume=resume)
    return run.over(paths, output, resume)
