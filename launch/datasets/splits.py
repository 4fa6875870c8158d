"""What the builders of data sets share: groups of related rows, parts of whole groups, and the files."""

import collections
import json
import os
import random

from similarity import Groups, add_shingles, join_similar

SEED = 20240611
HELD_OUT = 0.1           # share of the rows in each of valid and test
DUPLICATE = 0.8          # similarity at or over this: the later row is dropped
RELATED = 0.5            # at or over this: the two rows belong to one group
BIG_GROUP = 100          # a group of more rows than this goes to train whole


def drop_duplicates(rows, groups, key):
    """The rows without near-duplicates of earlier ones; ties what is alike by row[key]."""
    add_shingles(rows)
    tie = lambda i, j: groups.join(rows[i][key], rows[j][key])
    kept = join_similar(rows, DUPLICATE, tie, first_only=True)
    return [rows[i] for i in kept]


def name_groups(rows, groups, key):
    """Gives each row the name of its group: related rows of drop_duplicates have the same one."""
    tie = lambda i, j: groups.join(rows[i][key], rows[j][key])
    join_similar(rows, RELATED, tie, first_only=False)
    for row in rows:
        row["group"] = groups.find(row[key])


def split_groups(rows, held_out=HELD_OUT):
    """Group name → "train", "valid" or "test"."""
    size = collections.Counter(row["group"] for row in rows)
    names = sorted(size)
    random.Random(SEED).shuffle(names)
    part = {name: "train" for name in names}
    rest = iter([name for name in names if size[name] <= BIG_GROUP])
    for part_name in ("test", "valid"):
        count = 0
        while count < held_out * len(rows):
            name = next(rest)
            part[name] = part_name
            count += size[name]
    return part


def write(directory, rows, labels, part_of_group):
    """Writes the parts, rows without labels left out, and labels.tsv."""
    os.makedirs(directory, exist_ok=True)
    parts, counts = {"train": [], "valid": [], "test": []}, {}
    for row in rows:
        mine = sorted(row["labels"] & labels)
        if mine:
            item = {"id": row["name"], "text": row["text"], "labels": mine}
            parts[part_of_group[row["group"]]].append(item)
    for part, items in parts.items():
        counts[part] = collections.Counter(label for item in items for label in item["labels"])
        path = os.path.join(directory, part + ".jsonl")
        with open(path + ".partial", "w", encoding="utf-8") as file:
            for item in items:
                file.write(json.dumps(item, ensure_ascii=False) + "\n")
        os.replace(path + ".partial", path)
        print(f"{path}: {len(items)} rows, {counts[part].total()} labels set")
    total = counts["train"] + counts["valid"] + counts["test"]
    with open(os.path.join(directory, "labels.tsv"), "w", encoding="utf-8") as file:
        file.write("label\ttrain\tvalid\ttest\n")
        for label in sorted(labels, key=lambda label: (-total[label], label)):
            file.write("\t".join([label] + [str(counts[part][label]) for part in parts]) + "\n")
