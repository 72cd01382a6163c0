"""Measure the sound model: how well stems are separated, what is heard in them, and what no music looks like.

Test songs are separated in the soundfonts of training and in the one that training did not use. What is written is one
row a system, song and target, and the answers of the listeners; ``report`` makes the page of it.
"""

import warnings
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from export.arguments import EXPERIMENT, add_jobs, add_work
from export.data.files import read_json, write_json, write_npz
from export.data.no_music import KINDS, no_music
from export.networks.separators import SAMPLES, SEPARATORS, SILENCE, AutoEncoder, patches, scaled, shares, spectrogram
from export.training.fit import device
from export.training.stem_bank import StemBank
from export.training.train_sound import (
    AUTO_ENCODER,
    LISTENERS,
    NETWORKS,
    SHIPPED,
    Encoding,
    Listening,
    heard,
    load_listener,
    load_separator,
    load_trained,
)
from music21_kdic.sound.networks import TARGETS, SoundModel
from music21_kdic.sound.spectra import BINS, FRAMES, HOP, WINDOW

SOUND = EXPERIMENT / 'sound'
SEPARATION = 'separation-'  # how the file of a separator begins
IDEAL = 'ideal'  # masks of the true magnitudes: what no mask of a mixture's phase comes past
INSTALLED = 'installed'  # the shipped separator as users have it, in half precision, run by onnxruntime
EVALUATED = 'evaluated.json'  # beside what is written: of each separator which songs it was measured on
SYSTEMS = (IDEAL, INSTALLED, *NETWORKS)
SPLITS = ('test', 'unheard')
LEAD_TARGETS = ('Lead', 'Accompaniment')
FAINT = 1e-3  # of the mixture's energy: what is fainter is not measured
NO_MUSIC = 20  # patches of each kind
BATCH = 16

Masks = Callable[[Tensor], Tensor]  # patches of a mixture -> the masks of its targets
MEASURES = ('sdr', 'sir', 'sar', 'nsdr')


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``evaluate-sound``."""
    add_work(parser)
    add_jobs(parser)
    parser.add_argument('systems', nargs='*', metavar='SYSTEM', help=f'{", ".join(SYSTEMS)} (default: all)')
    parser.add_argument('--songs', type=int, default=0, help='only the first N test songs (default: all)')
    parser.add_argument('--every', type=int, default=1, metavar='N', help='of those every Nth (default: 1)')
    parser.add_argument('--out', type=Path, default=SOUND, help=f'folder (default: {SOUND})')


def run(args: Namespace) -> None:
    """Run ``evaluate-sound``."""
    unknown = [name for name in args.systems if name not in SYSTEMS]
    if unknown:
        raise ValueError(f'{unknown[0]}: no such system, wanted some of {", ".join(SYSTEMS)}')
    # Started anew: a process that is forked off one with a GPU, or with torch's threads, may hang.
    with ProcessPoolExecutor(args.jobs, mp_context=get_context('spawn')) as pool:
        for name in args.systems or SYSTEMS:
            if name in LISTENERS:
                path, columns = args.out / f'{name}.npz', measure_listening(name, args.work)
            elif name == AUTO_ENCODER:
                path, columns = args.out / 'no-music.npz', measure_no_music(args.work)
            else:
                path = args.out / f'{SEPARATION}{name}.npz'
                columns = measure_separation(name, args.work, pool, slice(0, args.songs or None, args.every))
            write_npz(path, columns, compressed=True)
            if path.stem.startswith(SEPARATION):
                known = read_evaluated(args.out)
                write_json(args.out / EVALUATED, known | {path.stem: {'songs': args.songs, 'every': args.every}})
            print(f'wrote {path}')


def read_evaluated(folder: Path) -> dict[str, dict[str, int]]:
    """Of each separator that was measured its file's stem, and ``--songs`` and ``--every``; empty where not stored."""
    path = folder / EVALUATED
    return read_json(path) if path.exists() else {}


def measure_separation(name: str, work: Path, pool: Executor, songs: slice) -> dict[str, np.ndarray]:
    """Measure a separator, IDEAL or INSTALLED, on every target of some test songs.

    Returns:
        Columns of one length: ``split``, ``song``, ``target`` (its name), and the measures of BSS Eval (Vincent et al.
        2006) in dB: ``sdr``, ``sir``, ``sar``, and ``nsdr``, by how much the SDR is above that of the mixture itself.
    """
    kind = SEPARATORS.get(name, SEPARATORS[SHIPPED])
    network = network_of(name, work)
    names = LEAD_TARGETS if kind.lead else TARGETS
    columns: dict[str, list[object]] = {key: [] for key in ('split', 'song', 'target', *MEASURES)}
    for split in SPLITS:
        bank = StemBank(work, split, kind.rate, lead=kind.lead)
        keys, jobs = [], []
        for number in range(len(bank))[songs]:
            stems = bank.song(number)
            made = separate(network, stems).cpu().numpy()
            true = stems.cpu().numpy()
            mixture = true.sum(axis=0)
            energy = np.square(true).sum(axis=1)
            for target in np.flatnonzero(energy > FAINT * np.square(mixture).sum()):
                if np.square(mixture - true[target]).sum() > FAINT * np.square(mixture).sum():
                    keys.append((split, bank.names[number], names[target]))
                    jobs.append(pool.submit(bss_measures, true[target], made[target], mixture))
        for key, job in zip(keys, tqdm(jobs, desc=f'{name}, {split}', unit='stem'), strict=True):
            for column, value in zip(columns, (*key, *job.result()), strict=True):
                columns[column].append(value)
    return {key: np.array(values) for key, values in columns.items()}


