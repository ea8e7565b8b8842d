"""What every encoder does, each as a check that can be made from outside."""

import dataclasses
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from mmfeat import encoders
from mmfeat.encoders.contract import Embedding, Encoder, Windows
from mmfeat.preprocessing.orientation import reorient
from mmfeat.provenance import canonical_json, fingerprint
from mmfeat.volumes.volume import Volume

_BATCHES = 1e-5
"""Features of a window alone and in a batch agree to this, absolutely and of their size."""
_RESAMPLED = 2e-5
"""Windows of the same scan stored in another order of axes agree to this, of their range."""
_ORIENTATIONS = [
    "".join(axes)
    for pairs in itertools.permutations(("LR", "AP", "IS"))
    for axes in itertools.product(*pairs)
]


class ContractError(AssertionError):
    """An encoder does not keep the contract; a test that meets it fails."""


@dataclass(frozen=True)
class Subject:
    """What is checked."""

    encoder: Encoder
    """Loaded."""
    make: Callable[[], Encoder]
    """Makes the same again, not loaded."""
    scans: Sequence[Volume]
    """Two or more that differ in what they show."""

    def embed(self, scan: Volume) -> Embedding:
        """Take a scan through all three steps."""
        windows = self.encoder.prepare(scan)
        if not self.encoder.windows_alone:
            return self.encoder.pool(self.encoder.encode(windows))
        features = [self.encoder.encode(window[None]) for window in windows]
        return self.encoder.pool(np.concatenate(features))


def _it_has_all_parts(subject: Subject) -> None:
    lacking = [part for part in Encoder.__annotations__ if not hasattr(subject.encoder, part)]
    _require(not lacking, f"lacks {', '.join(lacking)}")
    _require(isinstance(subject.encoder, Encoder), "lacks load, prepare, encode or pool")


def _the_recipe_is_plain(subject: Subject) -> None:
    recipe = subject.encoder.recipe
    _require(json.loads(canonical_json(recipe)) == recipe, "it changes on the way through JSON")
    for part in ("code_version", "prepare", "pool"):
        _require(bool(recipe.get(part)), f"the recipe has no `{part}`")


def _the_identity_is_the_same(subject: Subject) -> None:
    one, other = (encoders.identity(encoder) for encoder in (subject.make(), subject.encoder))
    _require(fingerprint(one) == fingerprint(other), "made again, it has another identity")


def _the_vector_is_as_stated(subject: Subject) -> None:
    one, other = (subject.embed(scan) for scan in subject.scans[:2])
    size = (subject.encoder.embedding_size,)
    _require(one.shape == size, f"the vector's shape is {one.shape}, stated is {size}")
    _require(one.dtype == np.float32, f"the vector is {one.dtype}")
    _require(bool(np.isfinite(one).all()), "the vector is not finite")
    _require(not np.allclose(one, other), "two scans have the same vector")


def _windows_are_as_stated(subject: Subject) -> None:
    windows = subject.encoder.prepare(subject.scans[0])
    _require(windows.dtype == np.float32, f"windows are {windows.dtype}")
    _require(windows.flags.c_contiguous, "windows do not lie in memory in the order of their axes")
    some = windows[:1] if subject.encoder.windows_alone else windows
    wanted = (len(some), subject.encoder.token_size)
    found = subject.encoder.encode(some).shape
    _require(found == wanted, f"features of windows have the shape {found}, stated is {wanted}")


def _preparing_changes_nothing(subject: Subject) -> None:
    scan = dataclasses.replace(subject.scans[0], hu=subject.scans[0].hu.copy())
    before, state = scan.hu.copy(), dict(vars(subject.encoder))
    windows = subject.encoder.prepare(scan)
    windows[...] = 7
    _require(np.array_equal(scan.hu, before), "the scan is changed, or windows share its memory")
    _require(vars(subject.encoder) == state, "preparing changes the encoder")


def _threads_do_not_meet(subject: Subject) -> None:
    scans = [*subject.scans, *subject.scans]
    with ThreadPoolExecutor(len(scans)) as pool:
        together = list(pool.map(subject.encoder.prepare, scans))
    for scan, windows in zip(scans, together, strict=True):
        alone = subject.encoder.prepare(scan)
        _require(np.array_equal(windows, alone), "windows differ from those of one thread")


