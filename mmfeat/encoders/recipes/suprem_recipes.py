"""Recipes of SuPreM's encoders: networks that were trained alike to segment the abdomen."""

from mmfeat.encoders.preparing.sliding_windows import SlidingWindows
from mmfeat.encoders.recipe import (
    EncoderRecipe,
    ModelFacts,
    NetworkRecipe,
    PublishedFile,
    WeightsRecipe,
)
from mmfeat.encoders.recipe_encoder import EncoderKind
from mmfeat.encoders.recipes.segmentation_recipes import OURS, WINDOWS_MEAN
from mmfeat.encoders.recipes.swin_recipes import SWIN_PARTS, SWIN_RENAMED, swin_network

_WRAPPED_IN = ("net",)
_LICENCE = "CC-BY-NC-ND-4.0"


def _suprem(
    architecture: str,
    *,
    part: str,
    network: NetworkRecipe,
    weights: WeightsRecipe,
    pool: str,
    usual_batch: int,
    n_parameters: int,
) -> EncoderKind:
    return EncoderKind(
        EncoderRecipe(
            name=f"suprem-{architecture}",
            summary=f"SuPreM, {part}, trained to segment 25 structures of the abdomen",
            preparations={
                "abdomen": SlidingWindows(
                    axes="RAS",
                    spacing_mm=(1.5, 1.5, 1.5),
                    window_hu=(-250.0, 250.0),
                    crop_above_hu=-250.0,
                    size=(96, 96, 96),
                )
            },
            network=network,
            weights=weights,
            pool=pool,
            usual_batch=usual_batch,
            test_shrink=3,
            facts=ModelFacts(
                body="abdomen",
                n_parameters=n_parameters,
                code_licence=_LICENCE,
                weights_licence=_LICENCE,
                trained_on=("AbdomenAtlas",),
                verified="random weights",
                notes=(OURS,),
            ),
        )
    )


def _published(architecture: str) -> tuple[PublishedFile]:
    return (PublishedFile(f"supervised_suprem_{architecture}_2100.pth", hub="MrGiovanni/SuPreM"),)


SUPREM_SEGRESNET = _suprem(
    "segresnet",
    part="encoder of a SegResNet",
    network=NetworkRecipe(
        "monai SegResNet, encoder",
        width=16,
        features_per_width=8,
        arguments={"blocks_down": (1, 2, 2, 4)},
    ),
    weights=WeightsRecipe(
        published=_published("segresnet"),
        wrapped_in=_WRAPPED_IN,
        under=(("module.",), ("backbone.",)),
        without=("up_layers.", "up_samples.", "conv_final."),
    ),
    pool="bottleneck, mean over voxels, then mean over windows",
    usual_batch=4,
    n_parameters=4_399_344,
)

SUPREM_SWINUNETR = _suprem(
    "swinunetr",
    part="Swin transformer",
    network=swin_network(48, use_v2=False),
    weights=WeightsRecipe(
        published=_published("swinunetr"),
        wrapped_in=_WRAPPED_IN,
        under=SWIN_PARTS,
        renamed=SWIN_RENAMED,
    ),
    pool=WINDOWS_MEAN,
    usual_batch=1,
    n_parameters=8_062_002,
)
