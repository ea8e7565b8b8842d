"""Weights are fetched only after the licence was shown and agreed to; all of it can be scripted."""

import io
import json
import sys

import pytest
from mmfeat.cli import exit_codes

from mmfeat.encoders import encoder_class
from mmfeat.provenance import sha256_of_file
from mmfeat.weights_store.folder import WeightsStore

from ..weights_store.full_files import write_full_weights
from ..weights_store.servers import Served, running_server

NAME = "swinunetr-ssl"


@pytest.fixture
def mmfeat(mmfeat_shown):
    """A function that runs a command about encoders: exit code, output and messages."""

    def run(*arguments):
        return mmfeat_shown("encoders", *arguments, columns=200)

    return run


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory):
    return write_full_weights(NAME, tmp_path_factory.mktemp("full") / "model_swinvit.pt")


@pytest.fixture
def server(monkeypatch, weights_file):
    (published,) = encoder_class(NAME).weights_source.published
    with running_server() as made:
        monkeypatch.setenv("MMFEAT_WEIGHTS_MIRROR", made.address)
        made.files[f"/{published.url.partition('://')[2]}"] = Served(weights_file.read_bytes())
        yield made


@pytest.fixture
def answering(monkeypatch):
    """A function that lets somebody sit at the terminal and type an answer."""

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    return lambda text: monkeypatch.setattr(sys, "stdin", Terminal(text))


def test_a_dry_run_says_what_where_how_large_and_under_which_licence(mmfeat, server, weights_file):
    code, out, err = mmfeat("fetch", NAME, "--dry-run")
    assert (code, out) == (exit_codes.DONE, "")
    facts = encoder_class(NAME).facts
    for line in (
        f"{NAME}: model_swinvit.pt of github.com/Project-MONAI/",
        f"  from: {server.address}/github.com/",
        f"  size: {weights_file.stat().st_size / 1e6:.1f} MB\n",
        f"  to: {WeightsStore().root}\n",
        f"  licence of the code: {facts.code_licence}\n",
        f"  licence of the weights: {facts.weights_licence}\n",
        f"  trained on: {', '.join(facts.trained_on)}\n",
    ):
        assert line in err
    assert server.fetched == []
    code, out, _ = mmfeat("fetch", NAME, "--dry-run", "--json")
    assert code == exit_codes.DONE
    described = json.loads(out)
    assert described["n_bytes"] == weights_file.stat().st_size
    assert described["trained_on"] == list(facts.trained_on)
    assert not described["is_here"]


def test_without_a_terminal_agreement_has_to_be_given_beforehand(mmfeat, server):
    code, out, err = mmfeat("fetch", NAME)
    assert (code, out) == (exit_codes.USER_CAN_MEND, "")
    assert "licence of the weights: " in err
    assert err.splitlines()[-1] == (
        "error: nobody is here to be asked; if you agree with the licences above, run it with --yes"
    )
    assert server.fetched == []


@pytest.mark.parametrize("answer", ["\n", "n\n", "no\n", ""])
def test_somebody_who_does_not_agree_gets_nothing(mmfeat, server, answering, answer):
    answering(answer)
    code, out, err = mmfeat("fetch", NAME)
    assert (code, out) == (exit_codes.USER_CAN_MEND, "")
    assert "Download it under these licences? [y/N]" in err
    assert "Nothing was downloaded." in err
    assert server.fetched == []


def test_somebody_who_agrees_gets_the_weights_once(mmfeat, server, answering, weights_file):
    answering("y\n")
    code, out, err = mmfeat("fetch", NAME)
    assert code == exit_codes.DONE
    record = WeightsStore().record(NAME)
    assert out == (
        f"{NAME}: {record.file}; every tensor fits; sha256 {record.sha256} (no published digest to "
        "compare with); licence: Apache-2.0, as stated for the repository\n"
    )
    assert "checking the file: digest, and every tensor" in err
    assert record.file.read_bytes() == weights_file.read_bytes()
    code, out, err = mmfeat("fetch", NAME)  # nobody has to agree to nothing
    assert (code, err) == (exit_codes.DONE, "")
    assert out == f"{NAME}: already here, in {record.file}; --overwrite fetches it again\n"
    assert len(server.fetched) == 1
    code, out, _ = mmfeat("fetch", NAME, "--json")
    assert json.loads(out)["was_here"]


