"""Recipes: every setting of a run, frozen and checked, with its default here and the differences in a small file.

A recipe file is TOML (``export/recipes/*.toml``). A key that is not a setting is an error, so is a value of
another type or out of range: a misspelt setting never runs for hours under its default.
"""

import tomllib
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

from music21_kdic.features.windows import WindowGrid

RECIPES = Path(__file__).parent / 'recipes'


class RecipeError(ValueError):
    """A recipe that cannot be run as it is written."""


@dataclass(frozen=True)
class TrainSettings:
    """How one network is trained."""

    network: str = 'table1'  # a name in export.networks
    epochs: int = 10
    batch_size: int = 128
    learning_rate: float = 1e-3  # peak of a one-cycle schedule (Smith 2018), AdamW
    weight_decay: float = 0.05
    max_windows: int = 0  # train on this many windows, drawn with the seed; 0 is all

    def __post_init__(self) -> None:
        _check(self.epochs >= 1, 'epochs', self.epochs, 'at least 1')
        _check(self.batch_size >= 1, 'batch_size', self.batch_size, 'at least 1')
        _check(self.learning_rate > 0, 'learning_rate', self.learning_rate, 'above 0')
        _check(self.weight_decay >= 0, 'weight_decay', self.weight_decay, 'at least 0')
        _check(self.max_windows >= 0, 'max_windows', self.max_windows, 'at least 0')


@dataclass(frozen=True)
class DistilSettings:
    """What a student of windows learns from.

    loss = (1 - hard_weight) T^2 KL(teacher_T || student_T) + hard_weight CE
    """

    temperature: float = 1.0
    hard_weight: float = 0.0  # 0 is the paper's KDIC: the teacher's soft targets alone

    def __post_init__(self) -> None:
        _check(self.temperature > 0, 'temperature', self.temperature, 'above 0')
        _check(0 <= self.hard_weight <= 1, 'hard_weight', self.hard_weight, '0 to 1')


@dataclass(frozen=True)
class ShapeSettings:
    """Sizes of a student of parts; the bins are those of its encodings."""

    hidden: int = 320
    layers: int = 2
    dropout: float = 0.1
    bins: int = 8  # of each number of a part
    context_bins: int = 6  # of each number of its context
    trees: int = 0  # that it holds beside its layers, for parts alone and as many for parts in a score
    depth: int = 6  # of each tree: how many questions it asks
    share: float = 0.5  # of the answer to a part of music that the trees have

    def __post_init__(self) -> None:
        for name in ('hidden', 'layers', 'bins', 'context_bins'):
            _check(getattr(self, name) >= 1, name, getattr(self, name), 'at least 1')
        _check(0 <= self.dropout < 1, 'dropout', self.dropout, '0 to below 1')
        _check(self.trees >= 0, 'trees', self.trees, 'at least 0')
        _check(1 <= self.depth <= 16, 'depth', self.depth, '1 to 16')  # CatBoost's limit
        _check(0 <= self.share <= 1, 'share', self.share, '0 to 1')


@dataclass(frozen=True)
class StudentSettings:
    """How any student of parts is trained (:mod:`export.training.part_students`).

    ``noise``, ``plain``, ``corrupted``, ``climbed``, ``climbed_from_noise`` and ``excerpts`` say how many of each are
    shown beside a batch, as a share of it.
    """

    epochs: float = 18.0  # how many times as many parts are shown as there are, unchanged
    batch_size: int = 1024
    learning_rate: float = 2e-3  # peak of a one-cycle schedule (Smith 2018), AdamW
    weight_decay: float = 0.02
    changed: float = 0.25  # of the parts that are shown changed
    noise: float = 0.06
    plain: float = 0.02
    corrupted: float = 0.05
    climbed: float = 0.01
    climbed_from_noise: float = 0.0
    excerpts: float = 0.0
    outside: float = 0.5  # what a part of no class counts
    shape: ShapeSettings = field(default_factory=ShapeSettings)

    def __post_init__(self) -> None:
        _check(self.epochs > 0, 'epochs', self.epochs, 'above 0')
        _check(self.batch_size >= 1, 'batch_size', self.batch_size, 'at least 1')
        _check(self.learning_rate > 0, 'learning_rate', self.learning_rate, 'above 0')
        for name in (
            'weight_decay',
            'noise',
            'plain',
            'corrupted',
            'climbed',
            'climbed_from_noise',
            'excerpts',
            'outside',
        ):
            _check(getattr(self, name) >= 0, name, getattr(self, name), 'at least 0')
        _check(0 <= self.changed <= 1, 'changed', self.changed, '0 to 1')


