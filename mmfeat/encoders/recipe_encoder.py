"""Run any encoder whose recipe is data."""

import dataclasses
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mmfeat.encoders.contract import DeviceUsage, Embedding, WindowFeatures, Windows
from mmfeat.encoders.options import PRECISION, Option, Value, WeightsSource
from mmfeat.encoders.preparing.preparation import Preparation
from mmfeat.encoders.recipe import EncoderRecipe, ModelFacts
from mmfeat.encoders.recipe_options import chosen_preparation, recipe_as_json
from mmfeat.encoders.sampler_choice import PrepareOn, sampler_for
from mmfeat.encoders.weights.packaged_weights import joined_parts, sha256_of_parts
from mmfeat.provenance import sha256_of_file
from mmfeat.volumes.volume import Volume

if TYPE_CHECKING:
    from mmfeat.encoders.networks.network import FrozenNetwork, Precision


@dataclasses.dataclass(frozen=True)
class EncoderKind:
    """Stand for an encoder's class in the table of encoders; calling it makes the encoder."""

    model: EncoderRecipe

    @property
    def summary(self) -> str:
        """What it is, in a line."""
        return self.model.summary

    @property
    def facts(self) -> ModelFacts:
        """What to know before using it."""
        return self.model.facts

    @property
    def needs_point(self) -> bool:
        """Whether it looks at a point of interest in a scan, and not at all of it."""
        return self.model.needs_point

    @property
    def embedding_size(self) -> int:
        """Values of the published network's vector."""
        return self.model.network.width * self.model.network.features_per_width

    @property
    def weights_source(self) -> WeightsSource | None:
        """Where its weights come from."""
        weights = self.model.weights
        if weights is None:
            return None
        return WeightsSource(
            where=weights.where,
            licence=self.facts.weights_licence,
            file_needed=weights.packaged is None,
            file_taken=True,
            published=weights.published,
            packages=() if weights.packaged is None else weights.packaged.packages,
        )

    @cached_property
    def options(self) -> Mapping[str, Option]:
        """All options, beginning with those that matter most."""
        model = self.model
        values = tuple(model.preparations)
        options: dict[str, Option] = {}
        if len(values) > 1:
            choice = model.choice
            options[choice.option] = Option(values[0], choice.meaning, choices=values)
        for preparation in model.preparations.values():
            options |= {key: one for key, one in preparation.options.items() if key not in options}
        if model.weights is None:
            options["seed"] = Option(0, "of the random weights", minimum=0)
        width = model.network.width
        options["width"] = Option(
            width, f"width of the network; the published one has {width}, less is for tests", (), 1
        )
        if model.test_shrink > 1:
            options["shrink"] = Option(
                1, "divide a window's voxels by this; for tests", choices=(1, model.test_shrink)
            )
        return options | {"precision": PRECISION}

    def preparation_of(self, options: Mapping[str, Value]) -> Preparation:
        """Return what is done to a volume under options.

        Raises:
            EncoderError: An option was given that the chosen preparation does not have.
        """
        return chosen_preparation(self.model, options)

    def recipe_of(self, **options: Value) -> dict[str, Any]:
        """Return what is done to a volume, as plain JSON values.

        Raises:
            EncoderError: The options contradict each other.
        """
        return recipe_as_json(self.model, options)

    def __call__(
        self,
        *,
        weights: Path | None = None,
        device: str = "auto",
        prepare_on: PrepareOn = "auto",
        **options: Value,
    ) -> "RecipeEncoder":
        """Make the encoder; options that are not given have their defaults."""
        defaults = {name: option.default for name, option in self.options.items()}
        return RecipeEncoder(
            self,
            weights=weights,
            device=device,
            prepare_on=prepare_on,
            options=defaults | options,
        )


class RecipeEncoder:
    """A frozen encoder that does what its recipe says, and nothing else.

    Raises:
        EncoderError: The packages that carry the weights are not installed, or damaged.
    """

    def __init__(
        self,
        kind: EncoderKind,
        *,
        weights: Path | None,
        device: str,
        prepare_on: PrepareOn,
        options: Mapping[str, Value],
    ) -> None:
        model = kind.model
        self.name = model.name
        self.usual_batch = model.usual_batch
        self.recipe = kind.recipe_of(**options)
        self._model = model
        self._options = options
        self._preparation = kind.preparation_of(options)
        self.windows_alone = model.network.windows_alone or self._preparation.size is None
        self._width = int(options["width"])
        self.embedding_size = self._width * model.network.features_per_width
        self.token_size = self.embedding_size
        self._device = device
        self._prepare_on = prepare_on
        self._network: FrozenNetwork | None = None
        self._weights: Path | None = weights
        self.weights_sha256: str | None = None
        if weights is not None:
            self.weights_sha256 = sha256_of_file(weights)
        elif model.weights is not None and model.weights.packaged is not None:
            self.weights_sha256 = sha256_of_parts(model.name, model.weights.packaged)

    def load(self) -> None:
        """Build the network and load its weights; see `Encoder.load`."""
        from mmfeat.encoders.networks.network import FrozenNetwork, resolve_device
        from mmfeat.encoders.networks.recipe_networks import build
        from mmfeat.encoders.weights.recipe_weights import give_random_weights, load_by_recipe

        resolve_device(self._device)  # refused here, not after a file of a gigabyte
        module = build(self._model.network, self._width, self._preparation.size)
        recipe = self._model.weights
        if recipe is None:
            give_random_weights(module.encoder, seed=int(self._options["seed"]))
        elif self._weights is not None:
            load_by_recipe(module.encoder, recipe, self._weights)
        elif recipe.packaged is not None:
            with joined_parts(self.name, recipe.packaged) as file:
                load_by_recipe(module.encoder, recipe, file)
        precision = cast("Precision", self._options["precision"])
        self._network = FrozenNetwork(module, self._device, precision=precision)

    def prepare(self, volume: Volume) -> Windows:
        """Return the windows: ``(windows, 1, *size)``; see `Preparation.prepare`."""
        return self._preparation.prepare(volume, sampler_for(self._prepare_on, self._device))

    def encode(self, batch: Windows, usage: DeviceUsage | None = None) -> WindowFeatures:
        """Return one feature for each window: ``(windows, embedding_size)``."""
        if self._network is None:
            raise RuntimeError("load() comes before encode()")
        return self._network(batch, usage)

    def pool(self, features: WindowFeatures) -> Embedding:
        """Average over the windows."""
        return np.asarray(features.mean(axis=0))
