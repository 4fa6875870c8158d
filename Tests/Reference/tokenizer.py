"""Reference token ids, made with Hugging Face transformers.

    pip install transformers
    python Tests/Reference/tokenizer.py fixtures [--model models/all-MiniLM-L6-v2]
        writes Tests/TextTests/Fixtures/*.json
    python Tests/Reference/tokenizer.py compare --model DIR --data FILE.jsonl [--max-length 256]
        runs `ddp-train tokenize` on every text of FILE and counts the rows that differ
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile

os.environ["TOKENIZERS_PARALLELISM"] = "false"
import transformers  # noqa: E402

transformers.logging.set_verbosity_error()
FIXTURES = os.path.join(os.path.dirname(__file__), "..", "TextTests", "Fixtures")
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def vocabulary():
    """A few hundred pieces: letters alone and as continuations, words, look-alikes."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    foreign = "éèüñçøłßæαβγσςωйиежшאבגשاهيक्षनिกำあかがアガ가각한글ᄀᄀ"
    pieces = SPECIAL + list(letters) + ["##" + c for c in letters]
    pieces += list("ABCDEINOS") + ["##" + c for c in "ABCDEINOS"]
    pieces += list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") + list("…—“”«»¿¡、。・؟।‿")
    pieces += [c for c in foreign] + ["##" + c for c in foreign]
    # Canonically equivalent, but not equal: an angstrom sign, a letter, a letter and a mark.
    pieces += ["\u212b", "\u00c5", "A\u030a", "##\u0301", "##\u0307", "\u0301", "\uf900", "\u8c48"]
    pieces += list("中文字日本語𠀀𫤠豈") + ["中文", "日本", "##本"]
    pieces += ["😀", "##😀", "👍", "##🏽", "\u1100", "##\u1161", "##\u11a8", "##\u3099", "\u0ba6"]
    pieces += "the of and Linux linux library game Paris paris CAFE cafe naive résumé resume".split()
    pieces += "##ing ##ed ##er ##s un ##aff ##able play ##play straße strasse istanbul".split()
    return list(dict.fromkeys(pieces))


def marks(draw):
    """Combining marks of many ages: the Unicode tables of the reference know some of them only."""
    points = [0x302E, 0x302F, 0x1D165, 0x1D166, 0x1D16D, 0x1D16E, 0x1DF5, 0x1DF6, 0x1E000, 0x1E026, 0xD3B, 0xEBA,
              0x11442, 0x1145E, 0x1183A, 0x11A34, 0x11D42, 0x8D4, 0x8D3, 0x1AEB, 0x1AC1, 0x16FF1, 0x10D24, 0x1E94A,
              0x1E136, 0x10F46, 0x10EAB, 0x1193E, 0x301, 0x323, 0x1B44, 0x9CD]
    return "".join(chr(draw.choice(points)) for _ in range(draw.randint(2, 9)))


