"""Training a student of parts, :class:`export.networks.part_student.PartStudent`.

A batch holds parts as they are and parts as they might be (:mod:`export.data.changes`), each classified alone or with
its score. Beside them is what is made up (:mod:`export.data.made_up`): noise, whose answer is the class frequencies
(outlier exposure, Hendrycks et al. 2019); plain music by rule; and corrupted parts, whose answer lies the nearer to the
frequencies the more of them is corrupted. What a part is taught is a mixture of its label and what teachers say
(:mod:`export.training.opinions`).
"""

from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from export.data.files import write_atomically
from export.data.instruments import CLASS_OF_INSTRUMENT, instruments_of
from export.data.made_up import CLIMBED, CLIMBED_FROM_NOISE, CORRUPTED_PARTS, EXCERPT, NOISE, PLAIN_MUSIC, MadeUp
from export.data.part_table import PartTable, balanced_weights, class_priors
from export.networks.part_student import PartStudent, bin_edges, empty_student
from export.recipe import StudentSettings
from export.training.opinions import Opinion, mixed_targets
from music21_kdic.classes import CLASSES

FAR_FROM = -1e9  # logit of what cannot be
EDGE_ROWS = 60_000  # parts from which the bins' edges are found
CHUNK = 4096  # parts that are asked about at a time
# What the answers beside that to the class count.
OF_INSTRUMENTS, OF_MUSIC, OF_OTHERS = 0.25, 0.25, 0.15
LENT = 0.3  # of what is from no score, the share that stands in one all the same
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Beside:
    """What is taught beside real parts, of one kind.

    Attributes:
        numbers: shape (n, F).
        label: the class of each; where ``flat`` is 1 it does not matter, shape (n,).
        flat: which share of the answer is to be the class frequencies, 0 to 1; the rest is the class, and music.
        weight, music_weight: what an answer counts as to class, and as to being music or not, as against a real part's.
    """

    numbers: Floats
    label: Ints
    flat: Floats
    weight: Floats
    music_weight: Floats


# What each kind counts as to class, and as to being music.
COUNTS = {
    NOISE: (4.0, 2.0),
    PLAIN_MUSIC: (1.0, 1.0),
    CORRUPTED_PARTS: (2.0, 0.5),
    CLIMBED: (4.0, 2.0),
    CLIMBED_FROM_NOISE: (4.0, 2.0),
    EXCERPT: (1.0, 1.0),
}
FROM_MUSIC = 'other class'  # a climb that began at a part of another class: something of music is left, it counts half


def taught_beside(made_up: MadeUp) -> dict[str, Beside]:
    """What of the made-up parts is learnt from, by what it is."""
    found = {}
    for what, (weight, music_weight) in COUNTS.items():
        some = made_up.select(what, 'train')
        of_class = np.where(some.kind == FROM_MUSIC, weight / 2, weight).astype(np.float32)
        of_music = np.full(len(some), music_weight, np.float32)
        found[what] = Beside(some.numbers, np.maximum(some.label, 0), some.share, of_class, of_music)
    return found


@dataclass(frozen=True, eq=False)
class Trained:
    """A student, and the class frequencies that it learnt: alone and together, shape (2, 8)."""

    student: PartStudent
    priors: npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Answers:
    """What a student says of parts.

    Attributes:
        classes: logits, shape (parts, 8).
        instruments: logits, to be compared within a class, shape (parts, INSTRUMENTS).
        music: log-odds of being music, shape (parts,).
        ours: log-odds of being of the eight classes, shape (parts,).
    """

    classes: Floats
    instruments: Floats
    music: Floats
    ours: Floats


