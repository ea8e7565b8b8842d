"""What a recipe file says, as the parts that do it."""

from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from mmfeat.config.encoder_recipe import EncoderRecipeSettings
from mmfeat.config.recipe_file import load_recipe_file
from mmfeat.config.recipe_steps import IntensityStep, RecipeStep
from mmfeat.encoders.networks.foreign_input import NetworkInput, NetworkOutput
from mmfeat.encoders.options import nearest
from mmfeat.encoders.own.written_steps import cut_of, fit_step, hu_step, intensity_of
from mmfeat.encoders.recipe import ModelFacts
from mmfeat.encoders.slices.pooling import POOLINGS, Pooling
from mmfeat.encoders.stepwise import Intensity, Stepwise, WholeScan
from mmfeat.encoders.stepwise.fitting import FitStep
from mmfeat.encoders.stepwise.hu_step import HuStep
from mmfeat.errors import EncoderError

_SHIPPED = resources.files("mmfeat.encoders") / "recipe_files"
_BIG_WINDOW = 2**21
"""Values of a window above which one goes through the network at a time by default."""
_USUAL_BATCH = 8


@dataclass(frozen=True)
class FileRecipe:
    """Hold what a recipe file says of a network."""

    given_file: Path
    """The file, or the name of a shipped recipe."""
    settings: EncoderRecipeSettings
    """As written, checked."""

    @classmethod
    def read(cls, given: Path) -> "FileRecipe":
        """Read a shipped recipe, given by its name alone, or a file.

        Raises:
            ConfigError: The file is not there, or something in it is wrong.
            EncoderError: There is no shipped recipe of that name.
        """
        return cls(given, load_recipe_file(recipe_path(given)))

    @cached_property
    def preparation(self) -> Stepwise:
        """What is done to a scan."""
        in_hu: list[HuStep] = []
        scaled: list[FitStep] = []
        channels: tuple[Intensity, ...] = ()
        for step in self.settings.prepare[1:]:
            scaling: list[IntensityStep] = step.channels or [
                one for one in (step.intensity,) if one is not None
            ]
            if scaling:
                channels = tuple(intensity_of(one) for one in scaling)
            elif channels and (fitted := fit_step(step)) is not None:
                scaled.append(fitted)
            elif (changed := hu_step(step)) is not None:
                in_hu.append(changed)
        last: RecipeStep = self.settings.prepare[-1]
        return Stepwise(
            axes=str(self.settings.prepare[0].orient),
            in_hu=tuple(in_hu),
            channels=channels,
            scaled=tuple(scaled),
            cut=cut_of(last) or WholeScan(),
        )

    @property
    def given(self) -> NetworkInput:
        """How the network takes windows."""
        usual = "BCHW" if self.settings.prepare[-1].name == "slices" else "BCDHW"
        settings = self.settings.input
        return NetworkInput(
            layout=settings.layout or usual,
            argument=settings.argument,
            dictionary_key=settings.dictionary_key,
            method=settings.method,
            dtype=settings.dtype,
            batch=None if settings.batch == "any" else settings.batch,
        )

    @property
    def used(self) -> NetworkOutput:
        """What of its output is used."""
        settings = self.settings.output
        take = settings.take
        return NetworkOutput(
            take=tuple(take) if isinstance(take, list) else (take,),
            shape=settings.shape,
            size=settings.size,
            reduce=settings.reduce,
            skip=settings.skip,
        )

    @property
    def pooling(self) -> Pooling:
        """How windows become the vector of a scan."""
        return POOLINGS[self.settings.pool]

    @property
    def embedding_size(self) -> int:
        """Values of that vector."""
        return self.settings.output.size * self.pooling.values_per_feature

    @property
    def usual_batch(self) -> int:
        """Windows that go through the network at once, where settings do not say."""
        if self.given.batch is not None:
            return self.given.batch
        n_values = len(self.preparation.channels)
        for length in self.preparation.window_size:
            n_values *= length or _BIG_WINDOW
        return 1 if n_values > _BIG_WINDOW else _USUAL_BATCH

    @property
    def facts(self) -> ModelFacts:
        """What to know before using it."""
        facts = self.settings.facts
        return ModelFacts(
            body=facts.body,
            n_parameters=facts.n_parameters,
            code_licence=facts.code_licence,
            weights_licence=facts.weights_licence,
            trained_on=tuple(facts.trained_on),
            verified=facts.verified,
            notes=tuple(facts.notes),
        )

    def to_json(self) -> dict[str, Any]:
        """Return all that numbers hang on, as plain JSON values: no name, facts, or batch."""
        given = asdict(self.given)
        del given["batch"]
        return {
            "prepare": self.preparation.steps(),
            "input": given,
            "output": asdict(self.used) | {"take": list(self.used.take)},
            "pool": self.pooling.words,
        }


def shipped_recipes() -> tuple[str, ...]:
    """Return the names of the recipes that mmfeat brings."""
    names = (file.name for file in _SHIPPED.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def is_shipped_name(given: Path) -> bool:
    """Say whether a recipe is meant by its name: it has no folder and no ending of YAML."""
    return given.name == str(given) and given.suffix not in (".yaml", ".yml")


def recipe_path(given: Path) -> Path:
    """Return the file of a recipe that is given by its name or its path.

    Raises:
        EncoderError: There is no shipped recipe of that name.
    """
    if not is_shipped_name(given):
        return given
    shipped = shipped_recipes()
    if str(given) not in shipped:
        hint = nearest(str(given), dict.fromkeys(shipped))
        raise EncoderError(
            f"no recipe is called `{given}`; {hint}There are: {', '.join(shipped)}; a file of "
            "your own ends in .yaml"
        )
    return Path(str(_SHIPPED / f"{given}.yaml"))
