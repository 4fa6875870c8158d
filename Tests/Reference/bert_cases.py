"""The small encoders of the fixtures: weights, rows, and the directory each is saved as."""

import json
import math
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING

# The class that saved models carry lies with the program that writes it into them.
RESOURCES = pathlib.Path(__file__).resolve().parents[2] / "Sources/Models/Resources"
sys.path.insert(0, str(RESOURCES))
import modeling_ddp_train  # noqa: E402

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
CLS, SEP = 2, 3
# The file that models with a head of their own bring; "cls" is the family's own class.
OWN_HEAD = "modeling_ddp_train"


# What the families call hidden size, layers, heads, intermediate size, and the two dropouts.
KEYS = {"distilbert": ("dim", "n_layers", "n_heads", "hidden_dim", "dropout", "attention_dropout"),
        "modernbert": ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
                       "mlp_dropout", "attention_dropout")}
BERT_KEYS = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
             "hidden_dropout_prob", "attention_probs_dropout_prob")
DROPOUTS = {"distilbert": {"seq_classif_dropout": 0.0}, "modernbert": {"embedding_dropout": 0.0}}


def configuration(case):
    own = case.pooling != "cls"
    sizes = (case.hidden, case.layers, case.heads, case.intermediate, 0.0, 0.0)
    values = dict(zip(KEYS.get(case.family, BERT_KEYS), sizes)) | DROPOUTS.get(case.family, {})
    if case.family in ("bert", "roberta", "xlm-roberta", "camembert", "electra"):
        values["type_vocab_size"] = case.types
    if case.family == "bert":
        values["layer_norm_eps"] = 1e-12
    values |= {
        "vocab_size": case.vocab, "max_position_embeddings": case.positions,
        "id2label": {i: f"label-{i:02d}" for i in range(case.labels)},
        "label2id": {f"label-{i:02d}": i for i in range(case.labels)},
        "problem_type": "multi_label_classification", "attn_implementation": "sdpa" if case.family == "modernbert" else "eager"} | case.options
    config = AutoConfig.for_model(case.family, **values)
    kind = MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING[type(config)]
    if own:
        kind = getattr(modeling_ddp_train, f"DDPTrain{kind.__name__}")
        config = kind.config_class(**values)
        config.pooling = case.pooling
        config.auto_map = {
            "AutoConfig": f"{OWN_HEAD}.{kind.config_class.__name__}",
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
        if parameter.ndim == 1 and name.endswith(".weight"):  # of a LayerNorm
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
    prefix = f"{model.base_model_prefix}."
    tensors = {name: value for name, value in tensors.items() if name.startswith(prefix)}
    generator = torch.Generator().manual_seed(2000 + case.seed)
    positions = torch.arange(case.positions).unsqueeze(0)
    if case.layout == "encoder":
        tensors = {name.removeprefix(prefix): value for name, value in tensors.items()}
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
        values["model_type"] = case.family
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
