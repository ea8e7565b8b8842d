"""What mmfeat runs on is named, and what is missing has its fix."""

import platform
from importlib import metadata

import pytest

from mmfeat.stages.doctor.machine import (
    core_finding,
    extra_findings,
    fits,
    library_findings,
    machine_findings,
)


def test_this_machine_has_everything_in_order_and_each_thing_is_named():
    found = {finding.check: finding for finding in machine_findings()}
    order = ["python", "libraries", "extra excel", "extra lite0", "cores", "memory", "torch"]
    assert [check for check in found if check in order] == order
    assert platform.python_version() in found["python"].message
    assert metadata.version("torch") in found["torch"].message
    assert all(finding.level != "problem" for finding in found.values())


def test_a_library_that_is_missing_or_too_old_is_a_problem():
    wanted = ["numpy>=1.0", "torch>=900", "no-such-package>=1", "ruff>=999; extra == 'dev'"]
    (finding,) = library_findings(wanted)
    assert finding.level == "problem"
    torch = metadata.version("torch")
    assert (
        finding.message == f"torch is {torch}, but must be >=900; no-such-package is not installed"
    )
    assert "pip install" in finding.fix


def test_an_extra_that_is_missing_is_all_right_and_says_what_it_is_for():
    (finding,) = extra_findings(
        ['no-such-package==1; extra == "excel"', 'numpy; extra == "dev"', "numpy"]
    )
    assert (finding.check, finding.level) == ("extra excel", "ok")
    assert finding.message == (
        "for tables in Excel's format: no-such-package is not installed; "
        '`pip install "mmfeat[excel]"` if you need it'
    )


@pytest.mark.parametrize(
    ("version", "wanted", "answer"),
    [
        ("3.11.2", ">=3.11", True),
        ("3.9", ">=3.11", False),
        ("2.13.0+cpu", ">=2.8", True),
        ("0.1.0", "==0.1.0", True),
        ("0.2.0", "==0.1.0", False),
        ("4.0", ">=3,<5", True),
        ("1", "", True),
    ],
)
def test_versions_are_compared_number_by_number(version, wanted, answer):
    assert fits(version, wanted) is answer


def test_the_limit_of_the_cores_is_named():
    limits = {"CPU affinity": 64, "SLURM_CPUS_PER_TASK": 8}
    finding = core_finding(limits, node=64, load=1.0)
    assert finding.level == "ok"
    assert finding.message == "8 of the node's 64, limited by SLURM_CPUS_PER_TASK"


def test_a_busy_machine_is_a_warning():
    finding = core_finding({"CPU affinity": 4}, node=4, load=3.5)
    assert finding.level == "warning"
    assert finding.message == "4 cores, all of the node's; 3.5 are wanted by what runs now"