@dataclass(frozen=True)
class FoldedSettings(StudentSettings):
    """How a student of folds is trained: on parts by themselves alone, without trees and without the audio teacher."""

    assistants: float = 0.75  # of its targets; the label has the rest

    def __post_init__(self) -> None:
        super().__post_init__()
        _check(0 <= self.assistants <= 1, 'assistants', self.assistants, '0 to 1')
        _check(not self.shape.trees, 'trees', self.shape.trees, '0: students of folds hold none')


@dataclass(frozen=True)
class WithoutSettings(StudentSettings):
    """How a student is trained that is not shown some collections: from labels alone."""

    alone: float = 0.4  # of the parts that are classified without their score

    def __post_init__(self) -> None:
        super().__post_init__()
        _check(0 <= self.alone <= 1, 'alone', self.alone, '0 to 1')


@dataclass(frozen=True)
class PartSettings(WithoutSettings):
    """How the student that ships is trained, and its assistants.

    Its targets are a mixture of the assistants' answers, the audio teacher's and the label. ``assistants`` and
    ``audio`` are the teachers' shares, of the parts that they answered to; the label has the rest.
    """

    assistants: float = 0.75
    audio: float = 0.15
    folds: int = 3  # of the songs: assistants, and students of folds, learn from the others'
    rounds: int = 500  # of boosting

    def __post_init__(self) -> None:
        super().__post_init__()
        _check(self.rounds >= 1, 'rounds', self.rounds, 'at least 1')
        _check(self.folds >= 2, 'folds', self.folds, 'at least 2')
        shares = self.assistants, self.audio
        wanted = 'two shares that are together at most 1; the rest is the label'
        _check(min(shares) >= 0 and sum(shares) <= 1, 'assistants, audio', shares, wanted)


@dataclass(frozen=True)
class Recipe:
    """One whole run, from the collection to the model."""

    name: str
    seed: int = 20
    windows_per_part: int = 6
    soundfonts: tuple[str, ...] = ('TimGM6mb.sf2', 'FluidR3_GM.sf2')
    columns: int = 16
    planes: tuple[str, ...] = ('sounding',)
    taught_by: 'Recipe | None' = None  # whose audio teacher is learnt from, where it is not this one's
    teacher: TrainSettings = field(default_factory=TrainSettings)
    student: TrainSettings = field(default_factory=TrainSettings)
    distil: DistilSettings = field(default_factory=DistilSettings)
    frames: int = 528  # of a spectrogram that the audio teacher hears; what is longer is cut there
    parts: PartSettings = field(default_factory=PartSettings)
    folded: FoldedSettings = field(default_factory=FoldedSettings)  # how students of folds are trained
    # Collections that a student is not shown, to see what it makes of them: a name, or several with spaces between.
    left_out: tuple[str, ...] = ()
    without: WithoutSettings = field(default_factory=WithoutSettings)  # how those are trained

    def __post_init__(self) -> None:
        _check(self.windows_per_part >= 1, 'windows_per_part', self.windows_per_part, 'at least 1')
        _check(self.frames >= 1, 'frames', self.frames, 'at least 1')
        _check(bool(self.soundfonts), 'soundfonts', self.soundfonts, 'at least one')
        try:
            self.grid  # noqa: B018 - building it checks it
        except ValueError as error:
            raise RecipeError(str(error)) from error

    @property
    def grid(self) -> WindowGrid:
        """The window that the student reads."""
        return WindowGrid(columns=self.columns, planes=self.planes)

    @property
    def teacher_recipe(self) -> str:
        """The name of the recipe whose audio teacher the student learns from."""
        return (self.taught_by or self).name

    def of_parts(self, seed: int) -> dict[str, Any]:
        """What a student of parts depends on, defaults and the settings of its audio teacher included: plain values.

        Args:
            seed: that the student was trained with.
        """
        students = {name: asdict(getattr(self, name)) for name in ('parts', 'folded', 'without')}
        found = {'name': self.name, 'seed': seed, 'left_out': list(self.left_out), **students}
        if self.parts.audio:
            teacher = asdict(self.taught_by or self)
            heard = ('name', 'seed', 'windows_per_part', 'soundfonts', 'frames', 'teacher')
            found['audio_teacher'] = {name: teacher[name] for name in heard}
        return found