def texts():
    """A page of hostile Unicode, then texts drawn at random from hostile alphabets."""
    page = [
        "", " ", "\t\r\n", "the", "The Linux library, and the game.", "unaffable playing played",
        "a" * 99, "a" * 100, "a" * 101, "é" * 100, "é" * 101, "e\u0301" * 60, "中" * 120,
        "x" * 100 + "-" + "x" * 101, "\u0000", "a\u0000b", "a\ufffdb", "\ufffd", "a\u0001\u001f\u007f\u0080\u009fb",
        "a\u000bb\u000cc\u0085d\u001cx\u001dx\u001ex\u001fx", "a\u00a0b\u1680c\u2000d\u200ae\u2028f\u2029g\u202fh\u205fi\u3000j",
        "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg\u180eh\u061ci", "a\ue000b\uf8ffc\U000f0000d\U0010ffffe",
        "[CLS] [SEP] [MASK] [UNK] [PAD]", "[CLS][SEP]x[MASK]y[UNK]z[PAD]", "[cls] [Mask] [mask] [ MASK ]",
        "[[MASK]] [MASK [MASK]] [MAS\u0301K]", "[unused0] <s> </s>", "## ##a a## #a #", "##ing ing",
        "naïve résumé CAFÉ façade Ångström", "nai\u0308ve re\u0301sume\u0301 CAFE\u0301", "Ӂ ӂ Й й Ё ё Ї ї",
        "İstanbul ISTANBUL ıstanbul istanbul", "ΑΣ ας ΑΣΣ Σ σ ς ΆΣ ὈΔΥΣΣΕΎΣ", "straße STRASSE ẞ ﬁ ﬀ ŉ ǰ ΐ",
        "Ǆ ǅ ǆ Ⅷ ⅷ Ⓐ ⓐ Ａ ａ １ ²", "\u212b \u00c5 A\u030a \u212a K Ω Ω", "\uf900 \u8c48 \ufa0e \U0002f800 \U0002fa1d",
        "日本語テキスト カタカナ ひらがな", "ガ カ\u3099 が か\u3099 ｶﾞ", "中文字abc中文 字", "一\u4dffa\u9fffb\u3400c\U00020000d\U0002b820e\U0002b920f\U00030000g",
        "가 각 힣 한글 \u1100\u1161 \u1100\u1161\u11a8 가\u11a8", "हिन्दी क्षत्रिय निर्माण", "ไทยกำลัง", "العربيةُ مُحَمَّد ؟ ،", "שָׁלוֹם",
        "a\u0300\u0301\u0323\u0307b", "a\u0323\u0307 a\u0307\u0323", "\u0301a \u0301", "a\u0345\u0301", "q\u0307\u0323",
        "\u1e9b\u0323 \u0344 \u0340a \u0374 \u037e \u0387 \u1fef \u2126", "𝐀𝐁 𝔸 ｆｕｌｌｗｉｄｔｈ ℌ ﷺ", "𐐀 𐐨 𞤀 𞤢 Ꭰ ꭰ Ა ა",
        "😀 👍🏽 👩‍👩‍👧 🇫🇷 ❤️ ☺", "don't ‘quotes’ “double” «g» ¿qué? ¡no!", "a_b-c.d/e\\f|g~h`i^j+k=l<m>n$o", "€5 £6 ¥7 ¢8 §9 ©10 ®11 ™12 °13 ±14",
        "https://www.example.org/a?b=c&d=e#f", "C++ C# .NET node.js x86_64 i386 libc6 (>= 2.36)", "\u166d\U000111c9 a\u166db a\U000111c9b",
        "a\u1734b a\U0001171eb a\u1885b a\u1886b a\ua9bdb", "a\u2e43b a\u061db a\u09fdb", "a\u07fdb a\u0897b a\u0d00b \U00011938",
        "a\u302e\u302fb a\U0001d165\U0001d16d\U0001d15eb a\U0001d16e\U0001d165b", "a\u08e3\u08d4\u08e2b", "\u0f77 \u0f73 \u0f81 \u0f75",
        "\u05d0\u05b7 \ufb2e \ufb1d \ufb4f", "\u0b94 \u0b92\u0bd7 \u0dde \u0cca", "\u1112\u1161\u11ab \uac00\u0301", "word" + " " * 50 + "word",
        "the " * 40, "a b c d e f g h", "\ud7a3\uac01", "x\u20ddy x\u0903y x\u093ey", "\u3002a\u3001b\uff0cc\uff01", "\u2e80\u2f00\u3105\u31c0",
    ]
    draw = random.Random(7)
    alphabets = [
        "abcdeinos ABCDEINOS", "aeé e\u0301\u0300\u0323 ", "\u0000\ufffd\u200b\u00ad\u0007 \t\na", "中文a 字b。",
        "가각\u1100\u1161\u11a8 a", "[]MASKCLEP ", "!?.,-_'\"#@ ab", "İIıiſK\u212bÅσςΣ ", "\u3099\u309aかカガが ", "😀👍🏽\u200d\ufe0f a",
        "\u302e\u302f\U0001d165\U0001d16d\U0001d16e\U00016ff0\u0301a ",
        "a\u0d3b\u0eba\u1cf7\U00010a3f\U00011839\u0301\u0323\U00010f46\U00010d24\u08d3\u0323 ",
    ]
    for index in range(240):
        alphabet = alphabets[index % len(alphabets)] if index % 4 else "".join(alphabets)
        page.append("".join(draw.choice(alphabet) for _ in range(draw.randint(1, 40))))
    for _ in range(40):
        page.append("e" + marks(draw) + " a" + marks(draw) + "\u00e9" + marks(draw))
    for _ in range(60):
        points = [draw.choice([0x3000, 0x10000, 0x20000]) for _ in range(draw.randint(1, 16))]
        points = [draw.randrange(0x20, top) for top in points]
        page.append("".join(chr(p) + draw.choice(["", "a", " "]) for p in points if not 0xD800 <= p < 0xE000))
    return page


