"""Run a 2-D network that the user names on slices of a scan."""

import dataclasses
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mmfeat.encoders.contract import DeviceUsage, Embedding, WindowFeatures, Windows
from mmfeat.encoders.options import Option, Value, WeightsSource
from mmfeat.encoders.recipe import ModelFacts
from mmfeat.encoders.sampler_choice import PrepareOn, sampler_for
from mmfeat.encoders.slices.named_network import NamedNetwork
from mmfeat.encoders.slices.pooling import POOLINGS
from mmfeat.encoders.slices.slice_options import SLICE_OPTIONS, check_together, images_of
from mmfeat.errors import EncoderError
from mmfeat.volumes.volume import Volume

if TYPE_CHECKING:
    from mmfeat.encoders.networks.network import FrozenNetwork, Precision
    from mmfeat.encoders.slices.slice_network import SliceFeature

_OF_NETWORK = "as the network's own files say"


@dataclasses.dataclass(frozen=True)
class SliceEncoderKind:
    """Stand for such an encoder in the table of encoders; calling it makes the encoder."""

    name: str
    summary: str
    weights_source: WeightsSource
    facts: ModelFacts
    open_network: Callable[[Path, Mapping[str, Value]], NamedNetwork]
    """Learn of the network at a path what can be known without building it."""
    own_options: Mapping[str, Option] = dataclasses.field(default_factory=dict)
    """Which network it is, where its files do not say."""
    left_out: str = ""
    """Which tensors of a file are not used."""
    code_version: int = 1
    embedding_size: int | None = None
    """Unknown before the network is."""
    needs_point: bool = False
    runs_code: bool = False

    @cached_property
    def options(self) -> Mapping[str, Option]:
        """All options, beginning with those that matter most."""
        return {**self.own_options, **SLICE_OPTIONS}

    def recipe_of(self, **options: Value) -> dict[str, Any]:
        """Return what is done to a volume, as plain JSON values.

        Raises:
            EncoderError: The options contradict each other.
        """
        return self.recipe_with(options, None)

    def recipe_with(
        self, options: Mapping[str, Value], network: NamedNetwork | None
    ) -> dict[str, Any]:
        """Return the recipe; what hangs on the network is said in words where it is not known."""
        check_together(self.name, options)
        steps = images_of(self.name, options, network).steps()
        if network is None:
            steps = [_in_words(step) for step in steps]
        takes = {"slice_feature": options["slice_feature"]}
        if options["slice_feature"] == "raptor":
            takes |= {name: options[name] for name in ("projections", "seed")}
            takes["generator"] = "numpy RandomState, normal"
        own = {name: options[name] for name in self.own_options}
        named = own if network is None else network.description
        return {
            "code_version": self.code_version,
            "prepare": steps,
            "network": {**named, **takes, "precision": options["precision"]},
            "weights": {"left_out": self.left_out, "strict": True},
            "pool": f"{POOLINGS[str(options['pool'])].words} over slices",
        }

    def __call__(
        self,
        *,
        weights: Path,
        device: str = "auto",
        prepare_on: PrepareOn = "auto",
        **options: Value,
    ) -> "SliceEncoder":
        """Make the encoder; options that are not given have their defaults."""
        defaults = {name: option.default for name, option in self.options.items()}
        return SliceEncoder(
            self, weights=weights, device=device, prepare_on=prepare_on, options=defaults | options
        )


class SliceEncoder:
    """A frozen 2-D network on slices.

    Raises:
        EncoderError: There is no such network, or it cannot give what the options ask for.
    """

    def __init__(
        self,
        kind: SliceEncoderKind,
        *,
        weights: Path,
        device: str,
        prepare_on: PrepareOn,
        options: Mapping[str, Value],
    ) -> None:
        named = kind.open_network(weights, options)
        self.name = kind.name
        self.usual_batch = 16
        self.windows_alone = False
        self.recipe = kind.recipe_with(options, named)
        self.weights_sha256: str | None = named.weights_sha256
        self._named = named
        self._options = options
        self._images = images_of(kind.name, options, named)
        self._takes = cast("SliceFeature", options["slice_feature"])
        self._pooling = POOLINGS[str(options["pool"])]
        self.token_size = len(self._images.planes) * self._values_of_slice()
        self.embedding_size = self.token_size * self._pooling.values_per_feature
        self._device = device
        self._prepare_on = prepare_on
        self._network: FrozenNetwork | None = None

    def load(self) -> None:
        """Build the network and load its weights; see `Encoder.load`."""
        from mmfeat.encoders.networks.network import FrozenNetwork, resolve_device
        from mmfeat.encoders.slices.slice_network import SliceNetwork, random_projection

        resolve_device(self._device)  # refused here, not after weights of a gigabyte
        named, projection = self._named, None
        if self._takes == "raptor":
            width = named.tokens_of(self._images.pixels).patches.shape[-1]
            projection = random_projection(
                width, int(self._options["projections"]), seed=int(self._options["seed"])
            )
        module = SliceNetwork(
            named.build(self._images.pixels, self._takes),
            n_channels=named.n_channels,
            takes=self._takes,
            projection=projection,
        )
        precision = cast("Precision", self._options["precision"])
        self._network = FrozenNetwork(module, self._device, precision=precision)

    def prepare(self, volume: Volume) -> Windows:
        """Return slices as images: ``(slices, planes * channels, pixels, pixels)``."""
        return self._images.prepare(volume, sampler_for(self._prepare_on, self._device))

    def encode(self, batch: Windows, usage: DeviceUsage | None = None) -> WindowFeatures:
        """Return one feature for each slice, or each three of three planes."""
        if self._network is None:
            raise RuntimeError("load() comes before encode()")
        return self._network(batch, usage)

    def pool(self, features: WindowFeatures) -> Embedding:
        """Pool over slices as the recipe says."""
        return self._pooling.pool(features)

    def _values_of_slice(self) -> int:
        """Return how many values a slice of one plane gives.

        Raises:
            EncoderError: The network has no such tokens.
        """
        tokens = self._named.tokens_of(self._images.pixels)
        n_special, width = tokens.special.shape[1:]
        lacking = {"pooler": tokens.pooled is None}
        lacking |= dict.fromkeys(("cls", "cls+patches"), n_special == 0)
        if lacking.get(self._takes):
            usable = ", ".join(
                f"`{name}`"
                for name in SLICE_OPTIONS["slice_feature"].choices
                if not lacking.get(str(name))
            )
            raise EncoderError(
                f"encoder {self.name}: {self._named.place} has no `{self._takes}`; it can give "
                f"{usable}, by the option `slice_feature`"
            )
        if self._takes == "raptor":
            return (n_special + tokens.patches.shape[1]) * int(self._options["projections"])
        return width * (2 if self._takes == "cls+patches" else 1)


def _in_words(step: dict[str, Any]) -> dict[str, Any]:
    """Return a step of a recipe with words in place of what only the network's files say."""
    unknown = {"pixels": 0, "channels": 0, "subtract": [], "divide_by": []}
    return {
        name: _OF_NETWORK if name in unknown and value == unknown[name] else value
        for name, value in step.items()
    }