def _check(good: bool, name: str, found: object, wanted: str) -> None:
    if not good:
        raise RecipeError(f'{name} = {found!r}: wanted {wanted}')


def _build(kind: type[Any], table: dict[str, Any], where: str) -> Any:
    hints = get_type_hints(kind)
    known = {f.name for f in fields(kind)}
    unknown = sorted(set(table) - known)
    if unknown:
        raise RecipeError(f'{where}: unknown setting {unknown[0]!r}, wanted one of {", ".join(sorted(known))}')
    values: dict[str, Any] = {}
    for name, value in table.items():
        hint = hints[name]
        if isinstance(hint, type) and is_dataclass(hint):
            if not isinstance(value, dict):
                raise RecipeError(f'{where}: {name} = {value!r}, wanted a table')
            values[name] = _build(hint, value, f'{where} [{name}]')
        elif name == 'taught_by':
            values[name] = value  # load_recipe has read it
        elif hint == tuple[str, ...]:
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise RecipeError(f'{where}: {name} = {value!r}, wanted a list of strings')
            values[name] = tuple(value)
        else:
            number = float(value) if hint is float and type(value) is int else value
            if type(number) is not hint:
                raise RecipeError(f'{where}: {name} = {value!r}, wanted {hint.__name__}')
            values[name] = number
    try:
        return kind(**values)
    except RecipeError as error:
        raise RecipeError(f'{where}: {error}') from error


def load_recipe(name_or_path: str | Path) -> Recipe:
    """Read a recipe by its name in ``export/recipes`` or by a path that ends in ``.toml``.

    The recipe that it is taught by is looked for beside it, then in ``export/recipes``.

    Raises:
        RecipeError: where it does not exist, is no TOML, or holds an unknown or unfit setting.
    """
    path, table = _read(name_or_path)
    if 'taught_by' in table:
        name = table['taught_by']
        if not isinstance(name, str):
            raise RecipeError(f'{path}: taught_by = {name!r}, wanted the name of another recipe')
        beside = path.with_name(f'{name}.toml')
        teacher, settings = _read(beside if beside.exists() else name)
        if 'taught_by' in settings:
            raise RecipeError(f'{path}: taught_by = {name!r}, wanted a recipe that trains an audio teacher of its own')
        table['taught_by'] = _recipe(teacher, settings)
    return _recipe(path, table)


def _read(name_or_path: str | Path) -> tuple[Path, dict[str, Any]]:
    """The file of a recipe, and what it holds."""
    path = Path(name_or_path)
    if path.suffix != '.toml':
        path = RECIPES / f'{name_or_path}.toml'
    try:
        return path, tomllib.loads(path.read_text(encoding='utf-8'))
    except FileNotFoundError as error:
        there = ', '.join(sorted(p.stem for p in RECIPES.glob('*.toml')))
        raise RecipeError(f'{path}: no such recipe; there are {there}') from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f'{path}: not TOML ({error})') from error


def _recipe(path: Path, table: dict[str, Any]) -> Recipe:
    recipe: Recipe = _build(Recipe, {'name': path.stem, **table}, str(path))
    return recipe
