"""Encoders of the user's own: a network in a file or folder, and a recipe file for it."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from mmfeat.encoders.contract import DeviceUsage, Embedding, WindowFeatures, Windows
from mmfeat.encoders.options import Option, Value, WeightsSource
from mmfeat.encoders.recipe import ModelFacts
from mmfeat.encoders.sampler_choice import PrepareOn, sampler_for
from mmfeat.errors import EncoderError
from mmfeat.volumes.volume import Volume

if TYPE_CHECKING:
    import torch

    from mmfeat.encoders.networks.network import FrozenNetwork, Precision
    from mmfeat.encoders.own.file_recipe import FileRecipe

_CODE_VERSION = 1
_OF_ITS_RECIPE = "as its recipe file says"


class NetworkSource(Protocol):
    """Open the network of a file or folder."""

    def runs_code(self, weights: Path) -> bool:
        """Say whether opening it runs code that it brings; nothing is run."""

    def digest(self, weights: Path) -> str:
        """Return the SHA-256 of all that it brings."""

    def open(
        self, weights: Path, device: "torch.device", recipe: "FileRecipe"
    ) -> "torch.nn.Module":
        """Return the network with its weights."""


@dataclasses.dataclass(frozen=True)
class FileKind:
    """Stand for an encoder's class in the table of encoders; calling it makes the encoder."""

    name: str
    summary: str
    usual_source: WeightsSource
    """Where weights come from, as far as no recipe file says it."""
    source: NetworkSource
    options: Mapping[str, Option]
    file_recipe: "FileRecipe | None" = None
    """None as long as nobody has said which."""

    runs_code = True
    """It refuses to load without `trust_code`, where what it loads brings code."""
    takes_recipe_file = True
    needs_point = False

    @property
    def embedding_size(self) -> int | None:
        """Values of its vector; None without a recipe file, which says it."""
        return None if self.file_recipe is None else self.file_recipe.embedding_size

    @property
    def weights_source(self) -> WeightsSource:
        """Where its weights come from."""
        if self.file_recipe is None:
            return self.usual_source
        facts = self.file_recipe.settings.facts
        return dataclasses.replace(
            self.usual_source,
            where=facts.where or self.usual_source.where,
            licence=facts.weights_licence,
        )

    @property
    def facts(self) -> ModelFacts:
        """What to know before using it."""
        if self.file_recipe is not None:
            return self.file_recipe.facts
        return ModelFacts(
            body=_OF_ITS_RECIPE,
            n_parameters=None,
            code_licence=_OF_ITS_RECIPE,
            weights_licence=_OF_ITS_RECIPE,
            trained_on=(),
            verified="description",
        )

    def with_recipe(self, recipe_file: Path) -> "FileKind":
        """Return the kind with a recipe file, whose facts it then has.

        Raises:
            ConfigError: The file is not there, or something in it is wrong.
            EncoderError: There is no shipped recipe of that name.
        """
        from mmfeat.encoders.own.file_recipe import FileRecipe

        return dataclasses.replace(self, file_recipe=FileRecipe.read(recipe_file))

    def recipe_of(self, **options: Value) -> dict[str, Any]:
        """Return what is done to a volume, as plain JSON values.

        Raises:
            EncoderError: No recipe file was named.
        """
        if self.file_recipe is None:
            from mmfeat.encoders.own.file_recipe import shipped_recipes

            raise EncoderError(
                f"encoder {self.name}: needs `recipe_file`, a YAML file or one of "
                f"{', '.join(shipped_recipes())}"
            )
        recipe = {"code_version": _CODE_VERSION, **self.file_recipe.to_json()}
        return recipe | {"network": {"strict": True, **options}}

    def __call__(
        self,
        *,
        weights: Path,
        device: str = "auto",
        prepare_on: PrepareOn = "auto",
        trust_code: bool = False,
        **options: Value,
    ) -> "FileEncoder":
        """Make the encoder; nothing that the weights bring is run."""
        defaults = {name: option.default for name, option in self.options.items()}
        return FileEncoder(
            self,
            weights=weights,
            device=device,
            prepare_on=prepare_on,
            trust_code=trust_code,
            options=defaults | options,
        )


class FileEncoder:
    """A frozen encoder whose network is in a file or folder, and whose recipe is a file.

    Raises:
        EncoderError: No recipe file was named.
    """

    def __init__(
        self,
        kind: FileKind,
        *,
        weights: Path,
        device: str,
        prepare_on: PrepareOn,
        trust_code: bool,
        options: Mapping[str, Value],
    ) -> None:
        self.recipe = kind.recipe_of(**options)
        if kind.file_recipe is None:
            raise ValueError("recipe_of() has to refuse a kind without a recipe file")
        recipe = kind.file_recipe
        self.name = kind.name
        self.usual_batch = recipe.usual_batch
        self.windows_alone = None in recipe.preparation.window_size
        self.token_size = recipe.used.size
        self.embedding_size = recipe.embedding_size
        self.weights_sha256: str | None = kind.source.digest(weights)
        self._file_recipe = recipe
        self._source = kind.source
        self._weights = weights
        self._device = device
        self._prepare_on = prepare_on
        self._trust_code = trust_code
        self._precision: Any = options.get("precision", "float32")
        self._network: FrozenNetwork | None = None

    def load(self) -> None:
        """Open the network, and try it on made-up windows; see `Encoder.load`.

        Raises:
            EncoderError: It brings code and was not trusted, or does not do what its recipe says.
        """
        if self._source.runs_code(self._weights) and not self._trust_code:
            raise EncoderError(
                f"encoder {self.name}: {self._weights} brings code, which could do anything that "
                "you can on this machine, so it is not opened; if you trust where it is from, add "
                "--trust-code to the command, such as `mmfeat extract --trust-code`"
            )
        from mmfeat.encoders.networks.foreign_network import ForeignNetwork
        from mmfeat.encoders.networks.network import FrozenNetwork, resolve_device

        recipe = self._file_recipe
        network = ForeignNetwork(
            self._source.open(self._weights, resolve_device(self._device), recipe),
            str(self._weights),
            given=recipe.given,
            used=recipe.used,
        )
        precision: Precision = self._precision
        frozen = FrozenNetwork(network, self._device, precision=precision)
        self._try(frozen)
        self._network = frozen

    def _try(self, network: "FrozenNetwork") -> None:
        """Run it on made-up windows, where their size is known before a scan is there."""
        from mmfeat.encoders.networks.warm_up import warm_up

        size = [length for length in self._file_recipe.preparation.window_size if length]
        if not self.windows_alone:
            warm_up(
                network,
                str(self._weights),
                window_shape=(len(self._file_recipe.preparation.channels), *size),
                n_windows=self._file_recipe.given.batch or min(self.usual_batch, 2),
            )

    def prepare(self, volume: Volume) -> Windows:
        """Return the windows; see `Stepwise.prepare`."""
        sampler = sampler_for(self._prepare_on, self._device)
        return self._file_recipe.preparation.prepare(volume, sampler)

    def encode(self, batch: Windows, usage: DeviceUsage | None = None) -> WindowFeatures:
        """Return one feature for each window: ``(windows, token_size)``."""
        if self._network is None:
            raise RuntimeError("load() comes before encode()")
        return self._network(batch, usage)

    def pool(self, features: WindowFeatures) -> Embedding:
        """Reduce the features of all windows as the recipe file says."""
        return self._file_recipe.pooling.pool(features)
