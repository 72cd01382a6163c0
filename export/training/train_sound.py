"""Train the sound model: separators of mixtures, the audio teacher on their stems, the auto-encoder; any of them."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.arguments import add_work
from export.data.files import write_atomically
from export.networks.listeners import Listener, sounding
from export.networks.separators import SEPARATORS, AutoEncoder, Separator, patches, shares
from export.recipe import TrainSettings
from export.training.fit import Network, autocast, device, fit, on_device
from export.training.stem_bank import StemBank

SHIPPED = 'shipped'  # the separator of the model
# The separator whose stems a listener reads; none is the mixture alone.
LISTENERS = {'listener': SHIPPED, 'listener-small': 'small', 'listener-mixture': ''}
AUTO_ENCODER = 'auto-encoder'
NETWORKS = (*SEPARATORS, *LISTENERS, AUTO_ENCODER)
VARIED = ('listener',)  # networks that learn from varied mixtures, see StemBank.batch
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
            losses = -mixture * shares(targets) * masks.clamp_min(LEAST_MASK).log()
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
        lambda model: -mean_loss(model, validation, settings.batch_size),
        depends_on=(separator, begin_with),
    )
    if isinstance(network, Listening):
        calibrate(network, validation, settings.batch_size)
    trained = next(network.children())
    write_atomically(path, partial(torch.save, {key: value.cpu() for key, value in trained.state_dict().items()}))
    return path


def _maker(name: str, separator: Separator, work: Path) -> Callable[[], nn.Module]:
    if name == AUTO_ENCODER:
        return lambda: Encoding(AutoEncoder())
    if name in LISTENERS:
        reads = load_separator(LISTENERS[name], work) if LISTENERS[name] else None
        return lambda: Listening(reads, Listener(separator.rate, separated=reads is not None))
    return lambda: Separating(separator.make(), ratio=separator.ratio)


def load_separator(name: str, work: Path) -> nn.Module:
    """A trained separator, on the device.

    Raises:
        FileNotFoundError: where it is not trained yet.
    """
    return load_trained(SEPARATORS[name].make(), name, work)


def load_listener(name: str, work: Path) -> Listener:
    """A trained listener, on the device.

    Raises:
        FileNotFoundError: where it is not trained yet.
    """
    return load_trained(Listener(separated=bool(LISTENERS[name])), name, work)


def load_trained(network: Network, name: str, work: Path) -> Network:
    """A network with the weights that were trained, on the device.

    Raises:
        FileNotFoundError: where it is not trained yet.
    """
    network.load_state_dict(_weights(work, name))
    return on_device(network).eval()


def _weights(work: Path, name: str) -> dict[str, Tensor]:
    weights: dict[str, Tensor] = torch.load(sound_path(work, name), map_location='cpu', weights_only=True)
    return weights


@torch.inference_mode()
def mean_loss(model: nn.Module, bank: StemBank, batch_size: int) -> float:
    """The mean loss of the patches of a bank."""
    model.eval()
    with autocast():
        losses = [model(stems) for stems in bank.patches(batch_size)]
    return float(torch.cat(losses).mean())


def calibrate(listening: Listening, bank: StemBank, batch_size: int) -> None:
    """Fit scale and shift of a listener's log-odds to mixtures it did not learn from, class by class (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    said, truth = heard(listening, bank, batch_size)
    for each in range(said.shape[1]):
        if truth[:, each].min() == truth[:, each].max():
            continue  # it sounds always, or never: nothing to fit
        fitted = LogisticRegression(C=1e3).fit(said[:, each].reshape(-1, 1), truth[:, each].reshape(-1))
        listening.listener.scale[each] = float(fitted.coef_[0, 0])
        listening.listener.shift[each] = float(fitted.intercept_[0])


@torch.inference_mode()
def heard(listening: Listening, bank: StemBank, batch_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds and truth of the patches of a bank, both of shape (patches, 8, 16)."""
    listening.eval()
    pairs = [listening.read(stems) for stems in bank.patches(batch_size)]
    said, truth = (torch.cat(columns).float().cpu().numpy() for columns in zip(*pairs, strict=True))
    return said, truth
