"""Tests of the contract that every encoder keeps, for the tests of other packages.

Put this into a test, with small weights where an encoder needs some:

    from mmfeat.encoders.testing import check_encoder

    def test_it_keeps_the_contract():
        check_encoder("my-encoder")
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mmfeat import encoders
from mmfeat.encoders.contract import Encoder
from mmfeat.encoders.contract_checks import CHECKS, ContractError, Subject
from mmfeat.encoders.made_up_scan import made_up_scan
from mmfeat.encoders.options import Value
from mmfeat.errors import MmfeatError
from mmfeat.volumes.volume import Volume

__all__ = ["CHECKS", "ContractError", "Subject", "check_encoder", "made_up_scan"]


def check_encoder(
    name: str,
    *,
    weights: Path | None = None,
    options: Mapping[str, Value] | None = None,
    recipe_file: Path | None = None,
    trust_code: bool = False,
    scans: Sequence[Volume] | None = None,
) -> None:
    """Check that an encoder keeps the contract; its package has to be installed.

    Args:
        name: The encoder.
        weights: As in `encoders.create`; small ones will do.
        options: As there.
        recipe_file: As there.
        trust_code: As there.
        scans: What it is tried on; by default two that are made up.

    Raises:
        ContractError: It does not; the message has a line for each thing.
        EncoderError: It cannot be made or loaded.
    """

    def make() -> Encoder:
        return encoders.create(
            name,
            weights=weights,
            device="cpu",
            options=options,
            recipe_file=recipe_file,
            trust_code=trust_code,
        )

    encoder = make()
    encoder.load()
    subject = Subject(encoder, make, scans or [made_up_scan(seed=seed) for seed in (1, 5)])
    faults = []
    for sentence, check in CHECKS.items():
        try:
            check(subject)
        except (ContractError, MmfeatError) as error:
            faults.append(f"not so: {sentence}: {error}")
    if faults:
        raise ContractError("\n".join([f"{name}: {len(faults)} checks failed", *faults]))
