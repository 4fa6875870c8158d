"""Does Hugging Face compute the same logits from a saved model as this project?

    ddp-train predict --model DIR --input rows.jsonl --output predictions.jsonl --logits
    python3 Tests/Reference/huggingface.py --model DIR --input rows.jsonl --predictions predictions.jsonl

--model and --predictions can be given several times, in pairs.

Loads DIR with `transformers` (no network), tokenizes the texts with its tokenizer, and compares; then
once more by the pipeline "text-classification", which cuts texts where the tokenizer says. A model that
brings code must not load without it, must want the texts where it has TF-IDF features, and must give the
same logits after save_pretrained. Exits with status 1, naming what differs, where a logit is further
away than the tolerance or where the labels or the problem type are not as they should be.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from huggingface_hub import ModelCard
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from transformers import BertTokenizerFast, pipeline


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def load(directory):
    """A model by the automatic class; what brings no code must be of the class that it names."""
    config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    if "auto_map" in config:
        try:
            AutoModelForSequenceClassification.from_pretrained(directory, trust_remote_code=False)
            sys.exit(f"{directory}: loads without its own code, as something that was not trained")
        except ValueError as error:
            if "trust_remote_code" not in str(error):
                raise
        model, report = AutoModelForSequenceClassification.from_pretrained(
            directory, trust_remote_code=True, output_loading_info=True, dtype=torch.float32)
    else:
        model, report = AutoModelForSequenceClassification.from_pretrained(
            directory, trust_remote_code=False, output_loading_info=True, dtype=torch.float32)
        if config["architectures"] != [type(model).__name__]:
            sys.exit(f"{directory}: names {config['architectures']}, but is a {type(model).__name__}")
    for key in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if report.get(key):
            sys.exit(f"{directory}: {key} while loading: {sorted(map(str, report[key]))[:5]}")
    return model.eval(), load_tokenizer(directory, trust_remote_code="auto_map" in config)


def load_tokenizer(directory, **options):
    """By the automatic class, which for some families wants a tokenizer.json; tests have a vocab.txt."""
    if (directory / "vocab.txt").exists() and not (directory / "tokenizer.json").exists():
        return BertTokenizerFast.from_pretrained(directory)
    return AutoTokenizer.from_pretrained(directory, **options)


def brings_code(directory):
    return "auto_map" in json.loads((directory / "config.json").read_text(encoding="utf-8"))


def check_card(directory):
    """What a hub would show of the model card, as a list of faults. Ensembles show no figures."""
    if "An ensemble of" in (directory / "README.md").read_text(encoding="utf-8"):
        return []
    results = ModelCard.load(directory / "README.md").data.eval_results or []
    names = [result.metric_name for result in results]
    return [] if "micro-F1, one tuned threshold" in names else [f"the card shows {names}"]


def has_tfidf(model):
    return hasattr(model, "vocabulary")


def check_config(model, predictions):
    """The faults of the labels and of the problem type, as messages."""
    config, faults = model.config, []
    if config.problem_type != "multi_label_classification":
        faults.append(f"problem_type is {config.problem_type!r}, not 'multi_label_classification'")
    if config.label2id != {label: i for i, label in config.id2label.items()}:
        faults.append("label2id is not the inverse of id2label")
    for number, row in enumerate(predictions, 1):
        if len(row["logits"]) != config.num_labels:
            faults.append(f"prediction {number} has {len(row['logits'])} logits for "
                          f"{config.num_labels} labels")
            break
        for item in row["labels"]:
            logit = row["logits"][config.label2id[item["label"]]]
            if abs(torch.sigmoid(torch.tensor(logit)).item() - item["score"]) > 1e-5:
                faults.append(f"prediction {number}: the score of {item['label']!r} is not the "
                              "sigmoid of the logit at that label's id2label place")
                return faults
    return faults


@torch.no_grad()
def logits_of(model, tokenizer, texts, max_length, batch_size=16):
    result = []
    for start in range(0, len(texts), batch_size):
        batch = tokenizer(texts[start:start + batch_size], padding=True, truncation=True,
                          max_length=max_length, return_tensors="pt")
        if has_tfidf(model):
            batch["texts"] = texts[start:start + batch_size]
        result.append(model(**batch).logits)
    return torch.cat(result)


def pipeline_logits(directory, model, texts, **options):
    """As users get them: texts in, no word of tokens or lengths."""
    classify = pipeline(
        "text-classification", model=str(directory), tokenizer=load_tokenizer(directory),
        top_k=None, function_to_apply="none",
        trust_remote_code=brings_code(directory), **options)
    place = model.config.label2id
    logits = torch.empty(len(texts), model.config.num_labels)
    for row, scores in enumerate(classify(texts, truncation=True)):
        for item in scores:
            logits[row, place[item["label"]]] = item["score"]
    return logits


@torch.no_grad()
def check_code(model, tokenizer, texts, logits):
    """The faults of a model that brings its own code, as messages."""
    faults, tokens = [], tokenizer(texts[:2], padding=True, truncation=True, return_tensors="pt")
    if has_tfidf(model):
        try:
            model(**tokens)
            faults.append("gives logits without the texts that its TF-IDF features are of")
        except ValueError as error:
            if "texts=" not in str(error):
                faults.append(f"without texts it says {error}")
    with tempfile.TemporaryDirectory() as directory:
        model.save_pretrained(directory)
        tokenizer.save_pretrained(directory)
        again, _ = load(pathlib.Path(directory))
        difference = (logits_of(again, tokenizer, texts, tokenizer.model_max_length) - logits).abs()
        if not difference.max().item() < 1e-6:
            faults.append(f"after save_pretrained a logit differs by {difference.max().item():.2e}")
    return faults


def compare(directory, rows, predictions, arguments):
    """Prints how far the logits are apart. Returns the faults, as messages."""
    model, tokenizer = load(directory)
    if len(rows) != len(predictions):
        sys.exit(f"{len(rows)} rows but {len(predictions)} predictions")
    faults = check_config(model, predictions) + check_card(directory)
    max_length = arguments.max_length or min(
        tokenizer.model_max_length, model.config.max_position_embeddings)
    texts = [row["text"] for row in rows]
    theirs = logits_of(model, tokenizer, texts, max_length)
    if brings_code(directory):
        faults += check_code(model, tokenizer, texts, theirs)
    ours = torch.tensor([row["logits"] for row in predictions])
    for name, logits in [
        ("the model", theirs),
        ("the pipeline", pipeline_logits(directory, model, texts)),
        ("the pipeline in batches", pipeline_logits(directory, model, texts, batch_size=4)),
    ] if not faults else []:
        difference = (logits - ours).abs()
        worst = difference.max().item()
        print(f"{name}: {type(model).__name__}: {len(rows)} rows x {model.config.num_labels} labels, "
              f"max_length {max_length}, largest difference of a logit {worst:.2e}")
        if not worst <= arguments.tolerance:
            row = int(difference.max(dim=1).values.argmax())
            faults.append(f"{name}: row {row + 1} ({rows[row]['text'][:60]!r}) differs by {worst:.2e}, "
                          f"more than {arguments.tolerance:.0e}")
    return faults


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True, action="append")
    parser.add_argument("--input", required=True, help="the rows that were predicted, JSON Lines")
    parser.add_argument(
        "--predictions", required=True, action="append", help="what predict --logits wrote")
    parser.add_argument("--max-length", type=int, help="default: the tokenizer's model_max_length")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    arguments = parser.parse_args()

    rows, faults = read_lines(arguments.input), []
    for directory, predictions in zip(arguments.model, arguments.predictions, strict=True):
        for fault in compare(directory, rows, read_lines(predictions), arguments):
            faults.append(fault)
            print(f"{directory}: {fault}", file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
