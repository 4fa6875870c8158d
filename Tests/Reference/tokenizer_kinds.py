"""Tokenizers of every kind, trained here, and the token ids that Hugging Face gives with them.

    pip install -r Tests/Reference/requirements.txt
    python Tests/Reference/tokenizer_kinds.py fixtures
        writes kinds.json and scalar-kinds.json in Tests/TextTests/Fixtures
    python Tests/Reference/tokenizer_kinds.py compare [--program PROGRAM] [--data FILE.jsonl]... [--kind NAME]
        trains larger tokenizers and runs `ddp-train tokenize` on hostile texts and on every text of the files
    python Tests/Reference/tokenizer_kinds.py make --kind NAME --output DIR
        writes a tokenizer of one kind, for measurements
"""

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile

# First, for it sets how the libraries below are used.
from tokenizer_makers import KINDS, Maker

import tokenizer as wordpiece
import transformers
from tokenizers import Regex, pre_tokenizers

from tokenizer_texts import SAMPLE, SCRIPTS, texts

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "..", "TextTests", "Fixtures")


def reference(directory):
    return transformers.AutoTokenizer.from_pretrained(directory)


def fixtures():
    maker = Maker(size=420, documents=400, rules=True)
    batch, cases = SCRIPTS + wordpiece.texts()[::4], []
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as directory:
            getattr(maker, kind)(directory)
            ids = wordpiece.encode(reference(directory), batch, 64)
            files = {}
            for name in sorted(os.listdir(directory)):
                with open(os.path.join(directory, name), "rb") as file:
                    data = file.read()
                if name == "tokenizer.json":
                    data = json.dumps(json.loads(data), ensure_ascii=False, separators=(",", ":")).encode()
                files[name] = base64.b64encode(data).decode() if name.endswith(".model") else data.decode()
            hashes = [wordpiece.fnv(json.dumps(row, separators=(",", ":")).encode())[:8] for row in ids]
            cases.append({"name": kind, "files": files, "ids": "".join(hashes), "first": ids[0]})
    with open(os.path.join(FIXTURES, "kinds.json"), "w", encoding="utf-8") as out:
        json.dump({"texts": batch, "cases": cases}, out, ensure_ascii=True, separators=(",", ":"))
        out.write("\n")


def scalar_kinds():
    """What expressions and pre-tokenizers make of all characters, as hashes of what is left of them."""
    size, blocks = 0x4000, {}
    names = ("L N M P S Z Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Han").split()
    classes = [rf"\p{{{name}}}" for name in names] + [r"\s", r"\S", r"\w", r"\W", r"\d", r"[^\s\p{L}\p{N}]", "(?i:[sk])"]
    splitters = {name: pre_tokenizers.Split(Regex(f"(?:{name})+"), "removed") for name in classes}
    for part in [pre_tokenizers.Digits(True), pre_tokenizers.Punctuation("removed"), pre_tokenizers.WhitespaceSplit(),
                 pre_tokenizers.Whitespace(), pre_tokenizers.BertPreTokenizer()]:
        splitters[part.__getstate__().decode()] = part
    for name, part in splitters.items():
        blocks[name] = []
        for start in range(0, 0x110000, size):
            text = "".join("\u0378" + chr(p) for p in range(start, start + size) if not 0xD800 <= p < 0xE000)
            words = "|".join(word for word, _ in part.pre_tokenize_str(text))
            blocks[name].append(wordpiece.fnv(words.encode())[:8])
    with open(os.path.join(FIXTURES, "scalar-kinds.json"), "w", encoding="ascii") as out:
        json.dump({"blockSize": size, "blocks": blocks}, out, separators=(",", ":"))
        out.write("\n")


def compare(arguments):
    """Counts the texts whose ids differ. Line breaks in a text become spaces: one text a line."""
    maker = Maker(size=arguments.size, documents=4000, rules=False)
    batch = texts()
    for path in arguments.data or [SAMPLE]:
        with open(path, encoding="utf-8") as lines:
            batch += [json.loads(line)["text"] for line in lines]
    batch = [text.replace("\n", " ").replace("\ud800", "") for text in batch]
    failures = 0
    for kind in arguments.kind or KINDS:
        with tempfile.TemporaryDirectory() as directory:
            getattr(maker, kind)(directory)
            run = subprocess.run(
                [arguments.program, "tokenize", "--model", directory, "--max-length", str(arguments.max_length)],
                input="".join(text + "\n" for text in batch).encode(), stdout=subprocess.PIPE)
            found = [json.loads(line) for line in run.stdout.splitlines()]
            wanted = wordpiece.encode(reference(directory), batch, arguments.max_length)
            differing = [i for i in range(len(batch)) if i >= len(found) or found[i] != wanted[i]]
            for i in differing[:arguments.show]:
                print(f"  {batch[i][:160]!a}\n    wanted {wanted[i][:40]}\n    found  {found[i][:40] if i < len(found) else None}")
            print(f"{kind}: {len(differing)} of {len(batch)} texts differ ({sum(map(len, wanted))} tokens)", flush=True)
            failures += bool(differing) or len(found) != len(batch)
    sys.exit(1 if failures else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fixtures")
    check = commands.add_parser("compare")
    check.add_argument("--program", default=".build/release/ddp-train")
    check.add_argument("--data", action="append")
    check.add_argument("--kind", action="append")
    check.add_argument("--size", type=int, default=8000)
    check.add_argument("--max-length", type=int, default=256)
    check.add_argument("--show", type=int, default=3)
    make = commands.add_parser("make")
    make.add_argument("--kind", required=True, choices=KINDS)
    make.add_argument("--output", required=True)
    make.add_argument("--size", type=int, default=30_000)
    arguments = parser.parse_args()
    if arguments.command == "fixtures":
        fixtures()
        scalar_kinds()
    elif arguments.command == "compare":
        compare(arguments)
    else:
        os.makedirs(arguments.output, exist_ok=True)
        getattr(Maker(size=arguments.size, documents=4000, rules=False), arguments.kind)(arguments.output)


if __name__ == "__main__":
    main()
