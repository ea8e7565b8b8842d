"""`mmfeat inspect` shows what a scan or a cohort is worth, and its code says whether it will do."""

import io
import json
import subprocess
import sys

import numpy as np
import pytest
from mmfeat.cli import console, exit_codes
from mmfeat.cli.console import PlainConsole
from mmfeat.cli.inspect_drawing import drawn_histogram, drawn_pictures

from mmfeat.quality.histogram import Histogram
from mmfeat.quality.pictures import Picture

from ..stages.extraction_cohort import make_cohort
from ..stages.inspect_scans import body_hu, write_nifti, write_series


@pytest.fixture
def mmfeat(mmfeat_shown):
    """A function that runs a command and returns its exit code, output and messages."""
    return mmfeat_shown


@pytest.fixture
def scan(tmp_path):
    return write_nifti(tmp_path / "scan.nii.gz", body_hu())


def test_a_good_scan_is_a_pass_with_its_facts_histogram_and_picture(mmfeat, scan, tmp_path):
    code, out, err = mmfeat("inspect", scan)
    assert (code, err) == (exit_codes.DONE, "")
    assert out.startswith(f"{scan}: pass\n")
    assert "  info coarse-pixels: pixels of 4.00 mm" in out
    assert "160 mm top to bottom, 240 mm front to back, 240 mm side to side" in out
    assert "█" in out
    assert "-1000 HU" in out
    assert out.endswith("picture: scan.inspect.png\n")
    assert (tmp_path / "scan.inspect.png").is_file()


def test_without_a_terminal_it_is_text_alone(mmfeat, scan):
    _, out, _ = mmfeat("inspect", scan, columns=80)
    assert "\x1b" not in out
    assert "▀" not in out


def test_on_a_terminal_the_slices_are_drawn(mmfeat, scan, monkeypatch):
    screen = PlainConsole(
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        width=80,
    )
    monkeypatch.setattr(console, "console", screen)
    mmfeat("inspect", scan, "--encoder", "slices-lite0")
    out = screen.file.getvalue()
    assert out.count("▀") > 1000
    assert "\x1b[38;2;" in out
    assert "slices-lite0 sees it: 32 windows of 3 x 224 x 224" in out


def test_a_rejected_scan_ends_with_three(mmfeat, tmp_path):
    scan = write_nifti(tmp_path / "raw.nii.gz", body_hu() + np.int16(1100))
    code, out, _ = mmfeat("inspect", scan)
    assert code == exit_codes.SOME_FAILED
    assert "raw.nii.gz: reject\n  reject not-hounsfield: values 5" in out


def test_an_unreadable_scan_is_one_line_and_ends_with_two(mmfeat, scan):
    scan.write_bytes(scan.read_bytes()[:1000])
    code, out, err = mmfeat("inspect", scan)
    assert (code, out) == (exit_codes.USER_CAN_MEND, "")
    (line,) = err.splitlines()
    assert line.startswith(f"error: {scan}: truncated")


def test_series_to_choose_from_are_named_by_their_descriptions_on_the_screen(mmfeat, tmp_path):
    for name in ("soft", "sharp"):
        tags = {"SeriesDescription": f"{name} kernel"}
        write_series(tmp_path / "study" / name, body_hu(slices=6), tags)
    code, _, err = mmfeat("inspect", tmp_path / "study")
    assert code == exit_codes.USER_CAN_MEND
    assert "2 CT series to choose from" in err
    assert "`soft kernel`, as soft/000.dcm" in err


def test_as_json_it_is_one_document(mmfeat, scan):
    code, out, _ = mmfeat("inspect", scan, "--json", "--encoder", "intensity-stats")
    described = json.loads(out)
    assert code == exit_codes.DONE
    assert described["outcome"] == "pass"
    assert described["facts"]["orientation"] == "SPL"
    assert described["encoder"]["name"] == "intensity-stats"


