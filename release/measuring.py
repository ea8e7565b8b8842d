"""How long mmfeat takes to start, measured in processes of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence

STARTS = {
    "`python -c pass`, to compare": ("-c", "pass"),
    "`import mmfeat`": ("-c", "import mmfeat"),
    "`mmfeat --help`": ("-m", "mmfeat", "--help"),
    "`mmfeat config check --help`": ("-m", "mmfeat", "config", "check", "--help"),
    "`from mmfeat import load_run` (loads torch)": ("-c", "from mmfeat import load_run"),
}
"""What is started, by the words that the page has for it."""


def fastest_s(words: Sequence[str], n_times: int = 5) -> float:
    """Return the seconds of the fastest of several starts, after one that fills the disk's cache.

    Raises:
        subprocess.CalledProcessError: The program failed.
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    seconds = []
    for _ in range(n_times + 1):
        begin = time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, capture_output=True, env=environment)
        seconds.append(time.perf_counter() - begin)
    return min(seconds[1:])


def start_times_s() -> dict[str, float]:
    """Measure all of them."""
    return {name: fastest_s(words) for name, words in STARTS.items()}
