import pytest
import torch

from mmfeat import encoders
from mmfeat.encoders.sampler_choice import sampler_for
from mmfeat.errors import EncoderError
from mmfeat.preprocessing.sampler import NumpySampler

without_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")


@pytest.mark.parametrize(
    ("prepare_on", "device"), [("auto", "cpu"), ("cpu", "cpu"), ("cpu", "cuda")]
)
def test_numpy_prepares_for_an_encoder_on_the_cpu_and_where_it_is_asked_for(prepare_on, device):
    assert isinstance(sampler_for(prepare_on, device), NumpySampler)


@without_gpu
def test_numpy_prepares_where_there_is_no_gpu():
    assert isinstance(sampler_for("auto", "auto"), NumpySampler)


@pytest.mark.parametrize("device", ["cpu", pytest.param("auto", marks=without_gpu)])
def test_a_gpu_that_is_not_there_is_refused_before_any_scan_is_read(device):
    with pytest.raises(EncoderError, match=r"`prepare_on: gpu`, but the encoder is on `cpu`; set"):
        encoders.create("intensity-stats", device=device, prepare_on="gpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_one_gpu_is_shared_by_all_encoders_on_it():
    assert sampler_for("auto", "cuda") is sampler_for("auto", "cuda")
    assert not isinstance(sampler_for("auto", "cuda"), NumpySampler)


@pytest.mark.parametrize("name", ["slices-lite0", "random-segresnet"])
def test_where_an_encoder_prepares_is_told_to_it_and_is_no_part_of_its_recipe(name):
    told, usual = (encoders.create(name, device="cpu", prepare_on=on) for on in ("cpu", "auto"))
    assert (told._prepare_on, usual._prepare_on) == ("cpu", "auto")
    assert encoders.identity(told) == encoders.identity(usual)
