import json

import numpy as np
import pytest
import torch

from mmfeat.errors import TrainError
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.features import open_features
from mmfeat.stages.predicting.exporting import export_run
from mmfeat.stages.predicting.fold_module import FoldModule, example_inputs
from mmfeat.stages.predicting.run_model import RunModel
from mmfeat.stages.predicting.runtime_files import (
    runtime_writers,
    write_exported,
    write_onnx,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("networks_run", "cancer"),
        ("networks_run", "survival"),
        ("linear_run", "stage"),
        ("linear_run", "survival"),
        ("linear_run", "days"),
    ],
)
def test_the_module_of_a_fold_answers_stored_features_as_the_run_does(name, target, request):
    model = RunModel.open(request.getfixturevalue(name))
    table = open_features(model.project, open_cohort(model.project))
    cases = model.ready(table)
    wanted = model.answers(cases, table.present, target, recalibrated=False).by_fold[1]
    module = FoldModule(model.heads_of(1, target), target).eval()
    records = {one: cases.features(1, target)[one] for one in table.records}
    inputs = [
        torch.from_numpy(table.vectors[one] if one in table.vectors else records[one])
        for one in model.modalities
    ]
    with torch.inference_mode():
        found = module(*inputs, torch.from_numpy(table.present))
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-5, atol=1e-6)


@pytest.fixture
def module(linear_run):
    model = RunModel.open(linear_run)
    return FoldModule(model.heads_of(0, "survival"), "survival").eval()


def test_an_onnx_file_is_tried_before_it_is_kept(module, tmp_path):
    import onnxruntime

    inputs = example_inputs([4, 2], n_rows=16)
    write_onnx(module, inputs, ["ct", "clinical"], tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"))
    more = example_inputs([4, 2], n_rows=33)
    names = [one.name for one in session.get_inputs()]
    assert names == ["ct", "clinical", "visible"]
    (found,) = session.run(None, {n: v.numpy() for n, v in zip(names, more, strict=True)})
    np.testing.assert_allclose(found, module(*more).detach().numpy(), rtol=1e-5, atol=1e-6)


def test_a_file_of_torch_export_takes_any_number_of_rows(module, tmp_path):
    write_exported(
        module, example_inputs([4, 2], n_rows=16), ["ct", "clinical"], tmp_path / "m.pt2"
    )
    program = torch.export.load(tmp_path / "m.pt2").module()
    for n_rows in (1, 40):
        more = example_inputs([4, 2], n_rows=n_rows)
        np.testing.assert_allclose(program(*more).detach(), module(*more).detach(), rtol=1e-6)


def test_an_export_has_a_file_for_each_fold_and_target_and_says_what_goes_in(
    networks_run, tmp_path
):
    writers = runtime_writers(onnx=False, torch_export=True)
    export_run(networks_run, tmp_path / "model", add=writers)
    place = tmp_path / "model" / "runtimes" / "paper"
    known = json.loads((place / "pt2.json").read_text())
    assert set(known) == {f"{t}-fold{k}.pt2" for t in ("cancer", "survival") for k in (0, 1)}
    assert known["survival-fold0.pt2"]["outputs"][-1] == "risk"
    assert known["cancer-fold0.pt2"]["inputs"]["ct"] == ["rows", 4]
    assert known["cancer-fold0.pt2"]["scaled_inside"] == ["ct"]
    assert RunModel.open(tmp_path / "model").targets == ("cancer", "survival")


def test_a_file_that_answers_otherwise_is_not_kept(module, tmp_path, monkeypatch):
    inputs = example_inputs([4, 2], n_rows=16)

    class Forgetful:
        def module(self):
            return lambda *given: module(*given) + 0.1

    monkeypatch.setattr("mmfeat.stages.predicting.runtime_files._captured", lambda *_: Forgetful())
    monkeypatch.setattr(torch.export, "save", lambda *_: None)
    with pytest.raises(ValueError, match="answers otherwise than the heads"):
        write_exported(module, inputs, ["ct", "clinical"], tmp_path / "m.pt2")


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(TrainError, match=r'--onnx needs onnx: pip install "mmfeat\[onnx\]"'):
        runtime_writers(onnx=True, torch_export=False)
