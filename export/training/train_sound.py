"""Train what hears: separators of mixtures, the audio teacher on their stems, the auto-encoder; whichever is named."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from export.arguments import add_work
from export.data.files import write_atomically
from export.networks.listeners import Listener, sounding
from export.networks.separators import SAMPLES, SEPARATORS, SILENCE, AutoEncoder, Separator, patches
from export.recipe import TrainSettings
from export.training.fit import device, fit, on_device
from music21_kdic.sound.networks import TARGETS

SHIPPED = 'shipped'  # the separator of the model
# The separator whose stems a listener reads; none is the mixture alone.
LISTENERS = {'listener': SHIPPED, 'listener-small': 'small', 'listener-mixture': ''}
AUTO_ENCODER = 'auto-encoder'
NETWORKS = (*SEPARATORS, *LISTENERS, AUTO_ENCODER)
OF_ONE_SONG = 0.5  # of the training mixtures; the others are of stems of different songs
SOUNDS = 0.4  # of the targets in those
GAIN = 6.0  # dB up or down, of a stem in training
# Of mixtures that are varied, so that more is known than synthesizers: the share of those of one target alone, how
# strongly each stem is filtered, and how far below the mixture there is noise, in dB.
SOLOS, FILTER, NOISE = 0.2, 0.7, (25.0, 70.0)
VARIED = ('listener',)  # networks that learn from such mixtures
LEAST_MASK = 1e-6  # whose logarithm is taken
SEED = 1


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``train-sound``."""
    add_work(parser)
    parser.add_argument('networks', nargs='+', choices=NETWORKS, metavar='NETWORK', help=', '.join(NETWORKS))
    parser.add_argument('--epochs', type=int, default=60, help='(default: %(default)d)')
    parser.add_argument('--mixtures', type=int, default=4096, help='drawn in an epoch (default: %(default)d)')
    parser.add_argument('--batch-size', type=int, default=32, help='mixtures (default: %(default)d)')
    parser.add_argument('--begin-with', metavar='NETWORK', help='one of the same shape, whose weights are begun with')


def run(args: Namespace) -> None:
    """Run ``train-sound``."""
    banks: dict[tuple[int, bool, str], StemBank] = {}
    for name in args.networks:
        settings = TrainSettings(name, args.epochs, args.batch_size, 2e-3, 0.01)
        print(f'wrote {train(name, args.work, settings, args.mixtures, banks, args.begin_with)}')


