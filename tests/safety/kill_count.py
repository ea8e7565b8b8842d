"""How thorough the tests of safety are: ``MMFEAT_KILLS=200`` asks for the slow suite."""

import os

KILLS = int(os.environ.get("MMFEAT_KILLS", "8"))
USUAL = KILLS < 100
