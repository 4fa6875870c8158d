"""The peer of ddp-train's reading: the Hugging Face fast tokenizer on one core.

Reads JSON Lines, tokenizes the texts and keeps the ids as one array, as ddp-train's cache does, and
prints one JSON line with the tokens and the seconds.

With --kinds it trains a tokenizer of each kind on the rows (Tests/Reference/tokenizer_kinds.py, so
the packages of Tests/Reference/requirements.txt are needed), and prints for each the tokens a second
of processor time of the Hugging Face fast tokenizer and of ddp-train's (`swift build -c release
--product tokenizer-rate`), without reading.
"""

import argparse
import array
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
ROOT = pathlib.Path(__file__).resolve().parent.parent


def tokenize(tokenizer, texts: list[str], max_length: int) -> array.array:
    ids = array.array("i")
    for first in range(0, len(texts), 1_000):
        encoded = tokenizer(texts[first : first + 1_000], truncation=True, max_length=max_length,
                            return_attention_mask=False, return_token_type_ids=False)  # fmt: skip
        for row in encoded["input_ids"]:
            ids.extend(row)
    return ids


def rows(path: pathlib.Path) -> list[str]:
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def one(options: argparse.Namespace) -> None:
    from transformers import BertTokenizerFast

    tokenizer = BertTokenizerFast.from_pretrained(options.model)
    start = time.perf_counter()
    ids = tokenize(tokenizer, rows(options.data), options.max_length)
    seconds = time.perf_counter() - start
    print(json.dumps({"tokens": len(ids), "seconds": seconds}))


def kinds(options: argparse.Namespace) -> None:
    sys.path.insert(0, str(ROOT / "Tests/Reference"))
    import tokenizer_kinds

    texts = [text.replace("\n", " ") for text in rows(options.data)]
    maker = tokenizer_kinds.Maker(size=options.vocabulary, documents=4_000, rules=False)
    print("| kind | tokens | Hugging Face, tokens/s | ddp-train, tokens/s | ratio |\n| --- | --- | --- | --- | --- |")
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as lines:
        lines.write("\n".join(texts))
        lines.flush()
        for kind in options.kind or tokenizer_kinds.KINDS:
            with tempfile.TemporaryDirectory() as directory:
                getattr(maker, kind)(directory)
                print(row(kind, directory, lines.name, texts, options), flush=True)


def row(kind: str, directory: str, lines: str, texts: list[str], options: argparse.Namespace) -> str:
    """The best of three of both, in turns."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(directory)
    peer, own = [], []
    for _ in range(3):
        start = time.process_time()
        tokens = len(tokenize(tokenizer, texts, options.max_length))
        peer.append(tokens / (time.process_time() - start))
        found = json.loads(subprocess.run(
            [options.program, directory, lines, str(options.max_length)], stdout=subprocess.PIPE, check=True).stdout)
        assert found["tokens"] == tokens, f"{kind}: {found['tokens']} tokens instead of {tokens}"
        own.append(tokens / found["seconds"])
    return f"| {kind} | {tokens:,} | {max(peer):,.0f} | {max(own):,.0f} | {max(own) / max(peer):.1f} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "configs/debtags/sample/train.jsonl")
    parser.add_argument("--model")
    parser.add_argument("--max-length", type=int, default=256)
    parser.add_argument("--kinds", action="store_true")
    parser.add_argument("--kind", action="append", help="only these kinds")
    parser.add_argument("--vocabulary", type=int, default=16_000)
    parser.add_argument("--program", default=str(ROOT / ".build/release/tokenizer-rate"))
    chosen = parser.parse_args()
    if chosen.kinds or chosen.kind:
        kinds(chosen)
    elif chosen.model:
        one(chosen)
    else:
        parser.error("--model or --kinds is needed")
