import shutil

import pytest

from mmfeat.progress import Silent
from mmfeat.stages.training.dry_run import PlannedRow, dry_run
from mmfeat.stages.training.train import train
from mmfeat.work_shard import WorkShard

from ..training_cohort import project_with, write_training_cohort


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return write_training_cohort(tmp_path_factory.mktemp("planned"))


GRID = {"methods": ["average", "paper"], "grid": {"dropout": [0.1, 0.3]}}


def test_heads_are_counted_by_target_method_and_setting_and_nothing_is_written(file):
    before = set(file.parent.rglob("*"))
    plan = dry_run(project_with(file, workers=3, **GRID))
    assert plan.rows == (
        PlannedRow("cancer", "average", "", 2, 0),
        PlannedRow("cancer", "paper", "dropout=0.1", 4, 0),
        PlannedRow("cancer", "paper", "dropout=0.3", 4, 0),
    )
    assert (plan.n_heads, plan.n_folds, plan.device, plan.most_processes) == (10, 2, "cpu", 3)
    assert set(file.parent.rglob("*")) == before
    assert plan.to_json()["rows"][0]["method"] == "average"


def test_heads_that_are_there_are_counted(file, tmp_path):
    copied = shutil.copytree(file.parent, tmp_path / "copy") / "mmfeat.yaml"
    train(project_with(copied, methods=["average"]), progress=Silent(), should_stop=lambda: False)
    plan = dry_run(project_with(copied, **GRID))
    assert (plan.n_there, plan.rows[0].n_there) == (2, 2)


def test_the_heads_of_all_shards_are_those_of_the_plan(file):
    project = project_with(file, **GRID)
    shards = [dry_run(project, shard=shard) for shard in WorkShard.all(3)]
    assert [plan.shard for plan in shards] == ["0/3", "1/3", "2/3"]
    assert sum(plan.n_heads for plan in shards) == dry_run(project).n_heads