# The class that takes everything from tokenizer.json.
GENERIC = json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "[UNK]", "cls_token": "[CLS]",
                      "sep_token": "[SEP]"})

CONFIGURATIONS = {
    "uncased": {},
    "cased": {"do_lower_case": False},
    "casedWithoutAccents": {"do_lower_case": False, "strip_accents": True},
    "uncasedWithAccents": {"do_lower_case": True, "strip_accents": False},
    "wholeIdeographs": {"do_lower_case": True, "tokenize_chinese_chars": False},
}


def camel(options):
    """The options with their keys in Swift's spelling."""
    return {re.sub("_(.)", lambda match: match[1].upper(), key): value for key, value in options.items()}


def tokenizer(files):
    """The tokenizer that AutoTokenizer makes of a directory with these files (name: content)."""
    with tempfile.TemporaryDirectory() as directory:
        for name, content in {"config.json": '{"model_type": "bert"}', **files}.items():
            with open(os.path.join(directory, name), "w", encoding="utf-8", newline="") as out:
                out.write(content if isinstance(content, str) else json.dumps(content))
        return transformers.AutoTokenizer.from_pretrained(directory)


def encode(reference, batch, length):
    return [reference(text, truncation=True, max_length=length)["input_ids"] for text in batch]


def words(reference, text):
    """The words of a text before they are split into pieces; added tokens are not looked for."""
    backend = reference.backend_tokenizer
    return [word for word, _ in backend.pre_tokenizer.pre_tokenize_str(backend.normalizer.normalize_str(text))]


