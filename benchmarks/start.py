"""How long `mmfeat --help` takes from the shell, beside Python that does nothing.

    python benchmarks/start.py [--repeats 9]

Target: under half a second.
"""

import argparse
import statistics
import subprocess
import sys
import time

from bench_row import BenchRow


def median_s(*command: str, repeats: int) -> float:
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def rows(repeats: int = 9) -> list[BenchRow]:
    """Seconds until the help is there."""
    help_s = median_s("-m", "mmfeat", "--help", repeats=repeats)
    nothing_s = median_s("-c", "pass", repeats=repeats)
    beside = f"Python that does nothing: {nothing_s:.2f} s"
    return [
        BenchRow(
            "`mmfeat --help`",
            f"{help_s:.2f} s",
            beside,
            help_s,
            means="s",
            limit=0.5,
            sense="at most",
        )
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=9)
    for row in rows(parser.parse_args().repeats):
        print(" | ".join(row.cells()))


if __name__ == "__main__":
    main()
