"""The loop that a naive user writes: a file is opened for every case, three views one by one."""

from collections.abc import Callable, Sequence
from pathlib import Path

import h5py
import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset


class FileRows(Dataset):
    """Give one case at a time, each from a file that is opened for it."""

    def __init__(self, file: Path, rows: np.ndarray) -> None:
        self.file, self.rows = file, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        row = self.rows[number]
        with h5py.File(self.file, "r") as opened:
            return opened["ct"][row], opened["clinical"][row], opened["label"][row]


class PlainNetwork(nn.Module):
    """The published network as one would write it, with tokens of zeros to start from."""

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.tokens = nn.ParameterList(torch.zeros(width) for width in widths)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for width in widths)
        joint = sum(widths)
        self.hidden = nn.Sequential(
            nn.LayerNorm(joint), nn.ReLU(), nn.Dropout(0.2), nn.Linear(joint, joint // 2)
        )
        self.head = nn.Sequential(nn.LayerNorm(joint // 2), nn.Dropout(0.2))
        self.classifier = nn.Linear(joint // 2, 1)

    def forward(self, parts: list[torch.Tensor]) -> torch.Tensor:
        normalised = [norm(part) for norm, part in zip(self.norms, parts, strict=True)]
        return self.classifier(self.head(self.hidden(torch.cat(normalised, dim=1))))


def naive_loop(
    file: Path,
    rows: np.ndarray,
    *,
    widths: Sequence[int],
    batch_size: int,
    views: np.ndarray,
) -> Callable[[], object]:
    network = PlainNetwork(widths)
    optimiser = torch.optim.AdamW(network.parameters())
    loader = DataLoader(FileRows(file, rows), batch_size=batch_size, shuffle=True)

    def epoch() -> None:
        for ct, clinical, label in loader:
            loss = torch.zeros(())
            for sees_ct, sees_clinical in views:
                shown = [
                    values if sees else token.expand(len(values), -1)
                    for values, sees, token in zip(
                        (ct, clinical), (sees_ct, sees_clinical), network.tokens, strict=True
                    )
                ]
                logits = network(shown)[:, 0]
                loss = loss + functional.binary_cross_entropy_with_logits(logits, label)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()

    return epoch
