"""Encoders for multi-label classification, with heads that `transformers` does not have.

`pooling` in config.json says how the last hidden states of a row become its logits. Real tokens are those
where `attention_mask` is 1; special tokens count.

    mean             a linear layer over the mean of the real tokens
    first            a linear layer over the first token
    label_attention  each label weights the real tokens by a softmax of its own; its logit is the weighted mean
                     of the values that its classifier gives them
    cls              the head of the family's own class, such as BertForSequenceClassification

Load it with `AutoModelForSequenceClassification.from_pretrained(directory, trust_remote_code=True)`.
"""

import importlib

import torch
from torch import nn
from transformers.modeling_outputs import SequenceClassifierOutput
from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES
from transformers.models.auto.modeling_auto import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES

FAMILIES = (
    "bert", "distilbert", "roberta", "xlm-roberta", "camembert", "electra", "mpnet", "modernbert")
# The parts of the families' own heads, beside `classifier`.
OWN_PARTS = ("pre_classifier", "head", "drop")


class OwnHeads:
    """What is added to a family's class for classification: all heads in place of its own."""

    def __init__(self, config):
        super().__init__(config)
        self.num_labels = config.num_labels
        self.pooling = getattr(config, "pooling", None)
        if self.pooling not in ("mean", "first", "label_attention", "cls"):
            raise ValueError(
                f"config.json: pooling is {self.pooling!r}; known are mean, first, label_attention "
                "and cls. Is the Python file older than the model?")
        if self.pooling == "cls":
            return
        for name in OWN_PARTS:
            if hasattr(self, name):
                delattr(self, name)
        if getattr(self.base_model, "pooler", None) is not None:
            self.base_model.pooler = None
        self.dropout = nn.Dropout(classifier_dropout(config))
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)
        if self.pooling == "label_attention":
            self.label_attention = nn.Linear(config.hidden_size, config.num_labels, bias=False)
        self.post_init()

    def forward(
        self, input_ids=None, attention_mask=None, labels=None, return_dict=None, texts=None, **kwargs):
        if return_dict is None:
            return_dict = getattr(self.config, "return_dict", True)
        kwargs = {key: value for key, value in kwargs.items() if value is not None}
        if self.pooling == "cls":
            outputs = super().forward(
                input_ids, attention_mask=attention_mask, return_dict=True, **kwargs)
            logits = outputs.logits
        else:
            outputs = self.base_model(
                input_ids, attention_mask=attention_mask, return_dict=True, **kwargs)
            logits = self.compute_logits(outputs.last_hidden_state, attention_mask)
        logits = self.add_to_logits(logits, texts)
        loss = None
        if labels is not None:
            loss = nn.functional.binary_cross_entropy_with_logits(logits, labels.to(logits.dtype))
        if not return_dict:
            rest = tuple(x for x in (outputs.hidden_states, outputs.attentions) if x is not None)
            return ((loss,) if loss is not None else ()) + (logits,) + rest
        return SequenceClassifierOutput(
            loss=loss,
            logits=logits,
            hidden_states=outputs.hidden_states,
            attentions=outputs.attentions,
        )

    def add_to_logits(self, logits, texts):
        """What stands beside the encoder: here nothing."""
        return logits

    def compute_logits(self, hidden, attention_mask):
        """The logits [rows, labels] of hidden states [rows, tokens, hidden]."""
        if self.pooling == "first":
            return self.classifier(self.dropout(hidden[:, 0]))
        if self.pooling == "label_attention":
            return self.attend(hidden, attention_mask)
        if attention_mask is None:
            mean = hidden.mean(dim=1)
        else:
            mask = attention_mask.to(hidden.dtype).unsqueeze(-1)
            mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1)
        return self.classifier(self.dropout(mean))

    def attend(self, hidden, attention_mask):
        # One mask for all tokens of a row.
        hidden = hidden * self.dropout(torch.ones_like(hidden[:, :1]))
        scores = self.label_attention(hidden)  # [rows, tokens, labels]
        if attention_mask is not None:
            absent = attention_mask.unsqueeze(-1) == 0
            scores = scores.masked_fill(absent, torch.finfo(scores.dtype).min)
        values = nn.functional.linear(hidden, self.classifier.weight)
        return (scores.softmax(dim=1) * values).sum(dim=1) + self.classifier.bias


def classifier_dropout(config):
    """The share of values that is dropped before the classifier."""
    for key in ("seq_classif_dropout", "classifier_dropout", "hidden_dropout_prob"):
        value = getattr(config, key, None)
        if value is not None:
            return value
    return 0.0


def family_class(family, names):
    module = importlib.import_module(f"transformers.models.{family.replace('-', '_')}")
    return getattr(module, names[family])


# For each family the classes of its configuration and of its model, such as DDPTrainBertConfig and
# DDPTrainBertForSequenceClassification. They have a type of their own: read as the plain encoder, a model
# would get a head of random weights. Families that an older `transformers` lacks are left out.
for _family in FAMILIES:
    if _family not in MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES:
        continue
    _config = family_class(_family, CONFIG_MAPPING_NAMES)
    _model = family_class(_family, MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES)
    _own_config = type(
        f"DDPTrain{_config.__name__}", (_config,),
        {"model_type": f"ddp_train_{_family.replace('-', '_')}", "__module__": __name__})
    globals()[_own_config.__name__] = _own_config
    globals()[f"DDPTrain{_model.__name__}"] = type(
        f"DDPTrain{_model.__name__}", (OwnHeads, _model),
        {"config_class": _own_config, "__module__": __name__})
