"""The recipe of FMCIB, which sees a cube of 50 mm about a lesion."""

from mmfeat.encoders.preparing.point_crop import PointCrop
from mmfeat.encoders.recipe import (
    EncoderRecipe,
    ModelFacts,
    NetworkRecipe,
    PublishedFile,
    WeightsRecipe,
)
from mmfeat.encoders.recipe_encoder import EncoderKind

FMCIB = EncoderKind(
    EncoderRecipe(
        name="fmcib",
        summary="FMCIB, wide 3-D ResNet-50, self-supervised on 11,467 lesions; needs a point",
        preparations={
            "lesion": PointCrop(
                spacing_mm=(1.0, 1.0, 1.0), window_hu=(-1024.0, 2048.0), size=(50, 50, 50)
            )
        },
        network=NetworkRecipe(
            "monai ResNet",
            width=128,
            features_per_width=32,
            arguments={"blocks": (3, 4, 6, 3), "conv1_t_stride": 2, "bias_downsample": True},
        ),
        weights=WeightsRecipe(
            published=(
                PublishedFile(
                    "model_weights.torch",
                    url="https://zenodo.org/records/10528450/files/model_weights.torch?download=1",
                ),
            ),
            wrapped_in=("trunk_state_dict", "state_dict"),
            under=(("module.",), ("model.trunk.", "trunk.")),
        ),
        pool="last level, mean over voxels",
        usual_batch=8,
        test_shrink=2,
        needs_point=True,
        facts=ModelFacts(
            body="lesions anywhere",
            n_parameters=184_477_824,
            code_licence="MIT",
            weights_licence="not known to us; see zenodo.org/records/10528450",
            trained_on=("DeepLesion",),
            verified="random weights",
            notes=(
                "the names of the published tensors are taken from the authors' loader, which "
                "accepts any; here every name has to fit",
                "of weights saved after fine-tuning by the authors' code (`state_dict`), the heads "
                "are left out",
            ),
        ),
    )
)
