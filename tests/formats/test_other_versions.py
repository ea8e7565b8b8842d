"""Files of versions that never were, earlier and later, are refused with what mends it."""

import json
import shutil

import h5py
import pytest

from mmfeat.cache.browsing import open_caches
from mmfeat.errors import CacheError, EncoderError, EvalError, LaunchError, TrainError
from mmfeat.launching.job_folder import JobFolder
from mmfeat.report.html.page_source import PageSource
from mmfeat.stages.evaluation.evaluated_runs import read_results
from mmfeat.stages.predicting.references import References
from mmfeat.stages.predicting.run_contents import RunContents
from mmfeat.stages.predicting.run_model import RunModel
from mmfeat.weights_store.folder import WeightsStore

OTHERS = (0, 99)


@pytest.fixture
def copied(released, tmp_path):
    """A function that copies a folder of the fixtures, to be changed."""

    def copy(name):
        place = tmp_path / name
        shutil.copytree(released / name, place)
        return place

    return copy


def _say(file, key, version):
    known = json.loads(file.read_text())
    assert key in known
    file.write_text(json.dumps({**known, key: version}))


@pytest.mark.parametrize("other", OTHERS)
def test_shards(copied, other):
    (cache,) = open_caches(copied("caches/vectors"))
    for shard in cache.path.glob("shard-*.h5"):
        with h5py.File(shard, "r+") as file:
            file.attrs["format_version"] = other
    with pytest.raises(CacheError, match=rf"version {other}, .*mmfeat extract --set extract.cache"):
        cache.index()


@pytest.mark.parametrize("other", OTHERS)
def test_runs(copied, other):
    run = copied("runs/cox")
    _say(run / "run.json", "format", other)
    with pytest.raises(TrainError, match=rf"of run format {other}, .*run `mmfeat train` again"):
        RunContents.read(run)


def test_runs_that_do_not_say_their_format_are_of_the_first(copied):
    run = copied("runs/cox")
    known = json.loads((run / "run.json").read_text())
    del known["format"]
    (run / "run.json").write_text(json.dumps(known))
    assert RunContents.read(run).methods == ("concat-zero",)


@pytest.mark.parametrize("other", OTHERS)
def test_heads(copied, other):
    run = copied("runs/kinds")
    for head in run.glob("heads/cancer/logistic/*/head.json"):
        _say(head, "format", other)
    model = RunModel.open(run, method="logistic")
    with pytest.raises(TrainError, match="not a head of format 1; train again with --overwrite"):
        model.heads_of(0, "cancer")


@pytest.mark.parametrize("other", OTHERS)
def test_what_new_cases_are_compared_with(copied, other):
    run = copied("runs/cox")
    _say(run / "references.json", "format", other)
    with pytest.raises(TrainError, match=rf"of format {other}, .*run `mmfeat eval` again"):
        References.load(run)


@pytest.mark.parametrize("other", OTHERS)
def test_results(copied, other):
    run = copied("runs/cox")
    _say(run / "results.json", "schema", other)
    for read in (read_results, PageSource.read):
        with pytest.raises(EvalError, match=rf"of schema {other}, .*run `mmfeat eval` again"):
            read(run)


@pytest.mark.parametrize("other", OTHERS)
def test_exported_folders(copied, other):
    model = copied("runs/exported")
    _say(model / "model.json", "format", other)
    with pytest.raises(TrainError, match=rf"of format {other}, .*export the run again"):
        RunModel.open(model)


@pytest.mark.parametrize("other", OTHERS)
def test_jobs(copied, other):
    (job,) = (file.parent for file in copied("jobs").rglob("job.json"))
    _say(job / "job.json", "format", other)
    with pytest.raises(LaunchError, match=rf"of format {other}, .*run its command again"):
        JobFolder.open(job)


@pytest.mark.parametrize("other", OTHERS)
def test_records_of_weights(copied, other):
    store = WeightsStore(copied("weights"))
    _say(store.root / "ct-fm" / "weights.json", "format", f"mmfeat weights {other}")
    with pytest.raises(
        EncoderError, match=r"another version of mmfeat; .*fetch or add the weights"
    ):
        store.record("ct-fm")
