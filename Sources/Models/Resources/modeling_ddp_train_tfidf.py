"""An encoder beside a linear model on TF-IDF features of the whole text; the logits of both are added.

The features are in features.tsv, the linear model's weights in linear.safetensors. Tokens do not tell what
words a text has, so the model needs the texts as well:

    model = AutoModelForSequenceClassification.from_pretrained(directory, trust_remote_code=True)
    logits = model(**tokenizer(texts, truncation=True, padding=True, return_tensors="pt"), texts=texts).logits

or `pipeline("text-classification", model=directory, trust_remote_code=True)`, which passes them.
"""

import collections
import math
import os
import re
import sys

import torch
from safetensors.torch import load_file, save_file
from transformers import TextClassificationPipeline
from transformers.utils import cached_file

from .modeling_ddp_train import OwnHeads

FEATURES, WEIGHTS = "features.tsv", "linear.safetensors"
HUB_OPTIONS = (
    "cache_dir", "force_download", "local_files_only", "proxies", "revision", "subfolder", "token")


class TfidfVocabulary:
    """The n-grams of features.tsv, weighted as scikit-learn's TfidfVectorizer does."""

    def __init__(self, content):
        """content: the file's bytes."""
        self.content = content
        lines = content.decode("utf-8").split("\n")
        if lines[0] != "ddp-train n-grams 1":
            raise ValueError(f"{FEATURES}: the first line must be 'ddp-train n-grams 1'")
        header = dict(line.split(": ", 1) for line in lines[1:8])
        self.words = self._range(header["words"])
        characters = header["characters"]
        self.characters = None if characters == "none" else self._range(characters)
        self.sublinear = header["sublinear"] == "true"
        texts, count = int(header["texts"]), int(header["features"])
        self.ids, self.idf = {}, []
        for line in lines[8:8 + count]:
            frequency, name = line.split("\t")
            self.ids[name] = len(self.ids)
            self.idf.append(math.log((1 + texts) / (1 + int(frequency))) + 1)
        if len(self.ids) != count:
            raise ValueError(f"{FEATURES}: holds {len(self.ids)} features, not {count}")

    @staticmethod
    def _range(text):
        first, last = text.split("-")
        return range(int(first), int(last) + 1)

    def ngrams(self, text):
        """All n-grams of a text: of words, and of the characters of each word (`char_wb`)."""
        text = text.lower()
        words = re.findall(r"\b\w\w+\b", text)
        for length in self.words:
            for start in range(len(words) - length + 1):
                yield " ".join(words[start:start + length])
        for word in text.split() if self.characters else ():
            word = f" {word} "
            for length in self.characters:
                for start in range(max(len(word) - length, 0) + 1):
                    yield "char:" + word[start:start + length]
                if length >= len(word):
                    break  # A short word is taken once, whole.

    def features(self, text):
        """The numbers of a text's features and their values, whose squares sum to 1."""
        counts = collections.Counter(
            self.ids[name] for name in self.ngrams(text) if name in self.ids)
        values = {
            feature: (1 + math.log(count) if self.sublinear else count) * self.idf[feature]
            for feature, count in counts.items()}
        length = math.sqrt(sum(value * value for value in values.values()))
        return list(values), [value / length for value in values.values()]


