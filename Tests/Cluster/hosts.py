"""Hosts made of one machine: network namespaces joined by a bridge, each with a host name of its own.

Processes of different hosts share the file system, as they do on a cluster, and reach each other only by the
virtual Ethernet between them, whose cables can be made slow, lossy, or pulled out.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

SUBNET = "10.0.0"
"""Seen inside the namespaces only."""
CONTROL = "ctl"
RELAY = pathlib.Path(__file__).with_name("relay.py")
# What `ethtool -K eth0 tx off` does: in the order of its numbers, no checksums by the card, no large segments.
PLAIN_FRAMES = """
import array, fcntl, socket, struct
for command in (0x17, 0x1f, 0x24):
    off = array.array("B", struct.pack("II", command, 0))
    request = struct.pack("16sP", b"eth0", off.buffer_info()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8946, request)
"""


class Failed(Exception):
    """What a scenario expected did not happen."""


def run(*words, check=True, **options):
    """Runs a command to its end; its output is in the error where it fails."""
    ended = subprocess.run(
        [str(word) for word in words], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, **options,
    )  # fmt: skip
    if check and ended.returncode:
        raise Failed(f"{' '.join(map(str, words))}: status {ended.returncode}\n{ended.stdout}")
    return ended


def eventually(condition, seconds, what):
    """Waits until the condition has a value that is true, and gives it."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(0.05)


class Hosts:
    """Hosts `<name>n1`, `<name>n2`, … and one more for what controls them."""

    def __init__(self, name, count):
        self.name = name
        self.names = [f"{name}n{number}" for number in range(1, count + 1)]
        self.control = name + CONTROL
        self.relays = {}

    def start(self):
        run("ip", "netns", "add", self.control)
        for command in (
            "link set lo up", "link add bridge type bridge",
            f"address add {SUBNET}.254/24 dev bridge", "link set bridge up",
        ):  # fmt: skip
            run("ip", "-n", self.control, *command.split())
        for number, host in enumerate(self.names, 1):
            run("ip", "netns", "add", host)
            run("ip", "-n", host, "link", "set", "lo", "up")
            self.control_link(f"add port{number} type veth peer name eth0 netns {host}")
            self.control_link(f"set port{number} master bridge up")
            run("ip", "-n", host, "address", "add", f"{self.address(host)}/24", "dev", "eth0")
            run("ip", "-n", host, "link", "set", "eth0", "up")
            # Frames as a cable carries them: with their checksums, and none of 64 KB.
            run(*self.command(host, sys.executable, "-c", PLAIN_FRAMES))

    def address(self, host):
        return f"{SUBNET}.{self.names.index(host) + 1}"

    def command(self, host, *words):
        """A command as one on the host, under the host's name."""
        enter = ["nsenter", f"--net=/run/netns/{host}", "unshare", "--uts"]
        return [*enter, "sh", "-c", 'hostname "$1"; shift; exec "$@"', "sh", host, *map(str, words)]

    def processes(self, host):
        """Process numbers of the host, by command name."""
        found = {}
        for number in run("ip", "netns", "pids", host).stdout.split():
            try:
                name = pathlib.Path(f"/proc/{number}/comm").read_text().strip()
            except OSError:
                continue
            found.setdefault(name, []).append(int(number))
        return found

    def kill(self, host, *names):
        """Kills the processes of these command names, or all that the host runs, as a loss of power does."""
        for name, numbers in self.processes(host).items():
            for number in numbers if name in names or not names else []:
                self.kill_process(number)

    @staticmethod
    def kill_process(number):
        try:
            os.kill(number, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def lose_power(self, host):
        """Kills all that the host runs; what a restart would clear is cleared."""
        self.kill(host)
        eventually(lambda: not self.processes(host), 10, f"the processes of {host} are gone")
        self.remove_remains(host)

    def cable(self, host, is_in):
        """Plugs the host's cable in, or pulls it out."""
        port = f"port{self.names.index(host) + 1}"
        self.control_link(f"set {port} {'up' if is_in else 'down'}")

    def disturb(self, host, loss=0, seconds=0):
        """Puts a bad cable, which loses frames and is late with them, in the place of the host's."""
        number = self.names.index(host) + 1
        near, far = f"relay{number}", f"relay{number}b"
        self.control_link(f"set port{number} nomaster")
        self.control_link(f"add {near} type veth peer name {far}")
        self.control_link(f"set {near} up")
        self.control_link(f"set {far} master bridge up")
        self.relays[host] = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{self.control}", sys.executable, RELAY, f"port{number}", near,
             str(loss), str(seconds)], stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def heal(self, host):
        """Gives the host a good cable again."""
        number = self.names.index(host) + 1
        relay = self.relays.pop(host)
        relay.kill()
        relay.wait()
        self.control_link(f"delete relay{number}")
        self.control_link(f"set port{number} master bridge")

    def control_link(self, words):
        run("ip", "-n", self.control, "link", *words.split())

    def stop(self):
        for host in [*self.names, self.control]:
            if pathlib.Path(f"/run/netns/{host}").exists():
                deadline = time.monotonic() + 10
                while self.processes(host) and time.monotonic() < deadline:
                    self.kill(host)
                    time.sleep(0.05)
                run("ip", "netns", "delete", host)

    def remains(self, host=None):
        """Session folders and shared segments that bear the host's name, or any host's."""
        names = [host] if host else self.names
        folders = {pathlib.Path(name) for name in ("/dev/shm", "/tmp", os.environ.get("TMPDIR", "/tmp"))}
        paths = [path for folder in folders for path in folder.iterdir()]
        return [path for path in paths if any(name in path.name.split(".") for name in names)]

    def remove_remains(self, host=None):
        for path in self.remains(host):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
