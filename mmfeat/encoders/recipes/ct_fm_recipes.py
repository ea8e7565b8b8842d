"""Recipes of CT-FM, and of the control that has its network with random weights."""

import dataclasses

from mmfeat.encoders.preparing.sliding_windows import SlidingWindows
from mmfeat.encoders.preparing.whole_foreground import WholeForeground
from mmfeat.encoders.recipe import (
    Choice,
    EncoderRecipe,
    ModelFacts,
    NetworkRecipe,
    PublishedFile,
    WeightsRecipe,
)
from mmfeat.encoders.recipe_encoder import EncoderKind

_POOL = "last level, mean over voxels, then mean over windows"
_NETWORK = NetworkRecipe(
    "monai SegResEncoder",
    width=32,
    features_per_width=16,
    arguments={"blocks_down": (1, 2, 2, 4, 4), "norm": "batch"},
)
_N_PARAMETERS = 77_760_992
_WINDOWS = SlidingWindows(
    axes="SPL",
    spacing_mm=(3.0, 1.0, 1.0),
    window_hu=(-1024.0, 2048.0),
    crop_above_hu=0.0,
    size=(24, 128, 128),
    last_window="padded",
)

CT_FM = EncoderKind(
    EncoderRecipe(
        name="ct-fm",
        summary="CT-FM, encoder of a SegResNet, self-supervised on 148,000 CT scans of the whole "
        "body",
        choice=Choice(
            "recipe",
            "`repo`: 3 x 1 x 1 mm, windows of 24 x 128 x 128 voxels, as in the authors' scripts; "
            "`card`: own spacing, the whole scan at once (much memory), as on the model card",
        ),
        preparations={
            "repo": dataclasses.replace(_WINDOWS, overlaps=(0.0, 0.625)),  # of their two scripts
            # Its authors crop to values above 0 after scaling, where 0 is -1024 HU.
            "card": WholeForeground(axes="SPL", window_hu=(-1024.0, 2048.0), crop_above_hu=-1024.0),
        },
        network=_NETWORK,
        weights=WeightsRecipe(
            published=(
                PublishedFile("model.safetensors", hub="project-lighter/ct_fm_feature_extractor"),
                PublishedFile("pretrained_segresnet.torch", hub="surajpaib/CT-FM-SegResNet"),
            ),
            wrapped_in=("state_dict",),
            under=(("encoder.",),),
        ),
        pool=_POOL,
        usual_batch=8,
        test_shrink=2,
        facts=ModelFacts(
            body="whole body",
            n_parameters=_N_PARAMETERS,
            code_licence="MIT",
            weights_licence="not known to us: see its model card",
            trained_on=("IDC",),
            verified="random weights",
            notes=(
                "the authors' scripts and their model card prepare scans differently; which of "
                "them the weights want is an open question to them (CT-FM, issue 40)",
                "the authors keep the list of windows; their mean is ours",
            ),
        ),
    )
)

RANDOM_SEGRESNET = EncoderKind(
    EncoderRecipe(
        name="random-segresnet",
        summary="CT-FM's network and preparation with random weights: what an architecture gives",
        preparations={"any": _WINDOWS},
        network=_NETWORK,
        weights=None,
        pool=_POOL,
        usual_batch=8,
        test_shrink=2,
        facts=ModelFacts(
            body="any",
            n_parameters=_N_PARAMETERS,
            code_licence="Apache-2.0",
            weights_licence="-",
            trained_on=(),
            verified="no weights",
        ),
    )
)
