"""Makes the BERT fixtures: logits, loss, gradients and ten training steps as PyTorch has them.

    python3 Tests/Reference/bert.py [--output Tests/Reference/fixtures] [CASE ...]

Every case is a Hugging Face model directory with two more files, described in README.md beside this
program. Everything is computed in float32 and once more in float64; the difference is the noise that
any float32 program has, and is written beside the figures.
"""

import argparse
import copy
import json
import math
import pathlib
import shutil

import torch
from safetensors.torch import save_file

from bert_cases import make_model, make_rows, save_model
from cases import CASES

KEY_BIASES = ("key.bias", "k_lin.bias", "attn.k.bias")
BETAS, EPSILON, STEPS = (0.9, 0.999), 1e-8, 10


def padded(rows, selection):
    """Rows as Hugging Face wants them: ids [B, longest], mask [B, longest]."""
    ids, offsets = rows["input_ids"], rows["row_offsets"].tolist()
    pieces = [ids[offsets[i]:offsets[i + 1]] for i in selection]
    length = max(len(piece) for piece in pieces)
    batch = torch.zeros(len(pieces), length, dtype=torch.long)
    mask = torch.zeros(len(pieces), length, dtype=torch.long)
    for row, piece in enumerate(pieces):
        batch[row, :len(piece)] = piece
        mask[row, :len(piece)] = 1
    return batch, mask


def logits_of(model, rows, selection):
    # Padding beyond a window has no keys at all, and in float64 becomes NaN: row by row there is none.
    parts = [[row] for row in selection] if "modernbert" in model.config.model_type else [selection]
    batches = [padded(rows, part) for part in parts]
    return torch.cat([model(input_ids=ids, attention_mask=mask).logits for ids, mask in batches])


def forward(model, rows, selection):
    logits = logits_of(model, rows, selection)
    targets, weights = rows["targets"][selection], rows["pos_weight"].expand_as(logits)
    # The mean over rows x labels, or over those of their cells that are known.
    known = rows["known"][selection] > 0 if "known" in rows else torch.ones_like(targets) > 0
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        logits[known], targets[known].to(logits.dtype), pos_weight=weights[known].to(logits.dtype))
    return logits, loss


def schedule(t, total, warmup_ratio):
    """Linear warm-up and decay: the factor of the update number t, counted from 0."""
    warmup = math.ceil(warmup_ratio * total)
    if t < warmup:
        return t / max(1, warmup)
    return max(0.0, (total - t) / max(1, total - warmup))


def optimizer_of(case, model):
    rates = {"classifier": case.head_learning_rate, "classifier.out_proj": case.head_learning_rate,
             "label_attention": case.label_attention_learning_rate}
    groups = {}
    for name, parameter in model.named_parameters():
        decays = parameter.ndim > 1
        rate = rates.get(name.rsplit(".", 1)[0], case.learning_rate)
        groups.setdefault((rate, decays), []).append(parameter)
    return torch.optim.AdamW(
        [{"params": parameters, "lr": 0.0, "base": rate,
          "weight_decay": case.weight_decay if decays else 0.0}
         for (rate, decays), parameters in groups.items()],
        betas=BETAS, eps=EPSILON)


def train(case, model, rows, batches):
    """Ten steps. A step's loss is that before its update, its norm that before clipping."""
    optimizer = optimizer_of(case, model)
    steps = []
    for t, selection in enumerate(batches):
        factor = schedule(t, STEPS, case.warmup_ratio)
        for group in optimizer.param_groups:
            group["lr"] = factor * group["base"]
        optimizer.zero_grad()
        _, loss = forward(model, rows, selection)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), case.max_grad_norm)
        optimizer.step()
        steps.append({
            "rows": selection, "loss": loss.item(), "grad_norm": norm.item(),
            "learning_rate": factor * case.learning_rate,
            "head_learning_rate": factor * case.head_learning_rate})
    return steps


def gradients(model, rows):
    model.zero_grad()
    logits, loss = forward(model, rows, list(range(len(rows["targets"]))))
    loss.backward()
    return logits.detach(), loss.item(), {n: p.grad.clone() for n, p in model.named_parameters()}


def largest_difference(a, b):
    """The largest absolute difference over the tensors, relative to the reference's largest value."""
    return max(((a[name].double() - b[name]).abs().max() / b[name].abs().max().clamp(min=1e-6)).item()
               for name in a)


def run(case, directory):
    model = make_model(case)
    double = copy.deepcopy(model).double()
    rows, batches = make_rows(case)
    save_model(case, model, directory)

    logits, loss, grads = gradients(model, rows)
    logits64, loss64, grads64 = gradients(double, rows)
    initial = {f"initial.{n}": p.detach().clone() for n, p in model.classifier.named_parameters(
        prefix="classifier")}
    steps = train(case, model, rows, batches)
    steps64 = train(case, double, rows, batches)
    for step, other in zip(steps, steps64):
        step["loss_float64"], step["grad_norm_float64"] = other["loss"], other["grad_norm"]
    final = {n: p.detach() for n, p in model.named_parameters()}
    final64 = {n: p.detach() for n, p in double.named_parameters()}

    tensors = rows | {"logits": logits} | initial
    tensors |= {f"grad.{n}": g for n, g in grads.items()}
    if case.final:
        tensors |= {f"final.{n}": p.contiguous() for n, p in final.items()}
    save_file(tensors, directory / "expected.safetensors")

    # The gradient of a key's bias is zero in exact arithmetic (softmax ignores a constant), so what
    # a float32 program finds there is noise, and Adam makes a step of it.
    exact = lambda values: {n: v for n, v in values.items() if not n.endswith(KEY_BIASES)}
    relative = lambda key: max(abs(s[key] / s[key + "_float64"] - 1) for s in steps)
    facts = {
        "pooling": case.pooling, "labels": case.labels, "layout": case.layout,
        "dtype": str(case.dtype).removeprefix("torch."), "loss": loss, "loss_float64": loss64,
        "total_steps": STEPS, "learning_rate": case.learning_rate,
        "head_learning_rate": case.head_learning_rate, "warmup_ratio": case.warmup_ratio,
        "weight_decay": case.weight_decay, "max_grad_norm": case.max_grad_norm,
        "adam_beta1": BETAS[0], "adam_beta2": BETAS[1], "adam_epsilon": EPSILON,
        "has_final": case.final, "steps": steps,
        "noise": {
            "logits": (logits.double() - logits64).abs().max().item(),
            "gradients_relative": largest_difference(exact(grads), exact(grads64)),
            "step_losses_relative": relative("loss"),
            "step_grad_norms_relative": relative("grad_norm"),
            "final_absolute": max((final[n].double() - v).abs().max().item()
                                  for n, v in exact(final64).items())},
    }
    if case.pooling == "label_attention":
        facts["label_attention_learning_rate"] = case.label_attention_learning_rate
    (directory / "case.json").write_text(json.dumps(facts, indent=1) + "\n")
    return facts


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, default=here / "fixtures")
    parser.add_argument("cases", nargs="*", metavar="CASE")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for case in CASES:
        if arguments.cases and case.name not in arguments.cases:
            continue
        directory = arguments.output / case.name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        facts = run(case, directory)
        norms = [round(step["grad_norm"], 3) for step in facts["steps"]]
        losses = [round(step["loss"], 4) for step in facts["steps"]]
        print(case.name, "losses", losses, "norms", norms, "noise", facts["noise"], sep="\n  ")


if __name__ == "__main__":
    main()
