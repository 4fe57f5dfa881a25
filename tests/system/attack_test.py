"""A live server under attack while honest seats work (architecture.md 3, 6): half-open and slow peers, floods of handshakes, frames
that promise more than they hold, a valid seat with hostile content, replays, other branches' ids, a stolen certificate. What is looked
at after each and in the end: attacker.py. What a seat can do that is no seat of ours any more, or too busy a one: attack_seat_test.py."""
import contextlib
import hashlib
import os
import socket
import ssl
import struct
import subprocess
import time
import unittest

from attacker import (ACT, ENDS, FORK, REMOVE, SET, AttackCase, Evil, Honest, flood, frame, hello_bytes, is_cut, limit)
from small_client import CREATE, MEMBER, TYPES, VERDICTS, Refused, create_member, decode, encode, new_id, one


class AttackTest(AttackCase):
    # ---- one after the other: they share the server and its slow peers ----
    def test_attacks(self):
        with Honest(self, "nobody attacks"):
            pass
        slow = self.slow_frames(12)
        self.half_open()
        self.slow_handshakes()
        self.handshake_flood()
        self.giant_counts()
        self.hostile_content()
        self.origins_behind_decoys()
        self.replays()
        self.other_branch()
        self.stolen_certificate()
        self.slow_frames_end(slow)
        self.assertEqual(self.afterwards(status=4).count(self.replayed), 1)

    def half_open(self):
        """More than LIMIT_HANDSHAKES that never say a byte, and come again when they are cut."""
        with Honest(self, "half-open connections", r"full: 127\.0\.0\.2:\d+ comes instead"):
            held = self.connect(limit("HANDSHAKES") + 100)
            end = time.monotonic() + 3
            while time.monotonic() < end:
                for s in held[:40]:
                    s.close()
                held = held[40:] + self.connect(40)
        for s in held:
            s.close()

    def slow_handshakes(self):
        """A byte of the ClientHello at a time: cut after LIMIT_HELLO_MS whatever comes meanwhile."""
        data, held = hello_bytes(), self.connect(100)
        start = time.monotonic()
        with Honest(self, "slow handshakes"):
            for at in range(60):
                for s in held:
                    with contextlib.suppress(OSError):
                        s.send(data[at:at + 1])
                time.sleep(0.03)
        left = limit("HELLO_MS") / 1000 + 4 - (time.monotonic() - start)
        self.assertTrue(is_cut(held[0], left) and is_cut(held[-1], 4))
        for s in held:
            s.close()

    def handshake_flood(self):
        done = FORK.Value("i", 0)
        with Honest(self, "a flood of handshakes"):
            workers = [FORK.Process(target=flood, args=(self.d.address, 3, done)) for _ in range(2)]
            for w in workers:
                w.start()
            for w in workers:
                w.join(30)
        print(f"  {done.value} of the attacker's handshakes were answered")

    def slow_frames(self, count):
        """Frames that begin and never end, from a valid seat; looked at again at the end."""
        held = [Evil(self.evil) for _ in range(count)]
        for c in held:
            c.socket.sendall(frame("PUSH", b"", 1 << 20))
        self.began_slow = time.monotonic()
        return held

    def slow_frames_end(self, held):
        for c in held:
            with contextlib.suppress(OSError):
                c.socket.sendall(b"\0")
        left = limit("FRAME_MS") / 1000 + 5 - (time.monotonic() - self.began_slow)
        with Honest(self, "slow frames"):
            for c in held:
                self.assertTrue(is_cut(c.socket, max(left, 1)))
        for c in held:
            c.close()

    def refused(self, name, message, codes):
        """A fatal refusal with one of the codes, or the connection is cut."""
        peer = Evil(self.evil)
        code = "cut"
        try:
            peer.socket.sendall(message if isinstance(message, bytes) and name is None else frame(name, message))
            while True:
                peer.receive()
        except Refused as why:
            code = why.code if why.fatal else "not fatal"
        except ENDS:
            pass
        peer.close()
        self.assertIn(code, codes, (name, len(message)))
        self.look_at_memory()

    def giant_counts(self):
        """What is small on the wire and large in memory: refused before it is unpacked."""
        most = (1 << 20) - 100
        nested = b""
        for _ in range(10000):
            nested = encode({2: nested})
        wire = ("WIRE",)
        with Honest(self, "giant counts in small frames", r"seat \d+ cut off: WIRE", "a frame over the limit"):
            for _ in range(2):
                self.refused("PUSH", encode({1: os.urandom(16)}) + b"\x12\x00" * (most // 2), wire)       # empty submessages
                self.refused("HELLO", b"\x2a\x00" * (most // 2), ("WIRE", "PROTOCOL"))
                self.refused("HAND_BACK", b"\x08\x02" + b"\x12\x00" * (most // 2), wire)
                self.refused("PUSH", b"\xfa\x01\x00" * (most // 3), wire)                                  # unknown fields
                self.refused("PUSH", encode({1: os.urandom(16)}) + b"\x12\x0c\x12\x0a" + b"\x22\x00" * 5 + b"\x12\x00" * 400000, wire)
                self.refused("PUSH", encode({1: os.urandom(16), 2: {2: {4: "x", 5: nested}, 3: nested}}) + b"\0", wire)
                self.refused("PULL", b"\x08" + b"\x80" * 100000 + b"\x01", wire)                           # a varint without end
                self.refused("PUSH", encode({1: os.urandom(16), 2: [{1: b"\x08\x01"}] * 501}), ("PROTOCOL",))
                self.refused(None, struct.pack(">IB", 0xffffffff, TYPES["PUSH"]), ("FRAME_TOO_LARGE",))
                self.refused(None, struct.pack(">IB", 1, 200), ("FRAME_TYPE",))
                self.refused(None, struct.pack(">I", 0), ("FRAME_TYPE",))

    def hostile_content(self):
        """Pushes of a valid seat with all that a change can hold: each change has its verdict, none of them stops the others."""
        long = "青" * 8000
        evil_fields = [
            {3: 9999}, {3: 0}, {6: 77}, {2: 1}, {2: 99}, {5: (1 << 63)}, {10: new_id(), 11: 1, 12: 16}, {10: new_id(), 11: 9, 12: 2},
            {7: encode({2: long})}, {7: encode({2: "=cmd|' /C calc'!A0"})}, {7: encode({2: "‮名"})}, {7: b"\xff\xff\xff"},
            {7: encode({2: "x", 4: "9999-99-99"})}, {7: encode({tag: "y" for tag in range(300, 500)})}, {8: bytes(range(1, 40))},
            {9: "a" * 60000, 6: ACT}, {6: REMOVE}, {6: SET, 5: 0}, {13: (1 << 63) - 1}, {14: b"12345678"}, {15: 1}, {15: 77},
            {16: {1: os.urandom(16), 2: 1, 3: os.urandom(70)}, 15: 2}, {4: bytes(16)}, {4: b"\xff" * 16}, {1: 1 << 62},
        ]
        with Honest(self, "hostile content from a valid seat"):
            said = set()
            for fields in evil_fields:
                peer = Evil(self.evil)
                try:
                    verdicts, (stop, _) = peer.push(peer.incarnation, self.changes(peer, 2, fields))
                    said |= {code or verdict for verdict, _, code in verdicts.values()} | ({stop} if stop else set())
                except Refused as why:
                    said.add(why.code)
                peer.close()
            peer = Evil(self.evil)
            bulk = self.changes(peer, 500)
            for _ in range(4):  # the same five hundred, and then what stands in their way
                verdicts, _ = peer.push(peer.incarnation, bulk)
                self.assertEqual(len(verdicts), 500)
            peer.close()
        self.assertTrue(said & {"RIGHT", "VALUE", "KIND", "ORG"} or len(said) > 3, said)

    def handed_in(self, peer, first, count):
        """Changes that the seat made under another incarnation and signed, as if out of a file of its own."""
        maker, there, out = one(peer.welcome, 4), os.urandom(16), []
        district = hashlib.sha256(ssl.PEM_cert_to_DER_cert((self.evil.folder / "ca.pem").read_text())).digest()[:16]
        for n in range(first, first + count):
            made = {1: n, 2: peer.home, 3: MEMBER, 4: new_id(), 6: CREATE, 7: encode({2: f"移交{n}"}), 13: 1}
            said = (b"banyan handover" + district + struct.pack(">I", maker) + there + struct.pack(">Q", n)
                    + hashlib.sha256(encode(made)).digest()[:16])
            signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.evil.folder / "key.pem"], input=said,
                                       capture_output=True, check=True).stdout
            out.append(encode({**made, 15: maker, 16: {1: there, 2: n, 3: signature}}))
        return out

    def origins_behind_decoys(self):
        """Origins that hold, each behind fifteen certificates of the same seat that do not: what a push may cost the loop is bounded, by
        the changes of others in it and by such pushes in one piece."""
        own = ssl.PEM_cert_to_DER_cert((self.evil.folder / "cert.pem").read_text())
        decoys = [own[:-1] + bytes([own[-1] ^ 1 + i]) for i in range(15)] + [own]
        push = lambda changes: {1: peer.incarnation, 2: [{1: c} for c in changes], 6: decoys}
        most = limit("ORIGINS_PUSH")
        peer = Evil(self.evil)
        changes = self.handed_in(peer, 1, limit("CHANGES_PUSH"))
        with Honest(self, "origins behind decoys", r"cut off: PROTOCOL", r"cut off: FULL"):
            peer.send("PUSH", push(changes))
            self.assertEqual(self.end_of(peer), "PROTOCOL")
            peer = Evil(self.evil)
            for first in range(0, len(changes), most):
                part = changes[first:first + most]
                verdicts = peer.ask("PUSH", push(part), "VERDICTS")
                self.assertEqual([VERDICTS[one(decode(v), 2)] for v in verdicts[2]], ["APPLIED"] * most)
            for _ in range(20):  # the same once more: it is looked at before it is known
                peer.ask("PUSH", push(changes[:most]), "VERDICTS")
            peer.socket.sendall(b"".join(frame("PUSH", encode(push(changes[:1]))) for _ in range(8)))
            self.assertEqual(self.end_of(peer), "FULL")

    def replays(self):
        """A push again, out of order, with holes, and under another's incarnation."""
        with Honest(self, "replayed and reordered pushes"):
            peer, other = Evil(self.evil), Evil(self.evil)
            name = f"重放{os.getpid()}"
            change = [create_member(1, peer.home, {2: name}), create_member(2, peer.home, {2: name + "二"})]
            first, _ = peer.push(peer.incarnation, change)
            for _ in range(50):
                again, _ = other.push(peer.incarnation, change)  # another connection of the seat, the same bytes
                self.assertEqual(again, first)  # the verdicts of then, with the seqs of then
            self.assertEqual({v[0] for v in first.values()}, {"APPLIED"})
            self.assertEqual(peer.push(peer.incarnation, [create_member(9, peer.home, {2: "洞"})])[1][0], "GAP")
            self.assertEqual(peer.push(peer.incarnation, [create_member(2, peer.home, {2: "另一个"})])[1][0], "FORKED")
            with contextlib.suppress(Refused):
                backwards = list(reversed([create_member(n, peer.home, {2: "倒"}) for n in (3, 4)]))
                self.assertNotIn("APPLIED", [v[0] for v in peer.push(peer.incarnation, backwards)[0].values()][:1])
            peer.close()
            other.close()
        self.replayed = name

    def other_branch(self):
        """Another branch's ids in every place that takes one: nothing is changed there, nothing is told."""
        self.neighbour.sync()
        record = bytes.fromhex(self.neighbour.json("list", "member")[0]["id"].replace("-", ""))
        with Honest(self, "another branch's ids", r"cut off: ORG"):
            for op, more in ((SET, {7: encode({21: "改"})}), (REMOVE, {}), (ACT, {9: "deceased"}), (CREATE, {7: encode({2: "抢"})})):
                for org in (2, 3):
                    peer = Evil(self.chair)
                    change = encode({1: 1, 2: org, 3: MEMBER, 4: record, 5: 1 << 40 | 1, 6: op, 13: 1, **more})
                    verdicts, _ = peer.push(peer.incarnation, [change])
                    self.assertIn(verdicts[1][0], ("REFUSED",), (op, org, verdicts))
                    peer.close()
            for ask, message in (("PULL", {1: 3}), ("SNAPSHOT_ASK", {1: 3}), ("DIGEST_ASK", {1: 3}), ("HAND_BACK", {1: 3, 3: 1}),
                                 ("ROWS_ASK", {1: 1, 2: 3, 4: 1}), ("ROWS_ASK", {1: 1, 4: 1, 5: record}),
                                 ("HISTORY_ASK", {1: 1, 2: 3, 3: 1, 4: record}), ("HISTORY_ASK", {1: 1, 3: 1, 4: record}),
                                 ("OVERVIEW_ASK", {1: 1, 2: "QH002"}), ("SEAT_ASK", {1: 1, 2: 1, 3: 3}),
                                 ("INVITE_ASK", {1: 1, 2: "QH002", 3: "union_chair", 4: "x", 5: 7})):
                peer = Evil(self.chair)
                with contextlib.suppress(Refused, *ENDS):
                    peer.send(ask, message)
                    peer.receive()
                self.assertNotIn("孙丽芳".encode(), peer.received, ask)
                self.assertNotIn("周平".encode(), peer.received, ask)
                peer.close()
        self.neighbour.sync()
        self.assertNotIn("改", [m.get("note") for m in self.neighbour.json("list", "member")])

    def stolen_certificate(self):
        """Certificate, key and reconnect key of a seat that was revoked meanwhile: nothing can be read with them, and what
        is written is for people to look at, not in the records."""
        lost = self.d.join("QH001", "committee_member", "李静")
        lost.sync()
        lost.sync()
        thief, number = lost.copy("thief"), lost.json("status")["seat"]
        with Honest(self, "a stolen certificate", r"cut off: SEAT_REVOKED"):
            open_before = Evil(lost)
            self.d("seat", "revoke", number)
            self.assertTrue(is_cut(open_before.socket, 15))  # by itself, without a frame of its own
            open_before.close()
            for ask, message in (("PULL", {1: 2}), ("SNAPSHOT_ASK", {1: 2}), ("ROWS_ASK", {1: 1, 4: 1}), ("RENEW", {1: b"x"}),
                                 ("SEAT_ASK", {1: 1}), ("DIGEST_ASK", {1: 2}), ("OVERVIEW_ASK", {1: 1})):
                peer = Evil(lost, hello=False)
                with contextlib.suppress(Refused, *ENDS):
                    peer.hello(peer.incarnation)
                    peer.send(ask, message)
                    peer.receive()
                self.assertNotIn("刘芳".encode(), peer.received, ask)
                peer.close()
            thief.add("member", "name=偷来的")
            thief("sync", status=None)
        self.assertFalse((thief.folder / "banyan.db").exists())  # told to wipe, though it is a copy
        self.assertIn("of a colleague's seat waits", self.chair.sync(status=4).err)  # what the thief wrote waits for people, as do the refusals of above
        self.assertNotIn("偷来的", [m["name"] for m in self.chair.json("list", "member")])


if __name__ == "__main__":
    unittest.main()
