"""BERT for multi-label classification, with a head that `transformers` does not have.

`pooling` in config.json says how the last hidden states of a row become its logits. Real tokens are those
where `attention_mask` is 1; [CLS] and [SEP] count.

    mean             a linear layer over the mean of the real tokens
    first            a linear layer over the first token
    label_attention  each label weights the real tokens by a softmax of its own; its logit is the weighted mean
                     of the values that its classifier gives them
    cls              BERT's pooler and a linear layer, as in BertForSequenceClassification

Load it with `AutoModelForSequenceClassification.from_pretrained(directory, trust_remote_code=True)`.
"""

import torch
from torch import nn
from transformers import BertConfig, BertModel, BertPreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput


class DDPTrainBertConfig(BertConfig):
    """A type of its own: read as plain BERT, the model would get a pooler of random weights."""

    model_type = "ddp_train_bert"


class DDPTrainBertForSequenceClassification(BertPreTrainedModel):
    config_class = DDPTrainBertConfig

    def __init__(self, config):
        super().__init__(config)
        self.num_labels = config.num_labels
        self.pooling = getattr(config, "pooling", None)
        if self.pooling not in ("mean", "first", "label_attention", "cls"):
            raise ValueError(
                f"config.json: pooling is {self.pooling!r}; known are mean, first, label_attention "
                "and cls. Is the Python file older than the model?")
        self.bert = BertModel(config, add_pooling_layer=self.pooling == "cls")
        dropout = getattr(config, "classifier_dropout", None)
        self.dropout = nn.Dropout(config.hidden_dropout_prob if dropout is None else dropout)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)
        if self.pooling == "label_attention":
            self.label_attention = nn.Linear(config.hidden_size, config.num_labels, bias=False)
        self.post_init()

    def forward(
        self,
        input_ids=None,
        attention_mask=None,
        token_type_ids=None,
        position_ids=None,
        inputs_embeds=None,
        labels=None,
        output_attentions=None,
        output_hidden_states=None,
        return_dict=None,
        **kwargs,
    ):
        if return_dict is None:
            return_dict = getattr(self.config, "return_dict", True)
        outputs = self.bert(
            input_ids,
            attention_mask=attention_mask,
            token_type_ids=token_type_ids,
            position_ids=position_ids,
            inputs_embeds=inputs_embeds,
            output_attentions=output_attentions,
            output_hidden_states=output_hidden_states,
            return_dict=True,
        )
        logits = self.compute_logits(outputs, attention_mask, **kwargs)
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

    def compute_logits(self, outputs, attention_mask, **kwargs):
        """The logits [rows, labels] of the encoder's outputs."""
        if self.pooling == "cls":
            return self.classifier(self.dropout(outputs.pooler_output))
        hidden = outputs.last_hidden_state  # [rows, tokens, hidden]
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
