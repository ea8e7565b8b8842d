"""What is fetched is proven before it is kept, and kept with where it came from."""

import json

import pytest
import torch

from mmfeat import encoders
from mmfeat.encoders.weights.found_weights import FoundWeights
from mmfeat.errors import EncoderError
from mmfeat.progress import Silent
from mmfeat.provenance import sha256_of_file
from mmfeat.stages.weights.fetch_plan import plan_fetch
from mmfeat.stages.weights.fetching import fetch
from mmfeat.weights_store.folder import WeightsStore

from .conftest import NAME


def _fetch(to=None, overwrite=False):
    plan = plan_fetch(NAME, to=to)
    return fetch(plan, plan.ask(), overwrite=overwrite, progress=Silent())


def _kept():
    root = WeightsStore().root
    return [path.name for path in root.rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_fetched_weights_are_kept_with_where_they_came_from_and_used(served, weights_file, server):
    record = _fetch()
    assert record.file.read_bytes() == weights_file.read_bytes()
    assert record.sha256 == sha256_of_file(weights_file)
    assert record.source.endswith("/releases/download/0.8.1/model_swinvit.pt")
    assert (record.etag, record.compared_with) == ('"one"', None)
    assert record.weights_licence.startswith("Apache-2.0")
    assert "LUNA16" in record.trained_on
    assert WeightsStore().record(NAME) == record
    assert sorted(_kept()) == ["model_swinvit.pt", "weights.json"]
    assert encoders.create(NAME, device="cpu").weights_sha256 == record.sha256


def test_what_another_process_has_brought_meanwhile_is_not_fetched_again(served, server):
    record = _fetch()
    n_fetched = len(server.fetched)
    found = _fetch()
    assert isinstance(found, FoundWeights)
    assert found.record == record
    assert len(server.fetched) == n_fetched
    assert _fetch(overwrite=True) == WeightsStore().record(NAME)
    assert len(server.fetched) == n_fetched + 1


def _text(content):
    return b"<!DOCTYPE html><html>Please sign in</html>"


def _shorter(content):
    return content[: len(content) // 2]


def _foreign(content):
    return content.replace(b"patch_embed", b"patch_EMBED")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_text, "neither a safetensors file nor a PyTorch checkpoint"),
        (_shorter, "torn"),
        (_foreign, "not the weights of this encoder: missing: patch_embed"),
    ],
)
def test_what_is_not_the_weights_is_removed_in_one_line(served, damage, message):
    served.content = damage(served.content)
    with pytest.raises(EncoderError, match="what came are not the weights of swinunetr-ssl") as err:
        _fetch()
    assert message in str(err.value)
    assert "partial" not in str(err.value)
    assert "\n" not in str(err.value)
    assert _kept() == []


class _Touching:
    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return type(self.trace).touch, (self.trace,)


def test_code_in_what_came_is_never_run(served, tmp_path):
    file, trace = tmp_path / "evil.pt", tmp_path / "trace"
    torch.save({"state_dict": _Touching(trace)}, file)
    served.content = file.read_bytes()
    with pytest.raises(EncoderError, match="could run code and is not loaded"):
        _fetch()
    assert not trace.exists()


def test_a_file_may_be_put_into_a_folder_with_its_record_beside_it(served, tmp_path, weights_file):
    folder = tmp_path / "usb"
    record = _fetch(to=folder)
    assert record.file == folder / "model_swinvit.pt"
    assert record.file.read_bytes() == weights_file.read_bytes()
    beside = json.loads((folder / "model_swinvit.pt.json").read_text())
    assert (beside["file"], beside["sha256"]) == ("model_swinvit.pt", record.sha256)
    assert encoders.weights_on_this_machine(NAME) is None
    assert isinstance(_fetch(to=folder), FoundWeights)


def test_a_disk_that_is_too_small_is_said_before_anything_is_fetched(served, server, tmp_path):
    plan = plan_fetch(NAME, to=tmp_path)
    remote = plan.ask()
    huge = type(remote)(remote.url, 10**18, remote.validator)
    with pytest.raises(EncoderError, match=r"free, and 1000000000\.0 GB are to come; make room"):
        fetch(plan, huge, progress=Silent())
    assert server.fetched == []
