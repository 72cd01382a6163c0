"""The page of the sound model, as Markdown: separation, what is heard in the stems, and what is no music."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit
from scipy.stats import bootstrap
from sklearn.metrics import average_precision_score, roc_auc_score

from export.data.files import read_json
from export.data.no_music import KINDS
from export.evaluation.evaluate_sound import IDEAL, INSTALLED, LEAD_TARGETS, SEPARATION, SPLITS, read_evaluated
from export.studies.report.tables import NOT_MEASURED, NOT_STORED, table
from export.training.train_sound import LISTENERS, SHIPPED
from music21_kdic.classes import CLASSES
from music21_kdic.sound.networks import TARGETS

Columns = dict[str, np.ndarray]
HEARD = {'test': 'heard soundfonts', 'unheard': 'unheard soundfont'}
SYSTEMS = {
    IDEAL: 'ideal masks (the ceiling)',
    'u-net': "the paper's U-Net, softmax",
    'sigmoid': 'U-Net, a sigmoid for each mask',
    'no-skips': 'U-Net without skips',
    'kernel-4': 'U-Net with kernels of 4 x 4, 16 kHz',
    'small': 'U-Net of half as many channels',
    SHIPPED: 'U-Net of half as many channels, learning shares',
    INSTALLED: 'the last one in half precision (what is installed)',
}
PAPER = (('vocals', 11.094), ('instrumental', 14.435))  # NSDR on iKala
FEWEST = 5  # songs of a figure with an interval


@dataclass(frozen=True)
class Sound:
    """What was found of the sound model.

    Attributes:
        columns: of ``evaluate-sound``, by the name of the file.
        recordings: of ``recordings``; empty where it was not run.
        evaluated: ``--songs`` and ``--every`` of ``evaluate-sound``, by the name of the file; empty where not stored.
    """

    columns: dict[str, Columns]
    recordings: list[dict[str, Any]]
    evaluated: dict[str, dict[str, int]]


def read_sound(folder: Path) -> Sound | None:
    """What ``evaluate-sound`` and ``recordings`` have written; None where neither has."""
    found = {}
    for path in sorted(folder.glob('*.npz')):
        with np.load(path) as file:
            found[path.stem] = dict(file)
    path = folder / 'recordings.json'
    recordings = read_json(path)['recordings'] if path.exists() else []
    return Sound(found, recordings, read_evaluated(folder)) if found or recordings else None


def page(sound: Sound) -> str:
    """All that was measured of the sound model."""
    found = sound.columns
    sections: dict[str, Callable[[dict[str, Columns]], str]] = {
        'Separation': separation,
        'Separation by target': by_target,
        "Beside the paper's table": beside_the_paper,
        'What is heard': listening,
        'Calibration': calibration,
        'What is no music': no_music,
    }
    intro = (
        'The sound model learnt from synthesizers alone. After the first section all is played by a synthesizer, too: '
        'test songs that no network learnt from, with the soundfonts of training (*heard*) and with one that training '
        f'did not use (*unheard*). {made_by(sound)} Intervals are 95 %, bootstrap over songs.'
    )
    blocks = ['# Separation and listening', intro, '## Recordings of instruments', recorded(sound.recordings)]
    for title, section in sections.items():
        blocks += [f'## {title}', section(found)]
    return '\n\n'.join(blocks)


def made_by(sound: Sound) -> str:
    """The command that measures separation, where its arguments are known and those of all separators."""
    known = [sound.evaluated.get(name) for name in sound.columns if name.startswith(SEPARATION)]
    if not known or known[0] is None or any(each != known[0] for each in known):
        return f'Of the separation: {NOT_STORED[0].lower()}{NOT_STORED[1:]}'
    arguments = f'--songs {known[0]["songs"]} --every {known[0]["every"]}'
    return f'Separation was measured by `python -m export evaluate-sound {arguments}`.'


def recorded(recordings: list[dict[str, Any]]) -> str:
    """What is heard in recordings of real instruments."""
    if not recordings:
        return NOT_MEASURED
    of_a_class = [one for one in recordings if one['family'] in CLASSES]
    right = sum(one['best'] == one['family'] for one in of_a_class)
    among = sum(one['family'] in (one['best'], one['second']) for one in of_a_class)
    others = [one for one in recordings if one['family'] in ('Drums', 'Other')]
    sure = [(one, name) for one in recordings if one['family'] != 'mixed' for name in one['sure']]
    rows = [
        [
            one['path'].rpartition('/')[2],
            one['instrument'],
            one['family'],
            ', '.join(f'{name} {one["mean"][name]:.2f}' for name in (one['best'], one['second']) if name)
            or one['status'],
            ', '.join(one['sure']),
        ]
        for one in recordings
    ]
    packages = sorted({one['package'] for one in recordings})
    unsure = sum(not one['sure'] for one in others)
    return (
        f'Recordings that Debian ships under free licences ({", ".join(packages)}). Of {len(of_a_class)} in which one '
        f'class sounds, the class with the highest mean probability is right in **{right}**, and among the first two '
        f'in {among}. Of {len(others)} of drums and instruments of no class, {unsure} have no class that is sure. '
        f'Wherever one class or none sounds, {len(sure)} answers are sure, of which '
        f'{sum(one["family"] == name for one, name in sure)} are right.\n\n'
        + table(rows, ['recording', 'what sounds', 'class', 'heard: the two highest means', 'sure'])
    )


def separators(found: dict[str, Columns]) -> dict[str, Columns]:
    """The systems that were measured, on the songs that all of them were measured on."""
    there = {name: found[f'separation-{name}'] for name in SYSTEMS if f'separation-{name}' in found}
    songs = [set(columns['song'].tolist()) for columns in there.values()]
    common = songs[0].intersection(*songs) if songs else set()
    return {
        name: {key: values[np.isin(columns['song'], sorted(common))] for key, values in columns.items()}
        for name, columns in there.items()
    }


def separation(found: dict[str, Columns]) -> str:
    """One row a system: means over songs of the means over the stems of a song."""
    rows = []
    there = separators(found)
    if not there:
        return NOT_MEASURED
    songs = len(set(next(iter(there.values()))['song'].tolist()))
    for name, columns in there.items():
        row: list[object] = [SYSTEMS[name]]
        for split in SPLITS:
            some = columns['split'] == split
            row += [interval(of_songs(columns, some, measure)) for measure in ('nsdr', 'sdr', 'sir', 'sar')]
        rows.append(row)
    measures = [f'{measure}, {words}' for words in ('heard', 'unheard') for measure in ('NSDR', 'SDR', 'SIR', 'SAR')]
    return (
        f'On {songs} test songs, in decibels (BSS Eval, each target against all the rest). NSDR is by how much the SDR '
        'is above that of the mixture itself. The paper takes the absolute difference of magnitudes as its loss. What '
        'is least in it is the median: of a target that sounds less often than not, nothing is left where one cannot '
        'tell.\n\n' + table(rows, ['system', *measures])
    )


def by_target(found: dict[str, Columns]) -> str:
    """NSDR of each target for every system, and all measures of what is installed."""
    there = separators(found)
    if not there:
        return NOT_MEASURED
    blocks = []
    for split, words in HEARD.items():
        rows = [
            [target, *(_of_target(columns, split, target, 'nsdr') for columns in there.values())] for target in TARGETS
        ]
        blocks.append(f'NSDR, {words}:\n\n{table(rows, ["target", *there])}')
    if INSTALLED not in there:
        return '\n\n'.join([*blocks, f'What is installed: {NOT_MEASURED}'])
    measures = ('nsdr', 'sir', 'sar')
    rows = [
        [target, *(_of_target(there[INSTALLED], split, target, measure) for split in SPLITS for measure in measures)]
        for target in TARGETS
    ]
    headings = [f'{measure.upper()}, {words}' for words in ('heard', 'unheard') for measure in measures]
    blocks.append(f'What is installed:\n\n{table(rows, ["target", *headings])}')
    return '\n\n'.join(blocks)


def _of_target(columns: Columns, split: str, target: str, measure: str) -> str:
    return interval(of_songs(columns, (columns['split'] == split) & (columns['target'] == target), measure))


def beside_the_paper(found: dict[str, Columns]) -> str:
    """The two-way network beside what the paper reports."""
    if 'separation-lead' not in found:
        return NOT_MEASURED
    columns = found['separation-lead']
    rows: list[list[object]] = [[f'the paper, iKala: {name}', f'{value:.2f}', ''] for name, value in PAPER]
    for target in LEAD_TARGETS:
        of_target = columns['target'] == target
        rows.append(
            [
                f'here: {target.lower()}',
                *(interval(of_songs(columns, of_target & (columns['split'] == split), 'nsdr')) for split in SPLITS),
            ]
        )
    return (
        'Two targets, as in the paper: the lead melody (a part whose name says so) and the accompaniment. **The data '
        'differ**: the paper has singers, recorded, in 20,000 commercial songs; here a synthesizer plays the melody, '
        'with any program, so that it sounds like the accompaniment and only its role tells it apart. '
        'The figures of the paper are NSDR in decibels (Jansson et al. 2017, as listed by Papers with Code); its other '
        'cells could not be checked here and are left out.\n\n' + table(rows, ['', 'NSDR, heard', 'NSDR, unheard'])
    )


def listening(found: dict[str, Columns]) -> str:
    """How well classes are heard, step by step."""
    if not any(name in found for name in LISTENERS):
        return NOT_MEASURED
    titles = {
        'listener': 'stems of the shipped separator (shipped)',
        'listener-small': 'stems of the same, absolute differences',
        'listener-mixture': 'the mixture alone',
    }
    rows = []
    for name in LISTENERS:
        if name in found:
            row: list[object] = [titles[name]]
            for split in SPLITS:
                said, truth = found[name][f'{split}_said'], found[name][f'{split}_truth']
                aucs = [roc_auc_score(truth[:, i].ravel(), said[:, i].ravel()) for i in range(len(CLASSES))]
                precisions = [
                    average_precision_score(truth[:, i].ravel(), said[:, i].ravel()) for i in range(len(CLASSES))
                ]
                row += [f'{np.mean(aucs):.3f}', f'{np.mean(precisions):.3f}']
            rows.append(row)
    text = (
        'Does a class sound in a step of 0.75 s? Area under the ROC curve and average precision, means over the eight '
        'classes. A class sounds where it has a thousandth of the energy.\n\n'
        + table(rows, ['the listener reads', 'AUC, heard', 'precision, heard', 'AUC, unheard', 'precision, unheard'])
    )
    if 'listener' not in found:
        return f'{text}\n\nThe shipped listener: {NOT_MEASURED}'
    said, truth = found['listener']['unheard_said'], found['listener']['unheard_truth']
    heard_said, heard_truth = found['listener']['test_said'], found['listener']['test_truth']
    rows = [
        [
            name,
            f'{truth[:, i].mean():.2f}',
            f'{roc_auc_score(heard_truth[:, i].ravel(), heard_said[:, i].ravel()):.3f}',
            f'{roc_auc_score(truth[:, i].ravel(), said[:, i].ravel()):.3f}',
        ]
        for i, name in enumerate(CLASSES)
    ]
    return text + '\n\nThe shipped listener:\n\n' + table(rows, ['class', 'sounds in', 'AUC, heard', 'AUC, unheard'])


def calibration(found: dict[str, Columns]) -> str:
    """The probabilities against what was so, in tenths."""
    if 'listener' not in found:
        return NOT_MEASURED
    rows = []
    edges = np.linspace(0, 1, 11)
    for low, high in pairwise(edges):
        row: list[object] = [f'{low:.1f} to {high:.1f}']
        for split in ('val', *SPLITS):
            said, truth = expit(found['listener'][f'{split}_said'].astype(float)), found['listener'][f'{split}_truth']
            some = (said >= low) & (said < high + (high == 1))
            row.append(f'{truth[some].mean():.2f} of {some.sum():,}' if some.any() else '')
        rows.append(row)
    return (
        'How often a class sounds in steps of each probability; it was calibrated on validation mixtures.\n\n'
        + table(rows, ['probability', 'validation', 'heard', 'unheard'])
    )


def no_music(found: dict[str, Columns]) -> str:
    """How well the auto-encoder's error, and the listener's confidence, tell music from what is none."""
    if 'no-music' not in found:
        return NOT_MEASURED
    columns = found['no-music']
    music = columns['kind'] == 'music'
    rows = []
    for kind in KINDS:
        some = music | (columns['kind'] == kind)
        error = roc_auc_score(~music[some], columns['error'][some])
        doubt = roc_auc_score(~music[some], -columns['confidence'][some])
        rows.append([kind, f'{error:.3f}', f'{doubt:.3f}'])
    error, doubt = (roc_auc_score(~music, values) for values in (columns['error'], -columns['confidence']))
    rows.append(['all together', f'{error:.3f}', f'{doubt:.3f}'])
    return (
        'Area under the ROC curve, music against each kind of sound that is none: 1 where what is no music always has '
        'the larger error, or the smaller confidence.\n\n'
        + table(rows, ['kind', "auto-encoder's error", 'smallness of the largest probability of a class'])
    )


def of_songs(columns: Columns, some: np.ndarray, measure: str) -> np.ndarray:
    """The mean of a measure over the chosen stems of each song, shape (songs,)."""
    songs, number = np.unique(columns['song'][some], return_inverse=True)
    sums = np.bincount(number, weights=columns[measure][some], minlength=songs.size)
    means: np.ndarray = sums / np.maximum(1, np.bincount(number, minlength=songs.size))
    return means


def interval(values: np.ndarray) -> str:
    """The mean of some songs' values, and its interval."""
    if values.size < FEWEST:
        return f'{values.mean():.1f}' if values.size else ''
    found = bootstrap((values,), np.mean, confidence_level=0.95, method='percentile', rng=np.random.default_rng(0))
    low, high = found.confidence_interval
    return f'{values.mean():.1f} [{low:.1f}, {high:.1f}]'
