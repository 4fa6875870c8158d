"""The small BERTs of the fixtures: shapes, weights, rows, and the directory each is saved as."""

import dataclasses
import json
import math
import pathlib
import shutil
import sys

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertForSequenceClassification

# The class that saved models carry lies with the program that writes it into them.
RESOURCES = pathlib.Path(__file__).resolve().parents[2] / "Sources/Models/Resources"
sys.path.insert(0, str(RESOURCES))
from modeling_ddp_train_bert import DDPTrainBertConfig, DDPTrainBertForSequenceClassification  # noqa: E402

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
CLS, SEP = 2, 3
# The file that models with a head of their own bring; "cls" is BertForSequenceClassification.
OWN_HEAD = "modeling_ddp_train_bert"


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    seed: int
    hidden: int
    heads: int
    layers: int
    intermediate: int
    labels: int
    pooling: str  # "cls", "mean", "first" or "label_attention"
    lengths: tuple  # tokens of each row, [CLS] and [SEP] included
    vocab: int = 97
    positions: int = 24
    types: int = 2
    # How the directory is written: "classifier" (every name as transformers saves it), "old" (LayerNorm
    # gamma and beta, cls.* present, no classifier), "encoder" (no `bert.` prefix, no classifier).
    layout: str = "classifier"
    dtype: torch.dtype = torch.float32
    learning_rate: float = 1e-3
    head_learning_rate: float = 1e-2
    label_attention_learning_rate: float = 4e-3
    max_grad_norm: float = 1.0
    weight_decay: float = 0.01
    warmup_ratio: float = 0.25
    final: bool = True  # whether the parameters after ten steps are stored too
    unknown: float = 0.0  # the share of the cells of which nobody knows the target


CASES = [
    Case("cls-tiny", 1, 32, 2, 2, 64, 5, "cls", (9, 2, 20, 5, 13, 3, 7, 24)),
    Case("mean-equal-rates", 2, 32, 4, 1, 48, 3, "mean", (4, 11, 2, 16, 6, 6), vocab=61,
         head_learning_rate=1e-3, weight_decay=0.1, warmup_ratio=0.0),
    Case("old-names-odd-shape", 3, 40, 5, 3, 72, 17, "cls", (12, 2, 19, 3, 8, 15, 5), vocab=71, types=1,
         layout="old"),
    Case("encoder-float16", 4, 96, 3, 1, 112, 37, "mean", (6, 17, 2, 20, 9, 3, 4, 14), vocab=61,
         layout="encoder", dtype=torch.float16),
    Case("classifier-bfloat16", 5, 128, 2, 2, 64, 11, "cls", (18, 2, 7, 10, 3, 20), vocab=53,
         dtype=torch.bfloat16, final=False),
    Case("partial-annotation", 7, 32, 2, 1, 48, 6, "mean", (9, 2, 20, 5, 13, 3, 7), vocab=61,
         unknown=0.4),
    Case("label-attention", 6, 32, 4, 1, 48, 19, "label_attention", (9, 2, 20, 5, 13, 3, 7), vocab=61),
    Case("first-token", 7, 32, 4, 2, 48, 7, "first", (9, 2, 20, 5, 13, 3, 7), vocab=61),
]


def configuration(case):
    own = case.pooling != "cls"
    kind = DDPTrainBertForSequenceClassification if own else BertForSequenceClassification
    config = (DDPTrainBertConfig if own else BertConfig)(
        vocab_size=case.vocab, hidden_size=case.hidden, num_hidden_layers=case.layers,
        num_attention_heads=case.heads, intermediate_size=case.intermediate,
        max_position_embeddings=case.positions, type_vocab_size=case.types,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, layer_norm_eps=1e-12,
        id2label={i: f"label-{i:02d}" for i in range(case.labels)},
        label2id={f"label-{i:02d}": i for i in range(case.labels)},
        problem_type="multi_label_classification", attn_implementation="eager")
    if own:
        config.pooling = case.pooling
        config.auto_map = {
            "AutoConfig": f"{OWN_HEAD}.DDPTrainBertConfig",
            "AutoModelForSequenceClassification": f"{OWN_HEAD}.{kind.__name__}"}
    config.architectures = [kind.__name__]
    return config, kind


def make_model(case):
    """A model with weights large enough that every term of the arithmetic shows in the logits."""
    config, kind = configuration(case)
    model = kind(config).train()  # dropout is 0: training mode is the inference mode
    generator = torch.Generator().manual_seed(case.seed)
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if name.endswith("LayerNorm.weight"):
            value = 1 + 0.2 * noise
        elif name.endswith(".bias"):
            value = 0.2 * noise
        elif ".embeddings." in name:
            value = 0.5 * noise
        else:
            value = noise * (1.1 / math.sqrt(parameter.shape[1]))
        # What is stored is what is computed with: round to the stored type first.
        parameter.data = value.to(case.dtype).to(torch.float32)
    return model


