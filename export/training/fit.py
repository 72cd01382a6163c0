"""The training loop of every network: ``fit`` trains, ``predict`` asks.

Everything random comes from the seed and the epoch's number, and a checkpoint is written after every epoch, so a run
that was stopped goes on as if it had not been.
"""

import hashlib
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import Tensor, nn
from tqdm import tqdm

from export.data.files import write_atomically
from export.networks.losses import Loss
from export.recipe import TrainSettings

# (numbers of windows or of parts, generator) -> what the network is called with; the generator draws what is drawn anew
# in each epoch, and is None when not training
Inputs = Callable[[np.ndarray, np.random.Generator | None], tuple[Tensor, ...]]
# model -> a figure on the validation split
Validation = Callable[[nn.Module], float]
Network = TypeVar('Network', bound=nn.Module)


def fit(
    make: Callable[[], Network],
    rows: np.ndarray,
    inputs: Inputs,
    loss: Loss,
    settings: TrainSettings,
    seed: int,
    checkpoint: Path,
    validate: Validation,
    depends_on: tuple[object, ...] = (),
) -> Network:
    """Make a network and train it on ``rows``, or on from the checkpoint; return it, ready to predict.

    Args:
        make: makes the network; its weights are drawn with the seed.
        rows: training windows or parts, numbers that ``inputs`` knows; ``loss`` is given positions in this array.
        inputs: what the network is called with, see the type above.
        loss: what it is held against.
        settings: of the recipe.
        seed: of all that is drawn.
        checkpoint: written after each epoch; training goes on from it where it is there.
        validate: a figure on the validation split, shown after each epoch.
        depends_on: whatever else the weights depend on, the grid of the windows, say.

    Raises:
        ValueError: where the checkpoint is of other settings or data.
    """
    torch.manual_seed(seed)
    model = on_device(make())
    optimizer, schedule = _optimizer(model, settings, steps=settings.epochs * -(-rows.size // settings.batch_size))
    state: dict[str, Any] = {'model': model, 'optimizer': optimizer, 'schedule': schedule}
    fingerprint = _fingerprint((settings, seed, *depends_on), rows, loss)
    for epoch in range(_resume(checkpoint, state, fingerprint), settings.epochs):
        torch.manual_seed(seed * 1000 + epoch)  # dropout
        rng = np.random.default_rng([seed, epoch])
        model.train()
        total = 0.0
        order = rng.permutation(rows.size)
        bar = tqdm(range(0, rows.size, settings.batch_size), desc=f'epoch {epoch + 1}/{settings.epochs}', unit='batch')
        for start in bar:
            positions = order[start : start + settings.batch_size]
            with autocast():
                logits = model(*to_device(inputs(rows[positions], rng)))
            of_batch = loss(logits.float(), positions)
            optimizer.zero_grad(set_to_none=True)
            of_batch.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            total += of_batch.item() * positions.size
            bar.set_postfix(loss=f'{total / (start + positions.size):.4f}', refresh=False)
        content = {name: part.state_dict() for name, part in state.items()}
        content |= {'epoch': epoch + 1, 'fingerprint': fingerprint}
        write_atomically(checkpoint, partial(torch.save, content))
        tqdm.write(f'epoch {epoch + 1}: loss {total / rows.size:.4f}, validation {validate(model):.4f}')
    model.eval()
    return model


def _optimizer(
    model: nn.Module, settings: TrainSettings, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """AdamW, and its one-cycle schedule over all steps."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay, foreach=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.learning_rate, total_steps=steps, pct_start=0.15)
    return optimizer, schedule


def _fingerprint(settings: tuple[object, ...], rows: np.ndarray, loss: Loss) -> str:
    """A hash of all that a network's weights depend on."""
    digest = hashlib.sha256(repr(settings).encode())
    digest.update(rows.tobytes())
    for part in fields(loss):
        digest.update(np.asarray(getattr(loss, part.name)).tobytes())
    return digest.hexdigest()


def _resume(checkpoint: Path, state: dict[str, Any], fingerprint: str) -> int:
    """Load a checkpoint where there is one; say how many epochs it holds."""
    if not checkpoint.exists():
        return 0
    content = torch.load(checkpoint, map_location=device(), weights_only=True)
    if content['fingerprint'] != fingerprint:
        raise ValueError(f'{checkpoint}: made with other settings or data; remove it, or choose another name or work')
    for name, part in state.items():
        part.load_state_dict(content[name])
    return int(content['epoch'])


@torch.inference_mode()
def predict(model: nn.Module, rows: np.ndarray, inputs: Inputs, batch_size: int = 512) -> np.ndarray:
    """Logits of some windows or parts, at least one: float32, shape (rows, 8), or as the network gives them."""
    model = on_device(model).eval()
    logits = []
    for start in tqdm(range(0, rows.size, batch_size), desc='predict', unit='batch', leave=False):
        with autocast():
            answer = model(*to_device(inputs(rows[start : start + batch_size], None)))
        logits.append(answer.float().cpu().numpy())
    return np.concatenate(logits)


def macro_f1(logits: np.ndarray, labels: np.ndarray) -> float:
    """Macro-F1 of the likeliest class: logits, shape (n, 8), labels, shape (n,)."""
    return float(f1_score(labels, logits.argmax(axis=1), average='macro', zero_division=0))


def macro_f1_on(rows: np.ndarray, labels: np.ndarray, inputs: Inputs, batch_size: int = 512) -> Validation:
    """The macro-F1 of a network on some rows; labels are of those rows."""
    return lambda model: macro_f1(predict(model, rows, inputs, batch_size), labels)


def device() -> torch.device:
    """CUDA where there is one, else the CPU."""
    return torch.device('cuda' if torch.cuda.is_available() else 'cpu')


def autocast() -> torch.autocast:
    """bfloat16 where it pays: convolutions on a CPU with AVX-512 BF16 run twice as fast or better."""
    return torch.autocast(device().type, dtype=torch.bfloat16)


def on_device(model: Network) -> Network:
    """A network on the device, its convolutions channels last."""
    moved: Network = model.to(device(), memory_format=torch.channels_last)  # type: ignore[call-overload]
    return moved


def to_device(batch: tuple[Tensor, ...]) -> list[Tensor]:
    """A network's arguments on its device; images channels last, which its convolutions are faster on."""
    return [
        item.to(device(), memory_format=torch.channels_last if item.dim() == 4 else torch.preserve_format)
        for item in batch
    ]
