"""Recipes of the encoders of SwinUNETRs."""

from mmfeat.encoders.preparing.sliding_windows import SlidingWindows
from mmfeat.encoders.recipe import (
    EncoderRecipe,
    ModelFacts,
    NetworkRecipe,
    PublishedFile,
    WeightsRecipe,
)
from mmfeat.encoders.recipe_encoder import EncoderKind
from mmfeat.encoders.recipes.segmentation_recipes import WINDOWS_MEAN

SWIN_PARTS = (("module.",), ("backbone.",), ("swinViT.", "swin_vit."))
SWIN_RENAMED = ((".mlp.fc1.", ".mlp.linear1."), (".mlp.fc2.", ".mlp.linear2."))
"""MONAI's own `SwinUNETR.load_from` renames these."""


def swin_network(width: int, *, use_v2: bool) -> NetworkRecipe:
    """Return the network; its windows go alone: in a batch, sums over tokens are cut elsewhere."""
    return NetworkRecipe(
        "monai SwinTransformer",
        width=width,
        features_per_width=16,
        arguments={"use_v2": use_v2},
        windows_alone=True,
    )


SWINUNETR_SSL = EncoderKind(
    EncoderRecipe(
        name="swinunetr-ssl",
        summary="Swin transformer of SwinUNETR, self-supervised on 5,050 CT scans",
        preparations={
            "body": SlidingWindows(
                axes="RAS",
                spacing_mm=None,
                window_hu=(-1000.0, 1000.0),
                crop_above_hu=-1000.0,
                size=(96, 96, 96),
                last_window="crop grown",
            )
        },
        network=swin_network(48, use_v2=False),
        weights=WeightsRecipe(
            published=(
                PublishedFile(
                    "model_swinvit.pt",
                    url="https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/"
                    "0.8.1/model_swinvit.pt",
                ),
            ),
            wrapped_in=("state_dict",),
            under=SWIN_PARTS,
            without=("rotation_head.", "contrastive_head.", "conv."),
            renamed=SWIN_RENAMED,
        ),
        pool=WINDOWS_MEAN,
        usual_batch=1,
        test_shrink=3,
        facts=ModelFacts(
            body="chest, abdomen, head and neck",
            n_parameters=8_062_002,
            code_licence="Apache-2.0",
            weights_licence="Apache-2.0, as stated for the repository",
            trained_on=("LUNA16", "LIDC-IDRI", "CT Images in COVID-19", "HNSCC", "CT Colonography"),
            verified="random weights",
            notes=(
                "windows of every part and their mean are our choice: the authors drew some at "
                "random",
                "the authors' code resamples nothing, so a scan of fine voxels has many windows",
            ),
        ),
    )
)
