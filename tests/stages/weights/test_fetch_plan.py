"""What is fetched is chosen by name or place; what cannot be fetched says why."""

import pytest

from mmfeat.errors import EncoderError
from mmfeat.stages.weights.fetch_plan import plan_fetch
from mmfeat.weights_store.folder import WeightsStore
from mmfeat.weights_store.hub_cache import hub_cache_folder


@pytest.mark.parametrize(
    ("which", "hub"),
    [
        (None, "project-lighter/ct_fm_feature_extractor"),
        ("model.safetensors", "project-lighter/ct_fm_feature_extractor"),
        ("pretrained_segresnet.torch", "surajpaib/CT-FM-SegResNet"),
        ("surajpaib/CT-FM-SegResNet", "surajpaib/CT-FM-SegResNet"),
        ("huggingface.co/surajpaib/CT-FM-SegResNet", "surajpaib/CT-FM-SegResNet"),
    ],
)
def test_one_of_several_files_is_chosen_by_its_name_or_place(which, hub):
    plan = plan_fetch("ct-fm", which=which)
    assert plan.published.hub == hub
    assert plan.folder == hub_cache_folder()


def test_a_file_of_an_address_is_kept_in_the_folder_of_weights():
    assert plan_fetch("swinunetr-ssl").folder == WeightsStore().root


def test_no_file_is_fetched_by_a_part_of_its_name():
    with pytest.raises(EncoderError, match=r"ct-fm: --file model is less than one of model\.safe"):
        plan_fetch("ct-fm", which="model")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("intensity-stats", "has no weights; there is nothing to fetch"),
        ("slices-lite0", "there is no address to fetch from; its weights are the package"),
        ("merlni", r"unknown encoder `merlni`; did you mean `merlin`\?"),
    ],
)
def test_where_there_is_nothing_to_fetch_it_says_so(name, message):
    with pytest.raises(EncoderError, match=message):
        plan_fetch(name)