def fnv(data):
    """FNV-1a, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def hostile():
    pieces, batch = vocabulary(), texts()
    cases = []
    for name, options in CONFIGURATIONS.items():
        reference = tokenizer({"vocab.txt": "\n".join(pieces) + "\n", "tokenizer_config.json": options})
        found = ["|".join(words(reference, text)) for text in batch]
        for length in (128, 12) if name in ("uncased", "cased") else (128,):
            cases.append({"name": name, "maxLength": length, "ids": encode(reference, batch, length), **camel(options)})
            cases[-1]["words"] = [fnv(line.encode())[:8] for line in found]
    left = tokenizer({"vocab.txt": "\n".join(pieces) + "\n", "tokenizer_config.json": {"truncation_side": "left"}})
    found = cases[0]["words"]
    cases.append({"name": "left", "words": found, "truncationSide": "left", "maxLength": 12, "ids": encode(left, batch, 12)})
    return {"vocabulary": pieces, "texts": batch, "cases": cases}


def code_points():
    """Hashes of the words of "a", a character, "b", for every character, in blocks of 4,096."""
    result = {}
    for name in ("uncased", "cased", "uncasedWithAccents"):
        reference = tokenizer({"vocab.txt": "\n".join(SPECIAL), "tokenizer_config.json": CONFIGURATIONS[name]})
        hashes = []
        for start in range(0, 0x110000, 0x1000):
            lines = []
            for point in range(start, start + 0x1000):
                if not 0xD800 <= point < 0xE000:
                    lines.append("|".join(words(reference, "a" + chr(point) + "b")) + "\n")
            hashes.append(fnv("".join(lines).encode()))
        result[name] = hashes
    return result


def rust_file(pieces, **changes):
    """A tokenizer.json with these pieces, as the Rust library writes it."""
    reference = tokenizer({"vocab.txt": "\n".join(pieces)})
    content = json.loads(reference.backend_tokenizer.to_str())
    content["normalizer"].update(changes)
    return content


def directories():
    """Directories with the ids that AutoTokenizer gives there; without ids where it must fail."""
    base = SPECIAL + ["ab", "##c", "Ab", "d", "é", "e"]
    plain, cased = "\n".join(base) + "\n", rust_file(base, lowercase=False)
    token = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    decoder = {
        "11": {**token, "content": "<L>", "lstrip": True, "rstrip": True},
        "12": {**token, "content": "sw", "single_word": True, "special": False},
        "13": {**token, "content": "<R>", "rstrip": True},
        "14": {**token, "content": "ab <L>"},
    }
    named = plain.replace("[CLS]", "<s>").replace("[SEP]", "</s>").replace("[UNK]", "<unk>")
    cases = {
        "plain": {"vocab.txt": plain},
        "carriage returns": {"vocab.txt": plain.replace("\n", "\r\n")},
        "blank lines": {"vocab.txt": plain.replace("[UNK]", "\n[UNK]").replace("ab\n", "\n\nab\n") + "\n\n"},
        "duplicates": {"vocab.txt": plain.replace("ab\n", "ab\nab\n"), "added_tokens.json": {"<x>": 12}},
        "white space in lines": {"vocab.txt": plain.replace("ab\n", "ab \n d\t\n").replace("Ab\n", "Ab\u2028q\nd\x0b\ne\x85\n")},
        "no last line end": {"vocab.txt": plain.rstrip("\n")},
        "no mask": {"vocab.txt": plain.replace("[MASK]\n", "").replace("[PAD]\n", "")},
        "cased tokenizer.json": {"tokenizer.json": cased},
        "cased tokenizer.json, generic class": {"tokenizer.json": cased, "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast"}},
        "tokenizer.json wins over vocab.txt": {"tokenizer.json": cased, "vocab.txt": plain.replace("Ab\n", ""), "tokenizer_config.json": {"do_lower_case": False}},
        "tokenizer.json without added tokens, generic class": {"tokenizer.json": {**cased, "added_tokens": []}, "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast"}},
        "nothing cleaned, generic class": {"tokenizer.json": rust_file(base, clean_text=False, strip_accents=False, handle_chinese_chars=False), "tokenizer_config.json": {"tokenizer_class": "TokenizersBackend"}},
        "added_tokens.json": {"vocab.txt": plain, "added_tokens.json": {"<New>": 11, "Né2": 12}},
        "added_tokens_decoder": {"vocab.txt": plain, "tokenizer_config.json": {"added_tokens_decoder": decoder}},
        "special_tokens_map.json": {"vocab.txt": plain, "special_tokens_map.json": {"mask_token": {"content": "[MASK]", "single_word": False, "lstrip": True, "rstrip": False, "normalized": True}}},
        "other names": {"vocab.txt": named, "tokenizer_config.json": {"cls_token": "<s>", "sep_token": "</s>", "unk_token": "<unk>"}},
        "additional tokens": {"vocab.txt": plain, "tokenizer_config.json": {"additional_special_tokens": ["<E>", "d"]}},
        "normalizers, generic class": {"tokenizer.json": {**cased, "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "Lowercase"}, {"type": "StripAccents"}]}}, "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast"}},
        "normalizers, class of its own": {"tokenizer.json": {**cased, "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}]}}, "tokenizer_config.json": {"tokenizer_class": "BertTokenizer"}},
        "no normalizer, generic class": {"tokenizer.json": {**cased, "normalizer": None}, "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast"}},
        "strip accents": {"vocab.txt": plain, "tokenizer_config.json": {"do_lower_case": False, "strip_accents": True}},
    }
    batch = ["Ab ab abc zz d é É", "ab<L> d <L> <l>ab <L>x", "sw abswd -sw- sw_ \u200dsw sw", "[MASK] ab[MASK]d [mask] [CLS] <s>",
             "<New><new>d<NEW>abne2d Né2 NE2", "<E> abd <R>\u3000 <x> <R>", "a\u0007b\u0085ab ab\u00a0d 中文ab", ""]
    result = []
    for name, files in cases.items():
        batched = batch
        if name == "no mask":  # see TokenizerDirectory.swift
            batched = [t for t in batch if "[MASK]" not in t]
        files = {n: c if isinstance(c, str) else json.dumps(c) for n, c in files.items()}
        result.append({"name": name, "files": files, "texts": batched, "ids": encode(tokenizer(files), batched, 64)})
    return result


def normalizers():
    """Normalizers of tokenizer.json, and hashes of what `tokenizers` makes of all characters and of texts."""
    single = [{"type": name} for name in ["NFD", "NFC", "NFKD", "NFKC", "Lowercase", "StripAccents"]]
    bert = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
            "lowercase": True}

    def sequence(*parts):
        return {"type": "Sequence", "normalizers": list(parts)}

    def replace(pattern, content):
        return {"type": "Replace", "pattern": {"String": pattern}, "content": content}

    nfd, nfc, nfkd, nfkc, lowercase, strip_accents = single
    strip = {"type": "Strip", "strip_left": True, "strip_right": True}
    several = [
        sequence(nfd, lowercase, strip_accents), sequence(nfkc, lowercase), sequence(strip_accents, nfc), sequence(),
        sequence(strip, replace("aa", "b"), replace("e", ""), replace("\u0301", "´")), sequence(nfkd, bert, nfc),
        sequence({"type": "Strip", "strip_left": False, "strip_right": True}, sequence(lowercase, nfkc)),
        sequence(bert),
    ]
    result = []
    for definition in single + several:
        content = rust_file(SPECIAL + ["a", "b"])
        content["normalizer"] = definition
        reference = tokenizer({"tokenizer.json": json.dumps(content), "tokenizer_config.json": GENERIC})
        normalize = reference.backend_tokenizer.normalizer.normalize_str
        blocks = []
        for start in range(0, 0x110000 if definition in single else 0, 0x1000):
            points = [p for p in range(start, start + 0x1000) if not 0xD800 <= p < 0xE000]
            blocks.append(fnv("".join(normalize(f"a{chr(p)}b") + "\n" for p in points).encode()))
        result.append({
            "file": json.dumps(content), "blocks": blocks,
            "texts": [fnv(normalize(text).encode())[:8] for text in texts()]})
    return result


def write(name, content):
    with open(os.path.join(FIXTURES, name), "w", encoding="ascii") as out:
        json.dump(content, out, separators=(",", ":"))
        out.write("\n")


def fixtures(model):
    write("hostile.json", hostile())
    write("code-points.json", code_points())
    write("directories.json", directories())
    write("normalizers.json", normalizers())
    if model:
        reference = transformers.AutoTokenizer.from_pretrained(model)
        ids = encode(reference, texts(), 128)
        write("encoder.json", [fnv(json.dumps(row, separators=(",", ":")).encode()) for row in ids])


def compare(model, data, length, program):
    """Counts the rows whose ids differ. Line breaks in a text become spaces: one text a line."""
    with open(data, encoding="utf-8", newline="\n") as lines:
        batch = [json.loads(line)["text"].replace("\n", " ") for line in lines]
    command = [program, "tokenize", "--model", model, "--max-length", str(length)]
    run = subprocess.run(command, input="".join(t + "\n" for t in batch).encode(), stdout=subprocess.PIPE, check=True)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    wanted = encode(transformers.AutoTokenizer.from_pretrained(model), batch, length)
    differing = [i for i in range(len(batch)) if i >= len(found) or found[i] != wanted[i]]
    for i in differing[:5]:
        print(f"row {i}: {batch[i][:200]!a}")
    print(f"{len(differing)} of {len(batch)} rows differ ({sum(map(len, wanted))} tokens, max_length {length})")
    return 1 if differing or len(found) != len(batch) else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("fixtures")
    make.add_argument("--model", help="also write the hashes of this model's ids")
    check = commands.add_parser("compare")
    check.add_argument("--model", required=True)
    check.add_argument("--data", required=True)
    check.add_argument("--max-length", type=int, default=256)
    check.add_argument("--program", default=".build/release/ddp-train")
    arguments = parser.parse_args()
    if arguments.command == "fixtures":
        fixtures(arguments.model)
    else:
        sys.exit(compare(arguments.model, arguments.data, arguments.max_length, arguments.program))


if __name__ == "__main__":
    main()
