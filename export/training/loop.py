"""The training loop that ``teach``, ``student`` and ``distil`` share.

Everything random comes from the recipe's seed and the epoch's number, and a checkpoint is written after every
epoch, so a run that was stopped goes on as if it had not been.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from export.data.window_table import write_atomically
from export.recipe import TrainSettings

# numbers of windows (or of parts) -> what the network is called with; the generator, None when not training, draws what
# is drawn anew in each epoch
Inputs = Callable[[np.ndarray, np.random.Generator | None], tuple[Tensor, ...]]
# (logits, positions in the training set) -> mean loss
Loss = Callable[[Tensor, np.ndarray], Tensor]


def device() -> torch.device:
    """CUDA where there is one, else the CPU."""
    return torch.device('cuda' if torch.cuda.is_available() else 'cpu')


def autocast() -> torch.autocast:
    """bfloat16 where it pays: convolutions on a CPU with AVX-512 BF16 run twice as fast or better."""
    return torch.autocast(device().type, dtype=torch.bfloat16)


@dataclass(frozen=True)
class SoftTargets:
    """Distillation (Hinton et al. 2015): KL divergence to softened teacher outputs, mixed with hard labels.

    loss = (1 - hard_weight) * T^2 * KL(softmax(teacher / T) || softmax(student / T)) + hard_weight * cross-entropy

    Attributes:
        teacher: teacher logits of the training set, shape (windows, 8).
        labels: class indices, shape (windows,).
        temperature: T; the factor T^2 keeps the gradient's size.
        hard_weight: 0 to 1; 0 is the paper's KDIC.
    """

    teacher: np.ndarray
    labels: np.ndarray
    temperature: float
    hard_weight: float

    def __call__(self, logits: Tensor, positions: np.ndarray) -> Tensor:
        """Mean loss of a batch."""
        t = self.temperature
        teacher = torch.as_tensor(self.teacher[positions], dtype=logits.dtype, device=logits.device)
        loss = (
            t
            * t
            * F.kl_div(
                F.log_softmax(logits / t, dim=1),
                F.log_softmax(teacher / t, dim=1),
                reduction='batchmean',
                log_target=True,
            )
        )
        if self.hard_weight:
            hard = HardTargets(self.labels)(logits, positions)
            loss = (1 - self.hard_weight) * loss + self.hard_weight * hard
        return loss


@dataclass(frozen=True)
class HardTargets:
    """Cross-entropy to the labels of the training set.

    Attributes:
        labels: class indices, shape (windows,).
        smoothing: the share that is taken from the label and spread over all classes (Szegedy et al. 2016).
    """

    labels: np.ndarray
    smoothing: float = 0.0

    def __call__(self, logits: Tensor, positions: np.ndarray) -> Tensor:
        """Mean loss of a batch."""
        labels = torch.as_tensor(self.labels[positions], device=logits.device)
        return F.cross_entropy(logits, labels, label_smoothing=self.smoothing)


@dataclass(frozen=True)
class PartTargets:
    """What a part student is to answer, to the part and to each of its windows.

    loss = KL(targets || softmax(part)) + window_weight * KL(targets || softmax(window)), both means

    Attributes:
        targets: probabilities of the classes, shape (parts, 8). Those of a part that is no music are how frequent each
            class is (outlier exposure, Hendrycks et al. 2019).
        window_weight: of the second term.
    """

    targets: np.ndarray
    window_weight: float

    def __call__(self, logits: Tensor, positions: np.ndarray) -> Tensor:
        """Mean loss of a batch of parts: logits as :class:`export.networks.networks.PartStudent` gives them."""
        targets = torch.as_tensor(self.targets[positions], dtype=logits.dtype, device=logits.device)
        part, window = (~logits[:, 1:].isnan().any(dim=2)).nonzero(as_tuple=True)
        of_parts = F.kl_div(F.log_softmax(logits[:, 0], dim=1), targets, reduction='batchmean')
        of_windows = F.kl_div(F.log_softmax(logits[part, 1 + window], dim=1), targets[part], reduction='batchmean')
        return of_parts + self.window_weight * of_windows


def train(
    model: nn.Module,
    rows: np.ndarray,
    inputs: Inputs,
    loss_of: Loss,
    settings: TrainSettings,
    seed: int,
    checkpoint: Path,
    fingerprint: str,
    validate: Callable[[nn.Module], float],
) -> nn.Module:
    """Train a network on ``rows`` and return it.

    Args:
        model: to be trained, freshly initialised with the seed.
        rows: training windows or parts, numbers that ``inputs`` knows; ``loss_of`` is given positions in this array.
        inputs, loss_of: see the types above.
        settings: of the recipe.
        seed: of the recipe.
        checkpoint: written after each epoch; training goes on from it where it is there.
        fingerprint: of the settings and data; a checkpoint of another one is refused.
        validate: a figure on the validation split (macro-F1), shown after each epoch.

    Raises:
        ValueError: where the checkpoint is of other settings or data.
    """
    model = model.to(device(), memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay, foreach=True
    )
    steps = -(-rows.size // settings.batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.learning_rate, total_steps=steps * settings.epochs, pct_start=0.15
    )
    state = {'model': model, 'optimizer': optimizer, 'schedule': schedule}
    done = _resume(checkpoint, state, fingerprint)
    for epoch in range(done, settings.epochs):
        torch.manual_seed(seed * 1000 + epoch)  # dropout
        rng = np.random.default_rng([seed, epoch])
        model.train()
        total = 0.0
        order = rng.permutation(rows.size)
        bar = tqdm(range(0, rows.size, settings.batch_size), desc=f'epoch {epoch + 1}/{settings.epochs}', unit='batch')
        for start in bar:
            positions = order[start : start + settings.batch_size]
            with autocast():
                logits = model(*_there(inputs(rows[positions], rng)))
            loss = loss_of(logits.float(), positions)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * positions.size
            bar.set_postfix(loss=f'{total / (start + positions.size):.4f}', refresh=False)
        content = {name: part.state_dict() for name, part in state.items()} | {
            'epoch': epoch + 1,
            'fingerprint': fingerprint,
        }
        write_atomically(checkpoint, lambda part, content=content: torch.save(content, part))
        tqdm.write(f'epoch {epoch + 1}: loss {total / rows.size:.4f}, validation {validate(model):.4f}')
    return model.eval()


def _there(batch: tuple[Tensor, ...]) -> list[Tensor]:
    """A network's arguments on its device; images channels last, which its convolutions are faster on."""
    return [
        item.to(device(), memory_format=torch.channels_last if item.dim() == 4 else torch.preserve_format)
        for item in batch
    ]


def _resume(
    checkpoint: Path,
    state: dict[str, nn.Module | torch.optim.Optimizer | torch.optim.lr_scheduler.LRScheduler],
    fingerprint: str,
) -> int:
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
    model = model.to(device(), memory_format=torch.channels_last).eval()
    logits = []
    for start in tqdm(range(0, rows.size, batch_size), desc='predict', unit='batch', leave=False):
        with autocast():
            answer = model(*_there(inputs(rows[start : start + batch_size], None)))
        logits.append(answer.float().cpu().numpy())
    return np.concatenate(logits)
