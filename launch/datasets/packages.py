"""Reads apt's lists: one row for each Debian package that has a description."""

import glob
import os
import re
import subprocess
import sys

MIN_WORDS = 8  # shorter texts are left out


def find_list(directory, tail):
    """The list `…_dists_bookworm_main_<tail>`, compressed or not; the largest where mirrors repeat it."""
    found = glob.glob(os.path.join(directory, "*_dists_bookworm_main_" + tail + "*"))
    found = sorted(path for path in found if not path.endswith(".diff_Index"))
    if not found:
        sys.exit(f"build_debtags.py: {directory} holds no list *_dists_bookworm_main_{tail}: this "
                 "machine's apt sources must name Debian 12 (bookworm), component main")
    return max(found, key=os.path.getsize)


def read_list(path):
    if path.endswith((".lz4", ".gz", ".xz", ".bz2", ".zst")):
        command = ["/usr/lib/apt/apt-helper", "cat-file", path]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode("utf-8")
    with open(path, "rb") as file:
        return file.read().decode("utf-8")


def stanzas(text):
    """The blocks of a Debian control file, each as a dictionary; continuation lines are kept."""
    for block in text.split("\n\n"):
        fields, key = {}, None
        for line in block.split("\n"):
            if not line:
                continue
            if line[0] in " \t":
                fields[key] += "\n" + line
            else:
                key, _, value = line.partition(":")
                fields[key] = value.strip()
        if fields:
            yield fields


def paragraphs(lines):
    """The long description: a line with a single dot parts paragraphs."""
    result, current = [], []
    for line in map(str.strip, lines):
        if line == ".":
            if current:
                result.append(" ".join(current))
            current = []
        elif line:
            current.append(line)
    if current:
        result.append(" ".join(current))
    return result


def dependencies(package, known):
    """Direct dependencies: the first alternative of each, without version, where it is a package."""
    result = set()
    for alternatives in package.get("Depends", "").replace("\n", " ").split(","):
        name = re.split(r"[\s(:|\[]", alternatives.strip())[0]
        if name in known and name != package["Package"]:
            result.add("dep::" + name)
    return result


def rows_of(directory):
    """Rows {name, source, text, paragraphs, tags, dependencies} in the order of apt's list."""
    translations = read_list(find_list(directory, "i18n_Translation-en"))
    descriptions = {s["Description-md5"]: s["Description-en"] for s in stanzas(translations)}
    packages = list(stanzas(read_list(find_list(directory, "binary-amd64_Packages"))))
    known = {package["Package"] for package in packages}
    rows = []
    for package in packages:
        description = descriptions.get(package["Description-md5"])
        if description is None:
            continue
        lines = description.split("\n")
        parts = paragraphs(lines[1:])
        # The package's name is left out: descriptions often say it themselves.
        text = "\n".join([lines[0].strip()] + parts)
        if len(text.split()) < MIN_WORDS:
            continue
        tags = package.get("Tag", "").replace("\n", " ").split(",")
        rows.append({
            "name": package["Package"],
            "source": package.get("Source", package["Package"]).split()[0],
            "text": text, "paragraphs": parts,
            "tags": {tag.strip() for tag in tags if tag.strip()},
            "dependencies": dependencies(package, known),
        })
    return rows
