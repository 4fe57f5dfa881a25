"""A live server and those who hold something of ours: a join code that others got to know, the key of a seat that was revoked, a seat that
opens all places up to the file limit, asks without end, or renews in a loop. See attacker.py."""
import contextlib
import os
import pathlib
import subprocess
import time
import unittest

from attacker import ENDS, FORK, AttackCase, Evil, Honest, frame, is_cut, limit
from small_client import Connection, Refused, decode, encode, one

FILES = 300         # what the server may open here: fewer than one seat's attempts
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def request_of(folder, name, key=None):
    """The request for a certificate (DER), for a key of one's own in the folder where none is given."""
    if key is None:
        key = pathlib.Path(folder) / f"{name}.key"
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key], check=True, capture_output=True)
    return subprocess.run(["openssl", "req", "-new", "-key", key, "-subj", "/CN=x", "-outform", "DER"], check=True, capture_output=True).stdout


def secret_of(code):
    """PROTOCOL.md "Joining"."""
    bits = "".join(f"{DIGITS.index(c):05b}" for c in code.strip().removeprefix("BANYAN").replace("-", ""))
    packed = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits) - 7, 8))[:-2]
    return one(decode(packed), 4)


def ask_without_end(seat, seconds, done):
    """A valid seat that asks the dearest question again as soon as it is answered, and tells it three at a time now and then."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(Refused, *ENDS):
            peer = Evil(seat)
            for n in range(200):
                for ask, message, answer in (("OVERVIEW_ASK", {1: n + 1}, "OVERVIEW"), ("ROWS_ASK", {1: n + 1, 4: 1, 5: bytes(16), 8: 0}, "ROWS"),
                                             ("SNAPSHOT_ASK", {1: peer.home}, "SNAPSHOT_PAGE"), ("PULL", {1: peer.home}, "ENTRIES")):
                    peer.ask(ask, message, answer)
                    done.value += 1
                if time.monotonic() > end:
                    break
            peer.socket.sendall(frame("OVERVIEW_ASK", encode({1: 1})) * 3)
            with contextlib.closing(peer):
                peer.receive()
                peer.receive()


class AttackSeatTest(AttackCase):
    files_max = FILES

    def test_attacks(self):
        with Honest(self, "nobody attacks"):
            pass
        self.stolen_code()
        self.renewing()
        self.all_places()
        self.questions()
        self.revoked_key()
        self.afterwards()

    def stranger(self):
        return Connection(self.d.address, ca=self.evil.folder / "ca.pem")

    def join_as(self, secret, request):
        peer = self.stranger()
        try:
            return peer.ask("JOIN", {1: 1, 2: secret, 3: request, 4: int(time.time() * 1000)}, "JOINED"), None
        except Refused as why:
            return None, why.code
        finally:
            peer.close()

    def stolen_code(self):
        """A code that two people hold: who comes second gets nothing, however often, and the first goes on."""
        secret = secret_of(self.d.invite("QH001", "committee_member", "李静"))
        mine, theirs = request_of(self.d.base, "mine"), request_of(self.d.base, "theirs")
        with Honest(self, "a join code used twice", r"seat \d+ joined", r"cut off: JOIN_USED", r"cut off: JOIN_UNKNOWN", r"cut off: BUSY"):
            joined, _ = self.join_as(secret, mine)
            self.assertIsNotNone(joined)
            for _ in range(10):
                self.assertEqual(self.join_as(secret, theirs), (None, "JOIN_USED"))
                self.assertEqual(self.join_as(os.urandom(16), theirs), (None, "JOIN_UNKNOWN"))
            again = [self.join_as(secret, mine) for _ in range(limit("CERTIFICATES_HOUR") + 1)]
            self.assertEqual({one(a, 2) for a, _ in again if a}, {one(joined, 2)})  # its answer may have been lost: the same seat
            self.assertEqual(again[-1], (None, "BUSY"))

    def renewing(self):
        """A certificate each millisecond is a line each in the journal, for ever."""
        request = request_of(self.d.base, "renewed", self.evil.folder / "key.pem")
        journal = self.d.data / "control.journal"
        with Honest(self, "renewing in a loop", r"cut off: BUSY"):
            before, got = journal.stat().st_size, 0
            for _ in range(20):
                peer = Evil(self.evil)
                with contextlib.suppress(Refused, *ENDS):
                    for _ in range(5):
                        peer.ask("RENEW", {1: request}, "RENEWED")
                        got += 1
                peer.close()
            self.assertEqual(got, limit("CERTIFICATES_HOUR"))
            self.assertLess(journal.stat().st_size - before, 4096)

    def all_places(self):
        """One seat's sessions up to the file limit, and strangers' connections besides: each pushes out its own."""
        with Honest(self, "a seat that takes all places", r"seat \d+ cut off: FULL", r"full: 127\.0\.0\.2:\d+ comes instead"):
            held, strangers = [], self.connect(FILES)
            for _ in range(2 * limit("SESSIONS_SEAT")):
                held.append(Evil(self.evil))
            strangers += self.connect(FILES)
            alive = [c for c in held if not is_cut(c.socket, 0.02)]
            self.assertEqual(alive, held[-limit("SESSIONS_SEAT"):])
        for c in held + strangers:
            c.close()

    def questions(self):
        done = FORK.Value("i", 0)
        with Honest(self, "a seat that floods questions", r"cut off: FULL"):
            workers = [FORK.Process(target=ask_without_end, args=(seat, 4, done)) for seat in (self.evil, self.evil, self.chair)]
            for w in workers:
                w.start()
            for w in workers:
                w.join(30)
        self.assertGreater(done.value, 50)
        print(f"  {done.value} of its questions were answered")

    def revoked_key(self):
        """The key of a revoked seat: no new certificate for it, none for the old request, and no code that it made is of use."""
        gone = self.d.join("QH001", "union_chair", "周文")
        gone.sync()
        code = gone("invite", "--role", "accountant", "--name", "何花").out.strip()
        request = request_of(self.d.base, "gone")
        with Honest(self, "the key of a revoked seat", r"cut off: (SEAT_REVOKED|PROTOCOL)"):
            self.d("seat", "revoke", gone.json("status")["seat"])
            for _ in range(5):
                for ask, message in (("RENEW", {1: request}), ("INVITE_ASK", {1: 1, 3: "accountant", 4: "x", 5: 7}), ("SEAT_ASK", {1: 1, 2: 3, 3: 1}),
                                     ("TRANSFER_ASK", {1: 1}), ("HISTORY_ASK", {1: 1, 3: 1, 4: bytes(16)})):
                    peer = Evil(gone)
                    peer.send(ask, message)
                    self.assertEqual(self.end_of(peer), "PROTOCOL")
        self.assertEqual(self.join_as(secret_of(code), request_of(self.d.base, "late")), (None, "JOIN_EXPIRED"))


if __name__ == "__main__":
    unittest.main()
