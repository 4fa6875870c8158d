"""The peer: Hugging Face's class for classification of the encoder's family, weighted BCE and PyTorch DDP (gloo) on CPUs.

Trains a few steps as most people run it, or tuned (--group --fused), and prints one JSON line with the
real (unpadded) tokens per second of whole steps, tokenization and AdamW included, and the peak memory
of a rank.
"""

import argparse
import json
import os
import resource
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch.nn.parallel import DistributedDataParallel
from transformers import AutoConfig, AutoModelForSequenceClassification, BertTokenizerFast


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def step_rows(rows, options, generator):
    """The rows of each step, for all ranks: shuffled, or as `group_by_length` of the HF Trainer."""
    steps = options.warmup + options.steps
    order = torch.randperm(len(rows), generator=generator).tolist()
    order = (order * (steps * options.batch // len(order) + 1))[: steps * options.batch]
    if options.group:
        mega = 50 * options.batch
        order = [
            row
            for start in range(0, len(order), mega)
            for row in sorted(order[start : start + mega], key=lambda r: -len(rows[r]["text"]))
        ]
    batches = [order[start : start + options.batch] for start in range(0, len(order), options.batch)]
    if options.group:
        batches = [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]
    return batches


def load(options, label_count):
    """Tokenizer and model: of a directory, or with random weights of a shape."""
    task = {"num_labels": label_count, "problem_type": "multi_label_classification"}
    if options.config:
        with open(options.config, encoding="utf-8") as file:
            keys = json.load(file)
        config = AutoConfig.for_model(keys.pop("model_type", "bert"), **keys, **task)
        model = AutoModelForSequenceClassification.from_config(config)
        return BertTokenizerFast(vocab_file=options.vocab), model
    config = AutoConfig.from_pretrained(options.model, **task)
    model = AutoModelForSequenceClassification.from_pretrained(options.model, config=config)
    return BertTokenizerFast.from_pretrained(options.model), model


class Peer:
    """One rank."""

    def __init__(self, rank, options):
        self.rank, self.options = rank, options
        torch.set_num_threads(options.threads)
        torch.manual_seed(0)
        self.rows = read(options.data)
        names = sorted({name for row in self.rows for name in row["labels"]})
        self.index = {name: i for i, name in enumerate(names)}
        self.tokenizer, model = load(options, len(names))
        model.train()
        self.parameters = list(model.parameters())
        self.network = DistributedDataParallel(model) if options.ranks > 1 else model
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=5e-5, weight_decay=0.01, fused=options.fused or None
        )
        self.loss = torch.nn.BCEWithLogitsLoss(pos_weight=torch.full((len(names),), 10.0))

    def step(self, batch):
        """One update; the rank's real tokens."""
        share = self.options.batch // self.options.ranks
        mine = [self.rows[i] for i in batch[self.rank * share :][:share]]
        encoded = self.tokenizer(
            [row["text"] for row in mine],
            truncation=True,
            max_length=self.options.max_length,
            padding=True,
            return_tensors="pt",
            return_token_type_ids=False,
        )
        targets = torch.zeros(len(mine), len(self.index))
        for i, row in enumerate(mine):
            for name in row["labels"]:
                targets[i, self.index[name]] = 1
        with torch.autocast("cpu", torch.bfloat16, enabled=self.options.precision == "bf16"):
            logits = self.network(**encoded).logits
            loss = self.loss(logits.float(), targets)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        return int(encoded["attention_mask"].sum())

    def run(self):
        options = self.options
        batches = step_rows(self.rows, options, torch.Generator().manual_seed(1))
        for batch in batches[: options.warmup]:
            self.step(batch)
        if options.ranks > 1:
            dist.barrier()
        start = time.perf_counter()
        tokens = sum(self.step(batch) for batch in batches[options.warmup :])
        if options.ranks > 1:
            dist.barrier()
        seconds = time.perf_counter() - start
        figures = torch.tensor([tokens], dtype=torch.float64)
        if options.ranks > 1:
            dist.all_reduce(figures)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {"tokens_per_second": round(figures.item() / seconds, 1), "peak_mb": round(peak)}


def main(rank, options):
    if options.ranks > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(options.port))
        dist.init_process_group("gloo", rank=rank, world_size=options.ranks)
    figures = Peer(rank, options).run()
    if rank == 0:
        print(json.dumps(figures), flush=True)
    if options.ranks > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    model = parser.add_mutually_exclusive_group(required=True)
    model.add_argument("--model", help="a directory in the Hugging Face layout")
    model.add_argument("--config", help="a BERT config.json: random weights of this shape")
    parser.add_argument("--vocab", help="vocab.txt, with --config")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=32, help="rows of a step, over all ranks")
    parser.add_argument("--max-length", type=int, default=256)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--warmup", type=int, default=2)
    parser.add_argument("--port", type=int, default=29511)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--group", action="store_true", help="rows of like length in a step")
    parser.add_argument("--fused", action="store_true", help="PyTorch's fused AdamW")
    arguments = parser.parse_args()
    if arguments.ranks == 1:
        main(0, arguments)
    else:
        mp.spawn(main, (arguments,), arguments.ranks)
