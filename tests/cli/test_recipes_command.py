"""`mmfeat encoders recipes` and `show --recipe-file`."""

import json
from pathlib import Path

import yaml
from mmfeat.cli import exit_codes

from mmfeat.encoders import encoder_class
from mmfeat.encoders.own.file_recipe import shipped_recipes


def test_each_recipe_is_listed_with_what_it_is_and_where_weights_are(mmfeat_shown):
    code, out, _ = mmfeat_shown("encoders", "recipes")
    assert code == exit_codes.DONE
    for name in shipped_recipes():
        assert f"{name}: " in out
    assert "  vector of 768; checked with: description\n" in out
    assert "huggingface.co/fomofo/tap-ct-b-3d" in out
    folder = Path(out.strip().splitlines()[-1].removeprefix("The files are in "))
    assert (folder / "tap-ct.yaml").is_file()


def test_as_json_they_are_whole_and_name_their_files(mmfeat_shown):
    _, out, _ = mmfeat_shown("encoders", "recipes", "--json")
    recipes = {recipe["name"]: recipe for recipe in json.loads(out)}
    assert list(recipes) == list(shipped_recipes())
    for recipe in recipes.values():
        assert yaml.safe_load(Path(recipe["file"]).read_text())["summary"] == recipe["summary"]


def test_a_recipe_is_shown_with_its_notes_and_its_steps(mmfeat_shown):
    code, out, _ = mmfeat_shown("encoders", "show", "hub-folder", "--recipe-file", "tap-ct")
    assert code == exit_codes.DONE
    kind = encoder_class("hub-folder", Path("tap-ct"))
    for note in kind.facts.notes:
        assert f"  note: {note}\n" in out
    _, _, recipe = out.partition("Recipe with the default options\n")
    assert yaml.safe_load(recipe) == kind.recipe_of(precision="float32")


def test_without_one_the_rest_is_shown(mmfeat_shown):
    code, out, _ = mmfeat_shown("encoders", "show", "exported")
    assert code == exit_codes.DONE
    assert "Recipe: that of --recipe-file; `mmfeat encoders recipes` lists examples" in out


def test_an_encoder_that_takes_none_says_so(mmfeat_shown):
    code, _, err = mmfeat_shown("encoders", "show", "ct-fm", "--recipe-file", "tap-ct")
    assert code == exit_codes.USER_CAN_MEND
    assert "error: encoder ct-fm: takes no recipe file; leave out `recipe_file`\n" in err