def train(
    views: list[PartTable],
    beside: dict[str, Beside],
    opinions: list[tuple[float, Opinion]],
    settings: StudentSettings,
    alone: float,
    seed: int,
) -> Trained:
    """Train a student.

    Args:
        views: what may be learnt from (:meth:`PartTable.taught`): parts as they are, then changed ones.
        beside: what is taught beside, by the names of the settings that say how much of it.
        opinions: teachers, and the share of the target that each has.
        settings: how to train.
        alone: the share of the parts that are classified without their score.
        seed: of everything that is drawn.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    table = PartTable.joined(views)
    weight = np.concatenate([_weights(view, settings.outside) for view in views])
    ours = table.label >= 0
    priors = np.stack([class_priors(table.label[rows], weight[rows]) for rows in (ours, ours & table.known)])
    target = mixed_targets(table.label, [(share, opinion.of(table)) for share, opinion in opinions])
    some = rng.choice(len(table), min(EDGE_ROWS, len(table)), replace=False)
    student = PartStudent(
        bin_edges(table.numbers[some], settings.shape.bins),
        bin_edges(table.context[some[table.known[some]]], settings.shape.context_bins),
        settings.shape,
    )
    loss_of = _Loss(table, weight, target, priors, beside, settings)
    unchanged = len(views[0])
    steps = max(1, int(settings.epochs * unchanged / settings.batch_size))
    optimizer = torch.optim.AdamW(
        [
            {'params': [p for p in student.parameters() if p.ndim > 1], 'weight_decay': settings.weight_decay},
            {'params': [p for p in student.parameters() if p.ndim < 2], 'weight_decay': 0.0},
        ],
        lr=settings.learning_rate,
    )
    rates = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.learning_rate, total_steps=steps, pct_start=0.1)
    student.train()
    changed = int(settings.changed * settings.batch_size) if len(table) > unchanged else 0
    bar = tqdm(range(steps), desc=f'student, seed {seed}', unit='batch')
    for step in bar:
        rows = rng.integers(0, unchanged, settings.batch_size - changed)
        if changed:
            rows = np.concatenate([rows, rng.integers(unchanged, len(table), changed)])
        by_itself = rng.random(rows.size) < alone
        asked = by_itself | table.known[rows]  # without a score there is nothing to be together with
        loss = loss_of(student, rows[asked], ~by_itself[asked], rng)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimizer.step()
        rates.step()
        if step % 100 == 0:
            bar.set_postfix(loss=f'{loss.item():.3f}', refresh=False)
    return Trained(student.eval(), priors)


def _weights(view: PartTable, outside: float) -> npt.NDArray[np.float64]:
    """What each part of a view counts."""
    ours = view.label >= 0
    weight = np.zeros(len(view))
    weight[ours] = balanced_weights(view.collection[ours], view.label[ours], view.group[ours])
    others = view.collection[~ours]
    if others.size:
        share = np.bincount(others)[others] ** -0.4
        weight[~ours] = outside * share / share.mean()
    return weight


class _Loss:
    """What a student's answers to a batch cost."""

    def __init__(
        self,
        table: PartTable,
        weight: npt.NDArray[np.float64],
        target: Floats,
        priors: npt.NDArray[np.float64],
        beside: dict[str, Beside],
        settings: StudentSettings,
    ) -> None:
        self._known, self._batch = table.known, settings.batch_size
        self._beside = [
            (kind, int(float(getattr(settings, name)) * settings.batch_size))
            for name, kind in beside.items()
            if kind.label.size
        ]
        self._numbers, self._context = torch.from_numpy(table.numbers), torch.from_numpy(table.context)
        self._weight, self._target = torch.from_numpy(weight.astype(np.float32)), torch.from_numpy(target)
        self._label = torch.from_numpy(table.label)
        self._priors = torch.from_numpy(priors.astype(np.float32))
        self._instrument = torch.from_numpy(instruments_of(table.label, table.program))
        outside = np.where(CLASS_OF_INSTRUMENT[None] == np.arange(len(CLASSES))[:, None], 0, FAR_FROM)
        self._outside_class = torch.from_numpy(outside.astype(np.float32))

    def __call__(self, student: PartStudent, rows: Ints, together: Bools, rng: np.random.Generator) -> Tensor:
        """Of some parts, each classified alone or together, and of what is drawn beside them."""
        count = rows.size
        drawn = [(kind, rng.integers(0, kind.label.size, size)) for kind, size in self._beside]
        numbers, label_beside, flat, weight_beside, music_weight = (
            torch.from_numpy(np.concatenate([getattr(kind, field.name)[those] for kind, those in drawn]))
            for field in fields(Beside)
        )
        # What is from no score stands in one all the same at times, so that a score makes no music of noise.
        lent = rng.choice(rows, flat.numel())
        stands = (rng.random(lent.size) < LENT) & self._known[lent]
        known = torch.from_numpy(np.concatenate([together, stands]).astype(np.float32))[:, None]
        around = self._context[np.concatenate([rows, lent])]
        classes, instruments, kinds, _ = student(torch.cat([self._numbers[rows], numbers]), around, known)
        real, beside = torch.split(torch.log_softmax(classes, 1), [count, flat.numel()])
        label, weight = self._label[rows], self._weight[rows]
        ours = label >= 0
        target = self._target[rows, torch.from_numpy(together.astype(np.int64))]
        loss = -(target * real).sum(1)[ours].mul(weight[ours]).mean()
        frequencies = self._priors[known[count:, 0].long()]
        mixed = (1 - flat[:, None]) * functional.one_hot(label_beside, len(CLASSES)) + flat[:, None] * frequencies
        loss = loss - ((mixed * beside).sum(1) * weight_beside).sum() / self._batch
        instrument = self._instrument[rows]
        named = instrument >= 0
        within = instruments[:count][named] + self._outside_class[label[named]]
        of_instruments = functional.cross_entropy(within, instrument[named], reduction='none') * weight[named]
        loss = loss + OF_INSTRUMENTS * of_instruments.mean()
        is_music = _binary(kinds[:, 0], torch.cat([torch.ones(count), 1 - flat]))
        loss = loss + OF_MUSIC * (is_music * torch.cat([torch.ones(count), music_weight])).mean()
        return loss + OF_OTHERS * (_binary(kinds[:count, 1], ours.float()) * weight).mean()


