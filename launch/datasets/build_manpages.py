#!/usr/bin/env python3
"""Builds the data set manpages from Debian packages (standard library, dpkg-deb and mandoc).

    build_manpages.py --packages FOLDER --output data/manpages

FOLDER holds .deb files. Text: a manual page as it is printed, without its section SEE ALSO, cut at
LONGEST characters. Labels: the pages that SEE ALSO names. Near-duplicate pages are dropped; similar ones
are in one part.
"""

import argparse
import collections
import glob
import gzip
import os
import re
import subprocess
import sys
import tempfile

from similarity import Groups
from splits import drop_duplicates, name_groups, split_groups, write

MINIMUM_ROWS = 10        # of a label
SHORTEST, LONGEST = 800, 9000  # characters of a text; some 200 to 2,200 tokens
REFERENCE = re.compile(r"([A-Za-z_][\w.:+-]*)\s?\((\d\w*|n)\)")
OVERSTRIKE = re.compile(".\b")
SPACES = re.compile(r"[ \t]+")


def unpacked_pages(package, directory):
    """Unpacks a package's manual pages; yields the paths of files, not of links to them."""
    target = os.path.join(directory, os.path.basename(package))
    subprocess.run(["dpkg-deb", "-x", package, target], check=True)
    for path in sorted(glob.glob(f"{target}/usr/share/man/man*/*")):
        if os.path.isfile(path) and not os.path.islink(path):
            yield path


def printed(path):
    """The page as text, or nothing for a page that only sources another one."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        source = file.read()
    if len(source) < SHORTEST:
        return ""
    result = subprocess.run(
        ["mandoc", "-T", "utf8", "-O", "width=200"], input=source, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, check=False)
    return OVERSTRIKE.sub("", result.stdout.decode("utf-8", "replace"))


def parts_of(page):
    """Text without SEE ALSO, and the names in SEE ALSO. First and last line are running titles."""
    text, names, heading = [], set(), ""
    for line in page.strip("\n").split("\n")[1:-1]:
        if line and not line[0].isspace():
            heading = line.strip().upper()
        if heading == "SEE ALSO":
            names.update(f"{name}({section})" for name, section in REFERENCE.findall(line))
        elif line.strip():
            text.append(SPACES.sub(" ", line.strip()))
    return "\n".join(text)[:LONGEST], names


def rows_of(folder):
    packages = sorted(glob.glob(os.path.join(folder, "*.deb")))
    if not packages:
        sys.exit(f"build_manpages.py: {folder} holds no .deb files; ./launch/get-data manpages fetches them")
    seen = set()
    with tempfile.TemporaryDirectory() as directory:
        for package in packages:
            for path in unpacked_pages(package, directory):
                name = os.path.basename(path).removesuffix(".gz")
                if name in seen:
                    continue
                seen.add(name)
                text, labels = parts_of(printed(path))
                if len(text) >= SHORTEST and labels:
                    yield {"name": name, "text": text, "labels": labels}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", required=True, help="the folder of .deb files")
    parser.add_argument("--output", required=True, help="the folder to write")
    arguments = parser.parse_args()

    groups = Groups()
    rows = drop_duplicates(list(rows_of(arguments.packages)), groups, "name")
    name_groups(rows, groups, "name")
    count = collections.Counter(label for row in rows for label in row["labels"])
    labels = {label for label in count if count[label] >= MINIMUM_ROWS}
    rows = [row for row in rows if row["labels"] & labels]
    write(arguments.output, rows, labels, split_groups(rows))


if __name__ == "__main__":
    main()
