"""Compare every fusion method on many cohorts, and write docs/method-benchmarks.md.

What is done is kept in `--work`, and the same command goes on from there. From the checkout:
python -m benchmarks.methods            for an hour; the same again goes on
python -m benchmarks.methods --quick    a few minutes, to see that it works; writes no page
python -m benchmarks.methods --page     only the page, from what is kept
"""

import argparse
import os
import time
from pathlib import Path

from benchmarks.methods.cohorts import COHORTS
from benchmarks.methods.cohorts.local_data import DATA_VARIABLE, DEMO_VARIABLE
from benchmarks.methods.contenders import (
    ABLATION_COHORTS,
    DEFAULT,
    REFERENCES,
    ablations,
    every_method,
)
from benchmarks.methods.page import write_page
from benchmarks.methods.results import read_results
from benchmarks.methods.running import Portion, portions_of, run
from mmfeat.fusion.training.running import never

_DOCS = Path(__file__).parents[2] / "docs"
_QUICK_COHORTS = "tiny", "suppressed"


def main() -> None:
    chosen = _arguments()
    chosen.work.mkdir(parents=True, exist_ok=True)
    if chosen.data is not None:
        os.environ[DATA_VARIABLE] = str(chosen.data.resolve())
    _make_demo(chosen.demo or chosen.work / "demo", quick=chosen.quick)
    file = chosen.work / ("quick.jsonl" if chosen.quick else "results.jsonl")
    if not chosen.page:
        deadline_s = time.monotonic() + 60 * chosen.minutes
        run(_portions(chosen), file, deadline_s=deadline_s, n_processes=chosen.processes)
    results = read_results(file)
    if chosen.quick:
        print(results.groupby(["cohort", "availability", "method"])["auroc"].mean().unstack())
    else:
        write_page(results, _DOCS)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=Path("benchmarks-work"))
    parser.add_argument("--data", type=Path, help="folder with hancock/ and lidc_mini/")
    parser.add_argument("--demo", type=Path, help="folder of `mmfeat demo`; made where not given")
    parser.add_argument("--repeats", type=int, default=5, help="of the default and its references")
    parser.add_argument("--other-repeats", type=int, default=1, help="of all other methods")
    parser.add_argument("--cohorts", nargs="+", choices=[plan.name for plan in COHORTS])
    parser.add_argument("--methods", nargs="+", help="only these, ablations too")
    parser.add_argument("--minutes", type=float, default=57, help="begin nothing after these")
    parser.add_argument("--processes", type=int)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--page", action="store_true")
    return parser.parse_args()


def _portions(chosen: argparse.Namespace) -> list[Portion]:
    """Give what is asked for: a repeat of everything first, so that stopping early costs least."""
    there = [plan.name for plan in COHORTS if plan.is_here()]
    if chosen.quick:
        there = list(_QUICK_COHORTS)
    names = [name for name in there if chosen.cohorts is None or name in chosen.cohorts]
    often = [DEFAULT, *REFERENCES]
    others = [one.name for one in every_method() if one.name not in often]
    variants = [one.name for one in ablations()]
    if chosen.methods is not None:
        often, others, variants = (
            [name for name in group if name in chosen.methods]
            for group in (often, others, variants)
        )
    ablated = [name for name in names if name in ABLATION_COHORTS or chosen.cohorts is not None]
    n_repeats = 1 if chosen.quick else chosen.repeats
    of_others = range(1 if chosen.quick else chosen.other_repeats)
    return [
        *portions_of(names, often, range(min(1, n_repeats))),
        *portions_of(names, others, of_others),
        *portions_of(names, often, range(1, min(3, n_repeats))),
        *portions_of(ablated, variants, of_others),
        *portions_of(names, often, range(3, n_repeats)),
    ]


def _make_demo(folder: Path, *, quick: bool) -> None:
    """Make the cohort of `mmfeat demo` and its features, unless they are there."""
    if quick:
        return
    os.environ[DEMO_VARIABLE] = str(folder.resolve())
    if not (folder / "cache").exists():
        from mmfeat.config.loading import load_project
        from mmfeat.demo.write_cohort import SETTINGS_FILE, Request, write_cohort
        from mmfeat.progress import Silent
        from mmfeat.stages.extraction.extract import extract

        write_cohort(folder, Request())
        extract(load_project(folder / SETTINGS_FILE), progress=Silent(), should_stop=never)


if __name__ == "__main__":
    main()
