"""``mmfeat report``: the page of a run, again; a folder that is no run is one clear line."""

from mmfeat.cli.main import app
from typer.testing import CliRunner

from mmfeat.errors import EvalError


def test_a_folder_that_was_never_evaluated_is_refused(tmp_path):
    result = CliRunner().invoke(app, ["report", str(tmp_path)])
    assert isinstance(result.exception, EvalError)
    assert "run `mmfeat eval` first" in str(result.exception)
    assert not (tmp_path / "report.html").exists()
