"""How long the soak lasts and where it begins: ``MMFEAT_SOAK_MINUTES``, ``MMFEAT_SOAK_SEED``."""

import os
import secrets

USUAL_MINUTES = 1.0
"""Of ``make test-slow``; ``make test-soak`` asks for 20."""
MINUTES = float(os.environ.get("MMFEAT_SOAK_MINUTES", str(USUAL_MINUTES)))
IS_USUAL = "MMFEAT_SOAK_MINUTES" not in os.environ


def first_seed() -> int:
    """Return the seed of the first round: the one asked for, or 0; a long soak draws one."""
    given = os.environ.get("MMFEAT_SOAK_SEED")
    if given:
        return int(given)
    return 0 if IS_USUAL else secrets.randbelow(1_000_000)