def network_of(name: str, work: Path) -> Masks | None:
    """A separator by its name; None is IDEAL.

    Raises:
        FileNotFoundError: where it is not trained yet.
    """
    if name == IDEAL:
        return None
    if name == INSTALLED:
        model = SoundModel()
        return lambda mixture: torch.from_numpy(model.masks(mixture.cpu().numpy())).to(device())
    return load_separator(name, work)


def bss_measures(true: np.ndarray, made: np.ndarray, mixture: np.ndarray) -> tuple[float, ...]:
    """SDR, SIR and SAR of a stem and NSDR, as mir_eval has them: against all the rest of the mixture, one source."""
    from mir_eval.separation import bss_eval_sources

    both = np.stack([true, mixture - true])
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', FutureWarning)  # it goes with mir_eval 0.9; the extra asks for an older one
        sdr, sir, sar, _ = bss_eval_sources(both, np.stack([made, mixture - made]), compute_permutation=False)
        before = bss_eval_sources(both, np.stack([mixture, mixture]), compute_permutation=False)[0]
    return float(sdr[0]), float(sir[0]), float(sar[0]), float(sdr[0] - before[0])


@torch.inference_mode()
def separate(network: Masks | None, stems: Tensor) -> Tensor:
    """Separate the sum of stems, shape (targets, samples), patch by patch: the same shape; None is the ideal mask.

    The stems keep the phase of the mixture.
    """
    samples = stems.shape[-1]
    frames = -(-(samples + WINDOW) // HOP)
    frames += -frames % FRAMES
    padded = F.pad(stems, (WINDOW, (frames - 1) * HOP - samples))
    spectra = spectrogram(padded)
    mixture = spectra.sum(dim=0)
    of_patches = spectra[:, 1:].reshape(len(spectra), BINS, -1, FRAMES).permute(2, 0, 1, 3)
    whole, targets = scaled(of_patches)
    masks = shares(targets) if network is None else network(whole)
    masks = F.pad(masks.permute(1, 2, 0, 3).flatten(2), (0, 0, 1, 0))  # 0 Hz belongs to none
    return _sound(masks * mixture)[:, WINDOW : WINDOW + samples]


def _sound(spectra: Tensor) -> Tensor:
    """Undo :func:`spectrogram` by weighted overlap and add (Griffin and Lim 1984)."""
    window = torch.hann_window(WINDOW, device=spectra.device)
    frames = torch.fft.irfft(spectra, dim=-2) * window[:, None]
    count = spectra.shape[-1]
    length = (count - 1) * HOP + WINDOW

    def added(columns: Tensor) -> Tensor:
        return F.fold(columns, (1, length), (1, WINDOW), stride=(1, HOP))[:, 0, 0]

    weight = added(window.square()[None, :, None].expand(1, -1, count))
    return added(frames) / weight.clamp_min(SILENCE)


def measure_listening(name: str, work: Path) -> dict[str, np.ndarray]:
    """Log-odds of a listener and the truth of validation and test patches, each of shape (patches, 8, 16), by split."""
    reads = LISTENERS[name]
    listening = Listening(load_separator(reads, work) if reads else None, load_listener(name, work))
    found = {}
    for split in ('val', *SPLITS):
        bank = StemBank(work, split, SEPARATORS[SHIPPED].rate)
        said, truth = heard(listening, bank, BATCH)
        found[f'{split}_said'], found[f'{split}_truth'] = said.astype(np.float16), truth.astype(bool)
    return found


@torch.inference_mode()
def measure_no_music(work: Path) -> dict[str, np.ndarray]:
    """The auto-encoder's error and the listener's confidence, of test patches (``music``) and of patches of no music.

    Returns:
        ``kind``, what each patch is; ``error``, relative to the patch's energy; ``confidence``, the largest probability
        of any class in any step: all of shape (patches,).
    """
    encoding = Encoding(load_trained(AutoEncoder(), AUTO_ENCODER, work)).eval()
    listening = Listening(load_separator(SHIPPED, work), load_listener('listener', work)).eval()
    rate = SEPARATORS[SHIPPED].rate
    kinds, errors, confidences = [], [], []
    for kind, stems in _music_and_not(work, rate):
        mixture, _ = patches(stems)
        made = encoding.encoder(mixture)
        errors.append(((made - mixture).square().sum((1, 2, 3)) / mixture.square().sum((1, 2, 3))).cpu().numpy())
        said, _ = listening.read(stems)
        confidences.append(said.sigmoid().amax(dim=(1, 2)).cpu().numpy())
        kinds += [kind] * len(stems)
    return {'kind': np.array(kinds), 'error': np.concatenate(errors), 'confidence': np.concatenate(confidences)}


def _music_and_not(work: Path, rate: int) -> Iterator[tuple[str, Tensor]]:
    bank = StemBank(work, 'test', rate)
    for stems in bank.patches(BATCH):
        yield 'music', stems
    music = bank.batch(np.arange(min(NO_MUSIC, 2 * len(bank))), None).sum(dim=1).cpu().numpy()
    for kind in KINDS:
        rng = np.random.default_rng([NO_MUSIC, KINDS.index(kind)])
        audio = np.stack([no_music(kind, SAMPLES, rate, music[i % len(music)], rng) for i in range(NO_MUSIC)])
        stems = torch.zeros(NO_MUSIC, len(TARGETS), SAMPLES)
        stems[:, -1] = torch.from_numpy(audio)
        yield kind, stems.to(device())
