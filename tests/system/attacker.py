"""What the attack tests share: honest seats at work, whose latencies are printed and bounded; an attacker with a seat of its own; and what
is looked at after each attack and in the end: memory, files, CPU and log of the server, every honest change in its store, once.

The attacker comes from 127.0.0.2, the honest from 127.0.0.1. LATENCY_S is generous: the server is built with sanitizers, and attacker
and honest share its machine."""
import contextlib
import multiprocessing
import os
import pathlib
import re
import socket
import ssl
import struct
import time
import unittest

from district import District, wait_for
from small_client import MEMBER, CREATE, TYPES, Connection, Refused, create_member, encode, new_id, one

TOP = pathlib.Path(__file__).resolve().parents[2]
BRANCHES = (("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区云雀幼儿园工会"))
ATTACKER = ("127.0.0.2", 0)
LATENCY_S = 4       # p99 of honest requests during an attack
LEAST = 25          # requests of each honest seat an attack
CONNECT_S = 8       # of a new honest connection, handshake and hello included
ENDS = (EOFError, ConnectionError, ssl.SSLError, socket.timeout, OSError)
SET, ACT, REMOVE = 2, 3, 4
LOG_EACH = 40000    # bytes of log that one attack may cost: LIMIT_LOG_BURST lines of a sort, and what comes after
FORK = multiprocessing.get_context("fork")


def limit(name):
    return int(re.search(rf"#define LIMIT_{name} (\d+)", (TOP / "common/base/limits.h").read_text()).group(1))


def memory_max():
    found = re.search(r"^MemoryMax=(\d+)M$", (TOP / "deploy/systemd/banyand.service").read_text(), re.M)
    return int(found.group(1)) << 20


def resident(pid):
    return int(re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) << 10


def peak(pid):
    return int(re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) << 10


def files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def cpu(pid):
    words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


# ---- honest seats: a process of their own, so that the attacker's work is not in their figures ----
def honest(address, folder, pipe):
    """Works on one session, and now and then comes anew, until the pipe says so, but for LEAST requests at any rate; sends (seconds
    for a request, for a connection, acknowledged names)."""
    requests, connects, names, n = [], [], [], 0
    incarnation, connection = os.urandom(16), None
    end = time.monotonic() + 45
    while time.monotonic() < end and (len(requests) < LEAST or not pipe.poll(0)):
        began = time.monotonic()
        if connection is None or n % 40 == 0:
            if connection:
                connection.close()
            connection = None
            try:
                connection = Connection(address, folder)
                home = one(connection.hello(incarnation), 7)
            except ENDS as why:
                connects.append((time.monotonic() - began, repr(why)))
                continue
            connects.append((time.monotonic() - began, ""))
            began = time.monotonic()
        n += 1
        name = f"守约{os.getpid()}-{n}"
        verdicts, stop = connection.push(incarnation, [create_member(n, home, {2: name})])
        if verdicts.get(n, ("",))[0] != "APPLIED":
            raise AssertionError(f"{verdicts} {stop}")
        names.append(name)
        connection.ask("PING", {1: 1}, "PONG")
        requests.append((time.monotonic() - began) / 2)
        if len(requests) >= LEAST:
            pipe.poll(0.02)  # a person thinks
        else:
            time.sleep(0.02)
    if connection:
        connection.close()
    pipe.recv()
    pipe.send((requests, connects, names))


class Honest:
    """Seats at work while the block runs. says: what has to stand in the server's log afterwards."""

    def __init__(self, test, what, *says):
        self.test, self.what, self.says = test, what, says

    def __enter__(self):
        self.workers, self.log = [], len(self.test.d.server.err)
        for seat in self.test.honest:
            here, there = FORK.Pipe()
            process = FORK.Process(target=honest, args=(self.test.d.address, seat.folder, there))
            process.start()
            self.workers.append((process, here))
        return self

    def __exit__(self, kind, value, trace):
        requests, connects = [], []
        for process, here in self.workers:
            here.send("end")
            answer = here.recv() if here.poll(60) else None
            process.join(10)
            if process.is_alive():
                process.kill()
            if answer is None or process.exitcode:
                raise AssertionError(f"{self.what}: an honest seat was not served (exit {process.exitcode})")
            requests += answer[0]
            connects += answer[1]
            self.test.names += answer[2]
        if kind:
            return
        failed = [why for _, why in connects if why]
        memory = self.test.look_at_memory()
        p50, p99 = percentile(requests, 0.5), percentile(requests, 0.99)
        slowest = max(took for took, _ in connects)
        print(f"{self.what}: {len(requests)} honest requests, p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms; {len(connects)} connections, "
              f"{len(failed)} in vain, slowest {slowest * 1e3:.0f} ms; server {memory >> 20} MiB", flush=True)
        said = self.test.d.server.err[self.log:]
        self.test.assertLess(len(said), LOG_EACH, said[-2000:])
        for words in self.says:
            self.test.assertRegex(said, words, f"{self.what}: the operator is not told")
        self.test.assertEqual(failed, [], self.what)
        self.test.assertGreaterEqual(len(requests), LEAST * len(self.workers), self.what)
        self.test.assertLess(p99, LATENCY_S, self.what)
        self.test.assertLess(slowest, CONNECT_S, self.what)


