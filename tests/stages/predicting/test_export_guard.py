import json
from pathlib import Path

import pytest

from mmfeat.config.loading import Project
from mmfeat.errors import TrainError
from mmfeat.stages.predicting.export_guard import refuse_traces


@pytest.fixture
def project(tmp_path):
    return Project(settings=None, file=tmp_path / "trial" / "mmfeat.yaml")


@pytest.mark.parametrize(
    "text",
    ["/mnt/store/net.pt2", "~/weights", "C:\\scans\\a", "\\\\server\\scans", str(Path.home())],
)
def test_a_path_of_a_machine_is_refused_by_its_place(tmp_path, project, text):
    (tmp_path / "out").mkdir()
    content = {"options": {"ct": [{"model": text}]}}
    (tmp_path / "out" / "run.json").write_text(json.dumps(content))
    with pytest.raises(TrainError, match=r"\(run.json, `options.ct\[0\].model`: found"):
        refuse_traces(tmp_path / "out", project)


def test_the_folder_of_the_project_is_refused_in_the_card_too(tmp_path, project):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "README.md").write_text(f"from {project.folder}")
    with pytest.raises(TrainError, match=r"would name this machine \(README.md"):
        refuse_traces(tmp_path / "out", project)


def test_what_only_looks_like_a_path_passes(tmp_path, project):
    (tmp_path / "out").mkdir()
    content = {"unit": "mg/l", "format": "%d/%m/%Y", "level": "/", "file": "weights/ct", "n": 3}
    (tmp_path / "out" / "run.json").write_text(json.dumps(content))
    refuse_traces(tmp_path / "out", project)