def test_the_result_as_json_is_alone_on_standard_output(mmfeat, server, weights_file):
    code, out, _ = mmfeat("fetch", NAME, "--yes", "--json")
    assert code == exit_codes.DONE
    shown = json.loads(out)
    assert shown["sha256"] == sha256_of_file(weights_file)
    assert shown["source"].startswith(server.address)
    assert not shown["was_here"]


def test_a_file_for_another_machine_goes_into_a_folder_and_comes_from_there(
    mmfeat, server, tmp_path
):
    code, out, _ = mmfeat("fetch", NAME, "--yes", "--to", "usb")
    assert code == exit_codes.DONE
    assert (tmp_path / "usb" / "model_swinvit.pt.json").is_file()
    assert f"{NAME}:" not in mmfeat("weights")[1]
    code, out, _ = mmfeat("add-weights", NAME, "usb/model_swinvit.pt", "--json")
    assert code == exit_codes.DONE
    assert json.loads(out)["source"] == str(tmp_path / "usb" / "model_swinvit.pt")
    assert f"{NAME}: {WeightsStore().record(NAME).file}, " in mmfeat("weights")[1]


def test_what_is_here_is_shown_and_can_be_forgotten(mmfeat, weights_file):
    assert mmfeat("add-weights", NAME, weights_file, "--link")[0] == exit_codes.DONE
    partial = WeightsStore().partial_for("merlin", "m.pt")
    partial.parent.mkdir(parents=True)
    partial.write_bytes(b"half")
    code, out, _ = mmfeat("weights")
    assert code == exit_codes.DONE
    size = f"{weights_file.stat().st_size / 1e6:.1f} MB"
    assert f"{NAME}: {weights_file} (remembered), {size}, since 20" in out
    assert "slices-lite0: in packages that are installed\n" in out
    assert f"unfinished: {partial}, 0.0 kB\n" in out
    assert out.endswith(f"The folder of weights is {WeightsStore().root}\n")
    shown = json.loads(mmfeat("weights", "--json")[1])
    assert shown["encoders"][NAME]["record"]["file"] == str(weights_file)
    assert shown["unfinished"] == [str(partial)]
    code, out, _ = mmfeat("forget-weights", NAME)
    assert (code, out) == (
        exit_codes.DONE,
        f"{NAME}: forgotten; {weights_file} is not in the folder of weights, and stays\n",
    )
    assert weights_file.exists()
    assert mmfeat("forget-weights", NAME)[1] == (
        f"{NAME}: nothing was remembered in {WeightsStore().root}\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fetch", "voco_b"], "error: unknown encoder `voco_b`; did you mean `voco-b`?"),
        (["fetch", "intensity-stats"], "has no weights; there is nothing to fetch"),
        (["fetch", "ct-fm", "--file", "x"], "--file x is less than one of model.safetensors of"),
        (["add-weights", NAME, "lost.pt"], "lost.pt: no such file"),
        (["forget-weights", "x"], "error: unknown encoder `x`"),
    ],
)
def test_what_cannot_be_done_is_one_line(mmfeat, arguments, message):
    code, out, err = mmfeat(*arguments)
    assert (code, out) == (exit_codes.USER_CAN_MEND, "")
    assert message in err.splitlines()[-1]


@pytest.mark.parametrize("command", ["fetch", "add-weights", "weights", "forget-weights"])
def test_help_has_an_example(mmfeat, command):
    code, out, _ = mmfeat(command, "--help")
    assert code == exit_codes.DONE
    assert f"mmfeat encoders {command} " in out