def _binary(logits: Tensor, target: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits, target, reduction='none')


def answers(student: PartStudent, numbers: Floats, context: Floats, known: Bools) -> Answers:
    """What a student says of parts; see :class:`~export.networks.part_student.PartStudent` for its inputs."""
    parts = torch.from_numpy(numbers), torch.from_numpy(context), torch.from_numpy(known.astype(np.float32))[:, None]
    with torch.inference_mode():
        said = [student(*some) for some in zip(*(torch.split(each, CHUNK) for each in parts), strict=True)]
    classes, instruments, kinds, _ = (torch.cat(each).numpy() for each in zip(*said, strict=True))
    return Answers(classes, instruments, kinds[:, 0], kinds[:, 1])


def answers_alone(student: PartStudent, numbers: Floats) -> Answers:
    """What a student says of parts, each by itself."""
    none = np.zeros((len(numbers), student.encode_context.numbers), np.float32)
    return answers(student, numbers, none, np.zeros(len(numbers), np.bool_))


def write_student(path: Path, trained: Trained) -> None:
    """Write a student's weights and priors."""
    content = {'state': trained.student.state_dict(), 'priors': torch.from_numpy(trained.priors)}
    write_atomically(path, partial(torch.save, content))


def read_student(path: Path, settings: StudentSettings) -> Trained:
    """Read a student, ready to predict.

    Raises:
        FileNotFoundError: where it is not trained yet.
    """
    if not path.exists():
        raise FileNotFoundError(f'{path}: not there; run `python -m export train-kdic` first')
    saved = torch.load(path, map_location='cpu', weights_only=True)
    sizes = [saved['state'][name].shape[0] for name in ('encode.low', 'encode_context.low')]
    student = empty_student(sizes[0], sizes[1], settings.shape)
    student.load_state_dict(saved['state'])
    return Trained(student.eval(), saved['priors'].numpy())
