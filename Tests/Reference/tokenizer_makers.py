"""Tokenizers of every kind, trained here: a method of `Maker` a kind, which writes a directory."""

import io
import json
import os
import shutil
import tempfile

os.environ["TOKENIZERS_PARALLELISM"] = "false"
import sentencepiece  # noqa: E402
import tokenizers  # noqa: E402
import transformers  # noqa: E402
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers  # noqa: E402

from tokenizer_texts import corpus  # noqa: E402

transformers.logging.set_verbosity_error()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def write(directory, name, content):
    data = content if isinstance(content, bytes) else (
        content if isinstance(content, str) else json.dumps(content)).encode()
    with open(os.path.join(directory, name), "wb") as out:
        out.write(data)


def trained(model, trainer, lines, normalizer=None, pre_tokenizer=None):
    tokenizer = Tokenizer(model)
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    if pre_tokenizer is not None:
        tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.train_from_iterator(lines, trainer)
    return tokenizer


def sentence_piece(lines, size, **options):
    """A SentencePiece model as bytes."""
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(line for text in lines for line in text.split("\n") if line.strip()), model_writer=out,
        vocab_size=size, character_coverage=0.98 if size < 1000 else 0.9995, minloglevel=2, num_threads=1,
        hard_vocab_limit=options.get("model_type") == "bpe", **options)
    return out.getvalue()


# A map of characters as SentencePiece writes it, with the kinds of rules that the real ones have: one
# character to one, to several and to none, and sequences. Columns: source, target, in hexadecimal.
RULES = """FF21\t41
FF42\t62
FF11\t31
FF76 FF9E\t30AC
FF76\t30AB
30AB 3099\t30AC
41 30A\tC5
65 301\tE9
212B\tC5
FB01\t66 69
FDFA\t635 644 649
2460\t31
A0\t20
3000\t20
9\t20
A\t20
D\t20
200B\t20
AD\t
7\t
2026\t2E 2E 2E
BD\t31 2044 32
1100 1161\tAC00
915 93C\t958
DF\t73 73
600 31\t32
"""


