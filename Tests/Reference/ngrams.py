"""Makes the fixture of TextTests' n-gram tests with scikit-learn's TfidfVectorizer.

    pip install scikit-learn
    python Tests/Reference/ngrams.py

Features are ordered as the Swift code numbers them: by document frequency, the highest first, then
by the bytes of their names. Word and character n-grams are weighted apart and divided by the length
of the whole row. The hashes over all characters are those of Unicode 14.0, which Python 3.11 has.
"""

import json
import pathlib
import unicodedata

import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import normalize

FIXTURE = pathlib.Path(__file__).parent.parent / "TextTests" / "Fixtures" / "ngrams.json"
PREFIX = "char:"

TEXTS = [
    "The cat sat on the mat; the CAT sat!",
    "",
    "a b c I x",
    "snake_case and __init__ and x86_64, 0 A.D. in 2024",
    "Ünïcode NAÏVE naïve café CAFÉ cafe\u0301",
    "ΟΔΟΣ ΣΑΣ. οδος σας Σ ΑΣ'Σ",
    "İstanbul ISTANBUL ıstanbul Straße STRASSE ǅ",
    "日本語 の 文字 and 漢字 ½ ² ٣٤ Ⅷ",
    "\ttabs\u00a0and\u2003spaces\r\n\x1cthe\x85end  ",
    "the cat\u200dsat on\u00adthe mat 😀😀 e\u0301 ",
    "...!!! ??? - _ __",
    "ПРИВЕТ мир привет МИР the cat",
]
OTHERS = ["the unknown cat and the CAT sat", "unheard-of words", "", "привет ΣΑΣ café the"]


def analyzers(words, characters):
    yield "", dict(analyzer="word", ngram_range=words)
    if characters:
        yield PREFIX, dict(analyzer="char_wb", ngram_range=characters)


def case(words, characters, minimum, sublinear):
    names, frequencies, train, other = [], [], [], []
    for prefix, options in analyzers(words, characters):
        counts = CountVectorizer(min_df=minimum, binary=True, **options).fit_transform(TEXTS)
        vectorizer = TfidfVectorizer(
            min_df=minimum, sublinear_tf=sublinear, norm=None, dtype=np.float64, **options
        ).fit(TEXTS)
        names += [prefix + name for name in vectorizer.get_feature_names_out()]
        frequencies += np.asarray(counts.sum(axis=0)).ravel().tolist()
        train.append(vectorizer.transform(TEXTS))
        other.append(vectorizer.transform(OTHERS))
    order = sorted(range(len(names)), key=lambda i: (-frequencies[i], names[i].encode()))
    place = np.argsort(order)

    def rows(parts):
        matrix = normalize(hstack(parts).tocsr())
        for row in matrix:
            pairs = sorted(zip(place[row.indices].tolist(), row.data.tolist()))
            yield {"ids": [i for i, _ in pairs], "values": [float(f"{v:.7g}") for _, v in pairs]}

    return {
        "words": words,
        "characters": characters,
        "minimum": minimum,
        "sublinear": sublinear,
        "names": [names[i] for i in order],
        "frequencies": [frequencies[i] for i in order],
        "rows": [*rows(train), *rows(other)],
    }


def fnv(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def code_points():
    """For each 4,096 characters a hash of the words and 4-grams that they make between letters."""
    assert unicodedata.unidata_version == "14.0.0"
    for start in range(0, 0x110000, 0x1000):
        characters = [chr(c) for c in range(start, start + 0x1000) if not 0xD800 <= c < 0xE000]
        if not characters:
            yield fnv("")
            continue
        text = "\n".join(f"a{c}b" for c in characters)
        names = set()
        for prefix, options in [
            ("", dict(ngram_range=(1, 1))),
            (PREFIX, dict(analyzer="char_wb", ngram_range=(4, 4))),
        ]:
            try:
                vectorizer = CountVectorizer(**options).fit([text])
            except ValueError:  # No word at all.
                continue
            names |= {prefix + name for name in vectorizer.vocabulary_}
        yield fnv("\n".join(sorted(names, key=str.encode)))


cases = [
    case((1, 2), None, 1, True),
    case((1, 2), None, 2, False),
    case((1, 1), (3, 5), 2, True),
    case((1, 2), (3, 5), 2, False),
    case((2, 3), (1, 2), 1, True),
]
fixture = {"texts": TEXTS, "others": OTHERS, "cases": cases, "codePoints": list(code_points())}
FIXTURE.write_text(
    json.dumps(fixture, ensure_ascii=True, separators=(",", ":")).replace("],", "],\n") + "\n"
)
print(FIXTURE, FIXTURE.stat().st_size, "bytes")
