// What to do about a launcher that waits for a machine which it cannot reach any more.

import Foundation

/// The names of Open MPI's launchers and of their daemons on other machines.
private let launchers = ["mpirun", "orterun", "mpiexec", "orted", "prterun", "prted"]

/// Ends Open MPI's launcher, if it has started this process and is still there `seconds` from now.
///
/// To be called before this process ends because a machine has not answered: mpirun would wait for
/// that machine's daemon until the system gives the connection up, a quarter of an hour later.
public func endLauncher(after seconds: Int) {
  let launcher = getppid()
  let name = (try? String(contentsOfFile: "/proc/\(launcher)/comm", encoding: .utf8)) ?? ""
  guard launchers.contains(name.trimmingCharacters(in: .newlines)) else { return }
  let watcher = Process()
  watcher.executableURL = URL(fileURLWithPath: "/bin/sh")
  // In a session of its own, because the launcher kills this process and what belongs to it.
  watcher.arguments = [
    "-c", "setsid sh -c '\(watching)' sh \"$@\" &", "sh", "\(launcher)", "\(seconds)",
    ProcessInfo.processInfo.environment["OMPI_MCA_orte_jobfam_session_dir"] ?? "",
  ]
  watcher.standardInput = FileHandle.nullDevice
  watcher.standardOutput = FileHandle.nullDevice
  watcher.standardError = FileHandle.nullDevice
  // Without it the launcher ends when the system gives the connection up.
  try? watcher.run()
}

/// Ends process $1 and what it has started when $2 seconds have passed, if it is still the same: its
/// start, the 22nd field, tells it from a later one of that number. Its folder of temporary files, $3,
/// goes with it. By SIGKILL: at a SIGTERM while it
/// waits so, Open MPI 4.1 ends by a fault of its own and prints pages.
private let watching = """
  start() { cut -d" " -f22 "/proc/$1/stat" 2>/dev/null; }
  first=$(start "$1")
  left=$2
  while [ "$left" -gt 0 ] && [ "$(start "$1")" = "$first" ]; do
    sleep 1
    left=$((left - 1))
  done
  if [ "$(start "$1")" = "$first" ]; then
    kill -KILL "$1" $(cat "/proc/$1/task/$1/children" 2>/dev/null)
    case $3 in */ompi.*/*) rm -rf "$3"; rmdir "${3%/*}" 2>/dev/null ;; esac
  fi
  """
