"""Rows of text with a known number of tokens, the same on every machine.

Each word is an entry of the encoder's vocabulary, hence one token; [CLS] and [SEP] are two more.
"""

import json
import pathlib
import random

from work import VOCABULARY


def words() -> list[str]:
    """Entries of the vocabulary that stand for themselves."""
    entries = VOCABULARY.read_text(encoding="utf-8").splitlines()
    return [entry for entry in entries if entry.isascii() and entry.isalpha() and len(entry) > 2]


def write_rows(path: pathlib.Path, rows: int, lengths: list[int], labels: int) -> pathlib.Path:
    """JSON Lines of `rows` rows.

    lengths: tokens of the rows, in turn, [CLS] and [SEP] included.
    labels: how many there are in all; each occurs, and a row has five at least.
    """
    vocabulary = words()
    choice = random.Random(0)
    names = [f"label-{number:06d}" for number in range(labels)]
    per_row = min(labels, max(5, -(-labels // rows)))
    with open(path, "w", encoding="utf-8") as file:
        for row in range(rows):
            text = " ".join(choice.choices(vocabulary, k=lengths[row % len(lengths)] - 2))
            own = [names[(row * per_row + place) % labels] for place in range(per_row)]
            file.write(json.dumps({"text": text, "labels": own}) + "\n")
    return path


# What families call hidden size, layers, heads and intermediate size, where not as BERT does.
NAMES = {"distilbert": ("dim", "n_layers", "n_heads", "hidden_dim")}


def encoder(family: str, layers: int, hidden: int, positions: int = 512) -> dict:
    """Keys of the config.json of a family's encoder, of the sizes of `bert`."""
    shape = bert(layers, hidden, positions)
    names = dict(zip(
        ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"),
        NAMES.get(family, ())))  # fmt: skip
    shape = {names.get(key, key): value for key, value in shape.items()} | {"model_type": family}
    if family == "electra":
        shape["embedding_size"] = hidden // 2
    if family == "modernbert":
        # Three matrices in place of two: as many weights with 3/2 in place of 4.
        shape |= {"intermediate_size": 3 * hidden // 2, "pad_token_id": 0}
    if family in ("roberta", "xlm-roberta", "camembert", "mpnet"):
        shape["max_position_embeddings"] = positions + 2
    return shape


def bert(layers: int, hidden: int, positions: int = 512) -> dict:
    """Keys of the config.json of a BERT with heads of 64 values at most and I = 4 H."""
    entries = len(VOCABULARY.read_text(encoding="utf-8").splitlines())
    return {
        "vocab_size": entries,
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": max(2, hidden // 64),
        "intermediate_size": 4 * hidden,
        "max_position_embeddings": positions,
    }
