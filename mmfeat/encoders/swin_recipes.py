"""Recipes of the encoders of SwinUNETRs."""

from mmfeat.encoders.recipe import EncoderRecipe, ModelFacts, NetworkRecipe, WeightsRecipe
from mmfeat.encoders.recipe_encoder import EncoderKind
from mmfeat.encoders.segmentation_recipes import OURS, WINDOWS_MEAN
from mmfeat.encoders.sliding_windows import SlidingWindows

_PARTS = (("module.",), ("backbone.",), ("swinViT.", "swin_vit."))
_RENAMED = ((".mlp.fc1.", ".mlp.linear1."), (".mlp.fc2.", ".mlp.linear2."))
"""MONAI's own `SwinUNETR.load_from` renames these."""


def _network(width: int, *, use_v2: bool) -> NetworkRecipe:
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
        network=_network(48, use_v2=False),
        weights=WeightsRecipe(
            where="model_swinvit.pt of github.com/Project-MONAI/MONAI-extra-test-data, release "
            "0.8.1",
            wrapped_in=("state_dict",),
            under=_PARTS,
            without=("rotation_head.", "contrastive_head.", "conv."),
            renamed=_RENAMED,
        ),
        pool=WINDOWS_MEAN,
        usual_batch=1,
        test_shrink=3,
        facts=ModelFacts(
            body="chest, abdomen, head and neck",
            n_parameters=8_062_002,
            code_licence="Apache-2.0",
            weights_licence="Apache-2.0, as stated for the repository",
            trained_on=("LUNA16", "LIDC-IDRI", "TCIA COVID-19", "HNSCC", "TCIA Colonography"),
            verified="random weights",
            notes=(
                "windows of every part and their mean are our choice: the authors drew some at "
                "random",
                "the authors' code resamples nothing, so a scan of fine voxels has many windows",
            ),
        ),
    )
)

SUPREM_SWINUNETR = EncoderKind(
    EncoderRecipe(
        name="suprem-swinunetr",
        summary="SuPreM, Swin transformer, trained to segment 25 structures of the abdomen",
        preparations={
            "abdomen": SlidingWindows(
                axes="RAS",
                spacing_mm=(1.5, 1.5, 1.5),
                window_hu=(-250.0, 250.0),
                crop_above_hu=-250.0,
                size=(96, 96, 96),
            )
        },
        network=_network(48, use_v2=False),
        weights=WeightsRecipe(
            where="supervised_suprem_swinunetr_2100.pth of huggingface.co/MrGiovanni/SuPreM",
            wrapped_in=("net",),
            under=_PARTS,
            renamed=_RENAMED,
        ),
        pool=WINDOWS_MEAN,
        usual_batch=1,
        test_shrink=3,
        facts=ModelFacts(
            body="abdomen",
            n_parameters=8_062_002,
            code_licence="CC-BY-NC-ND-4.0",
            weights_licence="CC-BY-NC-ND-4.0",
            trained_on=("AbdomenAtlas 1.1 (of 26 public collections of the abdomen)",),
            verified="random weights",
            notes=(OURS,),
        ),
    )
)


def _voco(size: str, *, width: int, n_parameters: int, md5: str) -> EncoderKind:
    name = f"voco-{size.lower()}"
    return EncoderKind(
        EncoderRecipe(
            name=name,
            summary=f"VoCo {size}, Swin transformer, self-supervised on 160,000 CT scans",
            preparations={
                "chest": SlidingWindows(
                    axes="RAS",
                    spacing_mm=(1.25, 1.25, 5.0),
                    window_hu=(-1000.0, 500.0),
                    crop_above_hu=-1000.0,
                    size=(64, 64, 64),
                )
            },
            network=_network(width, use_v2=True),
            weights=WeightsRecipe(
                where=f"VoCo_{size}_SSL_head.pt of huggingface.co/Luffy503/VoCo",
                wrapped_in=("state_dict",),
                under=_PARTS,
                renamed=_RENAMED,
                md5=md5,
            ),
            pool=WINDOWS_MEAN,
            usual_batch=1,
            test_shrink=2,
            facts=ModelFacts(
                body="chest",
                n_parameters=n_parameters,
                code_licence="Apache-2.0",
                weights_licence="Apache-2.0, as others state it; see the model card",
                trained_on=(
                    "LUNA16",
                    "LIDC-IDRI",
                    "NLST",
                    "CT-RATE",
                    "TCIA COVID-19",
                    "STOIC 2021",
                    "StonyBrook COVID-19",
                    "MELA",
                    "and other parts of the body",
                ),
                verified="random weights",
                notes=(
                    "the recipe is that for the chest; the authors prepare abdomen and head in "
                    "another way, which is not here",
                    "windows of every part and their mean are our choice: the authors drew 192 x "
                    "192 x 64 voxels at random and cut those",
                    "the MD5 is one that another project (kaiko-ai/eva) states",
                ),
            ),
        )
    )


VOCO_B = _voco("B", width=48, n_parameters=18_637_362, md5="f80c4da2f81d700bdae3df188f2057eb")
VOCO_L = _voco("L", width=96, n_parameters=73_894_914, md5="795095d1d43ef3808ec4c41798310136")
VOCO_H = _voco("H", width=192, n_parameters=294_863_778, md5="76f95a474736b60bf5b8aad94643744d")
