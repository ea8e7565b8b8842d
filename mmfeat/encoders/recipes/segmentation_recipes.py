"""Recipes of encoders of networks that were trained to segment."""

from mmfeat.encoders.preparing.sliding_windows import SlidingWindows
from mmfeat.encoders.recipe import (
    EncoderRecipe,
    ModelFacts,
    NetworkRecipe,
    PublishedFile,
    WeightsRecipe,
)
from mmfeat.encoders.recipe_encoder import EncoderKind

WINDOWS_MEAN = "last level, mean over voxels, then mean over windows"
OURS = "windows side by side and their mean are our choice: the authors segment, and pool nothing"

VISTA3D = EncoderKind(
    EncoderRecipe(
        name="vista3d",
        summary="VISTA3D (NV-Segment-CT), image encoder, trained to segment 127 structures in CT",
        preparations={
            "body": SlidingWindows(
                axes="RAS",
                spacing_mm=(1.5, 1.5, 1.5),
                window_hu=(-963.8247715525971, 1053.678477684517),
                crop_above_hu=0.0,
                crop_margin_voxels=10,
                size=(128, 128, 128),
            )
        },
        network=NetworkRecipe(
            "monai SegResEncoder",
            width=48,
            features_per_width=16,
            arguments={"blocks_down": (1, 2, 2, 4, 4), "norm": "instance"},
        ),
        weights=WeightsRecipe(
            published=(
                PublishedFile(
                    "model_vista3d.pt",
                    url="https://developer.download.nvidia.com/assets/Clara/monai/tutorials/"
                    "model_zoo/model_vista3d.pt",
                    md5="6ce45a8edde4400c5d28d5e74d7b61d5",
                    about_bytes=870_000_000,
                ),
                PublishedFile("vista3d_pretrained_model/model.pt", hub="nvidia/NV-Segment-CT"),
            ),
            further_places="models/model.pt of the MONAI bundle vista3d",
            wrapped_in=("model", "state_dict"),
            under=(("module.",), ("image_encoder.",), ("encoder.",)),
        ),
        pool=WINDOWS_MEAN,
        usual_batch=1,
        test_shrink=4,
        facts=ModelFacts(
            body="whole body",
            n_parameters=174_951_120,
            code_licence="Apache-2.0",
            weights_licence="NVIDIA Open Model License; those of CTMR: not for commercial use",
            trained_on=(
                "NLST",
                "LIDC-IDRI",
                "COVID-19-NY-SBU",
                "CT Images in COVID-19",
                "CT Colonography",
                "Colorectal-Liver-Metastases",
                "TotalSegmentator",
                "AbdomenCT-1K",
                "AMOS",
                "BTCV",
                "CT-ORG",
                "FLARE",
                "MSD",
                "Pancreas-CT",
                "AeroPath",
                "CTPelvic1K",
                "VerSe",
            ),
            verified="random weights",
            notes=(
                OURS,
                "the bundle resamples before it turns to RAS: where a file is stored in other "
                "axes, its grid begins at another voxel than ours, which is the same for all",
                "the bundle's own windows overlap by 0.3 or more",
            ),
        ),
    )
)