def test_an_encoder_that_sees_no_image_is_said_to(mmfeat, scan):
    options = ("--encoder", "intensity-stats", "--option", "spacing_mm=6", "--output", "x.png")
    code, out, _ = mmfeat("inspect", scan, *options)
    assert code == exit_codes.DONE
    assert "intensity-stats sees it: 1 window of 89, values " in out
    assert "numbers, not an image" in out


@pytest.fixture
def cohort(tmp_path):
    made = make_cohort(tmp_path / "cohort", 3)
    (made.folder / made.scans["case-001"]).write_bytes(b"not a scan [bold]")
    return made


def test_the_settings_decide_for_one_scan(mmfeat, cohort, scan):
    text = cohort.config.read_text()
    quality = "encoder: intensity-stats, quality: {fewest_slices: 40}"
    cohort.config.write_text(text.replace("encoder: intensity-stats", quality))
    code, out, _ = mmfeat("inspect", scan, "--config", cohort.config)
    assert code == exit_codes.SOME_FAILED
    assert "too-few-slices: 32 slices; at least 40 make a volume" in out
    assert "intensity-stats sees it" in out


def test_what_an_encoder_sees_is_shown_without_its_weights(mmfeat, scan, monkeypatch, tmp_path):
    monkeypatch.setenv("MMFEAT_WEIGHTS", str(tmp_path / "none"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "none"))
    _, out, _ = mmfeat("inspect", scan, "--encoder", "merlin")
    assert "merlin sees it: 1 window of 1 x 224 x 224 x 160" in out


def test_a_cohort_has_a_table_and_a_sheet_beside_its_settings(mmfeat, cohort):
    code, out, err = mmfeat("inspect", "--manifest", cohort.config)
    assert code == exit_codes.SOME_FAILED
    assert "unreadable: case-001: " in out
    folder = cohort.folder / "inspect"
    assert f"contact sheet: {folder / 'contact-sheet.html'}\n" in out
    assert (folder / "quality.parquet").is_file()
    assert "looking at scans" in err
    assert "Traceback" not in err


def test_a_column_of_a_table_is_a_cohort_too(mmfeat, cohort):
    manifest = cohort.folder / "manifest.csv"
    code, out, _ = mmfeat(
        "inspect", "--manifest", manifest, "--column", "ct", "--output", "out", "--json"
    )
    assert code == exit_codes.SOME_FAILED
    described = json.loads(out)
    assert described["outcomes"] == {"unreadable": 1, "reject": 0, "warn": 0, "pass": 2}
    assert described["sheet"] == "out/contact-sheet.html"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to inspect; name a scan, or give --manifest mmfeat.yaml"),
        (["nowhere.nii.gz"], "nowhere.nii.gz: no such file or folder"),
        (["cohort/mmfeat.yaml"], "is no scan; for the scans of a cohort: --manifest cohort/mmfeat"),
        (["scan.nii.gz", "--column", "ct"], "--column needs --manifest"),
        (["scan.nii.gz", "--weights", "x.pt"], "--weights needs --encoder"),
        (["scan.nii.gz", "--option", "a=1"], "--option needs --encoder"),
        (["scan.nii.gz", "--modality", "ct"], "--modality needs --config"),
        (["scan.nii.gz", "--encoder", "ct_fm"], "unknown encoder `ct_fm`; did you mean `ct-fm`?"),
        (["scan.nii.gz", "--encoder", "ct-fm", "--option", "a"], "--option a: must be KEY=VALUE"),
        (["scan.nii.gz", "--config", "no.yaml"], "no.yaml: no such file"),
        (["scan.nii.gz", "--point", "1,2"], "--point 1,2: must be three numbers, as in -57.1,20"),
        (["scan.nii.gz", "--point", "1,x,3"], "--point 1,x,3: must be three numbers"),
        (["scan.nii.gz", "--point", "1,2,3", "--mask", "m.nii"], "--mask: leave it out or --point"),
        (["scan.nii.gz", "--point", "9000,0,0"], "is outside the scan, which reaches from"),
        (["scan.nii.gz", "--mask", "no.nii"], "no.nii: no such file or folder"),
        (["--manifest", "cohort/mmfeat.yaml", "--point", "1,2,3"], "--point is for one scan"),
        (["scan.nii.gz", "--manifest", "x.csv"], "PATH is for one scan, without --manifest"),
        (["--manifest", "cohort/manifest.csv"], "is a table; say which --column holds the scans"),
        (["--manifest", "cohort/mmfeat.yaml", "--column", "ct"], "--column is for a table"),
        (["--manifest", "cohort/mmfeat.yaml", "--overwrite"], "--overwrite is for one scan"),
        (["--manifest", "cohort/mmfeat.yaml", "--modality", "mri"], "`mri` is no modality with"),
    ],
)
def test_what_does_not_fit_is_one_line_and_ends_with_two(mmfeat, cohort, scan, arguments, message):
    code, out, err = mmfeat("inspect", *arguments)
    assert (code, out) == (exit_codes.USER_CAN_MEND, "")
    (line,) = err.splitlines()
    assert message in line