def make_rows(case):
    """Rows end to end: ids [T], offsets [B+1], dense targets [B, L], positive weights [L]."""
    generator = torch.Generator().manual_seed(1000 + case.seed)
    ids, offsets = [], [0]
    for length in case.lengths:
        words = torch.randint(len(SPECIAL), case.vocab, (length - 2,), generator=generator).tolist()
        ids += [CLS, *words, SEP]
        offsets.append(len(ids))
    rows = len(case.lengths)
    targets = (torch.rand(rows, case.labels, generator=generator) < 0.3).float()
    targets[1] = 0  # a row without labels
    pos_weight = 0.5 + 5 * torch.rand(case.labels, generator=generator)
    # Ten steps over batches of unlike sizes; each row takes part.
    batches = []
    for step in range(10):
        order = torch.randperm(rows, generator=generator).tolist()
        batches.append(order[: 2 + (step * 3) % (rows - 1)])
    tensors = {
        "input_ids": torch.tensor(ids), "row_offsets": torch.tensor(offsets),
        "targets": targets, "pos_weight": pos_weight,
    }
    if case.unknown:
        tensors["known"] = (torch.rand(rows, case.labels, generator=generator) >= case.unknown).float()
        tensors["known"][2] = 0  # a row of which nothing is known
        tensors["targets"] *= tensors["known"]
    return tensors, batches


def stored_tensors(case, model):
    """The checkpoint's tensors under the names of the case's layout."""
    tensors = {name: value.to(case.dtype) for name, value in model.state_dict().items()}
    if case.layout == "classifier":
        return tensors
    tensors = {name: value for name, value in tensors.items() if name.startswith("bert.")}
    generator = torch.Generator().manual_seed(2000 + case.seed)
    positions = torch.arange(case.positions).unsqueeze(0)
    if case.layout == "encoder":
        tensors = {name.removeprefix("bert."): value for name, value in tensors.items()}
        for part, shape in (("weight", (case.hidden, case.hidden)), ("bias", (case.hidden,))):
            # A pooler that mean pooling passes over.
            tensors[f"pooler.dense.{part}"] = torch.randn(shape, generator=generator).to(case.dtype)
        return tensors | {"embeddings.position_ids": positions}
    tensors = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"):
        value for name, value in tensors.items()}
    extra = {
        "cls.predictions.bias": (case.vocab,),
        "cls.predictions.transform.dense.weight": (case.hidden, case.hidden),
        "cls.predictions.transform.dense.bias": (case.hidden,),
        "cls.predictions.transform.LayerNorm.gamma": (case.hidden,),
        "cls.predictions.transform.LayerNorm.beta": (case.hidden,),
        "cls.seq_relationship.weight": (2, case.hidden),
        "cls.seq_relationship.bias": (2,),
    }
    for name, shape in extra.items():
        tensors[name] = torch.randn(shape, generator=generator).to(case.dtype)
    return tensors | {"bert.embeddings.position_ids": positions}


def vocabulary(size):
    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = [*letters, *("##" + x for x in letters), *(a + b for a in letters for b in "aeiou")]
    return (SPECIAL + pieces)[:size]


def save_model(case, model, directory):
    config, kind = configuration(case)
    values = json.loads(config.to_json_string(use_diff=True)) | {"architectures": [kind.__name__]}
    values["dtype"] = str(case.dtype).removeprefix("torch.")
    if case.layout != "classifier":
        values["architectures"] = ["BertModel" if case.layout == "encoder" else "BertForPreTraining"]
        for key in ("id2label", "label2id", "problem_type", "auto_map", "pooling"):
            values.pop(key, None)
        values["model_type"] = "bert"
    elif case.pooling != "cls":
        shutil.copyfile(RESOURCES / f"{OWN_HEAD}.py", directory / f"{OWN_HEAD}.py")
    if case.layout == "encoder":
        pooling = {"word_embedding_dimension": case.hidden, "pooling_mode_cls_token": False,
                   "pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": False}
        (directory / "1_Pooling").mkdir()
        (directory / "1_Pooling" / "config.json").write_text(json.dumps(pooling, indent=2) + "\n")
    (directory / "config.json").write_text(json.dumps(values, indent=2, sort_keys=True) + "\n")
    (directory / "vocab.txt").write_text("\n".join(vocabulary(case.vocab)) + "\n")
    tokenizer = {"do_lower_case": True, "model_max_length": case.positions,
                 "tokenizer_class": "BertTokenizer"}
    (directory / "tokenizer_config.json").write_text(json.dumps(tokenizer, indent=2) + "\n")
    save_file(stored_tensors(case, model), directory / "model.safetensors", {"format": "pt"})
