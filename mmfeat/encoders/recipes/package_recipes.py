"""Recipes of encoders whose networks are in packages of their authors: SPECTRE and COLIPRI."""

import dataclasses

from mmfeat.encoders.preparing.about_centre import AboutCentre
from mmfeat.encoders.preparing.crop_grid import CropGrid
from mmfeat.encoders.recipe import (
    Choice,
    EncoderRecipe,
    ModelFacts,
    NetworkRecipe,
    PublishedFile,
    WeightsRecipe,
)
from mmfeat.encoders.recipe_encoder import EncoderKind

_GRID = CropGrid(axes="RAS", window_hu=(-1000.0, 1000.0), crop=(128, 128, 64), in_one_piece=True)
_WHOLE_MODEL = PublishedFile(
    "model.safetensors", hub="cclaess/SPECTRE-Large", about_bytes=1_590_000_000
)
_SPECTRE_FACTS = ModelFacts(
    body="chest, abdomen",
    n_parameters=396_917_280,
    code_licence="MIT",
    weights_licence="CC-BY-NC-SA-4.0: not for commercial use",
    trained_on=(
        "CT-RATE",
        "INSPECT",
        "Merlin Abdominal CT",
        "NLST",
        "AMOS",
        "AbdomenAtlas",
        "PANORAMA",
        "AbdomenCT-1K",
    ),
    verified="random weights",
    notes=(
        "up to a crop less one voxel of each axis is cut off, half at each side; the authors "
        "trained on nothing that was padded, so a scan shorter than a crop is foreign to it",
        "names in model.safetensors are those of the script that exports it; we saw no such file",
        "a scan goes through the network in one piece, so that its memory is that of the scan",
    ),
)

SPECTRE = EncoderKind(
    EncoderRecipe(
        name="spectre",
        summary="SPECTRE-Large, 3-D ViT over crops and a second one over their vectors, chest and "
        "abdomen",
        preparations={"any": _GRID},
        network=NetworkRecipe(
            "spectre backbone and combiner",
            width=1080,
            features_per_width=1,
            arguments={"rope_base_crops": 1000.0, "rope_base_scan": 100.0},
        ),
        weights=WeightsRecipe(published=(_WHOLE_MODEL,), under=(("model.",),)),
        pool="CLS token of the combiner",
        usual_batch=1,
        test_shrink=1,
        facts=_SPECTRE_FACTS,
    )
)

SPECTRE_CROPS = EncoderKind(
    EncoderRecipe(
        name="spectre-crops",
        summary="SPECTRE-Large's 3-D ViT alone, crop by crop: for sets of tokens, or their mean",
        preparations={"any": dataclasses.replace(_GRID, in_one_piece=False)},
        network=NetworkRecipe(
            "spectre backbone",
            width=1080,
            features_per_width=2,
            arguments={"rope_base_crops": 1000.0},
        ),
        weights=WeightsRecipe(
            published=(
                PublishedFile(
                    "spectre_backbone_vit_large_patch16_128.pt",
                    hub="cclaess/SPECTRE",
                    about_bytes=1_354_000_000,
                ),
                _WHOLE_MODEL,
            ),
            under=(("model.",), ("backbone.",)),
        ),
        pool="CLS token beside the mean of the patches, then mean over crops",
        usual_batch=4,
        test_shrink=1,
        facts=dataclasses.replace(
            _SPECTRE_FACTS,
            n_parameters=338_528_160,
            notes=(
                *_SPECTRE_FACTS.notes[:2],
                "the authors pass the vectors of crops to a second network (`spectre`); their mean "
                "is ours",
            ),
        ),
    )
)

_CUBE = AboutCentre(
    axes="RAS",
    spacing_mm=(2.0, 2.0, 2.0),
    window_hu=(-1000.0, 1000.0),
    size=(192, 192, 192),
)

COLIPRI = EncoderKind(
    EncoderRecipe(
        name="colipri",
        summary="COLIPRI, 3-D transformer (Primus-M), trained with the reports of chest CT scans",
        choice=Choice(
            "axes",
            "`RAS`: as in the authors' package since 0.1.2; `SAR`: as before, and as on its card; "
            "the weights are the same, and which of them they want is open",
        ),
        preparations={"RAS": _CUBE, "SAR": dataclasses.replace(_CUBE, axes="SAR")},
        network=NetworkRecipe(
            "Primus, attention of the mean",
            width=768,
            features_per_width=1,
            of_one_size=True,
        ),
        weights=WeightsRecipe(
            published=(PublishedFile("model.safetensors", hub="microsoft/colipri"),),
            under=(("image_encoder.",),),
        ),
        pool="projected tokens, attention with their mean as the query",
        usual_batch=1,
        test_shrink=4,
        facts=ModelFacts(
            body="chest",
            n_parameters=147_112_224,
            code_licence="MIT; Primus: Apache-2.0",
            weights_licence="MIT",
            trained_on=("CT-RATE", "NLST"),
            verified="random weights",
            notes=(
                "the package's default turned from SAR to RAS in 0.1.2, with the same weights and "
                "a card that still shows SAR",
                "what is outside the central 384 mm of each axis is not seen",
                "the vector is not brought to length 1, as for comparisons with text it would be",
                "its card names data from Turkey and the USA; that these are CT-RATE and NLST is "
                "second-hand",
            ),
        ),
    )
)