class StemBank:
    """The stems of a split, in the device's memory.

    Args:
        work: the working folder.
        split: a folder of ``mixes``.
        rate: of the audio, Hz.
        lead: two targets, the lead melody and the accompaniment, of the songs that have a lead.

    Attributes:
        names: of the songs.
        targets: how many.

    Raises:
        FileNotFoundError: where there are no mixes.
    """

    def __init__(self, work: Path, split: str, rate: int, *, lead: bool = False) -> None:
        self.targets = 2 if lead else len(TARGETS)
        rows: list[np.ndarray] = []
        tables, self.names = [], []
        paths = sorted((work / 'mixes' / split).glob('*.npz'))
        for path in tqdm(paths, desc=f'{split}, {rate} Hz', unit='song', leave=False):
            with np.load(path) as file:
                is_lead = file['lead']
                if lead and not 0 < is_lead.sum() < is_lead.size:
                    continue
                audio, of = file[str(rate)], np.where(is_lead, 0, 1) if lead else file['targets']
            self.names.append(path.stem)
            table = np.zeros(self.targets, dtype=np.int64)
            for target in np.unique(of):
                rows.append(np.clip(audio[of == target].sum(axis=0, dtype=np.int32), -32768, 32767).astype(np.int16))
                table[target] = len(rows)  # row 0 is silence
            tables.append(table)
        if not rows:
            raise FileNotFoundError(f'{work}/mixes/{split}: no stems there; run `python -m export mixes` first')
        self._table = np.stack(tables)
        self._samples = rows[0].size
        silence = np.zeros_like(rows[0])
        self._audio = torch.from_numpy(np.stack([silence, *rows])).to(device()).flatten()
        self._sounding = [np.flatnonzero(np.isin(np.arange(len(rows) + 1), column)) for column in self._table.T]
        self._sounding = [some[some > 0] for some in self._sounding]

    def __len__(self) -> int:
        return len(self.names)

    def song(self, number: int) -> Tensor:
        """The stems of a song, whole: float32, shape (targets, samples)."""
        there = torch.from_numpy(self._table[number]).to(device())
        return self._audio.view(-1, self._samples)[there].float() / 32768

    def batch(self, numbers: np.ndarray, rng: np.random.Generator | None, *, varied: bool = False) -> Tensor:
        """Stems of mixtures, float32, shape (mixtures, targets, SAMPLES).

        Without a generator, patch n is one of song n // 2: its first, or its second half. With one, they are drawn.
        ``varied``: some are solos, stems are filtered at random, and the last target has noise in it.
        """
        count = numbers.size
        shape = (count, self.targets)
        gain = np.ones(shape, dtype=np.float32)
        if rng is None:
            rows = self._table[numbers // 2]
            start = np.broadcast_to((numbers % 2 * (self._samples - SAMPLES))[:, None], shape)
        else:
            rows = self._table[rng.integers(len(self), size=count)]
            start = np.broadcast_to(rng.integers(self._samples - SAMPLES, size=(count, 1)), shape).copy()
            mixed = np.flatnonzero(rng.random(count) >= OF_ONE_SONG)
            drawn = [some[rng.integers(some.size, size=mixed.size)] if some.size else 0 for some in self._sounding]
            present = rng.random((mixed.size, self.targets)) < SOUNDS
            if varied:
                alone = rng.random(mixed.size) < SOLOS / (1 - OF_ONE_SONG)
                present[alone] = np.eye(self.targets, dtype=bool)[rng.integers(self.targets, size=alone.sum())]
            rows[mixed] = np.where(present, np.stack(np.broadcast_arrays(*drawn), axis=1), 0)
            start[mixed] = rng.integers(self._samples - SAMPLES, size=(mixed.size, self.targets))
            gain = 10 ** (rng.uniform(-GAIN, GAIN, shape) / 20).astype(np.float32)
        first = torch.from_numpy(rows * self._samples + start).to(device())
        audio: Tensor = self._audio[first[..., None] + torch.arange(SAMPLES, device=device())].float() / 32768
        audio *= torch.from_numpy(gain).to(device())[..., None]
        return _varied(audio, rng) if varied and rng is not None else audio


def _varied(stems: Tensor, rng: np.random.Generator) -> Tensor:
    """Stems, each through a filter of first order that lifts or lowers its highs, the last one with white noise."""
    filters = rng.uniform(-FILTER, FILTER, stems.shape[:2]).astype(np.float32)
    weights = torch.from_numpy(filters / np.sqrt(1 + filters**2)).to(stems.device)[..., None]
    filtered = stems / torch.sqrt(1 + weights**2)
    filtered[..., 1:] -= weights * stems[..., :-1]
    loud = filtered.sum(dim=1).square().mean(dim=-1).sqrt()
    below = torch.from_numpy(10 ** (-rng.uniform(*NOISE, len(stems)) / 20)).float().to(stems.device)
    generator = torch.Generator(stems.device).manual_seed(int(rng.integers(2**31)))
    noise = torch.randn(stems.shape[::2], generator=generator, device=stems.device)
    filtered[:, -1] += (loud * below)[:, None] * noise
    return filtered


def _precision() -> torch.autocast:
    """bfloat16 on a GPU; on a CPU the backward pass of transposed convolutions would take ten times as long in it."""
    return torch.autocast(device().type, dtype=torch.bfloat16, enabled=device().type == 'cuda')


class Separating(nn.Module):
    """A separator with its loss.

    The paper's is the mean absolute difference of masked mixture and target, here summed over targets. What is least
    in it is the median: of a target that sounds less often than not, where one cannot tell, nothing is left. ``ratio``
    is the cross-entropy of masks and the targets' shares of the magnitudes, each point weighted by the mixture there:
    what is least in it is the mean share.
    """

    def __init__(self, separator: nn.Module, *, ratio: bool) -> None:
        super().__init__()
        self.separator = separator
        self.ratio = ratio

    def forward(self, stems: Tensor) -> Tensor:
        """The loss of each mixture, shape (mixtures,)."""
        with torch.autocast(device().type, enabled=False):
            mixture, targets = patches(stems)
        with _precision():
            masks: Tensor = self.separator(mixture)
        if self.ratio:
            shares = targets / targets.sum(dim=1, keepdim=True).clamp_min(SILENCE)
            losses = -mixture * shares * masks.clamp_min(LEAST_MASK).log()
        else:
            losses = (masks * mixture - targets).abs()
        return losses.sum(dim=1).mean(dim=(1, 2))


class Listening(nn.Module):
    """A listener on the stems of a trained separator, with its loss: cross-entropy of what sounds in each step."""

    def __init__(self, separator: nn.Module | None, listener: Listener) -> None:
        super().__init__()
        self.listener = listener
        self._separator = [separator]  # in a list: its weights are not this network's

    def read(self, stems: Tensor) -> tuple[Tensor, Tensor]:
        """Log-odds and truth, both of shape (mixtures, 8, 16)."""
        separator = self._separator[0]
        with torch.no_grad():
            with torch.autocast(device().type, enabled=False):
                mixture, targets = patches(stems)
                truth = sounding(targets)
            with _precision():
                masked = mixture if separator is None else separator.eval()(mixture) * mixture
        with _precision():
            said: Tensor = self.listener(masked)
        return said, truth

    def forward(self, stems: Tensor) -> Tensor:
        """The loss of each mixture, shape (mixtures,)."""
        said, truth = self.read(stems)
        return F.binary_cross_entropy_with_logits(said, truth, reduction='none').mean(dim=(1, 2))


class Encoding(nn.Module):
    """An auto-encoder with its loss: the mean squared difference of a mixture and what is made of it again."""

    def __init__(self, encoder: AutoEncoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, stems: Tensor) -> Tensor:
        """The loss of each mixture, shape (mixtures,)."""
        with torch.autocast(device().type, enabled=False):
            mixture, _ = patches(stems)
        made: Tensor = self.encoder(mixture).float()
        return (made - mixture).square().mean(dim=(1, 2, 3))


@dataclass(frozen=True)
class OwnLoss:
    """The mean of what the network gives, which is its loss already."""

    def __call__(self, logits: Tensor, positions: np.ndarray) -> Tensor:
        """Mean loss of a batch."""
        return logits.mean()


def sound_path(work: Path, name: str) -> Path:
    """Where the weights of a network are."""
    return work / 'sound' / f'{name}.pt'


def train(
    name: str,
    work: Path,
    settings: TrainSettings,
    mixtures: int,
    banks: dict[tuple[int, bool, str], StemBank],
    begin_with: str | None = None,
) -> Path:
    """Train one of NETWORKS, or on from its checkpoint; write its weights.

    Args:
        name: of the network.
        work: the working folder.
        settings: how it is trained.
        mixtures: drawn in an epoch.
        banks: of stems; they are kept here for the next network.
        begin_with: a network of the same shape whose weights are begun with.

    Raises:
        FileNotFoundError: where there are no mixes, or no separator whose stems a listener could read.
    """
    separator = SEPARATORS.get(name, SEPARATORS[SHIPPED])

    def bank(split: str) -> StemBank:
        key = separator.rate, separator.lead, split
        if key not in banks:
            banks[key] = StemBank(work, split, separator.rate, lead=separator.lead)
        return banks[key]

    train_bank, validation = bank('train'), bank('val')
    numbers = np.arange(2 * len(validation))
    path = sound_path(work, name)
    make = _maker(name, separator, work)

    def begun() -> nn.Module:
        network = make()
        if begin_with:
            next(network.children()).load_state_dict(_weights(work, begin_with))
        return network

    network = fit(
        begun,
        np.arange(mixtures),
        lambda rows, rng: (train_bank.batch(rows, rng, varied=name in VARIED),),
        OwnLoss(),
        settings,
        SEED,
        path.with_suffix('.checkpoint'),
        lambda model: -mean_loss(model, validation, numbers, settings.batch_size),
        depends_on=(separator, begin_with),
    )
    if isinstance(network, Listening):
        calibrate(network, validation, numbers, settings.batch_size)
    trained = next(network.children())
    write_atomically(path, partial(torch.save, {key: value.cpu() for key, value in trained.state_dict().items()}))
    return path


def _maker(name: str, separator: Separator, work: Path) -> Callable[[], nn.Module]:
    if name == AUTO_ENCODER:
        return lambda: Encoding(AutoEncoder())
    if name in LISTENERS:
        reads = load_separator(LISTENERS[name], work) if LISTENERS[name] else None
        return lambda: Listening(reads, Listener(separator.rate, separated=reads is not None))
    return lambda: Separating(separator.make(2 if separator.lead else len(TARGETS)), ratio=separator.ratio)


def load_separator(name: str, work: Path) -> nn.Module:
    """A trained separator, on the device.

    Raises:
        FileNotFoundError: where it is not trained yet.
    """
    kind = SEPARATORS[name]
    network = kind.make(2 if kind.lead else len(TARGETS))
    network.load_state_dict(_weights(work, name))
    return on_device(network).eval()


def _weights(work: Path, name: str) -> dict[str, Tensor]:
    weights: dict[str, Tensor] = torch.load(sound_path(work, name), map_location='cpu', weights_only=True)
    return weights


@torch.inference_mode()
def mean_loss(model: nn.Module, bank: StemBank, numbers: np.ndarray, batch_size: int) -> float:
    """The mean loss of patches."""
    model.eval()
    with torch.autocast(device().type, dtype=torch.bfloat16):
        losses = [model(bank.batch(some, None)) for some in np.array_split(numbers, -(-numbers.size // batch_size))]
    return float(torch.cat(losses).mean())


def calibrate(listening: Listening, bank: StemBank, numbers: np.ndarray, batch_size: int) -> None:
    """Fit scale and shift of a listener's log-odds to mixtures it did not learn from, family by family (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    said, truth = heard(listening, bank, numbers, batch_size)
    for family in range(said.shape[1]):
        if truth[:, family].min() == truth[:, family].max():
            continue  # it sounds always, or never: nothing to fit
        fitted = LogisticRegression(C=1e3).fit(said[:, family].reshape(-1, 1), truth[:, family].reshape(-1))
        listening.listener.scale[family] = float(fitted.coef_[0, 0])
        listening.listener.shift[family] = float(fitted.intercept_[0])


@torch.inference_mode()
def heard(listening: Listening, bank: StemBank, numbers: np.ndarray, batch_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds and truth of patches, both of shape (patches, 8, 16)."""
    listening.eval()
    pairs = [listening.read(bank.batch(some, None)) for some in np.array_split(numbers, -(-numbers.size // batch_size))]
    said, truth = (torch.cat(columns).float().cpu().numpy() for columns in zip(*pairs, strict=True))
    return said, truth
