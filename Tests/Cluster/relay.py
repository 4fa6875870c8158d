"""A bad cable: carries Ethernet frames between two interfaces, but loses some and is late with all.

Started by hosts.py in the namespace of both interfaces:  relay.py INTERFACE INTERFACE LOSS SECONDS
"""

import collections
import random
import select
import socket
import sys
import time

ALL_PROTOCOLS = 3


def opened(interface):
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS))
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    link.bind((interface, 0))
    return link


def carry(first, second, loss, seconds):
    others = {first: second, second: first}
    chance = random.Random(1)
    late = collections.deque()
    while True:
        wait = max(late[0][0] - time.monotonic(), 0) if late else None
        for link in select.select(list(others), [], [], wait)[0]:
            frame, (_, _, kind, *_) = link.recvfrom(1 << 16)
            # What this program itself has sent is seen, too.
            if kind != socket.PACKET_OUTGOING and chance.random() >= loss:
                late.append((time.monotonic() + seconds, others[link], frame))
        while late and late[0][0] <= time.monotonic():
            _, link, frame = late.popleft()
            try:
                link.send(frame)
            except OSError:
                pass  # A full queue loses a frame, as cables do.


if __name__ == "__main__":
    carry(opened(sys.argv[1]), opened(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
