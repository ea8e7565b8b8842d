"""What of the documents is not run by tests, and why: one plain table.

Everything here is still looked at by test_commands_exist.py: commands, options and files exist.
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

OTHER_PROGRAMS = {
    "make": "sets up environments and runs test suites; the targets exist",
    "pip": "installs packages from a network",
    "git": "fetches from a network",
    "python": "benchmarks and exports take long; test_bring_your_own.py runs the page's own file",
    "pytest": "the test of a page's package: tests/test_add_an_encoder.py runs it",
    "export": "sets variables for paths that this machine does not have",
    "docker": "no container engine here; tests/containers look into what it is given",
    "apptainer": "as docker",
    "kubectl": "no cluster here; tests/containers validate the manifests",
}


@dataclass(frozen=True)
class NotRun:
    """Commands of some pages, or a page's Python, that are not run."""

    page: str
    """A pattern of page names, as ``docs/jobs.md``."""
    command: str
    """A regular expression that matches the whole command, or ``python`` for Python blocks."""
    reason: str

    def covers(self, page: str, command: str) -> bool:
        """Tell whether it is about this command of this page."""
        return fnmatchcase(page, self.page) and re.fullmatch(self.command, command) is not None


NOT_RUN = (
    NotRun("docs/add-an-encoder.md", ".*", "tests/test_add_an_encoder.py runs all of it"),
    NotRun("docs/bring-your-own.md", ".*", "tests/test_bring_your_own.py runs what can be run"),
    NotRun("docs/add-a-method.md", ".*", "tests/fusion/test_add_a_method.py runs all of it"),
    NotRun("docs/add-a-metric.md", ".*", "tests/metrics/test_add_a_metric.py runs all of it"),
    NotRun("*", "mmfeat .*--launcher local", "many processes; tests/launching/local runs them"),
    NotRun(
        "docs/*", "mmfeat .*--launcher slurm.*", "tests/launching/slurm runs a Slurm of its own"
    ),
    NotRun("docs/*", "mmfeat .*--launcher ray.*", "tests/launching/ray runs a Ray of its own"),
    NotRun("docs/jobs.md", "mmfeat jobs .+", "of a Slurm job; tests/cli/test_jobs_command.py"),
    NotRun("docs/points.md", "mmfeat .*", "weights that nobody may hand on; tests/stages do it"),
    NotRun("docs/remote.md", "mmfeat .*", "an object store; tests/remote serves one"),
    NotRun("docs/demo.md", "mmfeat .*", "hundreds of scans; docs/tutorial.md runs a small one"),
    NotRun("docs/*", "mmfeat encoders fetch .*", "a network; tests/weights_store serves one"),
    NotRun("docs/exchange.md", ".*--trust-pickle", "a file of Google's; tests/stages make one up"),
    NotRun(
        "data_manifests/*", r"mmfeat config check \S+", "weights; the contract's tests check it"
    ),
    NotRun(
        "docs/paper-experiments.md",
        "mmfeat (run|eval) .*",
        "every method with five seeds; tests/data_manifests/test_paper_experiments.py runs one",
    ),
    NotRun("docs/weights.md", "mmfeat encoders add-weights .*", "weights that were fetched before"),
    NotRun(
        "docs/status.md", "mmfeat extract --only @.*", "a scan that failed; tests/stages has some"
    ),
    NotRun("docs/several-scans.md", ".*leave_out", "a table of scans; tests/manifest has some"),
)

EXPECTED_CODES = {
    ("docs/quick-start.md", command): 3  # two scans are broken on purpose
    for command in (
        "mmfeat run small/mmfeat.yaml --set 'train.targets=[cancer_1y]' --set eval.resamples=200",
        "mmfeat predict small/run --manifest small/manifest.csv --allow-overlap "
        "--output predictions.csv",
    )
}
"""Exit codes other than 0, by page and command."""

PYTHON_ARGUMENTS = {
    "docs/tokens.md": ("cache/ct/*/shard-*.h5",),
}
"""What programs that a page shows are given, as patterns: of the files that fit, the newest."""


def reason_not_to_run(page: str, command: str) -> str | None:
    """Return why a command is not run, or None if it is."""
    return next((one.reason for one in NOT_RUN if one.covers(page, command)), None)