# ---- the attacker ----
def frame(name, payload, size=None):
    return struct.pack(">IB", len(payload) + 1 if size is None else size, TYPES[name]) + payload


class Evil(Connection):
    """As a seat, from the attacker's address; said hello unless told otherwise."""

    def __init__(self, seat, hello=True):
        kept, socket.create_connection = socket.create_connection, from_attacker
        try:
            super().__init__(seat.district.address, seat.folder)
        finally:
            socket.create_connection = kept
        self.socket.settimeout(20)
        self.incarnation = os.urandom(16)
        if hello:
            self.welcome = self.hello(self.incarnation)
            self.home = one(self.welcome, 7)


create_connection = socket.create_connection


def from_attacker(address, timeout=None, source_address=None):
    return create_connection(address, timeout or 20, ATTACKER)


def hello_bytes():
    """A true ClientHello."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing).do_handshake()
    return outgoing.read()


def is_cut(s, seconds):
    """The server ends it within that time; what it says before does not matter."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        s.settimeout(max(0.05, end - time.monotonic()))
        try:
            if not s.recv(65536):
                return True
        except socket.timeout:
            return False
        except OSError:
            return True
    return False


def flood(address, seconds, done):
    """Handshakes without a certificate, one after the other, as fast as they go."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["banyan/1"])
    host, port = address.rsplit(":", 1)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(*ENDS), from_attacker((host, int(port))) as s, context.wrap_socket(s) as t:
            t.send(b"\0")
            with done.get_lock():
                done.value += 1


class AttackCase(unittest.TestCase):
    files_max = None  # of the server

    def setUp(self):
        self.d = District(branches=BRANCHES)
        self.addCleanup(self.d.close)
        self.d.serve(files=self.files_max)
        self.chair = self.d.join("QH001", "union_chair", "王敏")
        self.evil = self.d.join("QH001", "committee_member", "外人")
        self.neighbour = self.d.join("QH002", "union_chair", "周平")
        self.honest = [self.chair, self.neighbour]
        self.names, self.peak = [], 0
        self.chair.add("member", "name=刘芳", "note=不外传")
        self.neighbour.add("member", "name=孙丽芳", "note=不外传")
        self.chair.sync()
        self.neighbour.sync()
        host, port = self.d.address.rsplit(":", 1)
        self.address = (host, int(port))
        self.pid = self.d.server.popen.pid
        self.files, self.cpu = files(self.pid), cpu(self.pid)

    def look_at_memory(self):
        self.assertIsNone(self.d.server.popen.poll(), self.d.server.err[-3000:])
        now = resident(self.d.server.popen.pid)
        self.peak = max(self.peak, now)
        self.assertLess(now, memory_max())
        return now

    def connect(self, count):
        out = []
        for _ in range(count):
            with contextlib.suppress(OSError):
                out.append(from_attacker(self.address))
        return out

    def end_of(self, peer):
        """Why the server ended it."""
        try:
            while True:
                peer.receive()
        except Refused as why:
            return why.code
        except ENDS as why:
            return repr(why)
        finally:
            peer.close()

    def changes(self, peer, count, more=None):
        return [encode({1: n, 2: peer.home, 3: MEMBER, 4: new_id(), 6: CREATE, 7: encode({2: f"名{n}"}), 13: 1, **(more or {})})
                for n in range(1, count + 1)]

    def afterwards(self, status=0):
        """All is there once, no file is held that was not before, and the server stops as it should."""
        self.chair.sync(status=status)
        self.neighbour.sync()
        there = [m["name"] for seat in self.honest for m in seat.json("list", "member")]
        self.assertEqual(sorted(n for n in there if n.startswith("守约")), sorted(self.names))
        self.d("verify")
        wait_for(lambda: files(self.pid) <= self.files, "the server closes what it opened")
        print(f"the server: {peak(self.pid) >> 20} MiB of memory at most, of {memory_max() >> 20} (MemoryMax); {self.files} files before and after; "
              f"{cpu(self.pid) - self.cpu:.1f} s of CPU; {len(self.d.server.err)} bytes of log")
        self.assertLess(peak(self.pid), memory_max())
        self.assertEqual(self.d.stop(), 0)
        return there
