"""From the notes of parts to their answers: each part by itself or with its score in view, under the priors asked
for."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from music21_kdic.answers.conformal import plausible_classes
from music21_kdic.answers.likelihood import Asked, InstrumentLikelihood
from music21_kdic.classes import CLASSES
from music21_kdic.errors import NoteError
from music21_kdic.features.classifiable import windows_to_classify
from music21_kdic.features.context_numbers import place_numbers
from music21_kdic.features.part_numbers import each_window_numbers, part_numbers
from music21_kdic.features.rows import laid_out
from music21_kdic.features.windows import MAX_SOUNDING, Windows
from music21_kdic.model.contract import Contract
from music21_kdic.model.session import Model, NetworkAnswers, log_softmax
from music21_kdic.priors import Priors, check_priors
from music21_kdic.reading.instruments import joined
from music21_kdic.reading.notes import FloatArray, NoteSequence
from music21_kdic.statuses import Status


def classify(
    parts: Sequence[NoteSequence],
    model: Model,
    priors: Priors = None,
    names: Sequence[str] | None = None,
    *,
    together: bool = False,
    each_window: bool = True,
    sizes: Sequence[int] | None = None,
) -> list[InstrumentLikelihood]:
    """Answer for some parts at once, which is faster than one by one.

    Args:
        parts: what each part sounds.
        model: the student.
        priors: how likely each class is before the notes are seen, as a mapping from every class or as eight
            numbers in the order of CLASSES; positive, scaled to sum 1. ``'training'``: as frequent as in the
            model's training. Equal where left out.
        names: one for each part, for display.
        together: they are the parts of scores, and each is classified with the others of its score in view.
        each_window: answer for each window by itself, too.
        sizes: how many parts each score has, one after the other; one has all where left out.

    Returns:
        An answer for each part, in their order.

    Raises:
        PriorError: where the priors are no such thing.
        NoteError: where a part holds more than is read, or all together sound in more than MAX_SOUNDING windows.
    """
    asked = model.contract.priors if isinstance(priors, str) and priors == 'training' else check_priors(priors)
    found = windows_to_classify(parts)
    sounding = sum(windows.window.size for windows, _ in found)
    if sounding > MAX_SOUNDING:
        raise NoteError(
            f'{sounding} times a note sounds in a window, in {len(parts)} parts: at most {MAX_SOUNDING} are read'
        )
    given = [place for place, (_, status) in enumerate(found) if status == Status.OK]
    fields: dict[int, _Fields] = {}
    if given:
        scores = _scores(parts, given, [len(parts)] if sizes is None else sizes) if together else []
        notes, cut = [parts[place] for place in given], [found[place][0] for place in given]
        with np.errstate(under='ignore'):  # what is too unlikely for a float has the probability 0
            found_fields = _networks_fields(notes, cut, model, asked, scores, each_window)
        fields = dict(zip(given, found_fields, strict=True))
    nothing = _nothing_to_go_by(asked, model.contract)
    answers = []
    for place, (part, (_, status)) in enumerate(zip(parts, found, strict=True)):
        base = nothing | {'name': names[place] if names else '', 'notes': len(part), 'status': status}
        base['asked'] = Asked(part, model, asked)
        both, alone, score = fields.get(place, ({}, {}, None))
        answer = InstrumentLikelihood(**base | both | alone)
        if score is not None:
            answer = InstrumentLikelihood(**base | both | score, by_itself=answer)
        answers.append(answer)
    return answers


def classify_staves(
    parts: Sequence[NoteSequence],
    instruments: Sequence[int],
    model: Model,
    priors: Priors,
    names: Sequence[str],
    first: int,
    piece: int | None = None,
    *,
    together: bool,
) -> list[InstrumentLikelihood]:
    """Answer for some parts at once, those of one instrument as one; they share the answer, each with its own name.

    Args:
        parts, model, priors, together: see :func:`classify`; the parts are of one score.
        instruments: the number of each part's instrument.
        names: what each part is called.
        first: the number of the first part, which ``joined`` counts from.
        piece: the number of their score among several.

    Returns:
        An answer for each part, in their order.

    Raises:
        PriorError, NoteError: see :func:`classify`.
    """
    (found,) = classify_scores([(parts, instruments)], model, priors, together=together)
    staves_of = _staves_of(instruments)
    answers = []
    for number, name, answer in zip(instruments, names, found, strict=True):
        alike = staves_of[number]
        staves = tuple(first + stave for stave in alike) if len(alike) > 1 else ()
        alone = answer.by_itself and replace(answer.by_itself, name=name, joined=staves, piece=piece)
        answers.append(replace(answer, name=name, joined=staves, piece=piece, by_itself=alone))
    return answers


def classify_scores(
    scores: Sequence[tuple[Sequence[NoteSequence], Sequence[int]]],
    model: Model,
    priors: Priors = None,
    *,
    together: bool = False,
    each_window: bool = True,
) -> list[list[InstrumentLikelihood]]:
    """Answer for the parts of some scores at once, those of one instrument as one; they share the answer.

    Args:
        scores: of each its parts, and the number of each part's instrument.
        model, priors, together, each_window: see :func:`classify`.

    Returns:
        Of each score an answer for each part, in their order.

    Raises:
        PriorError, NoteError: see :func:`classify`.
    """
    staves_of = [_staves_of(instruments) for _, instruments in scores]
    notes = [
        joined([parts[stave] for stave in staves])
        for (parts, _), of_score in zip(scores, staves_of, strict=True)
        for staves in of_score.values()
    ]
    sizes = [len(of_score) for of_score in staves_of]
    answers = classify(notes, model, priors, together=together, each_window=each_window, sizes=sizes)
    found = []
    for (_, instruments), of_score, here in zip(scores, staves_of, laid_out(sizes), strict=True):
        answer_of = dict(zip(of_score, answers[here], strict=True))
        found.append([answer_of[number] for number in instruments])
    return found


def _staves_of(instruments: Sequence[int]) -> dict[int, list[int]]:
    """The parts of each instrument, of which the numbers are given."""
    staves: dict[int, list[int]] = {}
    for place, number in enumerate(instruments):
        staves.setdefault(number, []).append(place)
    return staves


# Three dictionaries: fields of both answers, of the answer alone, of the answer in its score (None without one).
_Fields = tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]
LEAST_TYPICAL = 0.25  # what is less typical of a class than three quarters of its real parts is never sure to be of it


class _Score(NamedTuple):
    """Of a score how many parts are classified, and whether it has drums."""

    size: int
    drums: bool


def _scores(parts: Sequence[NoteSequence], given: Sequence[int], sizes: Sequence[int]) -> list[_Score]:
    """The scores of so many parts each, of which the given ones are classified."""
    classified = np.diff(np.searchsorted(given, np.cumsum([0, *sizes]))).tolist()
    drums = [any(part.unpitched for part in parts[here]) for here in laid_out(sizes)]
    return [_Score(*both) for both in zip(classified, drums, strict=True)]


def _nothing_to_go_by(priors: FloatArray, contract: Contract) -> dict[str, Any]:
    """What is answered where there is nothing to go by: the priors."""
    classes = [kind.class_name for kind in contract.instruments]
    return {
        'probabilities': priors,
        'kinds': contract.instruments,
        'within': np.array([1 / classes.count(name) for name in classes]),
        'plausible': (),
        'matrix': np.zeros((0, len(CLASSES))),
        'offsets': np.zeros((0, 2)),
        'measures': (),
        'windows': 0,
        'sure': False,
        'music': 0.0,
        'other': 0.0,
    }


def _networks_fields(
    parts: Sequence[NoteSequence],
    cut: Sequence[Windows],
    model: Model,
    priors: FloatArray,
    scores: Sequence[_Score],
    each_window: bool,
) -> list[_Fields]:
    """What the network says of some parts, at least one; together where there are scores, which have all of them."""
    numbers = part_numbers(parts, cut)
    sizes = [score.size for score in scores]
    in_score = None
    if max(sizes, default=0) < 2:
        own = model.answer(numbers)
    else:
        places = [
            place_numbers(parts[here], numbers[here], score.drums)
            for score, here in zip(scores, laid_out(sizes), strict=True)
        ]
        own, in_score = model.answer_twice(numbers, np.concatenate(places), sizes)
    both: list[dict[str, Any]] = [{'windows': len(each)} for each in cut]
    typical = np.zeros((len(parts), 0))
    if model.reference is not None:
        typical = model.reference.typicality(own.embedding, own.music)
        both = [field | {'typical': of_part} for field, of_part in zip(both, typical, strict=True)]
    alone = _fields(own, typical, priors, model.contract, 'alone')
    score: Sequence[dict[str, Any] | None] = [None] * len(parts)
    if in_score is not None:
        fields = _fields(in_score, typical, priors, model.contract, 'together')
        several = np.repeat([size > 1 for size in sizes], sizes)
        score = [field if one else None for field, one in zip(fields, several, strict=True)]
    if each_window:
        windows = _window_fields(parts, cut, model, priors)
        both = [field | of_windows for field, of_windows in zip(both, windows, strict=True)]
    return list(zip(both, alone, score, strict=True))


def are_unclear(answers: NetworkAnswers, contract: Contract) -> npt.NDArray[np.bool_]:
    """Which parts favour no class enough to name it, or are hardly music: shape (parts,).

    That is what the notes say by themselves; priors may be as sure as they like.
    """
    evidence = np.exp(answers.logs.max(axis=1))
    unclear: npt.NDArray[np.bool_] = (evidence < contract.least_confidence) | (answers.music < contract.least_music)
    return unclear


def _fields(
    answers: NetworkAnswers, typical: FloatArray, priors: FloatArray, contract: Contract, level: str
) -> list[dict[str, Any]]:
    """What the network's answers to parts are under some priors, a dictionary a part."""
    evidence = np.exp(answers.logs)
    posterior = np.exp(log_softmax(answers.logs + np.log(priors)))
    best = posterior.argmax(axis=1)
    unclear = are_unclear(answers, contract)
    sure = ~unclear & (evidence[np.arange(best.size), best] >= contract.sure[level][best])
    if typical.size:
        sure &= typical[np.arange(best.size), best] >= LEAST_TYPICAL
    plausible = plausible_classes(evidence, contract.plausible[level])
    return [
        {
            'probabilities': posterior[row],
            'within': within,
            'plausible': plausible[row],
            'status': Status.UNCLEAR if unclear[row] else Status.OK,
            'sure': bool(sure[row]),
            'music': music,
            'other': other,
        }
        for row, (within, music, other) in enumerate(
            zip(np.exp(answers.instruments), answers.music.tolist(), answers.other.tolist(), strict=True)
        )
    ]


def _window_fields(
    parts: Sequence[NoteSequence], cut: Sequence[Windows], model: Model, priors: FloatArray
) -> list[dict[str, Any]]:
    """What is answered to each window by itself, a dictionary a part."""
    logs = model.answer(each_window_numbers(cut)).logs
    matrices = np.exp(log_softmax(logs + np.log(priors)))
    fields = []
    for part, windows, matrix in zip(
        parts, cut, np.split(matrices, np.cumsum([len(windows) for windows in cut])[:-1]), strict=True
    ):
        measures = tuple((part.measure(first), part.measure(past - 1)) for first, past in windows.bars.tolist())
        offsets = np.stack([windows.starts, windows.ends], axis=1)
        fields.append({'matrix': matrix, 'offsets': offsets, 'measures': measures})
    return fields
