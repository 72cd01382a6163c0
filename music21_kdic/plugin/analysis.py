"""music21's own readers: windowed analysis with its plots, and feature extraction.

>>> from music21 import analysis, corpus
>>> from music21_kdic.plugin.analysis import InstrumentLikelihoodAnalysis
>>> part = corpus.parse('bwv66.6').parts[3]
>>> windowed = analysis.windowed.WindowedAnalysis(part, InstrumentLikelihoodAnalysis())
>>> solutions, colors = windowed.analyze(8)
>>> len(solutions) == len(colors)
True
"""

from typing import Any

import numpy as np
from music21.analysis.discrete import DiscreteAnalysis
from music21.features import FeatureExtractor
from music21.graph.plot import WindowedAnalysis

from music21_kdic.answers.classify import classify
from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.classes import CLASSES, COLORS
from music21_kdic.model.session import load_model
from music21_kdic.plugin.method import instrument_likelihood
from music21_kdic.reading.nested import AnyStream
from music21_kdic.reading.notes import NoteSequence, bars_from_meters
from music21_kdic.reading.streams import note_sequence
from music21_kdic.statuses import CLASSIFIED

Solution = tuple[str | None, float]

NO_COLOR = '#ffffff'


class InstrumentLikelihoodAnalysis(DiscreteAnalysis):
    """A processor for :class:`music21.analysis.windowed.WindowedAnalysis` and its plots.

    A solution is (class, probability), or (None, 0.0) where a window says nothing. music21 cuts the stream
    into 1/4 measures and joins as many as the window size says, so the meter is lost: windows of this model are
    then laid every two bars of 4/4 from the start of music21's window. Eight or more quarter lengths say most.
    It loses the instrument too: of a part at written pitch give ``part.toSoundingPitch()``.
    """

    name = 'Instrument Likelihood'
    identifiers = ['instrument', 'instrumentLikelihood']  # noqa: RUF012 - music21 declares it so

    def process(self, sStream: AnyStream) -> tuple[Solution, str]:
        """Return the solution of a stream and its colour, as music21 asks."""
        solution = self.getSolution(sStream)
        color = self.solutionToColor(solution)
        self.solutionsFound.append((solution, color))
        return solution, color

    def getSolution(self, subStream: AnyStream) -> Solution:
        """Return (class, probability) of a stream."""
        notes = note_sequence(subStream)
        if len(notes) and np.diff(notes.bars).max() <= 1.0:
            notes = _in_common_time(notes)
        (answer,) = classify([notes], load_model())
        return (None, 0.0) if answer.best is None else (answer.best, answer[answer.best])

    def solutionToColor(self, solution: Solution) -> str:
        """Return the colour of a solution as a hex string; the surer, the fuller."""
        name, probability = solution[:2]
        if name is None:
            return NO_COLOR
        full = self._hexToRgb(COLORS[CLASSES.index(name)])
        return self._rgbToHex([255 - (255 - channel) * max(0.25, probability) for channel in full])

    def solutionLegend(self, compress: bool = False) -> list[list[Any]]:
        """Return rows of [heading, [(class, colour), ...]]; only the classes found so far if ``compress``."""
        found = {solution[0] for solution, _ in self.solutionsFound}
        cells = [
            (name, color if not compress or name in found else NO_COLOR)
            for name, color in zip(CLASSES, COLORS, strict=True)
        ]
        return [['Class', [cell for cell in cells if not compress or cell[1] != NO_COLOR]]]

    def solutionUnitString(self) -> str:
        """Return what the solutions are, for the title of a plot."""
        return 'Classes'


def _in_common_time(notes: NoteSequence) -> NoteSequence:
    return NoteSequence(
        onsets=notes.onsets,
        ends=notes.ends,
        pitches=notes.pitches,
        bars=bars_from_meters([], until=float(notes.bars[-1])),
        unpitched=notes.unpitched,
    )


class WindowedInstrumentLikelihood(WindowedAnalysis):
    """music21's colour-grid plot of the instrument likelihood, as WindowedKey is of keys, at sounding pitch."""

    processorClassDefault = InstrumentLikelihoodAnalysis

    def __init__(self, streamObj: 'AnyStream | None' = None, **keywords: Any) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            None if streamObj is None else streamObj.toSoundingPitch(), **keywords
        )


class InstrumentLikelihoodFeature(FeatureExtractor):
    """Eight features for :class:`music21.features.DataSet`: the likelihoods in the order of CLASSES.

    For a Score they are the mean over the Parts that have something to go by, or equal where none has.
    """

    id = 'KDIC1'

    name: Any = 'Instrument Likelihood'
    description: Any = 'Probability of each instrument class, given the notes: ' + ', '.join(CLASSES)
    isSequential: Any = True
    dimensions: Any = len(CLASSES)
    discrete: Any = False
    data: Any
    feature: Any

    def process(self) -> None:
        """Fill the feature's vector."""
        if self.stream is None:
            self.data.parseStream()  # does nothing where it is parsed already
        answer = instrument_likelihood(self.data.stream if self.stream is None else self.stream)
        parts = [answer] if isinstance(answer, InstrumentLikelihood) else list(answer)
        values = [part.probabilities for part in parts if part.status in CLASSIFIED]
        self.feature.vector = (
            np.mean(values, axis=0) if values else np.full(len(CLASSES), 1.0 / len(CLASSES))
        ).tolist()

    def getAttributeLabels(self) -> list[str]:
        """Return column names with the classes instead of numbers."""
        return [f'Instrument_Likelihood_{name}' for name in CLASSES]
