"""Small sentence encoders with random weights, as folders like those of the hub."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from .random_tensors import random_tensors

WORDS = (
    *("<pad>", "<unk>", "<s>", "</s>", "never", "smoked", "ex", "smoker", "30", "pack", "years"),
    *("mother", "had", "lung", "cancer", "cough", "for", "weeks", ",", "asbestos", "at", "work"),
)
_TINY = {
    "vocab_size": len(WORDS),
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 40,
    "pad_token_id": 0,
    "bos_token_id": 2,
    "eos_token_id": 3,
}
_DISTIL = {"vocab_size": len(WORDS), "dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 24}
_MODERN = {"cls_token_id": 2, "sep_token_id": 3, "global_attn_every_n_layers": 2}
NETWORKS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "bert": ("BertModel", "BertConfig", _TINY),
    "distilbert": (
        "DistilBertModel",
        "DistilBertConfig",
        _DISTIL | {"max_position_embeddings": 40, "pad_token_id": 0},
    ),
    "electra": ("ElectraModel", "ElectraConfig", _TINY | {"embedding_size": 8}),
    "mpnet": ("MPNetModel", "MPNetConfig", _TINY | {"pad_token_id": 1}),
    "roberta": ("RobertaModel", "RobertaConfig", _TINY | {"pad_token_id": 1}),
    "camembert": ("CamembertModel", "CamembertConfig", _TINY | {"pad_token_id": 1}),
    "xlm-roberta": ("XLMRobertaModel", "XLMRobertaConfig", _TINY | {"pad_token_id": 1}),
    "modernbert": ("ModernBertModel", "ModernBertConfig", _TINY | _MODERN),
}
"""By the type of the network: class, class of its settings, settings of a small one."""
MEAN_THEN_NORMALISE = ("Transformer", "Pooling", "Normalize")


def make_text_network(name: str, seed: int = 0) -> Any:
    """Return a small network with random weights."""
    model, settings, values = NETWORKS[name]
    with torch.random.fork_rng(devices=[]):
        network = getattr(transformers, model)(getattr(transformers, settings)(**values)).eval()
    network.load_state_dict(random_tensors(network.state_dict(), seed))
    return network


def make_tokenizer() -> Tokenizer:
    """Return one that knows `WORDS`, in lower case, and puts two tokens around a text."""
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(WORDS)}, "<unk>"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 2), ("</s>", 3)]
    )
    return tokenizer


def write_sentence_folder(
    folder: Path,
    name: str = "bert",
    *,
    seed: int = 0,
    modules: Sequence[str] | None = MEAN_THEN_NORMALISE,
    pooling: Mapping[str, Any] | None = None,
) -> Path:
    """Write an encoder as sentence-transformers does; without modules, as transformers does."""
    transformers.utils.logging.disable_progress_bar()
    make_text_network(name, seed).save_pretrained(folder)
    tokenizer = make_tokenizer()
    # Published files carry what their authors last used, which is not what a model is to read.
    tokenizer.enable_truncation(5)
    tokenizer.enable_padding(length=12)
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>"}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 30, **names}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    if modules is not None:
        listed = [
            {
                "idx": place,
                "name": str(place),
                "path": "" if place == 0 else f"{place}_{kind}",
                "type": f"sentence_transformers.models.{kind}",
            }
            for place, kind in enumerate(modules)
        ]
        (folder / "modules.json").write_text(json.dumps(listed))
        (folder / "1_Pooling").mkdir()
        config = {"word_embedding_dimension": 16, "pooling_mode_mean_tokens": True}
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling or config))
        limit = {"max_seq_length": 10, "do_lower_case": False}
        (folder / "sentence_bert_config.json").write_text(json.dumps(limit))
    return folder
