"""Losses: what a network's answers are held against, each a dataclass of its targets and weights."""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


class Loss(Protocol):
    """The mean loss of a batch; a dataclass, since its fields are part of what a checkpoint is known by."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __call__(self, logits: Tensor, positions: np.ndarray) -> Tensor:
        """The mean loss of logits that answer to some positions in the training set."""


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