def _a_batch_changes_little(subject: Subject) -> None:
    batch = _shared_batch(subject)
    if batch is not None:
        alone = np.concatenate([subject.encoder.encode(window[None]) for window in batch])
        together = subject.encoder.encode(batch)
        close = np.allclose(together, alone, rtol=_BATCHES, atol=_BATCHES)
        _require(bool(close), "the feature of a window hangs on its batch")


def _in_one_size_bits_are_equal(subject: Subject) -> None:
    windows = _shared_batch(subject)
    if windows is not None:
        together = subject.encoder.encode(windows)
        order = np.random.default_rng(0).permutation(len(windows))
        turned = subject.encoder.encode(windows[order])
        _require(np.array_equal(turned, together[order]), "bits hang on the place in the batch")
        filled_up = np.zeros_like(windows)
        filled_up[0] = windows[-1]
        same = np.array_equal(subject.encoder.encode(filled_up)[0], together[-1])
        _require(same, "bits hang on the other windows of a batch")


def _it_is_deterministic(subject: Subject) -> None:
    import torch

    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    again = subject.make()
    again.load()
    other = dataclasses.replace(subject, encoder=again)
    same = np.array_equal(other.embed(subject.scans[0]), subject.embed(subject.scans[0]))
    _require(same, "loaded again, it gives other bits")
    _require(torch.equal(torch.rand(3), expected), "it draws from torch's own generator")


def _the_kind_of_numbers_changes_little(subject: Subject) -> None:
    scan = subject.scans[0]
    whole = np.round(scan.hu)
    whole[4:6, 20, 20:24] = [[-8192], [30_000]]  # their difference is no int16
    one = subject.embed(dataclasses.replace(scan, hu=np.asarray(whole, np.int16)))
    other = subject.embed(dataclasses.replace(scan, hu=np.asarray(whole, np.float32)))
    close = np.allclose(one, other, rtol=_BATCHES, atol=_BATCHES)
    _require(bool(close), "a scan in int16 has another vector than in float32")


def _axes_in_the_file_change_nothing(subject: Subject) -> None:
    scan = subject.scans[0]
    expected = subject.encoder.prepare(scan)
    for axes in _ORIENTATIONS:
        turned = reorient(scan, axes)
        hu = np.array(turned.hu, np.float32, order="C")
        stored = dataclasses.replace(turned, hu=hu)
        windows = subject.encoder.prepare(stored)
        same = windows.shape == expected.shape and np.allclose(windows, expected, atol=_RESAMPLED)
        _require(bool(same), f"stored as {axes}, the same scan gives other windows")


def _shared_batch(subject: Subject) -> Windows | None:
    """Return some windows of two scans; None where none may share a batch."""
    if subject.encoder.windows_alone:
        return None
    return np.concatenate([subject.encoder.prepare(scan)[:3] for scan in subject.scans[:2]])


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ContractError(message)


CHECKS: Mapping[str, Callable[[Subject], None]] = {
    "it has all that an encoder has": _it_has_all_parts,
    "its recipe is plain JSON with what has to be in it": _the_recipe_is_plain,
    "its identity is the same for the same encoder": _the_identity_is_the_same,
    "its vector is finite, as stated, and depends on the scan": _the_vector_is_as_stated,
    "windows are float32 in memory's order and each has one feature": _windows_are_as_stated,
    "preparing changes neither the scan nor the encoder": _preparing_changes_nothing,
    "preparing on many threads gives the same windows": _threads_do_not_meet,
    "a window has the same feature alone and in a batch": _a_batch_changes_little,
    "in batches of one size a window has the same bits": _in_one_size_bits_are_equal,
    "two instances give the same bits and leave the random state": _it_is_deterministic,
    "whole numbers give the same as int16 and as float32": _the_kind_of_numbers_changes_little,
    "the order of the axes in the file changes nothing": _axes_in_the_file_change_nothing,
}
"""Each check by what is so where it passes; it raises `ContractError` where it is not."""
