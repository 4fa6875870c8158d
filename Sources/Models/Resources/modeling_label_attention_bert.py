"""BERT with label attention for multi-label classification.

Each label weights a row's real tokens (where `attention_mask` is 1; [CLS] and [SEP] count) by a softmax of
its own, and its logit is the weighted mean of the values that its classifier gives the tokens. Where
`label_attention` is 0 that is a linear layer over the mean of the last hidden states. There is no pooler.

Load it with `AutoModelForSequenceClassification.from_pretrained(directory, trust_remote_code=True)`.
"""

import torch
from torch import nn
from transformers import BertModel, BertPreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput


class LabelAttentionBertForSequenceClassification(BertPreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.num_labels = config.num_labels
        self.bert = BertModel(config, add_pooling_layer=False)
        dropout = getattr(config, "classifier_dropout", None)
        self.dropout = nn.Dropout(config.hidden_dropout_prob if dropout is None else dropout)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)
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
        hidden = outputs.last_hidden_state  # [rows, tokens, hidden]
        # One mask for all tokens of a row.
        hidden = hidden * self.dropout(torch.ones_like(hidden[:, :1]))
        scores = self.label_attention(hidden)  # [rows, tokens, labels]
        if attention_mask is not None:
            absent = attention_mask.unsqueeze(-1) == 0
            scores = scores.masked_fill(absent, torch.finfo(scores.dtype).min)
        values = nn.functional.linear(hidden, self.classifier.weight)
        logits = (scores.softmax(dim=1) * values).sum(dim=1) + self.classifier.bias

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