class Maker:
    """Makes the tokenizers; the models that several share are trained once."""

    def __init__(self, size, documents, rules):
        self.size = size
        self.lines = corpus(documents)
        self.rules = rules
        self.made = {}

    def once(self, name, make):
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]

    def normalization(self):
        if not self.rules:
            return {"normalization_rule_name": "nmt_nfkc"}
        path = os.path.join(tempfile.gettempdir(), "charsmap.tsv")
        with open(path, "w", encoding="ascii") as out:
            out.write(RULES)
        return {"normalization_rule_tsv": path}

    def byte_level(self, special, normalizer=None, prefix=False):
        tokenizer = trained(
            models.BPE(), trainers.BpeTrainer(
                vocab_size=self.size, special_tokens=special, show_progress=False,
                initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())),
            self.lines, normalizer, pre_tokenizers.ByteLevel(add_prefix_space=prefix))
        return tokenizer

    def byte_level_files(self, directory, special, **options):
        model = json.loads(self.once(f"bytes {special}", lambda: self.byte_level(special)).to_str())["model"]
        write(directory, "vocab.json", model["vocab"])
        lines = ["#version: 0.2"] + [" ".join(pair) for pair in model["merges"]]
        write(directory, "merges.txt", "\n".join(lines) + "\n")
        write(directory, "tokenizer_config.json", options)

    def unigram(self):
        return self.once("unigram", lambda: sentence_piece(
            self.lines, self.size, model_type="unigram", **self.normalization()))

    def roberta(self, directory):
        self.byte_level_files(directory, ROBERTA, tokenizer_class="RobertaTokenizer")

    def saved(self, directory, name, **changes):
        """What `save_pretrained` writes of the tokenizer of another kind."""
        with tempfile.TemporaryDirectory() as other:
            getattr(self, name)(other)
            tokenizer = transformers.AutoTokenizer.from_pretrained(other, **changes)
        tokenizer.save_pretrained(directory)

    def roberta_saved(self, directory):
        self.saved(directory, "roberta", add_prefix_space=True)

    def deberta(self, directory):
        self.byte_level_files(directory, SPECIAL, tokenizer_class="DebertaTokenizer")

    def gpt_neox(self, directory):
        self.byte_level_files(
            directory, ["<|endoftext|>", "<|padding|>"], tokenizer_class="GPTNeoXTokenizer", add_prefix_space=True)

    def gpt2(self, directory):
        self.byte_level_files(directory, ["<|endoftext|>"], tokenizer_class="GPT2Tokenizer")

    def generic(self, directory, tokenizer, **configuration):
        tokenizer.save(os.path.join(directory, "tokenizer.json"))
        write(directory, "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", **configuration})

    def modernbert(self, directory):
        special = ["<|endoftext|>", "<|padding|>"]
        tokenizer = self.once("neox", lambda: self.byte_level(special, normalizers.NFC()))
        tokenizer = Tokenizer.from_str(tokenizer.to_str())
        tokenizer.add_tokens([AddedToken(" " * n, normalized=True) for n in range(2, 25)])
        tokenizer.add_tokens([AddedToken("|||IP_ADDRESS|||", normalized=True), AddedToken("Café", normalized=True)])
        tokenizer.add_special_tokens(["[UNK]", "[CLS]", "[SEP]", "[PAD]", AddedToken("[MASK]", lstrip=True)])
        ids = [(t, tokenizer.token_to_id(t)) for t in ["[CLS]", "[SEP]"]]
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", special_tokens=ids)
        self.generic(directory, tokenizer, cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]",
                     mask_token="[MASK]", unk_token="[UNK]", model_max_length=8192)
        write(directory, "config.json", {"model_type": "modernbert"})

    def llama3(self, directory):
        pattern = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
                   r"|\s*[\r\n]+|\s+(?!\S)|\s+")
        self.split_bytes(directory, pattern, ignore_merges=True)

    def o200k(self, directory):
        lower, upper = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]", r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
        end = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        pattern = (rf"[^\r\n\p{{L}}\p{{N}}]?{upper}*{lower}+{end}|[^\r\n\p{{L}}\p{{N}}]?{upper}+{lower}*{end}"
                   r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
        self.split_bytes(directory, pattern)

    def split_bytes(self, directory, pattern, **model):
        tokenizer = trained(
            models.BPE(**model), trainers.BpeTrainer(
                vocab_size=self.size, special_tokens=["<|endoftext|>"], show_progress=False,
                initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())),
            self.lines, None, pre_tokenizers.Sequence([
                pre_tokenizers.Split(Regex(pattern), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]))
        tokenizer.post_processor = processors.Sequence([
            processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(
                single="<|endoftext|> $A", pair=None, special_tokens=[("<|endoftext|>", 0)])])
        self.generic(directory, tokenizer, bos_token="<|endoftext|>")

    def xlm_roberta(self, directory):
        write(directory, "sentencepiece.bpe.model", self.unigram())
        write(directory, "tokenizer_config.json", {"tokenizer_class": "XLMRobertaTokenizer"})

    def xlm_roberta_saved(self, directory):
        self.saved(directory, "xlm_roberta")

    def albert(self, directory):
        model = sentence_piece(self.lines, self.size, model_type="unigram", pad_id=0, unk_id=1, bos_id=-1, eos_id=-1,
                               control_symbols=SPECIAL[2:], **self.normalization())
        write(directory, "spiece.model", model)
        write(directory, "tokenizer_config.json", {"tokenizer_class": "AlbertTokenizer"})

    def albert_cased(self, directory):
        self.saved(directory, "albert", do_lower_case=False, keep_accents=True)

    def deberta_v2(self, directory):
        model = sentence_piece(
            self.lines, self.size, model_type="unigram", pad_id=0, bos_id=1, eos_id=2, unk_id=3, pad_piece="[PAD]",
            unk_piece="[UNK]", bos_piece="[CLS]", eos_piece="[SEP]", **self.normalization())
        write(directory, "spm.model", model)
        write(directory, "tokenizer_config.json", {"tokenizer_class": "DebertaV2Tokenizer", "do_lower_case": False})
        write(directory, "added_tokens.json", {"[MASK]": self.size})

    def deberta_v2_saved(self, directory):
        self.saved(directory, "deberta_v2", split_by_punct=True, do_lower_case=True)

    def camembert(self, directory):
        write(directory, "sentencepiece.bpe.model", self.unigram())
        write(directory, "tokenizer_config.json", {"tokenizer_class": "CamembertTokenizer"})

    def t5(self, directory):
        model = sentence_piece(self.lines, self.size, model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1,
                               **self.normalization())
        write(directory, "spiece.model", model)
        write(directory, "tokenizer_config.json", {"tokenizer_class": "T5Tokenizer", "extra_ids": 10})

    def xlnet(self, directory):
        model = sentence_piece(self.lines, self.size, model_type="unigram", unk_id=0, bos_id=1, eos_id=2,
                               control_symbols=["<cls>", "<sep>", "<pad>", "<mask>", "<eod>", "<eop>"],
                               **self.normalization())
        write(directory, "spiece.model", model)
        write(directory, "tokenizer_config.json", {"tokenizer_class": "XLNetTokenizer"})

    def big_bird(self, directory):
        model = sentence_piece(self.lines, self.size, model_type="unigram", pad_id=0, eos_id=1, bos_id=2, unk_id=3,
                               control_symbols=["[SEP]", "[MASK]", "[CLS]"], **self.normalization())
        write(directory, "spiece.model", model)
        write(directory, "tokenizer_config.json", {"tokenizer_class": "BigBirdTokenizer"})

    def rembert(self, directory):
        model = sentence_piece(self.lines, self.size, model_type="unigram", pad_id=0, unk_id=2, bos_id=1, eos_id=3,
                               control_symbols=SPECIAL[2:], **self.normalization())
        write(directory, "sentencepiece.model", model)
        write(directory, "tokenizer_config.json", {"tokenizer_class": "RemBertTokenizer"})
        self.saved_in_place(directory)

    def saved_in_place(self, directory):
        """Leaves what `save_pretrained` writes in place of the files that are there."""
        tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
        for name in os.listdir(directory):
            os.remove(os.path.join(directory, name))
        tokenizer.save_pretrained(directory)

    def sentence_bpe(self):
        return self.once("sentence bpe", lambda: sentence_piece(
            self.lines, self.size + 256, model_type="bpe", byte_fallback=True, normalization_rule_name="identity"))

    def llama(self, directory):
        write(directory, "tokenizer.model", self.sentence_bpe())
        write(directory, "tokenizer_config.json", {"tokenizer_class": "LlamaTokenizer"})
        self.saved_in_place(directory)

    def llama_legacy(self, directory):
        """The form of older files: the normalizer writes ▁, and the whole text is one word."""
        self.llama(directory)
        tokenizer = Tokenizer.from_file(os.path.join(directory, "tokenizer.json"))
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
        content = json.loads(tokenizer.to_str())
        content["pre_tokenizer"] = None
        content["model"]["merges"] = [" ".join(pair) for pair in content["model"]["merges"]]
        content["post_processor"] = {
            "type": "TemplateProcessing", "single": [
                {"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "pair": [
                {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}
        shutil.rmtree(directory)
        os.mkdir(directory)
        write(directory, "tokenizer.json", content)
        write(directory, "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"})

    def gemma(self, directory):
        write(directory, "tokenizer.model", sentence_piece(
            self.lines, self.size + 256, model_type="bpe", byte_fallback=True, normalization_rule_name="identity",
            pad_id=0, eos_id=1, bos_id=2, unk_id=3, bos_piece="<bos>", eos_piece="<eos>", pad_piece="<pad>",
            control_symbols=["<mask>"], add_dummy_prefix=False, remove_extra_whitespaces=False))
        write(directory, "tokenizer_config.json", {"tokenizer_class": "GemmaTokenizer"})
        self.saved_in_place(directory)

    def herbert(self, directory):
        tokenizer = trained(
            models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"), trainers.BpeTrainer(
                vocab_size=self.size + 1500, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
                show_progress=False, end_of_word_suffix="</w>", limit_alphabet=120), self.lines,
            normalizers.BertNormalizer(lowercase=False, strip_accents=False), pre_tokenizers.BertPreTokenizer())
        model = json.loads(tokenizer.to_str())["model"]
        write(directory, "vocab.json", model["vocab"])
        write(directory, "merges.txt", "\n".join(" ".join(pair) for pair in model["merges"]) + "\n")
        write(directory, "tokenizer_config.json", {"tokenizer_class": "HerbertTokenizer"})

    def word_piece(self, normalizer, pre_tokenizer, prefix="##", special=SPECIAL):
        return trained(
            models.WordPiece(unk_token=special[1], continuing_subword_prefix=prefix, max_input_chars_per_word=40),
            trainers.WordPieceTrainer(vocab_size=self.size + 200, special_tokens=special, show_progress=False,
                                      continuing_subword_prefix=prefix, limit_alphabet=150),
            self.lines, normalizer, pre_tokenizer)

    def mpnet(self, directory):
        tokenizer = self.word_piece(normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer(),
                                    special=["<s>", "[UNK]", "</s>", "<pad>", "<mask>"])
        pieces = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
        write(directory, "vocab.txt", "".join(f"{piece}\n" for piece, _ in pieces))
        write(directory, "tokenizer_config.json", {"tokenizer_class": "MPNetTokenizer"})

    def word_piece_digits(self, directory):
        pieces = [normalizers.NFKC(), normalizers.Replace(Regex(r"[\u0300-\u036f]+"), ""), normalizers.Lowercase(),
                  normalizers.Nmt()]
        tokenizer = self.word_piece(normalizers.Sequence(pieces), pre_tokenizers.Sequence([
            pre_tokenizers.Whitespace(), pre_tokenizers.Digits(True),
            pre_tokenizers.Split("-", "merged_with_next")]), prefix="@@")
        tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
        tokenizer.add_special_tokens([AddedToken("<ent>", single_word=True), AddedToken("<l>", lstrip=True),
                                      AddedToken("<r>", rstrip=True)])
        tokenizer.add_tokens([AddedToken("sw", single_word=True), AddedToken("Ab", normalized=True)])
        self.generic(directory, tokenizer, truncation_side="left")

    def word_level(self, directory):
        tokenizer = trained(
            models.WordLevel(unk_token="[UNK]"), trainers.WordLevelTrainer(
                vocab_size=self.size, special_tokens=SPECIAL, show_progress=False), self.lines,
            normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Strip()]),
            pre_tokenizers.Whitespace())
        self.generic(directory, tokenizer)

    def word_level_punctuation(self, directory):
        tokenizer = trained(
            models.WordLevel(unk_token="[UNK]"), trainers.WordLevelTrainer(
                vocab_size=self.size, special_tokens=SPECIAL, show_progress=False), self.lines,
            normalizers.Sequence([normalizers.NFKD(), normalizers.Prepend("x")]), pre_tokenizers.Sequence([
                pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("contiguous"),
                pre_tokenizers.Digits(False), pre_tokenizers.Split(Regex(r"[aeiou]{2,}"), "merged_with_previous")]))
        tokenizer.post_processor = processors.RobertaProcessing(("[SEP]", 3), ("[CLS]", 2))
        self.generic(directory, tokenizer)

    def unigram_bytes(self, directory):
        """A Unigram model trained by `tokenizers`, with the bytes as pieces."""
        tokenizer = trained(
            models.Unigram(), trainers.UnigramTrainer(
                vocab_size=self.size, special_tokens=["<unk>", "<s>"], unk_token="<unk>", show_progress=False),
            [line for line in self.lines if line.isascii()], normalizers.NFC(),
            pre_tokenizers.Metaspace(prepend_scheme="first"))
        content = json.loads(tokenizer.to_str())
        content["model"]["vocab"] += [[f"<0x{byte:02X}>", -20.0] for byte in range(256)]
        content["model"]["byte_fallback"] = True
        self.generic(directory, Tokenizer.from_str(json.dumps(content)))

    def characters(self, directory):
        """BPE without bytes: unknown characters, alone and together, prefixes of continuations."""
        tokenizer = trained(
            models.BPE(unk_token="<unk>", continuing_subword_prefix="##", fuse_unk=True), trainers.BpeTrainer(
                vocab_size=self.size + 300, special_tokens=["<unk>"], show_progress=False, limit_alphabet=60,
                continuing_subword_prefix="##"),
            self.lines, None, pre_tokenizers.Split(Regex(r"\w+|\s+"), "removed", invert=True))
        self.generic(directory, tokenizer)

    def characters_dropped(self, directory):
        """BPE that leaves unknown characters out, over words that keep the space behind them."""
        tokenizer = trained(
            models.BPE(), trainers.BpeTrainer(
                vocab_size=self.size, show_progress=False, limit_alphabet=60), self.lines, None,
            pre_tokenizers.Split(" ", "merged_with_previous"))
        self.generic(directory, tokenizer)


KINDS = [name for name in vars(Maker) if name not in (
    "once", "normalization", "byte_level", "byte_level_files", "unigram", "saved", "generic", "split_bytes",
    "saved_in_place", "sentence_bpe", "word_piece") and not name.startswith("__")]
