"""music21's own analysis and feature classes, used by music21."""

import pytest
from music21 import analysis, corpus, features, instrument, note, stream

from music21_kdic import CLASSES, instrument_likelihood
from music21_kdic.plugin.analysis import (
    COLORS,
    InstrumentLikelihoodAnalysis,
    InstrumentLikelihoodFeature,
    WindowedInstrumentLikelihood,
)


@pytest.fixture(scope='module')
def part():
    return corpus.parse('bwv66.6').parts[3]


def test_windowed_analysis_accepts_the_processor(part):
    windowed = analysis.windowed.WindowedAnalysis(part, InstrumentLikelihoodAnalysis())
    solutions, colors, meta = windowed.process(8, 16, 8, includeTotalWindow=True)
    assert [row['windowSize'] for row in meta] == [8, 16, 36]
    assert [len(row) for row in solutions] == [29, 21, 1]
    for row, shades in zip(solutions, colors, strict=True):
        for (name, probability), shade in zip(row, shades, strict=True):
            if name is None:  # two bars that say too little
                assert (probability, shade) == (0, '#ffffff')
                continue
            assert name in CLASSES
            assert 1 / 8 <= probability <= 1
            assert shade.startswith('#')
    named = [name is not None for row in solutions for name, _ in row]
    assert sum(named) > 0.9 * len(named)


def test_one_quarter_windows_are_judged_as_common_time():
    """Eight quarters of 4/4 from a barline: music21's window is ours, so are the answers."""
    eighths = stream.Part()
    eighths.repeatAppend(note.Note('E2', quarterLength=0.5), 16)
    solutions, _ = analysis.windowed.WindowedAnalysis(eighths, InstrumentLikelihoodAnalysis()).analyze(8)
    assert solutions[0] == pytest.approx(instrument_likelihood(eighths).ranked()[0])


def test_silence_has_no_solution_and_no_colour():
    processor = InstrumentLikelihoodAnalysis()
    assert processor.process(stream.Stream([note.Rest(quarterLength=8)])) == ((None, 0.0), '#ffffff')


def test_the_legend_names_what_was_found():
    processor = InstrumentLikelihoodAnalysis()
    (name, _), _ = processor.process(corpus.parse('haydn/opus74no1/movement3').parts[3])
    assert processor.solutionLegend() == [['Class', list(zip(CLASSES, COLORS, strict=True))]]
    assert processor.solutionLegend(compress=True) == [['Class', [(name, COLORS[CLASSES.index(name)])]]]
    assert processor.solutionToColor((name, 1.0)) == COLORS[CLASSES.index(name)].lower()


def test_the_windowed_plot_draws(part):
    plot = WindowedInstrumentLikelihood(part, doneAction=None)
    plot.run()
    assert plot.title == 'Instrument Likelihood (Classes)'
    assert len(plot.data[0]) == 36
    assert plot.figure is not None


def test_the_windowed_plot_is_at_sounding_pitch():
    written = stream.Part([instrument.Clarinet(), note.Note('D5', quarterLength=8)])
    written.atSoundingPitch = False
    plot = WindowedInstrumentLikelihood(written, doneAction=None)
    assert [n.pitch.midi for n in plot.streamObj.recurse().notes] == [72]
    assert written.recurse().notes[0].pitch.midi == 74


@pytest.mark.parametrize('parallel', [False, True])
def test_a_data_set_takes_the_feature(parallel):
    data = features.DataSet(classLabel='Composer')
    data.runParallel = parallel
    data.quiet = True
    data.failFast = True
    data.addFeatureExtractors([InstrumentLikelihoodFeature])
    names = ['bwv66.6', 'bwv324']
    for name in names:
        data.addData(name, classValue='Bach', id=name)
    data.process()
    assert data.getAttributeLabels() == [
        'Identifier', *(f'Instrument_Likelihood_{name}' for name in CLASSES), 'Composer',
    ]  # fmt: skip
    for name, (_, *row, _) in zip(names, data.getFeaturesAsList(), strict=True):
        answers = instrument_likelihood(corpus.parse(name))
        assert row == pytest.approx(answers.matrix.mean(axis=0).tolist())


def test_the_feature_of_a_part_and_of_nothing(part):
    feature = InstrumentLikelihoodFeature(part).extract()
    assert feature.dimensions == 8
    assert feature.vector == pytest.approx(instrument_likelihood(part).probabilities.tolist())
    assert InstrumentLikelihoodFeature(stream.Score()).extract().vector == [1 / 8] * 8
