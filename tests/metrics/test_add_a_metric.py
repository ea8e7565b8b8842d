"""The metric of docs/add-a-metric.md is computed, joined to its set and tested as shown."""

import importlib
import re
import sys
from importlib.util import module_from_spec, spec_from_loader

import hypothesis
import numpy as np
import pytest

from mmfeat import metrics
from mmfeat.metrics.metric_set import MetricKey

from ..documented_files import PROJECT, documented_files, write_documented

DOCUMENT = "add-a-metric.md"
PAGE = (PROJECT / "docs" / DOCUMENT).read_text()
CHANGED = "mmfeat/metrics/binary.py"


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory):
    """The files of the page; the metric is where the page puts it."""
    folder = write_documented(DOCUMENT, tmp_path_factory.mktemp("metric"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "__path__", [*metrics.__path__, str(folder)])
        patch.syspath_prepend(str(folder))
        yield folder
    sys.modules.pop("mmfeat.metrics.matthews", None)


@pytest.fixture(scope="module")
def changed():
    """The module of the set, with the lines that the page adds."""
    source = (PROJECT / CHANGED).read_text()
    hunks = re.findall(r"^```diff\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(hunks) == 3
    for hunk in hunks:
        lines = hunk.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if not line.startswith("+"))
        after = "".join(line[1:] for line in lines)
        assert source.count(before) == 1, f"not once in {CHANGED}:\n{before}"
        source = source.replace(before, after)
    module = module_from_spec(spec_from_loader("binary_with_matthews", loader=None))
    exec(compile(source, CHANGED, "exec"), vars(module))
    return module


def test_the_page_shows_the_function_and_its_test():
    assert list(documented_files(DOCUMENT)) == ["matthews.py", "test_matthews.py"]
    assert f"In `{CHANGED}`:" in PAGE


def test_the_set_has_the_metric_with_an_interval(changed):
    random = np.random.default_rng(0)
    scores = random.random(60)
    labels = (random.random(60) < scores).astype(float)
    found = metrics.bootstrap(
        {"a": changed.BinaryMetrics(labels, scores)},
        np.arange(60) // 2,
        n_resamples=100,
        confidence=0.95,
        seed=0,
    ).estimate("a", MetricKey("matthews"))
    alone = importlib.import_module("mmfeat.metrics.matthews").matthews_correlation
    assert found.point == pytest.approx(alone(labels, scores))
    assert found.low < found.point < found.high


def test_it_is_undefined_for_one_class_with_a_reason(changed):
    one_class = changed.BinaryMetrics([1, 1], [0.2, 0.7])
    assert np.isnan(one_class(np.ones((1, 2)))[MetricKey("matthews")][0])
    assert one_class.reason_undefined(MetricKey("matthews")) == "all 2 cases are positive"


@pytest.fixture
def _few_examples():
    """Have hypothesis try fewer examples, however long each takes on a busy machine."""
    before = hypothesis.settings.get_current_profile_name()
    hypothesis.settings.register_profile("page", max_examples=20, deadline=None, derandomize=True)
    hypothesis.settings.load_profile("page")
    yield
    hypothesis.settings.load_profile(before)


@pytest.mark.usefixtures("_few_examples")
def test_the_tests_of_the_page_pass():
    tests = importlib.import_module("test_matthews")
    names = [name for name in vars(tests) if name.startswith("test_")]
    assert len(names) == 3
    for name in names:
        getattr(tests, name)()
