"""``mmfeat encoders recipes``: the recipe files that mmfeat brings for networks of one's own."""

from typing import TYPE_CHECKING, Any

from .console import console, print_json
from .options import AsJson

if TYPE_CHECKING:
    from mmfeat.encoders.own.file_recipe import FileRecipe


def recipes(as_json: AsJson = False) -> None:
    """List the recipe files that come with mmfeat, for `exported` and `hub-folder`.

    Name one as `recipe_file` in the settings, or show it by `mmfeat encoders show`.

    Example: mmfeat encoders recipes

    Example: mmfeat encoders show hub-folder --recipe-file tap-ct
    """
    from pathlib import Path

    from mmfeat.encoders.own.file_recipe import FileRecipe, recipe_path, shipped_recipes

    shown = {name: FileRecipe.read(Path(name)) for name in shipped_recipes()}
    if as_json:
        print_json([_described(name, recipe) for name, recipe in shown.items()])
        return
    for name, recipe in shown.items():
        facts = recipe.facts
        for line in (
            f"{name}: {recipe.settings.summary}",
            f"  vector of {recipe.embedding_size:,}; checked with: {facts.verified}",
            f"  {recipe.settings.facts.where}",
        ):
            console.print(line, soft_wrap=True)
    folder = recipe_path(Path(next(iter(shown)))).parent
    console.print(f"The files are in {folder}", soft_wrap=True)


def _described(name: str, recipe: "FileRecipe") -> dict[str, Any]:
    from mmfeat.encoders.own.file_recipe import recipe_path

    return {
        "name": name,
        "file": str(recipe_path(recipe.given_file)),
        **recipe.settings.model_dump(mode="json"),
    }
