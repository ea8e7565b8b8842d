"""`mmfeat doctor` shows every finding with its fix; its code says whether a run would stop."""

import json
from functools import partial
from pathlib import Path

import pytest
from mmfeat.cli import console, exit_codes
from mmfeat.cli.doctor_screen import account_sentence, duration, projection_sentence, show_report

from mmfeat.stages.doctor.cohort import ScansToDo
from mmfeat.stages.doctor.examine import DoctorReport
from mmfeat.stages.doctor.finding import Finding
from mmfeat.stages.doctor.modality import ModalityExam
from mmfeat.stages.doctor.projection import Rates, project
from mmfeat.stages.doctor.sample import Sample
from mmfeat.stages.doctor.trial import StageCost, Trial
from mmfeat.stages.doctor.volume import VolumeAccount

from ..stages.extraction_cohort import make_cohort


@pytest.fixture
def mmfeat(mmfeat_shown):
    """A function that runs a command and returns its exit code, output and messages."""
    return partial(mmfeat_shown, columns=80)


@pytest.fixture
def cohort(tmp_path):
    return make_cohort(tmp_path / "cohort", 20)


def test_the_machine_alone_is_in_order(mmfeat):
    code, out, err = mmfeat("doctor")
    assert (code, err.strip()) == (exit_codes.DONE, "")
    assert out.splitlines()[0].split()[:2] == ["ok", "python"]
    assert "problem" not in out


@pytest.mark.parametrize("columns", [80, 120])
def test_a_project_is_shown_with_tables_that_fit_the_terminal(mmfeat, cohort, columns):
    code, out, _ = mmfeat("doctor", cohort.config, columns=columns)
    assert code == exit_codes.DONE
    assert max(map(len, out.splitlines())) <= columns
    assert "ct: one scan" in out
    assert "ct: machines like this" in out
    assert "20 scans to do. From 5 scans" in " ".join(out.split())


def test_a_problem_ends_with_two_and_has_its_fix_below_it(mmfeat, cohort):
    code, out, err = mmfeat("doctor", cohort.config, "--set", "cohort.manifest=no.csv")
    assert code == exit_codes.USER_CAN_MEND
    assert "Traceback" not in err
    lines = out.splitlines()
    (row,) = [number for number, line in enumerate(lines) if line.startswith("problem")]
    below = " ".join(lines[row : row + 6])
    assert "-> `cohort.manifest` is relative" in below
    assert lines[-1].startswith("1 problem")
    assert lines[-1].endswith(": a run would stop; mend what is marked `problem`")


def test_as_json_it_is_one_document(mmfeat, cohort):
    code, out, _ = mmfeat(
        "doctor", cohort.config, "--json", "--sample", "2", "--no-volume", "--devices", "1, 3"
    )
    shown = json.loads(out)
    assert code == exit_codes.DONE
    assert len(shown["scans"]["ct"]["sample"]) == 2
    assert shown["volume"] == shown["projection"] == {}


@pytest.mark.parametrize("devices", ["1,x", "0", "", "1;2"])
def test_numbers_of_devices_are_checked(mmfeat, devices):
    code, out, err = mmfeat("doctor", "--devices", devices)
    assert (code, out) == (exit_codes.USER_CAN_MEND, "")
    assert "must be numbers such as 1,2,4" in err


def gpu_exam() -> ModalityExam:
    trial = Trial(Path("a.nii"), {"read": StageCost(0.5, 0.1, 2_000_000, 0)}, None, None, 9, 900)
    forward = StageCost(1.5, 0.1, 900, 1000)
    account = VolumeAccount(
        trial=trial,
        load_s=2.0,
        network={"copy": StageCost(0.1, 0.0, 900, 0), "forward": forward},
        batch_windows=8,
        smallest_batch=4,
        computed_bytes=1600,
        device="cuda",
        device_peak_bytes=3_000_000_000,
        finite=True,
    )
    rates = Rates(6.0, 1.5, 5, 4.0, 9.0)
    projection = project(2400, rates, reading_threads=8, on_cpu=False, devices=(1, 4))
    scans = ScansToDo((), 2400, (), 0)
    return ModalityExam(scans, Sample((trial,), None), 512, account, projection)


def test_with_a_gpu_the_limit_and_the_cores_it_needs_are_shown(capsys, monkeypatch):
    monkeypatch.setattr(console.console, "width", 80)
    findings = (Finding("gpu 0", "warning", "is [full]", "free it"),)
    show_report(DoctorReport(findings, {"ct": gpu_exam()}))
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines()]
    assert ["1", "60", "min", "device", "4"] in rows
    assert ["4", "30", "min", "reading", "16"] in rows
    assert ["copy", "0.100", "900", "bytes"] in rows
    assert "is [full]" in out
    assert out.endswith("1 warning: nothing would stop a run\n")


def test_the_sentences_say_what_the_numbers_rest_on():
    exam = gpu_exam()
    said = account_sentence(exam.account)
    assert said.startswith("a.nii: 9 windows in batches of 4 on cuda, of whose memory 3.0 GB")
    said = projection_sentence(exam.projection)
    assert said.startswith(
        "2400 scans to do. From 5 scans: on average 6.00 s of a reading thread (4.00 to 9.00 s), "
        "8 at a time, and 1.50 s of a device"
    )


def test_all_is_well_where_nothing_is_found(capsys):
    show_report(DoctorReport((Finding("python", "ok", "3.11"),), {}))
    assert capsys.readouterr().out.endswith("all is well\n")


def test_times_are_in_the_unit_that_suits_them():
    assert [duration(hours) for hours in (1.9, 71.9, 240)] == ["114 min", "71.9 h", "10.0 days"]


def test_ctrl_c_is_one_line_and_ends_with_the_code_of_a_stop(mmfeat, cohort, monkeypatch):
    def interrupted(path, region):
        raise KeyboardInterrupt

    monkeypatch.setattr("mmfeat.stages.doctor.trial.content_sha256", interrupted)
    code, out, err = mmfeat("doctor", cohort.config)
    assert (code, out) == (exit_codes.STOPPED, "")
    assert "Stopped: nothing is left behind" in err
