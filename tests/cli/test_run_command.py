"""`mmfeat run` does the three stages in a row, and once more for nothing."""

import json
import os
import signal

import nibabel as nib
import numpy as np
import pandas as pd
import pytest
from mmfeat.cli import exit_codes, main

from mmfeat.stages.extraction import extract as extract_stage


def _mmfeat(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["mmfeat", *map(str, arguments)])
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as end:
        main.main()
    return end.value.code or exit_codes.DONE


def _heads(config):
    return {file: file.stat().st_mtime_ns for file in config.parent.glob("run/heads/**/head.json")}


def test_it_does_all_stages_and_once_more_only_evaluates(
    tmp_path, write_project, monkeypatch, capsys
):
    config = write_project(tmp_path)
    assert _mmfeat(monkeypatch, "run", config) == exit_codes.DONE
    first = capsys.readouterr()
    assert [
        stage
        for stage in ("1 of 3: extract", "2 of 3: train", "3 of 3: eval")
        if stage in first.err
    ] == [
        "1 of 3: extract",
        "2 of 3: train",
        "3 of 3: eval",
    ]
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    assert " ".join(first.out.split()).endswith(results["verdict"]["sentence"])
    heads = _heads(config)
    assert heads
    assert _mmfeat(monkeypatch, "run", config) == exit_codes.DONE
    assert _heads(config) == heads
    assert capsys.readouterr().out == first.out


def test_json_is_one_document_of_all_stages(tmp_path, write_project, monkeypatch, capsys):
    config = write_project(tmp_path)
    assert _mmfeat(monkeypatch, "run", config, "--json") == exit_codes.DONE
    document = json.loads(capsys.readouterr().out)
    assert document["extract"]["n_failed"] == 0
    assert document["train"]["n_trained"] == 3 * 2
    assert document["eval"] == json.loads((tmp_path / "run" / "results.json").read_text())


def test_a_broken_scan_does_not_stop_it_but_is_told_and_ends_with_3(
    tmp_path, write_project, monkeypatch, capsys
):
    config = write_project(tmp_path, n_cases=60)
    _add_scans(tmp_path)
    config.write_text(
        config.read_text().replace(
            "modalities:\n",
            "modalities:\n"
            "  scan: {kind: volume, column: scan, encoder: intensity-stats,\n"
            "         reading: {check_hu: false}}\n",
        )
    )
    for _ in range(2):
        assert _mmfeat(monkeypatch, "run", config) == exit_codes.SOME_FAILED
        shown = capsys.readouterr()
        told = shown.err.replace("\n", " ")
        assert "scans that failed in scan and are left out: 1; reasons: " in told
        assert "failures.csv" in told
        assert "scan+ct+clinical" in shown.out


def test_a_signal_in_extract_ends_it_with_75_before_training(
    tmp_path, write_project, monkeypatch, capsys
):
    config = write_project(tmp_path)
    extract = extract_stage.extract

    def extract_and_signal(project, **options):
        os.kill(os.getpid(), signal.SIGTERM)
        return extract(project, **options)

    monkeypatch.setattr(extract_stage, "extract", extract_and_signal)
    assert _mmfeat(monkeypatch, "run", config) == exit_codes.STOPPED
    told = capsys.readouterr().err.replace("\n", " ")
    assert "run the same command" in told
    assert "2 of 3: train\n" not in told
    assert not _heads(config)


def test_help_has_an_example(monkeypatch, capsys):
    assert _mmfeat(monkeypatch, "run", "--help") == exit_codes.DONE
    assert "mmfeat run mmfeat.yaml" in capsys.readouterr().out


def _add_scans(folder):
    """Give every other case a tiny scan; the last one is broken."""
    manifest = pd.read_csv(folder / "manifest.csv", dtype=str, keep_default_na=False)
    generator = np.random.default_rng(1)
    manifest["scan"] = ""
    for row in range(0, len(manifest), 2):
        name = f"scan{row}.nii"
        values = generator.normal(-300, 400, size=(24, 24, 24)).astype(np.float32)
        nib.save(nib.Nifti1Image(values, np.diag([4.0, 4.0, 4.0, 1.0])), folder / name)
        manifest.loc[row, "scan"] = name
    (folder / name).write_bytes(b"not a scan")
    manifest.to_csv(folder / "manifest.csv", index=False)


def test_a_misspelt_method_is_told_before_anything_is_extracted(
    tmp_path, write_project, monkeypatch, capsys
):
    config = write_project(tmp_path, n_cases=60)
    assert _mmfeat(monkeypatch, "run", config, "--set=train.methods=[logistics]") == 2
    shown = capsys.readouterr()
    assert "did you mean `logistic`?" in shown.err
    assert "1 of 3" not in shown.err