class LinearPart:
    """What is added to a class of modeling_ddp_train."""

    vocabulary = None

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path, *args, **kwargs):
        result = super().from_pretrained(pretrained_model_name_or_path, *args, **kwargs)
        model = result[0] if isinstance(result, tuple) else result
        options = {key: kwargs[key] for key in HUB_OPTIONS if kwargs.get(key) is not None}
        features, weights = (
            cached_file(pretrained_model_name_or_path, name, **options)
            for name in (FEATURES, WEIGHTS))
        with open(features, "rb") as file:
            model.set_linear_part(TfidfVocabulary(file.read()), load_file(weights))
        return result

    def set_linear_part(self, vocabulary, tensors):
        """tensors: for each feature where its labels begin, and all labels with their weights."""
        if len(tensors["linear.offsets"]) != len(vocabulary.ids) + 1:
            raise ValueError(f"{FEATURES} and {WEIGHTS} belong to different models")
        self.vocabulary = vocabulary
        for name, tensor in tensors.items():
            if not name.endswith("values"):
                tensor = tensor.long()
            self.register_buffer(
                name.replace(".", "_"), tensor.to(self.classifier.weight.device), persistent=False)

    def save_pretrained(self, save_directory, *args, **kwargs):
        super().save_pretrained(save_directory, *args, **kwargs)
        with open(os.path.join(save_directory, FEATURES), "wb") as file:
            file.write(self.vocabulary.content)
        tensors = {
            "linear.offsets": self.linear_offsets,
            "linear.labels": self.linear_labels.int(),
            "linear.values": self.linear_values.float(),
        }
        save_file(
            {name: tensor.cpu().contiguous() for name, tensor in tensors.items()},
            os.path.join(save_directory, WEIGHTS))

    def add_to_logits(self, logits, texts):
        if self.vocabulary is None:
            raise ValueError(
                f"the linear part is missing: load the model by from_pretrained, with {FEATURES} and "
                f"{WEIGHTS} beside it")
        if texts is None:
            raise ValueError(
                "this model reads TF-IDF features of the texts, too: pass texts=[…] beside what the "
                "tokenizer gives, or use pipeline('text-classification', model=directory, "
                "trust_remote_code=True)")
        if isinstance(texts, str) or len(texts) != len(logits):
            raise ValueError(f"texts: wanted a list of {len(logits)} texts, one for each row")
        return logits + self.linear_logits(texts).to(logits.dtype)

    def linear_logits(self, texts):
        device = self.linear_values.device
        rows, features, values = [], [], []
        for row, text in enumerate(texts):
            found, weights = self.vocabulary.features(text)
            rows += [row] * len(found)
            features += found
            values += weights
        rows, features = (torch.tensor(x, dtype=torch.long, device=device) for x in (rows, features))
        values = torch.tensor(values, dtype=torch.float32, device=device)
        # All weights of all features end to end: `of` tells the feature, `place` where its weight is.
        starts = self.linear_offsets[features]
        counts = self.linear_offsets[features + 1] - starts
        of = torch.repeat_interleave(torch.arange(len(features), device=device), counts)
        place = torch.arange(len(of), device=device) - (counts.cumsum(0) - counts)[of] + starts[of]
        logits = torch.zeros(len(texts) * self.num_labels, dtype=torch.float32, device=device)
        logits.index_add_(
            0, rows[of] * self.num_labels + self.linear_labels[place],
            values[of] * self.linear_values[place].float())
        return logits.view(len(texts), self.num_labels)


class TfidfTextClassificationPipeline(TextClassificationPipeline):
    """The pipeline "text-classification" of such a model: passes the texts beside their tokens."""

    def preprocess(self, inputs, **tokenizer_kwargs):
        text = inputs.get("text") if isinstance(inputs, dict) and "text_pair" not in inputs else inputs
        if not isinstance(text, str):
            raise ValueError("wanted a text, or a list of texts; pairs of texts were not trained on")
        encoded = super().preprocess(inputs, **tokenizer_kwargs)
        encoded["texts"] = [text]
        return encoded

    def _forward(self, model_inputs):
        # Of a batch, one list for each row.
        texts = [x for x in model_inputs.pop("texts")]
        texts = [text for x in texts for text in ([x] if isinstance(x, str) else x)]
        return super()._forward({**model_inputs, "texts": texts})


# For each family its class, such as DDPTrainTfidfBertForSequenceClassification.
for _name, _model in list(vars(sys.modules[OwnHeads.__module__]).items()):
    if isinstance(_model, type) and issubclass(_model, OwnHeads) and _model is not OwnHeads:
        _own = type(
            _name.replace("DDPTrain", "DDPTrainTfidf"), (LinearPart, _model), {"__module__": __name__})
        globals()[_own.__name__] = _own
