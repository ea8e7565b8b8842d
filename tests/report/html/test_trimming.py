"""A page that would be too large: the least needed goes first, and the page says what it lacks."""

import json
import re
import shutil

import pandas as pd
import pytest
from mmfeat.cli.main import app
from typer.testing import CliRunner

from mmfeat.provenance import sha256_of_file
from mmfeat.report.html import write_report
from mmfeat.report.html.blocks import (
    Bullets,
    Cell,
    Chart,
    Charts,
    Code,
    Folded,
    Picture,
    Pictures,
    Row,
    Section,
    Table,
    Text,
)
from mmfeat.report.html.trimming import STEPS, fitted, trimmed

_LIMIT = 5_000_000


def _charts(count, size=20_000):
    return Charts([Chart("x" * size, f"drawing {k}") for k in range(count)])


def _table(n_rows):
    return Table("T", ("A",), [Row([Cell(f"row {k}")]) for k in range(n_rows)])


def _sections(n_targets):
    targets = [
        Section(
            f"target-{k}",
            f"outcome {k}",
            [],
            [
                Section(f"target-{k}-curves", "Curves", [_charts(9)]),
                Section(f"target-{k}-worst", "Worst", [Folded("more", [_table(80)])]),
            ],
        )
        for k in range(n_targets)
    ]
    first = Section("verdict", "Verdict", [Text("Yes."), _table(100)])
    scans = Section("scans", "Scans", [Pictures([Picture("s", "pass", "data:", [])] * 12)])
    rest = Section("provenance", "Provenance", [Code("a: 1\n" * 2000), Bullets(["note"] * 70)])
    maps = Section("features", "Features", [], [Section("features-0", "ct", [_charts(4)])])
    return [first, *targets, scans, maps, rest]


def _as_text(sections):
    return "\n".join(repr(one) for one in sections)


def _texts(section):
    return [block.text for block in section.blocks if isinstance(block, Text)]


def test_a_page_that_is_small_enough_is_left_as_it_is():
    sections = _sections(2)
    assert fitted(sections, _as_text, _LIMIT) == _as_text(sections)


def test_twelve_targets_fit_and_only_what_is_needed_goes():
    sections = _sections(40)
    assert len(_as_text(sections)) > _LIMIT
    text = fitted(sections, _as_text, _LIMIT)
    assert len(text) <= _LIMIT
    n_steps = next(
        n for n in range(len(STEPS) + 1) if text == _as_text(trimmed(sections, n, _LIMIT))
    )
    assert len(_as_text(trimmed(sections, n_steps - 1, _LIMIT))) > _LIMIT


def test_maps_of_features_go_before_curves_of_targets():
    verdict, target, _, features, _ = trimmed(_sections(1), 1, _LIMIT)
    assert len(features.parts[0].blocks[0].charts) == 2
    assert _texts(features.parts[0]) == ["The first 2 of 4 drawings: the page would be too large."]
    assert len(target.parts[0].blocks[0].charts) == 9
    assert "2 of 13 drawings are left out" in _texts(verdict)[-1]
    assert "`mmfeat report RUN --largest-mb 100` keeps all" in _texts(verdict)[-1]


def test_in_the_end_drawings_are_gone_and_tables_are_short_but_the_verdict_is_whole():
    verdict, target, scans, _, rest = trimmed(_sections(1), len(STEPS), _LIMIT)
    assert len(verdict.blocks[1].rows) == 100
    assert _texts(target.parts[0]) == ["None of 9 drawings: the page would be too large."]
    folded = target.parts[1].blocks[0]
    assert len(folded.blocks[0].rows) == 8
    assert folded.blocks[1].text == "The first 8 of 80 rows: the page would be too large."
    assert _texts(scans) == ["None of 12 scans: the page would be too large."]
    assert rest.blocks[0].text.count("\n") == 49
    assert len(rest.blocks[2].lines) == 8
    assert (
        "13 of 13 drawings, 12 of 12 scans, 72 of 180 rows, 2,012 of 2,070 lines are left out"
    ) in _texts(verdict)[-1]


def test_a_page_that_cannot_be_made_small_says_so():
    text = fitted(_sections(3), _as_text, 1000)
    assert "This page is larger than 0.001 MB, although all that can be left out is" in text


def test_a_real_page_keeps_to_the_limit_that_is_asked_for(hostile_run, tmp_path):
    whole = (hostile_run / "report.html").stat().st_size
    output = tmp_path / "small.html"
    limit = f"{0.5 * whole / 1e6:.3f}"
    arguments = ["report", str(hostile_run), "--output", str(output), "--largest-mb", limit]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    page = output.read_text(encoding="utf-8")
    assert 0.2 * whole < len(page.encode()) <= 0.5 * whole
    assert re.search(r"drawings are left out|drawings, .* are left out", page)
    assert "drawings: the page would be too large." in page


@pytest.mark.slow
def test_the_page_of_a_run_with_fourteen_targets_keeps_to_a_limit(hostile_run, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(hostile_run, run, ignore=shutil.ignore_patterns("heads", "folds", "*.png"))
    results = json.loads((run / "results.json").read_text())
    one = results["targets"]["stage"]
    results["targets"] |= {f"stage {k}": one for k in range(12)}
    views = pd.read_parquet(run / "predictions.parquet")
    of_stage = views[views["target"] == "stage"]
    copies = [of_stage.assign(target=f"stage {k}") for k in range(12)]
    pd.concat([views, *copies]).to_parquet(run / "predictions.parquet")
    digest = sha256_of_file(run / "predictions.parquet")
    results["provenance"]["predictions"]["sha256"] = digest
    (run / "results.json").write_text(json.dumps(results))
    page = write_report(run, largest_bytes=2_000_000).read_text(encoding="utf-8")
    assert 800_000 < len(page.encode()) <= 2_000_000
    assert "So that this page stays below 2 MB" in page
    assert page.count('<section id="target-13') > 5
