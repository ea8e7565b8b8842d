"""The encoders that run a 2-D network which the user names on slices."""

from mmfeat.encoders.options import Option, WeightsSource
from mmfeat.encoders.recipe import ModelFacts
from mmfeat.encoders.slices.slice_encoder import SliceEncoderKind
from mmfeat.encoders.slices.timm_network import LEFT_OUT as LEFT_OUT_OF_TIMM
from mmfeat.encoders.slices.timm_network import open_timm
from mmfeat.encoders.slices.transformers_network import LEFT_OUT as LEFT_OUT_OF_TRANSFORMERS
from mmfeat.encoders.slices.transformers_network import open_transformers

_LICENCE = "that of the network you name"
_NOTES = (
    "Slices, windows, image size and pooling are our choice; docs/slices.md has settings for "
    "known networks.",
)


def _facts(library_licence: str) -> ModelFacts:
    return ModelFacts(
        body="any",
        n_parameters=None,
        code_licence=library_licence,
        weights_licence=_LICENCE,
        trained_on=(),
        trained_also_on="what the network you name was trained on",
        verified="random weights",
        notes=_NOTES,
    )


TRANSFORMERS_SLICES = SliceEncoderKind(
    name="transformers-slices",
    summary="a 2-D network of transformers on slices: DINOv2/v3, CLIP, SigLIP, ViT, ConvNeXt, ...",
    weights_source=WeightsSource(
        where="a local folder with config.json, model.safetensors and preprocessor_config.json, "
        "such as that of huggingface.co/facebook/dinov2-base",
        licence=_LICENCE,
        file_needed=True,
        is_folder=True,
    ),
    facts=_facts("Apache-2.0 (transformers)"),
    open_network=open_transformers,
    left_out=LEFT_OUT_OF_TRANSFORMERS,
)
TIMM_SLICES = SliceEncoderKind(
    name="timm-slices",
    summary="a 2-D network of timm on slices, named by the option `model`",
    weights_source=WeightsSource(
        where="model.safetensors of the network's repository, such as "
        "huggingface.co/timm/vit_small_patch14_dinov2.lvd142m",
        licence=_LICENCE,
        file_needed=True,
    ),
    facts=_facts("Apache-2.0 (timm)"),
    open_network=open_timm,
    own_options={
        "model": Option(
            "vit_small_patch14_dinov2.lvd142m", "the network's name in timm, with its tag"
        )
    },
    left_out=LEFT_OUT_OF_TIMM,
)
