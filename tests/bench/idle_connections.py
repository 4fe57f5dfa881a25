#!/usr/bin/env python3
"""Memory of a server with many idle connections: a real banyand, N connections over TLS on loopback with full mutual handshakes (what
a morning after a restart costs; a resumed one costs less), each says hello and then nothing. Tells the server's resident memory
before, with them, after they have gone and with as many again (what was freed must be used again), its CPU for a handshake with
hello, and that the first and the last of them are still answered.

    BIN=DIR tests/bench/idle_connections.py [N]      1,000 unless said; DIR: a Release build
"""
import os
import pathlib
import resource
import sys
import time

binaries = pathlib.Path(os.environ["BIN"])
os.environ.update(BANYAND=str(binaries / "banyand"), BANYAN=str(binaries / "banyan"), TEST_DATA=os.environ.get("TEST_DATA", "."))
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "system"))
from district import District, wait_for  # noqa: E402
from small_client import Connection  # noqa: E402


OF_A_SEAT = 20  # LIMIT_SESSIONS_SEAT is 32, and ten of the first are there already


def resident(pid):
    """KiB in memory, shared pages by their share."""
    for line in open(f"/proc/{pid}/smaps_rollup"):
        if line.startswith("Pss:"):
            return int(line.split()[1])


def cpu(pid):
    words = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def sockets(pid):
    count = 0
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            count += os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:")
        except FileNotFoundError:
            pass  # closed meanwhile
    return count


def hold(district, seats, pid, count, before, turn):
    busy, start, held = cpu(pid), time.monotonic(), []
    for _ in range(count):
        held.append(Connection(district.address, seats[len(held) // OF_A_SEAT].folder))
        held[-1].hello(os.urandom(16))
    took, busy, full = time.monotonic() - start, cpu(pid) - busy, resident(pid)
    print(f"{turn}: {count} connections in {took:.1f} s, {busy / count * 1e3:.2f} ms of the server's CPU each;"
          f" server: {full} KiB with them, {(full - before) / count:.1f} KiB each")
    for c in held[0], held[-1]:
        c.ask("PING", {}, "PONG")
    for c in held:
        c.socket.close()


def measure(district, seats, count):
    pid = district.server.popen.pid
    warm = [Connection(district.address, seats[0].folder) for _ in range(10)]  # what is set up once
    for c in warm:
        c.hello(os.urandom(16))
    idle, before = sockets(pid), resident(pid)
    print(f"server, {len(warm)} connections: {before} KiB")
    for turn in "first", "again":
        hold(district, seats, pid, count, before, turn)
        wait_for(lambda: sockets(pid) <= idle, "the server lets them go")
        print(f"server: {resident(pid)} KiB after they have gone")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, count + 200) if most > 0 else count + 200, most))
    district = District(branches=[("B", "青禾区小苗圃幼儿园工会")])
    try:
        district.serve()
        measure(district, [district.join("B", "union_chair", "王敏", folder=f"seat-{i}") for i in range(count // OF_A_SEAT + 1)], count)
    finally:
        district.close()


main()