def test_the_cube_about_a_point_is_shown_and_without_one_it_is_said_why(mmfeat, scan, tmp_path):
    (tmp_path / "digested.only").write_bytes(b"")
    asked = ("inspect", scan, "--encoder", "fmcib", "--weights", tmp_path / "digested.only")
    code, out, err = mmfeat(*asked, "--point", "20,20,20", "--space", "voxel")
    assert (code, err) == (exit_codes.DONE, "")
    assert "fmcib sees it: 1 window of 1 x 50 x 50 x 50, values 0" in out
    _, out, _ = mmfeat(*asked, "--output", "without.png")
    assert "it cannot be given to fmcib: no point of interest is given" in out


def test_a_stop_is_heard_and_the_same_command_goes_on(mmfeat, cohort, monkeypatch):
    monkeypatch.setattr("mmfeat.stages.inspection.cohort.done_ahead", lambda *_, **__: iter(()))
    code, _, err = mmfeat("inspect", "--manifest", cohort.config)
    assert code == exit_codes.STOPPED
    assert "0 of 3 scans were looked at" in " ".join(err.split())
    monkeypatch.undo()


def test_pictures_are_at_one_scale_and_as_wide_as_the_screen():
    white = [
        Picture("", np.full(shape, 1.0, np.float32), (0.0, 1.0), (1.0, 1.0))
        for shape in ((100, 100), (50, 100))
    ]
    lines = drawn_pictures(white, 62).plain.splitlines()
    assert {len(line) for line in lines} == {62}
    assert len(lines) == 15


def test_pictures_are_never_higher_than_the_screen():
    tall = [Picture("", np.ones((900, 30), np.float32), (0.0, 1.0), (1.0, 1.0))]
    assert len(drawn_pictures(tall, 80).plain.splitlines()) == 32


def test_a_histogram_fits_the_width_in_letters_that_every_screen_has():
    shares = (0.0,) * 50 + (1.0,) + (0.0,) * 69
    for width, at_zero in ((40, 16), (80, 25), (110, 25), (200, 50)):
        lines = drawn_histogram(Histogram(shares, 0, 0), width, ascii_only=True)
        assert [line.index("#") for line in lines[:5]] == [at_zero] * 5
        assert lines[5].index("|", at_zero) == at_zero
        assert all(line.isascii() and len(line.rstrip()) <= width for line in lines)


def test_help_shows_how_and_loads_no_heavy_library():
    code = (
        "import sys\n"
        "sys.argv = ['mmfeat', 'inspect', '--help']\n"
        "from mmfeat.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        "heavy = {'torch', 'numpy', 'matplotlib', 'pandas', 'PIL', 'jinja2', 'scipy'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "LOADED []"
    assert "mmfeat inspect scan.nii.gz --encoder slices-lite0" in run.stdout
    assert "mmfeat inspect --manifest mmfeat.yaml" in run.stdout
