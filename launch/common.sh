# Shared by the scripts of this folder; sourced, never run. The caller has `set -euo pipefail`.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
encoder_directory=$root/models/all-MiniLM-L6-v2
# PROGRAM names a program that is built already, in place of the one that this folder builds.
program=${PROGRAM:-$root/.build/release/ddp-train}

say() { printf '==> %s\n' "$*" >&2; }
fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# The logical processors that a container's CPU quota allows; nothing where there is no quota.
processor_quota() {
  local quota=max period=1
  if [[ -r /sys/fs/cgroup/cpu.max ]]; then
    read -r quota period </sys/fs/cgroup/cpu.max
  elif [[ -r /sys/fs/cgroup/cpu/cpu.cfs_quota_us ]]; then
    quota=$(</sys/fs/cgroup/cpu/cpu.cfs_quota_us)
    period=$(</sys/fs/cgroup/cpu/cpu.cfs_period_us)
  fi
  if [[ $quota =~ ^[1-9][0-9]*$ ]]; then echo $(((quota + period - 1) / period)); fi
}

# The cores that this process may use. Two hardware threads of a core share its arithmetic units, so
# they count as one; affinity (taskset, Slurm) and a container's quota are respected.
available_cores() {
  local cores quota
  cores=$(nproc)
  if have lscpu; then
    cores=$(lscpu -p=CPU,CORE,SOCKET 2>/dev/null | awk -F, -v allowed="$(allowed_processors)" '
      BEGIN { n = split(allowed, list, " "); for (i = 1; i <= n; i++) ok[list[i]] = 1 }
      !/^#/ && ($1 in ok) && !(($2 "," $3) in seen) { seen[$2 "," $3] = 1; count++ }
      END { print count + 0 }') || cores=0
    if ((cores == 0)); then cores=$(nproc); fi
  fi
  quota=$(processor_quota)
  if [[ -n $quota ]] && ((quota < cores)); then cores=$quota; fi
  echo "$cores"
}

# The processors of this process's affinity mask, one number each: "0 1 2 3".
allowed_processors() {
  local range
  for range in $(awk '/^Cpus_allowed_list/ { gsub(",", " ", $2); print $2 }' /proc/self/status); do
    seq -s ' ' "${range%-*}" "${range#*-}"
  done | tr '\n' ' '
}

# Runs a command as root: directly, by sudo where it asks for no password, else not at all (status 1).
as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"
  elif have sudo && sudo -n true 2>/dev/null; then sudo -n "$@"
  else return 1
  fi
}

can_be_root() { [[ $(id -u) == 0 ]] || { have sudo && sudo -n true 2>/dev/null; }; }

