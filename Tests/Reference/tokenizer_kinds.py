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
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile

os.environ["TOKENIZERS_PARALLELISM"] = "false"
import sentencepiece  # noqa: E402
import tokenizers  # noqa: E402
import transformers  # noqa: E402
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers  # noqa: E402

import tokenizer as wordpiece  # noqa: E402

transformers.logging.set_verbosity_error()
HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "..", "TextTests", "Fixtures")
SAMPLE = os.path.join(HERE, "..", "..", "configs", "debtags", "sample", "train.jsonl")
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]

# Words in twenty scripts and more, in no order: no sentences.
SCRIPTS = [
    "rights. and dignity in equal and free born are beings human All",
    "€. 234,50 1 L'été, ? pas n'est-ce — égaux et libres naissent humains êtres les Tous",
    "ẞ. Straße, STRASSE, geboren; Rechten und Würde an gleich und frei sind Menschen Alle",
    "quyền. và phẩm nhân về đẳng bình và do tự được đều ra sinh người mọi cả Tất",
    "ılık. IŞIK İstanbul'da Türkçe: równi. i wolni się rodzą ludzie Wszyscy",
    "Љубав. Їжак, Ёжик, равными. и свободными рождаются люди Все",
    "ΐ. ᾷ ὈΔΥΣΣΕΎΣ ΑΣ ίσοι. και ελεύθεροι γεννιούνται άνθρωποι οι Όλοι",
    "ﬓ և հավասար։ ու ազատ են ծնվում մարդիկ Բոլոր", "ᲗᲐᲕᲘ თავისუფალი. იბადება ადამიანი ყველა",
    "״ציטוט״ עֲלֵיכֶם שָׁלוֹם ושווים. חורין בני נולדו האדם בני כל",
    "لا ۴۵۶ ١٢٣ ﷺ والحقوق. الكرامة في متساوين أحرارًا الناس جميع يولد",
    "می‌خواهم ہیں۔ ہوئے پیدا آزاد انسان تمام", "ܚܐܪܐ ܒܪܝܠܗ ܒܪܢܫܐ ܟܠ", "އުފަންވަނީ އިންސާނުން ހުރިހާ",
    "फ़ ज़ क्षत्रिय स्वतन्त्रता। जन्मजात में मामले के अधिकारों और गौरव को मनुष्यों सभी",
    "য় ঢ় ড় করে। জন্মগ্রহণ নিয়ে মর্যাদা সমান স্বাধীনভাবে মানুষ সমস্ত", "ਹਨ। ਲੈਂਦੇ ਜਨਮ ਆਜ਼ਾਦ ਮਨੁੱਖ ਸਾਰੇ",
    "સ્વતંત્ર. જન્મથી માનવો સર્વ દૃષ્ટિએ અધિકારોની અને પ્રતિષ્ઠા", "ସ୍ୱାଧୀନ। ଜନ୍ମକାଳରୁ ମନୁଷ୍ୟ ସବୁ",
    "ஸ்ரீ பிறக்கின்றனர். சுதந்திரமாகவே சகலரும் பிறவியினர் மனிதப்", "మానవులెల్లరును. విషయమున ప్రతిపత్తిస్వత్వముల",
    "ಜನಿಸಿದ್ದಾರೆ. ಸ್ವತಂತ್ರರಾಗಿಯೇ ಮಾನವರೂ ಎಲ್ಲಾ", "ൻ ൺ കൂടി. തുല്യാവകാശങ്ങളോടും മനുഷ്യരെല്ലാവരും", "ඇත. ලබා උපත නිදහස්ව මනුෂ්‍යයෝ සියලු",
    "น้ำ กำลัง คกันเสมอภาสระและมามีอิายเกิดทั้งหลมนุษย์", "ມີສິດເສລີພາບມະນຸດເກີດມາ ນ້ຳ", "སྐྱེས་ཙམ་ཉིད་ནས།མི་རིགས་ཡོངས་ལ་",
    "ဂုဏ်သိက္ခာဖြင့် လွတ်လပ်သော တူညီ လူတိုင်းသည်", "ើតមកមានសេរីភាពមនុស្សទាំងអស់ក", "ነው። እኩል ነጻና ሲወለድ ሁሉ ልጅ የሰው",
    "ꮒꭶꮣ ᏂᎨᎫᏓᎸᎾ ᎠᏂᏴᏫ ᏂᎦᏓ", "ᐃᓄᓕᒫᑦ ᕆᔪᓕᒫᑦᐊᓂᖅᑎ", "ᠲᠥᠷᠥᠵᠦ ᠪᠦᠷ ᠬᠦᠮᠦᠨ",
    "权利严和在尊由，而自人生。人理性赋有他们等。律平上一", "和權尊嚴，在自由生而人人４年０２。２平等一律利上",
    "平等である。 パ\u309a ﾞつ、ｶり、か由であして自がらにまれなは、生の人間すべて", "한글 평등하다. 자유로우며 때부터 태어날 인간은 모든",
    "ⵉⵎⴷⴰⵏⵏ ⴰⴽⴽⵯ ⵜⵜⵍⴰⵍⵏ ⴷ", "𐌰𐌻𐌻𐌰𐌹 𐌼𐌰𐌽𐌽𐌰 𐐀𐐨 𞤀𞤢 𒀀𒀁 𓀀𓁐", "👩‍👩‍👧 🇫🇷🇩🇪 👍🏽 ❤️ ☺️ 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "  two  spaces\tand\u00a0no-break\u3000ideographic\u2003em \r\n line\r\rcarriage\n\nfeeds   ",
    "I'll don't WE'VE they'RE it's I'd 'tis 'S 'ſ x'ſ K'K 12345 1,234.5 ½ ² ③ Ⅷ ٣ 3rd",
    "def f(x):\n\treturn x ** 2  # comment\n\n\nclass A: pass   \n",
    "https://www.example.org/a?b=c&d=e#f foo@bar.example C++ C# .NET $HOME ~/x", "``quoted'' ''text``",
    "▁ ▁▁word▁ ▁ x▁y", "<0x41><0xE2> <s> </s> <unk> <mask> <pad> [MASK] x[MASK] y [CLS] [SEP] [UNK]",
    "  <mask>  x <mask>y a<mask> [MASK]  . <ent> <ent>x Ab ab AB sw swx x-sw-y <r> \u3000 z <l>",
    "<|endoftext|> <|padding|><extra_id_0> <extra_id_1>",
]


def documents():
    with open(SAMPLE, encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def texts():
    return SCRIPTS + wordpiece.texts()


def corpus(size):
    """What tokenizers are trained on: packages' descriptions, the scripts more than once."""
    return documents()[:size] + SCRIPTS * 4


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


def write(directory, name, content):
    data = content if isinstance(content, bytes) else (
        content if isinstance(content, str) else json.dumps(content)).encode()
    with open(os.path.join(directory, name), "wb") as out:
        out.write(data)


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
