"""What is unusual about a part among real parts of a class: a few features that have names."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.classes import CLASSES
from music21_kdic.features.classifiable import windows_to_classify
from music21_kdic.features.musical import MUSICAL_FEATURES, MusicalFeature, musical_features
from music21_kdic.statuses import CLASSIFIED

UNUSUAL = 0.9  # of the real parts have less of a feature, or have more
SAID = 3  # features in one line at most


@dataclass(frozen=True)
class FeatureValue:
    """A feature of the part, and where it lies among real parts.

    Attributes:
        feature: its name and unit.
        value: of this part.
        less, more: for each class, which share of its real parts have less of it, and more.
    """

    feature: MusicalFeature
    value: float
    less: dict[str, float]
    more: dict[str, float]

    def unusual(self, name: str) -> float:
        """Which share of the real parts of a class lie on one side of it, the larger of both."""
        return max(self.less[name], self.more[name])

    def sentence(self, name: str) -> str:
        """The value, and where it lies among real parts of a class."""
        text = f'{self.feature.name} {_shown(self.value, self.feature.unit)}'
        if self.less[name] >= UNUSUAL:
            return f'{text}: {self.feature.more} than in {100 * self.less[name]:.0f} % of {name} parts'
        if self.more[name] >= UNUSUAL:
            return f'{text}: {self.feature.less} than in {100 * self.more[name]:.0f} % of {name} parts'
        return f'{text}: usual in {name} parts'


def feature_values(answer: InstrumentLikelihood) -> tuple[FeatureValue, ...]:
    """The musical features of a part that was classified; none where its model has no reference."""
    asked = answer.asked
    if asked is None or asked.model.reference is None:
        return ()
    values = musical_features(asked.part, windows_to_classify([asked.part])[0][0])
    less, more = asked.model.reference.place(values)
    return tuple(
        FeatureValue(
            feature,
            float(values[row]),
            dict(zip(CLASSES, less[:, row].tolist(), strict=True)),
            dict(zip(CLASSES, more[:, row].tolist(), strict=True)),
        )
        for row, feature in enumerate(MUSICAL_FEATURES)
    )


def unusual_features(features: Sequence[FeatureValue], name: str) -> list[FeatureValue]:
    """Those that lie beyond nine tenths of the real parts of a class, the farthest out first."""
    return sorted((one for one in features if one.unusual(name) >= UNUSUAL), key=lambda one: -one.unusual(name))


def why(answer: InstrumentLikelihood, like: str | None = None) -> str:
    """In one line what is unusual about a part among real parts of a class, the likeliest where it is left out."""
    if answer.status not in CLASSIFIED:
        return ''
    name = answer.ranked()[0][0] if like is None else like
    unusual = unusual_features(feature_values(answer), name)[:SAID]
    return '; '.join(one.sentence(name) for one in unusual) or f'nothing unusual among {name} parts'


def _shown(value: float, unit: str) -> str:
    if unit == 'MIDI pitch':
        names = ('C', 'C#', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'Ab', 'A', 'Bb', 'B')
        pitch = int(np.rint(value))
        return f'{names[pitch % 12]}{pitch // 12 - 1}'
    if unit == 'share':
        return f'{100 * value:.0f} %'
    return f'{value:.3g}' + ('' if unit == 'count' else f' {unit}')