# Installs the packages that are not there: install_packages PACKAGE... Status 1 if that was not possible.
install_packages() {
  local package missing=()
  if ! have apt-get || ! have dpkg-query; then
    say "this is not a Debian system; install what these Debian packages hold: $*"
    return 1
  fi
  for package in "$@"; do
    if [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) != *" installed" ]]; then
      missing+=("$package")
    fi
  done
  if ((${#missing[@]} == 0)); then return 0; fi
  if ! can_be_root; then
    say "missing packages; please run:  sudo apt-get install -y ${missing[*]}"
    return 1
  fi
  say "installing ${missing[*]}"
  local log
  log=$(mktemp)
  # A list that is out of date names files that are gone, so it is fetched again before a second try.
  if as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    "${missing[@]}" >"$log" 2>&1 ||
    { as_root apt-get update -q >>"$log" 2>&1 &&
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        "${missing[@]}" >>"$log" 2>&1; }; then
    rm -f "$log"
  else
    tail -n 20 "$log" >&2
    rm -f "$log"
    say "apt-get could not install: ${missing[*]}"
    return 1
  fi
}

# What the build and the runs need. oneDNN is optional: without it there is only fp32, by OpenBLAS.
install_missing() {
  have swift || fail "swift is not in PATH; install Swift 6 first (README.md says where from)"
  local needed=(libopenmpi-dev openmpi-bin libopenblas-dev zlib1g-dev pkg-config git ca-certificates)
  # On other systems the build itself says what is missing.
  if ! install_packages "${needed[@]}" && have apt-get; then
    fail "needed packages are missing (see above)"
  fi
  if have apt-get && ! install_packages libdnnl-dev; then
    say "going on without oneDNN (libdnnl-dev): bf16 will not be available, and fp32 may be slower"
  fi
}

# Sets Open MPI up as it works everywhere; what the user has set stays. mpi_environment RANKS
mpi_environment() {
  local ranks=$1
  # One thread a rank: threads of a product cost more than they bring on a microbatch's products, and the
  # bits of a product may depend on their number.
  export OPENBLAS_NUM_THREADS=${OPENBLAS_NUM_THREADS:-1}
  export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$OPENBLAS_NUM_THREADS}
  # The program prints its own message when a rank fails; mpirun's would bury it.
  export OMPI_MCA_orte_execute_quiet=${OMPI_MCA_orte_execute_quiet:-1}
  if [[ $(id -u) == 0 ]]; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  fi
  # A container's system call filter may forbid one rank to read another's memory; Open MPI would
  # complain at every message. Where there is no filter, that is the fast way and stays on.
  if [[ $(awk '/^Seccomp:/ { print $2 }' /proc/self/status 2>/dev/null) == 2 ]]; then
    export OMPI_MCA_btl_vader_single_copy_mechanism=${OMPI_MCA_btl_vader_single_copy_mechanism:-none}
  fi
  # mpirun counts other things as cores than this script does (quotas, hardware threads).
  export OMPI_MCA_rmaps_base_oversubscribe=${OMPI_MCA_rmaps_base_oversubscribe:-1}
  bind_ranks "$ranks"
}

# A core for each rank where the ranks fill the machine. Else the scheduler places them: several runs
# on one machine would all be bound to its first cores.
bind_ranks() {
  local ranks=$1 policy=none
  if ((ranks == $(available_cores))) && [[ -z $(processor_quota) ]]; then
    policy=core:overload-allowed
  fi
  export OMPI_MCA_hwloc_base_binding_policy=${OMPI_MCA_hwloc_base_binding_policy:-$policy}
  if ((ranks > $(available_cores))); then
    export OMPI_MCA_mpi_yield_when_idle=${OMPI_MCA_mpi_yield_when_idle:-1}
  fi
}

# What mpirun is told besides the number of ranks.
launcher_options=()

# Starts the program on ranks: run_ranks RANKS ARGUMENTS... The status is the program's.
#
# mpirun answers SIGINT and SIGTERM by killing the ranks within a second, too soon for a checkpoint, but
# hands SIGUSR1 on. So it runs in a process group of its own, out of reach of the terminal's Ctrl-C, and
# the first signal to this script goes on as SIGUSR1; a second one ends at once.
run_ranks() {
  local ranks=$1 process status=0 signals=0 interrupted=1
  shift
  set -m
  mpirun "${launcher_options[@]}" -n "$ranks" "$program" "$@" </dev/null &
  process=$!
  set +m
  trap 'interrupted=1; signals=$((signals + 1))
        if ((signals == 1)); then
          say "stopping after this step, with a checkpoint (once more: at once)"
          kill -USR1 "$process" 2>/dev/null || true
        else
          kill -TERM "$process" 2>/dev/null || true
        fi' INT TERM USR1
  while ((interrupted)); do
    interrupted=0
    # The shell would say of an mpirun that was killed where in this script that was.
    wait "$process" 2>/dev/null && status=0 || status=$?
  done
  trap - INT TERM USR1
  return "$status"
}

# Runs a command; its output is shown only where it fails. quietly WHAT COMMAND...
quietly() {
  local what=$1 log start=$SECONDS
  shift
  log=$(mktemp)
  say "$what"
  if "$@" >"$log" 2>&1; then
    rm -f "$log"
    say "done in $((SECONDS - start)) s"
  else
    cat "$log" >&2
    rm -f "$log"
    fail "this failed; its output is above: $*"
  fi
}

build_release() {
  cd "$root"
  if [[ -n ${PROGRAM:-} ]]; then return 0; fi
  quietly "building the release (the first build takes a few minutes)" \
    swift build -c release --product ddp-train
}

# power_of_two N: the largest power of two that is not above N.
power_of_two() {
  local power=1
  while ((2 * power <= $1)); do ((power *= 2)); done
  echo "$power"
}

# The number of ranks for a config: RANKS, else the largest that the config's microbatches allow.
# ranks_for CONFIG [ARGUMENTS...]
ranks_for() {
  if [[ -n ${RANKS:-} ]]; then
    if [[ ! $RANKS =~ ^[1-9][0-9]*$ ]]; then
      say "RANKS is '$RANKS'; it must be a whole number, 1 or more"
      exit 64
    fi
    echo "$RANKS"
  else
    "$program" ranks "$@" --cores "$(available_cores)"
  fi
}
