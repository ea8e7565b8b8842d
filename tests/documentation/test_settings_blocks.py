"""Every YAML block of the documents is settings that mmfeat takes, or a file of another kind."""

import pytest

from mmfeat.config.recipe_file import load_recipe_file
from mmfeat.config.settings import Settings

from .pages import PAGES, Block, read_page
from .settings_blocks import whole_settings

BLOCKS = [block for page in PAGES for block in read_page(page).blocks if block.language == "yaml"]


def _is_recipe(block: Block) -> bool:
    return block.text.startswith("summary:")


def _blocks(are_recipes: bool) -> pytest.MarkDecorator:
    blocks = [block for block in BLOCKS if _is_recipe(block) == are_recipes]
    return pytest.mark.parametrize("block", blocks, ids=lambda block: block.place)


@_blocks(are_recipes=False)
def test_settings_are_taken(block):
    Settings.model_validate(whole_settings(block))


@_blocks(are_recipes=True)
def test_recipes_are_taken(block, tmp_path):
    file = tmp_path / "recipe.yaml"
    file.write_text(block.text)
    assert load_recipe_file(file).summary
