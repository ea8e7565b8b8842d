"""Recipes of VoCo's three sizes, each for three parts of the body."""

import dataclasses

from mmfeat.encoders.preparing.sliding_windows import SlidingWindows
from mmfeat.encoders.recipe import EncoderRecipe, ModelFacts, PublishedFile, WeightsRecipe
from mmfeat.encoders.recipe_encoder import EncoderKind
from mmfeat.encoders.recipes.segmentation_recipes import WINDOWS_MEAN
from mmfeat.encoders.recipes.swin_recipes import SWIN_PARTS, SWIN_RENAMED, swin_network

_TRAINING = (
    "NLST",
    "LIDC-IDRI",
    "LUNA16",
    "CT-RATE",
    "CT Images in COVID-19",
    "STOIC 2021",
    "COVID-19-NY-SBU",
    "MELA",
    "AbdomenAtlas",
    "AMOS",
    "BTCV",
    "DeepLesion",
    "FLARE",
    "KiTS",
    "LiTS",
    "MSD",
    "PANORAMA",
    "WORD",
    "HNSCC",
    "Head-Neck-PET-CT",
    "QIN-HEADNECK",
    "TCGA",
    "TotalSegmentator",
    "CT Colonography",
)
"""Read in its authors' code for pretraining."""
_CHEST = SlidingWindows(
    axes="RAS",
    spacing_mm=(1.25, 1.25, 5.0),
    window_hu=(-1000.0, 500.0),
    crop_above_hu=-1000.0,
    size=(64, 64, 64),
)
_ABDOMEN = dataclasses.replace(
    _CHEST, spacing_mm=(1.5, 1.5, 1.5), window_hu=(-175.0, 250.0), crop_above_hu=-175.0
)
_REGIONS = {
    "chest": _CHEST,
    "abdomen": _ABDOMEN,
    "head": dataclasses.replace(_ABDOMEN, resized_to=(192, 192, 64)),
}


def _voco(size: str, *, width: int, n_parameters: int, md5: str, about_bytes: int) -> EncoderKind:
    name = f"voco-{size.lower()}"
    file = f"VoCo_{size}_SSL_head.pt"
    return EncoderKind(
        EncoderRecipe(
            name=name,
            summary=f"VoCo {size}, Swin transformer, self-supervised on 160,000 CT scans",
            preparations=_REGIONS,
            network=swin_network(width, use_v2=True),
            weights=WeightsRecipe(
                published=(
                    PublishedFile(file, hub="Luffy503/VoCo", md5=md5, about_bytes=about_bytes),
                ),
                wrapped_in=("state_dict",),
                under=SWIN_PARTS,
                renamed=SWIN_RENAMED,
            ),
            pool=WINDOWS_MEAN,
            usual_batch=1,
            test_shrink=2,
            facts=ModelFacts(
                body="chest, abdomen, head and neck",
                n_parameters=n_parameters,
                code_licence="Apache-2.0",
                weights_licence="Apache-2.0, as others state it; see the model card",
                trained_on=_TRAINING,
                verified="random weights",
                notes=(
                    "`head` is head and neck, resized to 192 x 192 x 64 voxels: millimetres are "
                    "not kept; the authors prepared TotalSegmentator and colonography so, too",
                    "windows of every part and their mean are our choice: of chest and abdomen the "
                    "authors drew 192 x 192 x 64 voxels at random and cut those",
                    "of the abdomen, the authors resized the scans of DeepLesion as in `head`",
                    "the MD5 is one that another project (kaiko-ai/eva) states",
                ),
            ),
        )
    )


VOCO_B = _voco(
    "B",
    width=48,
    n_parameters=18_637_362,
    md5="f80c4da2f81d700bdae3df188f2057eb",
    about_bytes=220_000_000,
)
VOCO_L = _voco(
    "L",
    width=96,
    n_parameters=73_894_914,
    md5="795095d1d43ef3808ec4c41798310136",
    about_bytes=856_000_000,
)
VOCO_H = _voco(
    "H",
    width=192,
    n_parameters=294_863_778,
    md5="76f95a474736b60bf5b8aad94643744d",
    about_bytes=3_400_000_000,
)
