import dataclasses

import numpy as np
import pytest
import torch

from mmfeat.errors import Interrupted, TrainError
from mmfeat.fusion import get_method
from mmfeat.fusion.contract import FitOptions
from mmfeat.fusion.training.network_jobs import StackOptions
from mmfeat.fusion.training.running import HeadRequest, fit_head, fit_heads

QUICK = FitOptions(epochs=3, patience=3, batch_size=64, contrastive_epochs=2, learning_rate=3e-3)


@pytest.fixture(scope="module")
def data(made_fold):
    return made_fold()[0]


def _request(name, data, method="paper", seed=0, **options):
    return HeadRequest(name, get_method(method), data, seed, dataclasses.replace(QUICK, **options))


def _fit(requests, **kwargs):
    """Fit heads, return those that were told, in their order, and the failures."""
    heads, failures = {}, {}
    fit_heads(
        requests,
        on_finished=lambda request, head: heads.update({request.name: head}),
        on_failed=lambda request, error: failures.update({request.name: str(error)}),
        **kwargs,
    )
    return heads, failures


def _weights(head):
    return dict(head.network.state_dict())


def test_heads_in_company_are_the_heads_alone(data):
    requests = [_request(f"seed {seed}", data, seed=seed) for seed in range(3)]
    exact = StackOptions("float64")
    together, failures = _fit(requests, options=exact)
    assert not failures
    for request in requests:
        alone, _ = _fit([request], options=exact)
        for name, values in _weights(alone[request.name]).items():
            torch.testing.assert_close(
                _weights(together[request.name])[name], values, rtol=0, atol=1e-10
            )
        assert together[request.name].validation == pytest.approx(alone[request.name].validation)


def test_every_kind_of_method_goes_through_and_is_about_as_good_as_alone(data):
    methods = ["mmfeat", "average", "random-dropout", "daft"]  # stacked, none, stacked, alone
    requests = [_request(method, data, method, epochs=6, patience=6) for method in methods]
    heads, failures = _fit(requests)
    assert sorted(heads) == sorted(methods)
    assert not failures
    for request in requests:
        alone = fit_head(request.method, data, seed=0, options=request.options)
        assert heads[request.name].validation == pytest.approx(alone.validation, abs=0.15)


def test_a_head_that_fails_is_named_and_hurts_no_other(data):
    good = [_request("good", data), _request("linear", data, "logistic")]
    one_class = dataclasses.replace(data, labels=np.ones_like(data.labels))
    bad = [
        _request("diverges", data, "smd-token", learning_rate=1e30),
        _request("one class", one_class),
        _request("residual", data, "mmfeat", learning_rate=1e30),
    ]
    heads, failures = _fit([bad[0], good[0], *bad[1:], good[1]], options=StackOptions("float64"))
    assert sorted(heads) == ["good", "linear"]
    assert "`diverges/target` cannot be trained: the" in failures["diverges"]
    assert "lower `train.learning_rate`" in failures["diverges"]
    assert "`residual/inner-" in failures["residual"]
    assert "at most one class" in failures["one class"]
    alone, _ = _fit(good[:1], options=StackOptions("float64"))
    for name, values in _weights(alone["good"]).items():
        torch.testing.assert_close(_weights(heads["good"])[name], values, rtol=0, atol=1e-10)


def test_a_head_alone_that_fails_is_an_error(data):
    request = _request("diverges", data, "smd-token", learning_rate=1e30)
    with pytest.raises(TrainError, match=r"`head/target` cannot be trained: the .* of epoch"):
        fit_head(request.method, data, seed=0, options=request.options)


@pytest.mark.parametrize(("method", "n_epochs"), [("paper", 3), ("mmfeat", 4)])
def test_an_interrupted_head_goes_on_to_the_same_weights(data, tmp_path, method, n_epochs):
    request = _request("one", data, method)
    whole = fit_head(request.method, data, seed=0, options=request.options)
    epochs = []

    def stops():  # in the second network of the head
        return len(epochs) == n_epochs

    run = {"seed": 0, "options": request.options, "unfinished": tmp_path}
    with pytest.raises(Interrupted):
        fit_head(
            request.method,
            data,
            on_epoch=lambda *told: epochs.append(told),
            should_stop=stops,
            **run,
        )
    assert len(list(tmp_path.iterdir())) == 2
    again = []
    resumed = fit_head(request.method, data, on_epoch=lambda *told: again.append(told), **run)
    resumed.save(tmp_path / "resumed")
    whole.save(tmp_path / "whole")
    for name in ("model.safetensors", "history.csv"):
        assert (tmp_path / "resumed" / name).read_bytes() == (
            tmp_path / "whole" / name
        ).read_bytes()
    first = {job.name for job, _ in epochs[:1]}
    assert first.isdisjoint(job.name for job, _ in again)  # it was finished before
    assert not list(tmp_path.glob("*.safetensors"))


def test_heads_in_stacks_go_on_too_and_what_was_told_stays_told(data, tmp_path):
    requests = [
        _request("short", data, contrastive_epochs=0, epochs=1),
        _request("long", data, contrastive_epochs=0, epochs=6, patience=6),
    ]
    exact = {"options": StackOptions("float64"), "unfinished": tmp_path}
    whole, _ = _fit(requests, options=StackOptions("float64"))
    told = {}
    with pytest.raises(Interrupted):
        fit_heads(
            requests,
            on_finished=lambda request, head: told.update({request.name: head}),
            on_failed=lambda request, error: pytest.fail(str(error)),
            should_stop=lambda: bool(told),
            **exact,
        )
    assert list(told) == ["short"]
    heads, _ = _fit(requests[1:], **exact)
    for name, values in _weights(whole["long"]).items():
        torch.testing.assert_close(_weights(heads["long"])[name], values, rtol=0, atol=1e-10)
    assert not list(tmp_path.iterdir())


def test_every_epoch_is_told_with_the_name_of_its_head(data):
    told = []
    _fit(
        [_request("a", data), _request("b", data, "mmfeat")],
        on_epoch=lambda job, record: told.append((job.name, record["epoch"])),
    )
    assert ("a/contrastive", 2) in told
    assert ("a/target", 3) in told
    assert {name for name, _ in told if name.startswith("b")} == {f"b/inner-{n}" for n in range(5)}


def test_a_request_to_stop_is_followed_where_no_network_is_trained(data):
    with pytest.raises(Interrupted, match="finished ones are kept"):
        _fit([_request("one", data, "logistic")], should_stop=lambda: True)


def test_two_heads_of_one_name_are_refused(data):
    with pytest.raises(ValueError, match="`same` occurs twice"):
        _fit([_request("same", data), _request("same", data)])
