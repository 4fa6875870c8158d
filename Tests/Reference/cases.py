"""The cases of the encoders' fixtures: shapes and how each is trained."""

import dataclasses

import torch


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
    family: str = "bert"  # `model_type`
    # Keys of config.json beside those above, under the family's names.
    options: dict = dataclasses.field(default_factory=dict)


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
    Case("distilbert", 8, 40, 5, 3, 72, 6, "cls", (9, 2, 20, 5, 13, 3, 24), vocab=61, family="distilbert"),
    Case("distilbert-relu-mean", 9, 32, 2, 1, 48, 4, "mean", (9, 2, 20, 5, 13, 3), vocab=61,
         family="distilbert", options={"activation": "relu"}),
    Case("roberta", 10, 32, 2, 2, 48, 6, "cls", (9, 2, 20, 5, 13, 3, 22), vocab=61, types=1,
         family="roberta", options={"layer_norm_eps": 1e-5}),
    Case("xlm-roberta-encoder", 11, 48, 4, 1, 64, 9, "mean", (9, 2, 20, 5, 13, 3, 7), vocab=61, types=1,
         positions=26, layout="encoder", family="xlm-roberta", options={"pad_token_id": 4}),
    Case("camembert-label-attention", 12, 32, 4, 1, 48, 5, "label_attention", (9, 2, 20, 5, 13, 3),
         vocab=61, types=1, family="camembert"),
    Case("electra", 13, 40, 4, 2, 56, 6, "cls", (9, 2, 20, 5, 13, 3, 24), vocab=61, family="electra",
         options={"embedding_size": 24}),
    Case("electra-plain-mean", 14, 32, 2, 1, 48, 4, "mean", (9, 2, 20, 5, 13, 3), vocab=61,
         family="electra", options={"embedding_size": 32, "hidden_act": "gelu_new"}),
    Case("mpnet", 15, 32, 4, 2, 48, 6, "cls", (9, 2, 60, 5, 33, 3, 78), vocab=61, positions=80,
         family="mpnet"),
    Case("mpnet-odd-mean", 16, 36, 3, 3, 40, 5, "mean", (9, 2, 20, 5, 13, 3), vocab=61, family="mpnet",
         options={"relative_attention_num_buckets": 40}),
    Case("modernbert", 17, 32, 2, 4, 24, 6, "cls", (9, 2, 40, 5, 73, 3, 78), vocab=61, positions=80,
         family="modernbert", options={"local_attention": 16, "pad_token_id": 4}),
    Case("modernbert-biases-mean", 18, 48, 3, 3, 40, 5, "cls", (9, 2, 20, 5, 13, 3), vocab=61,
         family="modernbert", options={
             "local_attention": 6, "pad_token_id": 4, "norm_bias": True, "attention_bias": True,
             "mlp_bias": True, "classifier_bias": True, "classifier_pooling": "mean",
             "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
             "norm_eps": 1e-6}),
    Case("modernbert-label-attention", 19, 32, 4, 1, 32, 7, "label_attention", (9, 2, 20, 5, 13, 3),
         vocab=61, family="modernbert", options={"pad_token_id": 4}),
]
