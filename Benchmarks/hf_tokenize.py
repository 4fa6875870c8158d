"""The peer of ddp-train's reading: the Hugging Face fast tokenizer on one core.

Reads JSON Lines, tokenizes the texts and keeps the ids as one array, as ddp-train's cache does, and
prints one JSON line with the tokens and the seconds.
"""

import argparse
import array
import json
import os
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
from transformers import BertTokenizerFast  # noqa: E402


def main(options: argparse.Namespace) -> None:
    tokenizer = BertTokenizerFast.from_pretrained(options.model)
    start = time.perf_counter()
    with open(options.data, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    ids = array.array("i")
    for first in range(0, len(rows), 1_000):
        texts = [row["text"] for row in rows[first : first + 1_000]]
        encoded = tokenizer(texts, truncation=True, max_length=options.max_length,
                            return_attention_mask=False, return_token_type_ids=False)  # fmt: skip
        for row in encoded["input_ids"]:
            ids.extend(row)
    seconds = time.perf_counter() - start
    print(json.dumps({"tokens": len(ids), "seconds": seconds}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--max-length", type=int, required=True)
    main(parser.parse_args())
