"""How long `mmfeat --help` takes from the shell, beside Python that does nothing.

    python benchmarks/start.py [--repeats 9]

Target: under half a second.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

from bench_row import BenchRow

TYPER = "import typer; app = typer.Typer(); app.command()(lambda: None); app(['--help'])"
"""The least that a program of typer does."""
_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


def median_s(*command: str, repeats: int) -> float:
    """Seconds of a command of Python, with its bytecode kept as that of installed packages is."""
    environment = {key: text for key, text in os.environ.items() if key != _NO_BYTECODE}
    times = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, *command], check=True, stdout=subprocess.DEVNULL, env=environment
        )
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:])


def rows(repeats: int = 9) -> list[BenchRow]:
    """Seconds until the help is there."""
    help_s = median_s("-m", "mmfeat", "--help", repeats=repeats)
    nothing_s = median_s("-c", "pass", repeats=repeats)
    typer_s = median_s("-c", TYPER, repeats=repeats)
    beside = (
        f"Python that does nothing: {nothing_s:.2f} s; a program of typer with one command: "
        f"{typer_s:.2f} s"
    )
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
