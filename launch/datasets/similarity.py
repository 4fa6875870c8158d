"""Which texts are alike: word 3-shingles, their Jaccard similarity, and groups of what is tied."""

import collections
import math
import re

WORD = re.compile(r"[a-z]+|\d+")


def normalized(text):
    """Lower-case words; every number becomes 0, so that versions make no difference."""
    return ["0" if word[0].isdigit() else word for word in WORD.findall(text.lower())]


def shingles(words, size=3):
    if len(words) < size:
        return {" ".join(words)}
    return {" ".join(words[i:i + size]) for i in range(len(words) - size + 1)}


def add_shingles(rows):
    """Gives each row its shingles as numbers, the rarest shingle of all rows being number 0."""
    frequency = collections.Counter()
    for row in rows:
        row["set"] = shingles(normalized(row["text"]))
        frequency.update(row["set"])
    ranked = sorted(frequency, key=lambda shingle: (frequency[shingle], shingle))
    rank = {shingle: i for i, shingle in enumerate(ranked)}
    for row in rows:
        row["sorted"] = sorted(rank[shingle] for shingle in row["set"])
        row["set"] = set(row["sorted"])


def join_similar(rows, threshold, on_pair, first_only):
    """Calls on_pair(i, j) for rows j < i of Jaccard similarity >= threshold; exact (prefix filter).

    With first_only a row that has a partner is dropped, as a near-duplicate of an earlier one; returns
    the indices of the rows that stay.
    """
    index = collections.defaultdict(list)
    kept = []
    for i, row in enumerate(rows):
        numbers, mine, n = row["sorted"], row["set"], len(row["sorted"])
        # Two sets of this similarity share one of their rarest members within this prefix.
        prefix = numbers[:n - math.ceil(threshold * n) + 1]
        candidates = set()
        for number in prefix:
            candidates.update(index[number])
        hit = False
        for j in sorted(candidates):
            other = rows[j]["set"]
            m = len(other)
            if min(m, n) < threshold * max(m, n):
                continue
            shared = len(mine & other)
            if shared / (m + n - shared) >= threshold:
                on_pair(i, j)
                hit = True
                if first_only:
                    break
        if not (hit and first_only):
            kept.append(i)
            for number in prefix:
                index[number].append(i)
    return kept


class Groups:
    """Disjoint sets of names; a set is named by its smallest member."""

    def __init__(self):
        self.parent = {}

    def find(self, name):
        parent = self.parent
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    def join(self, a, b):
        a, b = sorted((self.find(a), self.find(b)))
        self.parent[b] = a
