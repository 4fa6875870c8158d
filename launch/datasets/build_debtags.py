#!/usr/bin/env python3
"""Builds the data set debtags1500 from apt's lists of Debian 12, main (standard library only).

    build_debtags.py --lists LISTS --output data/debtags1500

Text: a package's short and long description. Labels: its debtags (of at least 10 rows in 5 groups) and
its most frequent direct dependencies, 1,500 in all. A package that nobody tagged has no tag labels.

Near-duplicate texts are dropped. The split is by groups of source packages that share paragraphs or
similar texts, so that no test row has a twin in training. Everything is seeded: the same lists give
the same bytes.
"""

import argparse
import collections
import hashlib
import os
import sys

from packages import rows_of
from similarity import Groups, normalized
from splits import SEED, drop_duplicates, name_groups, split_groups, write

PARAGRAPH_WORDS = 12     # a paragraph this long that 2 to PARAGRAPH_SOURCES sources share ties them
PARAGRAPH_SOURCES = 15   # more sources than this: boilerplate
TAG_ROWS, TAG_GROUPS = 10, 5
DEPENDENCY_GROUPS = 10
LABELS = 1500

# SHA-256 of the files as built when this program was written. Point releases of Debian move them on.
KNOWN = {
    "train.jsonl": "e7d21a0dd665fdafaf28b1e3fe6ebdc6704d886416be83e23d9d9c3b0ae022af",
    "valid.jsonl": "360d18feec14857a9c701711b214bdf593c96bf0d7bdc15f189cf081b97ef82f",
    "test.jsonl": "5cc8282622af6169cf9db13b31a42491a97df65d3b2149f97756a6f6f4730312",
}


def priority(row):
    """Rows rich in tags are kept before their duplicates; else a seeded hash of the name decides."""
    digest = hashlib.sha256(f"{SEED} {row['name']}".encode()).hexdigest()
    return not row["tags"], -len(row["tags"]), digest


def deduplicate_and_group(rows):
    """Drops near-duplicates and gives each row that stays the name of its group; sorted by name."""
    rows.sort(key=priority)
    groups = Groups()
    kept = drop_duplicates(rows, groups, "source")

    sources = collections.defaultdict(set)
    for row in rows:
        for paragraph in row["paragraphs"]:
            words = normalized(paragraph)
            if len(words) >= PARAGRAPH_WORDS:
                sources[" ".join(words)].add(row["source"])
    for names in map(sorted, sources.values()):
        if 2 <= len(names) <= PARAGRAPH_SOURCES:
            for name in names[1:]:
                groups.join(names[0], name)

    name_groups(kept, groups, "source")
    return sorted(kept, key=lambda row: row["name"])


def frequent(rows, key, minimum_rows, minimum_groups):
    """Labels of enough rows and groups, the most frequent first."""
    count, groups = collections.Counter(), collections.defaultdict(set)
    for row in rows:
        for label in row[key]:
            count[label] += 1
            groups[label].add(row["group"])
    chosen = [label for label in count
              if count[label] >= minimum_rows and len(groups[label]) >= minimum_groups]
    return sorted(chosen, key=lambda label: (-count[label], label))


def compare(directory):
    """Says whether the files are those that this program gave when it was written."""
    changed = []
    for name, known in KNOWN.items():
        with open(os.path.join(directory, name), "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        print(f"{digest}  {name}  {'unchanged' if digest == known else 'changed'}")
        if digest != known:
            changed.append(name)
    if changed:
        print("warning: apt's lists have moved on since this program was written, so "
              f"{', '.join(changed)} differ a little from then. The data are good to use; compare "
              "figures only between runs on the same files.", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lists", required=True, help="the folder of apt's lists")
    parser.add_argument("--output", required=True, help="the folder to write")
    arguments = parser.parse_args()

    rows = deduplicate_and_group(rows_of(arguments.lists))
    part_of_group = split_groups(rows)
    tags = frequent([row for row in rows if row["tags"]], "tags", TAG_ROWS, TAG_GROUPS)
    others = frequent(rows, "dependencies", 1, DEPENDENCY_GROUPS)
    labels = set(tags + others[:LABELS - len(tags)])
    for row in rows:
        row["labels"] = row["tags"] | row["dependencies"]
    write(arguments.output, rows, labels, part_of_group)
    compare(arguments.output)


if __name__ == "__main__":
    main()
