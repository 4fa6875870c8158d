"""What this machine is: its cores, and the vector instructions that the program may use."""

import os

# By level, Linux's names of what x86-64-v3 and x86-64-v4 have that older processors lack.
_V3 = {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"}
INSTRUCTIONS = {
    "v3": frozenset(_V3),
    "v4": frozenset(_V3 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}),
}


def _text(path):
    """The text of a file of the system; empty where it has none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def processor_flags():
    """What the processor can do, in Linux's words; empty if the system does not say."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("flags"):
                    return frozenset(line.partition(":")[2].split())
    except OSError:
        pass
    return frozenset()


def best_kernels(flags):
    """The highest level whose instructions are all there; None below x86-64-v3."""
    levels = [name for name, wanted in INSTRUCTIONS.items() if wanted <= flags]
    return max(levels, default=None)


def processor_quota():
    """The logical processors that a container's CPU quota allows; None where there is none."""
    quota, _, period = _text("/sys/fs/cgroup/cpu.max").strip().partition(" ")
    if not quota:
        quota = _text("/sys/fs/cgroup/cpu/cpu.cfs_quota_us").strip()
        period = _text("/sys/fs/cgroup/cpu/cpu.cfs_period_us").strip()
    if quota.isdigit() and period.isdigit() and int(quota) > 0 and int(period) > 0:
        return -(-int(quota) // int(period))
    return None


def available_cores():
    """The cores that this process may use.

    Two hardware threads of a core share its arithmetic units, so they count as one; affinity
    (taskset, Slurm) and a container's quota are respected.
    """
    allowed = os.sched_getaffinity(0)
    topology = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
    cores = {_text(topology.format(processor)).strip() or processor for processor in allowed}
    quota = processor_quota()
    return min(len(cores), quota or len(cores))
