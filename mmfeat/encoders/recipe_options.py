"""A recipe under the options that a user gives: its preparation, and all of it as JSON values."""

from collections.abc import Mapping
from typing import Any

from mmfeat.encoders.options import Value
from mmfeat.encoders.preparing.preparation import Preparation
from mmfeat.encoders.recipe import EncoderRecipe
from mmfeat.errors import EncoderError


def chosen_preparation(model: EncoderRecipe, options: Mapping[str, Value]) -> Preparation:
    """Return what is done to a volume.

    Raises:
        EncoderError: An option was given that the chosen preparation does not have.
    """
    value = str(options.get(model.choice.option, next(iter(model.preparations))))
    chosen = model.preparations[value]
    for other, preparation in model.preparations.items():
        for name, option in preparation.options.items():
            given = options.get(name, option.default)
            if name not in chosen.options and given != option.default:
                raise EncoderError(
                    f"encoder {model.name}: option `{name}` is for {model.choice.option} "
                    f"`{other}`; `{value}` has none"
                )
    return chosen.changed(options)


def recipe_as_json(model: EncoderRecipe, options: Mapping[str, Value]) -> dict[str, Any]:
    """Return everything that numbers hang on as plain JSON values.

    Args:
        model: The recipe.
        options: A value for every option of the encoder.

    Raises:
        EncoderError: The options contradict each other.
    """
    network: dict[str, Any] = {"class": model.network.kind, "width": options["width"]}
    network |= {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in model.network.arguments.items()
    }
    recipe: dict[str, Any] = {"code_version": model.code_version}
    if len(model.preparations) > 1:
        recipe[model.choice.option] = options[model.choice.option]
    recipe["prepare"] = chosen_preparation(model, options).steps()
    recipe["network"] = network | {"precision": options["precision"]}
    if model.weights is None:
        recipe["weights"] = {"random": "He, numpy PCG64", "seed": options["seed"]}
    else:
        recipe["weights"] = {
            "under": [list(prefixes) for prefixes in model.weights.under],
            "without": list(model.weights.without),
            "renamed": [list(names) for names in model.weights.renamed],
            "strict": True,
        }
    return recipe | {"pool": model.pool}
