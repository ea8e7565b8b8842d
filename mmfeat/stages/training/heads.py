"""Finished heads on disk: put in place whole, and recognised by what they were made from."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mmfeat.errors import TrainError
from mmfeat.fusion.contract import FitOptions, FoldData, Head, Method
from mmfeat.fusion.head_files import check_whole, read_description, write_description
from mmfeat.provenance import library_versions
from mmfeat.stages.training.fold import digest_of_labels, digest_of_sets
from mmfeat.stages.training.plan import HeadKey
from mmfeat.stages.training.whole_folder import whole_folder

_NUMBERS_DEPEND_ON = ("mmfeat", "torch", "numpy", "scikit-learn")
_LONGEST_SHOWN = 24


def identity_of(
    key: HeadKey,
    method: Method,
    data: FoldData,
    outputs: tuple[str, ...],
    *,
    options: FitOptions,
    split_digest: str,
    features_digest: str,
    record_encoders: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return everything that a head's numbers come from.

    Args:
        key: Which head.
        method: Its method.
        data: What it is trained on.
        outputs: Names of its outputs.
        options: Numbers of the training of networks.
        split_digest: Digest of the fold's parts.
        features_digest: Digest of what is learnt from.
        record_encoders: For each modality whose encoder is fitted to the target, the digest of what
            that was made from.
    """
    versions = library_versions()
    fitted = {"record_encoders": dict(record_encoders)} if record_encoders else {}
    sets = {"sets": digest_of_sets(data)} if method.reads_sets else {}
    hidden = {name: dropout.largest_share for name, dropout in data.cell_dropout.items()}
    return {
        "target": key.target,
        "method": key.method,
        "fold": key.fold,
        "seed": key.seed,
        "task": data.task.to_json(),
        "outputs": list(outputs),
        "widths": {name: values.shape[1] for name, values in data.features.items()},
        "options": asdict(options) if method.uses_seed else {},
        "split": split_digest,
        "features": features_digest,
        "labels": digest_of_labels(data),
        **fitted,
        **sets,
        **({"cell_dropout": hidden} if hidden else {}),
        "versions": {name: versions[name].split("+")[0] for name in _NUMBERS_DEPEND_ON},
    }


def is_finished(folder: Path, identity: Mapping[str, Any]) -> bool:
    """Say whether this very head is there already, whole.

    Args:
        folder: Where it would be.
        identity: What it should have been made from.

    Raises:
        TrainError: There is a head, but damaged, or of another identity; the message names what
            differs.
    """
    if not is_made_from(folder, identity):
        return False
    check_whole(folder)
    return True


def is_made_from(
    folder: Path, identity: Mapping[str, Any], *, of_any_version: bool = False
) -> bool:
    """Say whether this very head is there; loading it compares its numbers with their digests.

    Args:
        folder: Where it would be.
        identity: What it should have been made from.
        of_any_version: Take heads that other versions of the libraries made: one run is trained
            with one set of versions, but it may be used with others.

    Raises:
        TrainError: There is a head, but not whole, or of another identity; the message names what
            differs.
    """
    if not folder.exists():
        return False
    found = read_description(folder).get("identity")
    if not isinstance(found, dict) or not (folder / "model.safetensors").is_file():
        raise TrainError(f"{folder}: not a whole head; train again with --overwrite")
    if of_any_version:
        found = {**found, "versions": identity["versions"]}
    if differing := changed_fields(found, identity):
        raise TrainError(
            f"{folder}: made from something else: {'; '.join(differing)}; give another "
            "`train.run`, or pass --overwrite to train again"
        )
    return True


def write_head_folder(
    head: Head, folder: Path, *, identity: Mapping[str, Any], made: Mapping[str, Any]
) -> None:
    """Write a head beside its place, then move the folder there; what was there is replaced."""
    with whole_folder(folder) as partial:
        head.save(partial)
        description = read_description(partial)
        write_description(partial, {**description, "identity": identity, "made": made})


def changed_fields(
    found: Mapping[str, Any], wanted: Mapping[str, Any], prefix: str = ""
) -> list[str]:
    """Name the fields that differ, with both values; one that is not there counts as None.

    So an option that a later version adds, and that nobody uses, leaves older heads as they are.
    """
    names = [*wanted, *(name for name in found if name not in wanted)]
    differences = []
    for name in names:
        before, now = found.get(name), wanted.get(name)
        if isinstance(before, dict) and isinstance(now, dict):
            differences += changed_fields(before, now, prefix=f"{prefix}{name}.")
        elif before != now:
            differences.append(f"{prefix}{name} was {_short(before)} and is {_short(now)}")
    return differences


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:12]}..."
