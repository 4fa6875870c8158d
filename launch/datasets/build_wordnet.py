#!/usr/bin/env python3
"""Builds the data set wordnet from the files of Debian's package wordnet-base (standard library only).

    build_wordnet.py --wordnet usr/share/wordnet --output data/wordnet

Text: the gloss of a synset of nouns or verbs, without its words. Labels: what the synset is a kind or an
instance of, up to the most general terms. A seeded sample; near-duplicate glosses are dropped, and similar
ones are in one part.
"""

import argparse
import collections
import os
import random

from similarity import Groups
from splits import SEED, drop_duplicates, name_groups, split_groups, write

ROWS = 14500             # before near-duplicates and rows without labels are dropped
MINIMUM_ROWS = 30        # of a label
LARGEST_SHARE = 0.2      # labels of more rows than this say nothing ("entity")
MINIMUM_WORDS = 4        # shorter glosses are left out


def read_synsets(directory, part):
    """Offset → (first word, gloss, offsets of the hypernyms); the format is that of wndb(5WN)."""
    synsets = {}
    with open(os.path.join(directory, "data." + part), encoding="utf-8") as file:
        for line in file:
            if line.startswith("  "):
                continue  # the license
            fields, _, gloss = line.partition(" | ")
            fields = fields.split()
            words = int(fields[3], 16)
            pointers = fields[4 + 2 * words:]
            parents = [
                pointers[2 + 4 * i] for i in range(int(pointers[0])) if pointers[1 + 4 * i][0] == "@"
            ]
            synsets[fields[0]] = fields[4], " ".join(gloss.split()), parents
    return synsets


def ancestors(synsets, offset):
    found, open_ones = set(), list(synsets[offset][2])
    while open_ones:
        parent = open_ones.pop()
        if parent not in found:
            found.add(parent)
            open_ones += synsets[parent][2]
    return found


def rows_of(directory):
    for part in ("noun", "verb"):
        synsets = read_synsets(directory, part)
        for offset, (_, gloss, _) in synsets.items():
            if len(gloss.split()) >= MINIMUM_WORDS:
                labels = {
                    f"{synsets[other][0]}.{part[0]}.{other}" for other in ancestors(synsets, offset)
                }
                yield {"name": f"{part[0]}{offset}", "text": gloss, "labels": labels}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wordnet", required=True, help="the folder of data.noun and data.verb")
    parser.add_argument("--output", required=True, help="the folder to write")
    arguments = parser.parse_args()

    rows = sorted(rows_of(arguments.wordnet), key=lambda row: row["name"])
    rows = random.Random(SEED).sample(rows, ROWS)
    groups = Groups()
    rows = drop_duplicates(rows, groups, "name")
    name_groups(rows, groups, "name")
    count = collections.Counter(label for row in rows for label in row["labels"])
    labels = {
        label for label in count if MINIMUM_ROWS <= count[label] <= LARGEST_SHARE * len(rows)
    }
    write(arguments.output, rows, labels, split_groups(rows))


if __name__ == "__main__":
    main()
