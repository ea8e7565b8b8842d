"""The method of docs/add-a-method.md keeps the contract and is trained by the program, as shown."""

import importlib
import inspect
import re

import numpy as np
import pytest
import torch

from mmfeat import fusion
from mmfeat.fusion import METHODS, get_method, load_head
from mmfeat.fusion.portable.head_module import head_module

from ..documented_files import PROJECT, documented_files, write_documented
from ..in_process import run_mmfeat
from . import test_methods as contract

DOCUMENT = "add-a-method.md"
LINE = re.compile(r'^ +"(\w+)": "([\w.:]+)",$', re.MULTILINE)
CHECKS = {
    name: check
    for name, check in vars(contract).items()
    if name.startswith("test_") and "method" in inspect.signature(check).parameters
}
VARIED = {"kind": contract.KINDS, "widths": [(5,), (3, 4, 2)]}
"""What the checks of the contract are parametrised by."""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The files of the page, where the page puts them, with their line in the table."""
    folder = write_documented(DOCUMENT, tmp_path_factory.mktemp("method"))
    ((name, place),) = LINE.findall((PROJECT / "docs" / DOCUMENT).read_text())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fusion, "__path__", [*fusion.__path__, str(folder)])
        patch.setitem(METHODS, name, place)
        patch.syspath_prepend(str(folder))
        yield get_method(name)


@pytest.fixture(scope="module")
def fitted(made_fold):
    """The same head for every check of the contract: its data, test rows and the head."""
    heads = {}

    def fit(method, kind="binary"):
        if kind not in heads:
            data, test = made_fold(kind=kind)
            heads[kind] = data, test, contract._fit(method, data)
        return heads[kind]

    return fit


def test_the_page_shows_the_method_and_its_test():
    assert list(documented_files(DOCUMENT)) == ["gated.py", "test_gated.py"]
    assert len(CHECKS) > 12


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKS)
def test_it_keeps_the_contract_of_all_methods(name, page, made_fold, fitted, tmp_path):
    asked = set(inspect.signature(CHECKS[name]).parameters)
    known = {"method": page, "made_fold": made_fold, "fitted": fitted, "tmp_path": tmp_path}
    given = {name: value for name, value in known.items() if name in asked}
    (varied,) = (asked - known.keys()) or {None}
    for number, value in enumerate(VARIED.get(varied, [None])):
        if "tmp_path" in given:
            given["tmp_path"] = tmp_path / str(number)
            given["tmp_path"].mkdir()
        CHECKS[name](**given, **({} if varied is None else {varied: value}))


@pytest.mark.usefixtures("page")
def test_the_tests_of_the_page_pass():
    tests = importlib.import_module("test_gated")
    names = [name for name in vars(tests) if name.startswith("test_")]
    assert len(names) == 2
    for name in names:
        getattr(tests, name)()


@pytest.mark.slow
def test_the_program_lists_trains_and_evaluates_it(page, write_project, tmp_path):
    settings = write_project(tmp_path)
    assert page.summary in run_mmfeat("methods", folder=tmp_path).out
    quick = ["--set", "train.workers=1", "--set", "train.epochs=2"]
    methods = ["--methods", "gated,average,logistic"]
    trained = run_mmfeat("train", settings, *methods, *quick, folder=tmp_path)
    assert trained.code == 0, trained.err
    head = load_head(tmp_path / "run/heads/cancer/gated/fold0-seed0")
    features = {name: np.zeros((1, size), np.float32) for name, size in head.inputs.widths.items()}
    assert 0 < head.predict(features, np.array([[True, False]]))[0, 0] < 1
    evaluated = run_mmfeat("eval", settings, *quick, "--set", "eval.resamples=100", folder=tmp_path)
    assert evaluated.code == 0, evaluated.err
    assert "gated minus a baseline" in evaluated.out


@pytest.mark.slow
def test_its_head_has_a_form_for_other_runtimes(page, fitted):
    data, test, head = fitted(page)
    visible = data.present[test]
    features = [torch.from_numpy(values[test]) for values in data.features.values()]
    inputs = (features, torch.from_numpy(visible))
    program = torch.export.export(head_module(head), inputs).module()
    expected = head.predict({n: v[test] for n, v in data.features.items()}, visible)
    np.testing.assert_allclose(program(*inputs).detach(), expected, rtol=1e-5)
