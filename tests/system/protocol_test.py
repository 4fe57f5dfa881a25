"""PROTOCOL.md held to its word by a client that shares no line with ours: what a peer may say, in which order, what it is told
when it does otherwise, and what no answer ever holds."""
import hashlib
import hmac
import os
import pathlib
import re
import socket
import ssl
import struct
import unittest

from district import district
from small_client import (CREATE, MEMBER, TYPES, Connection, Refused, create_member, decode, encode, entry_hash, new_id, one, text)

SET, REMOVE = 2, 4
NAME, BIRTH, ID_TYPE, ID_NUMBER, MOBILE, NOTE = 2, 4, 8, 9, 10, 21
BRANCHES = (("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区向阳花幼儿园工会"))
ENDS = (EOFError, ConnectionError, ssl.SSLError)


def frame(name, payload, size=None):
    return struct.pack(">IB", len(payload) + 1 if size is None else size, TYPES.get(name, name)) + payload


def change(n, org, op, record, fields=None, base=0, cleared=()):
    packed = encode({1: n, 2: org, 3: MEMBER, 4: record, 5: base, 6: op, 7: encode(fields) if fields else None})
    return packed + (encode({8: bytes(cleared)}) if cleared else b"")


class Peer(Connection):
    """A seat's folder, said hello, with an incarnation of its own."""

    def __init__(self, seat, incarnation=None, **hello):
        super().__init__(seat.district.address, seat.folder)
        self.incarnation = incarnation or os.urandom(16)
        self.welcome = self.hello(self.incarnation, **hello)
        self.home = one(self.welcome, 7)

    def send_changes(self, *changes, **fork):
        return self.push(self.incarnation, list(changes), **fork)

    def serves(self):
        return self.ask("PING", {1: 1}, "PONG")[1][0] > 0


class ProtocolTest(unittest.TestCase):
    def refused(self, code, peer, name, message, fatal=True):
        with self.assertRaises(Refused) as caught:
            peer.send(name, message)
            while True:
                peer.receive()
        self.assertEqual((caught.exception.code, caught.exception.fatal), (code, int(fatal)))
        self.assertTrue(caught.exception.text)
        if fatal:
            self.closed(peer)

    def closed(self, peer):
        with self.assertRaises(ENDS):
            peer.receive()
        peer.close()


PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"


class Text(unittest.TestCase):
    """What PROTOCOL.md says in numbers is so."""

    TEXT = (PROTO / "PROTOCOL.md").read_text(encoding="utf-8")

    @staticmethod
    def vector(name):
        return bytes.fromhex((PROTO / "vectors" / f"{name}.hex").read_text())

    @staticmethod
    def header(path, pattern):
        return re.findall(pattern, (PROTO.parent / path).read_text(encoding="utf-8"))

    def says(self, value):
        self.assertIn(value.hex() if isinstance(value, bytes) else value, self.TEXT)

    def test_frames(self):
        frames = self.header("common/wire/frame.h", r"X\((\d+), ([A-Z_]+), \w+, (\w+)\)")
        self.assertEqual({name: int(number) for number, name, _ in frames}, TYPES)
        for number, name, message in frames:
            self.assertRegex(self.TEXT, rf"\| {number} \| {name} \| (client|server) \| {message} \|")

    def test_codes(self):
        for code in re.findall(r"X\((\w+)\)", self.header("common/kinds/refusal.h", r"#define REFUSAL_LIST((?:.*\\\n)*.*)\n")[0]):
            self.says(f"`{code}`")
        for path in sorted((PROTO.parent / "server").glob("session/session*.c")) + [PROTO.parent / "server/control/authority.c"]:
            for code in re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', path.read_text(encoding="utf-8")):
                if code not in ("AWAIT_JOIN", "AWAIT_RENEW", "AWAIT_HELLO", "OPEN", "HANDING_OVER", "CLOSING"):
                    self.says(f"`{code}`")

    def test_the_chain(self):
        chain = bytes(32)
        for entry in map(decode, decode(self.vector("ENTRIES")[5:])[2]):
            before, chain = chain, hashlib.sha256(chain + entry_hash(entry)).digest()
            self.assertEqual(chain, one(entry, 12))
            self.says(entry_hash(entry))
        for part in (before, chain, one(entry, 9), one(entry, 11), one(entry, 5), struct.pack(">q", one(entry, 8))):
            self.says(part)
        part = lambda data: struct.pack(">I", len(data)) + data
        self.says(hashlib.sha256(part(one(entry, 11)) + part(one(entry, 9)) + part(b"")).digest())

    def test_the_macs_of_heads(self):
        key, place = bytes(range(32)), bytes(range(0xd0, 0xe0))
        mac = lambda label, data: hmac.new(key, label + place + data, hashlib.sha256).digest()[:16]
        for entry in map(decode, decode(self.vector("ENTRIES")[5:])[2]):
            expected = mac(b"banyan head", struct.pack(">IQ", 2, one(entry, 1)) + one(entry, 12))
            self.assertEqual(one(entry, 14), expected)
        self.says(expected)
        expected = mac(b"banyan epoch", struct.pack(">I", 2))
        self.assertEqual(one(decode(self.vector("WELCOME")[5:]), 17), expected)
        self.says(expected)
        self.says(place)

    def test_forks_codes_and_digests(self):
        first, second = map(decode, decode(self.vector("ENTRIES")[5:])[2][:2])
        self.says(hashlib.sha256(one(first, 3) + struct.pack(">Q", 2) + one(second, 5)).digest()[:16])
        packed = self.vector("JoinCode")
        packed += hashlib.sha256(packed).digest()[:2]
        number = int.from_bytes(packed, "big") << -len(packed) * 8 % 5
        digits = ["0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> 5 * at & 31] for at in reversed(range((len(packed) * 8 + 4) // 5))]
        self.says("BANYAN-" + "-".join("".join(digits[at:at + 5]) for at in range(0, len(digits), 5)))
        member, group = map(decode, decode(self.vector("SNAPSHOT_PAGE")[5:])[4])
        self.says(Sync.digest([Sync.row(member, set(), False)]))
        self.says(hashlib.sha256(one(group, 2) + struct.pack(">QB", one(group, 3), 0xff)).digest()[:16])

    def test_limits(self):
        limits = dict(self.header("common/base/limits.h", r"#define LIMIT_(\w+) \(?(\d+)u?(?: << (?:\d+))?\)?"))
        shifted = {name: int(value) << int(shift) for name, value, shift in
                   self.header("common/base/limits.h", r"#define LIMIT_(\w+) \((\d+)u << (\d+)\)")}
        number = lambda name: shifted[name] if name in shifted else int(limits[name])
        same = dict(self.header("common/base/limits.h", r"#define LIMIT_(\w+) LIMIT_(\w+)"))  # one limit that is another by definition
        for name in ("FRAME", "FRAME_JOIN", "RECORD", "TEXT_SHORT", "TEXT_LONG", "REPEATED", "CHANGES_PUSH", "PUSH_SIZE", "GROUP",
                     "PAGE_SIZE", "SESSION_QUEUE", "PUSHES_IN_FLIGHT", "INVITE_DAYS", "RENEW_DAYS", "CERTIFICATE_DAYS",
                     "CONFLICTS_OPEN", "MEASURES", "CHILDREN", "CHILD_SMALL", "INVITES_OPEN", "ASKS_IN_FLIGHT"):
            self.assertRegex(self.TEXT, rf"\b{number(same.get(name, name)):,}\b", name)


class Sync(ProtocolTest):
    def test_a_member_pushed_from_the_text_alone_reaches_a_colleague(self):
        with district() as d:
            chair, colleague = d.join("QH001", "union_chair", "王敏"), d.join("QH001", "committee_member", "李静")
            peer = Peer(chair)
            self.assertEqual((text(peer.welcome, 5), text(peer.welcome, 6), text(peer.welcome, 8)), ("王敏", "union_chair", "active"))
            packed = create_member(1, peer.home, {NAME: "刘芳", MOBILE: "13800138000"})
            verdicts, stop = peer.send_changes(packed)
            self.assertEqual((verdicts[1][0], stop), ("APPLIED", ("", 0)))
            colleague.sync()
            self.assertEqual([(m["name"], m["mobile"], m["seq"]) for m in colleague.json("list", "member")],
                             [("刘芳", "13800138000", verdicts[1][1])])
            self.assertEqual(peer.send_changes(packed), (verdicts, stop))
            entries = peer.pull(peer.home)
            self.assertEqual([(one(e, 1), one(e, 4), one(e, 9)) for e in entries], [(verdicts[1][1], 1, packed)])
            self.assertEqual(one(entries[0], 5), hashlib.sha256(packed).digest()[:16])
            chair.sync()
            self.assertEqual([m["name"] for m in chair.json("list", "member")], ["刘芳"])
            peer.close()

    def test_what_the_real_client_enters_comes_with_its_chain(self):
        with district() as d:
            chair, colleague = d.join("QH001", "union_chair", "王敏"), d.join("QH001", "committee_member", "李静")
            for name in ("刘芳", "陈红", "杨静"):
                colleague.add("member", f"name={name}")
            colleague.sync()
            peer = Peer(chair)
            entries = peer.pull(peer.home)
            names = [text(decode(one(decode(one(e, 9)), 7)), NAME) for e in entries]
            self.assertEqual(names, ["刘芳", "陈红", "杨静"])
            self.assertEqual(peer.pull(peer.home, one(entries[0], 1), one(entries[0], 12)), entries[1:])
            peer.close()

    def test_numbers_holes_and_forks(self):
        with district() as d:
            peer = Peer(d.join("QH001", "union_chair"))
            first, other = (create_member(1, peer.home, {NAME: name}) for name in ("刘芳", "陈红"))
            self.assertEqual(peer.send_changes(create_member(2, peer.home, {NAME: "杨静"})), ({}, ("GAP", 1)))
            verdicts, _ = peer.send_changes(first)
            self.assertEqual(peer.send_changes(create_member(3, peer.home, {NAME: "杨静"})), ({}, ("GAP", 2)))
            self.assertEqual(peer.send_changes(other), ({}, ("FORKED", 1)))
            # The other copy's incarnation follows from the old one; a parent that is not so is refused.
            fork = hashlib.sha256(peer.incarnation + struct.pack(">Q", 1) + hashlib.sha256(other).digest()[:16]).digest()[:16]
            moved, _ = peer.push(fork, [other], parent=peer.incarnation, fork_n=1)
            self.assertEqual(moved[1][0], "APPLIED")
            # The same change under another incarnation is the same change: its verdict stands, one more entry says so.
            same, _ = peer.push(os.urandom(16), [first])
            self.assertEqual(same[1][0], "APPLIED")
            self.assertEqual([one(e, 6) for e in peer.pull(peer.home)], [1, 1, 5])
            self.assertEqual(len(Peer(d.seats[0]).pull(peer.home)), 3)
            self.refused("PROTOCOL", peer, "PUSH", {1: os.urandom(16), 2: [{1: first}], 3: peer.incarnation, 4: 1})

    def test_changes_that_are_none_end_the_session(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            home = Peer(chair).home
            good = create_member(1, home, {NAME: "刘芳"})
            for packed, code in ((good[:-1], "WIRE"), (b"", "WIRE"), (encode({1: 1, 2: home, 3: 1, 4: b"short", 6: 1}), "WIRE"),
                                 (encode({1: 1, 2: home, 3: 1, 4: new_id(), 6: CREATE, 7: encode({NAME: b"\xff\xfe"})}), "WIRE"),
                                 (encode({1: 1, 2: home, 3: 1, 4: new_id(), 6: CREATE, 7: encode({NAME: "a\0b"})}), "WIRE"),
                                 (create_member(1, home, {NAME: "刘" * 30000}), "WIRE")):
                peer = Peer(chair)
                self.refused(code, peer, "PUSH", {1: peer.incarnation, 2: [{1: packed}]})
            peer = Peer(chair)
            self.refused("PROTOCOL", peer, "PUSH", {1: peer.incarnation, 2: [{1: good}, {1: create_member(3, home, {NAME: "陈"})}]})
            peer = Peer(chair)
            self.assertEqual(peer.send_changes(create_member(1, home, {NAME: "刘" * 200}))[0][1][::2], ("REFUSED", "TOO_LONG"))
            self.assertEqual(peer.send_changes(encode({1: 2, 2: home, 3: 77, 4: new_id(), 6: CREATE}))[0][2][::2],
                             ("REFUSED", "UNKNOWN_KIND"))
            peer.close()

    def test_news_snapshot_and_digests(self):
        with district() as d:
            chair, colleague = d.join("QH001", "union_chair", "王敏"), d.join("QH001", "committee_member", "李静")
            watcher, peer = Peer(colleague, watch=1), Peer(chair)
            removed = new_id()
            verdicts, _ = peer.send_changes(create_member(1, peer.home, {NAME: "刘芳", BIRTH: "1985-06-12"}),
                                            create_member(2, peer.home, {NAME: "陈红"}, removed))
            verdicts.update(peer.send_changes(change(3, peer.home, REMOVE, removed, base=verdicts[2][1]))[0])
            self.assertEqual([v[0] for v in verdicts.values()], ["APPLIED"] * 3)
            while True:
                name, news = watcher.receive()
                self.assertEqual((name, one(news, 1)), ("NEWS", peer.home))
                if one(news, 2) == verdicts[3][1]:
                    break
            rows, after = [], {}
            while True:
                page = watcher.ask("SNAPSHOT_ASK", {1: peer.home, 5: 1, **after}, "SNAPSHOT_PAGE")
                rows += [decode(r) for r in page.get(4, [])]
                if one(page, 5):
                    break
                after = {2: one(rows[-1], 1), 3: one(rows[-1], 2)}
            self.assertEqual(sorted((one(r, 3), 4 in r) for r in rows), [(verdicts[1][1], True), (verdicts[3][1], False)])
            self.assertEqual((one(page, 2), one(page, 6)), (verdicts[3][1], 2))
            self.assertEqual(one(page, 3), one(peer.pull(peer.home)[-1], 12))
            answer = watcher.ask("DIGEST_ASK", {1: peer.home}, "DIGESTS")
            told = {(one(x, 1), one(x, 2)): one(x, 3) for x in map(decode, answer[3])}
            living = next(r for r in rows if 4 in r)
            self.assertEqual(told[MEMBER, 1], self.digest([self.row(living, {BIRTH}, False), one(living, 2), removed,
                                                           struct.pack(">QB", verdicts[3][1], 0xff)]))
            self.assertEqual(told[MEMBER, 2], self.digest([self.row(living, {BIRTH}, True)]))
            watcher.close()
            peer.close()

    @staticmethod
    def row(row, sensitive, wanted):
        """PROTOCOL.md "Digests": what is hashed of a living row."""
        out = one(row, 2) + struct.pack(">Q", one(row, 3))
        for tag, (value,) in sorted(decode(one(row, 4)).items()):
            if (tag in sensitive) == wanted:
                out += struct.pack(">II", tag, len(value)) + value
        return out

    @staticmethod
    def digest(parts):
        """The sum over what a row's hash covers: one living row, then perhaps id and rest of a tombstone."""
        lanes = [0, 0]
        for whole in [parts[0]] + ([parts[2] + parts[3]] if len(parts) > 1 else []):
            for lane, at in enumerate(struct.unpack(">QQ", hashlib.sha256(whole).digest()[:16])):
                lanes[lane] = (lanes[lane] + at) % (1 << 64)
        return struct.pack(">QQ", *lanes)


class BadInput(ProtocolTest):
    def test_bad_frames_end_their_own_session_alone(self):
        with district() as d:
            chair, colleague = d.join("QH001", "union_chair", "王敏"), d.join("QH001", "committee_member", "李静")
            witness = Peer(colleague)
            pull = encode({1: witness.home})
            cases = {
                "too large": ("FRAME_TOO_LARGE", frame("PUSH", b"", (1 << 20) + 1)),
                "much too large": ("FRAME_TOO_LARGE", b"\xff" * 64),
                "empty": ("FRAME_TYPE", struct.pack(">I", 0) + b"\x05"),
                "unknown type": ("FRAME_TYPE", frame(99, b"")),
                "type 0": ("FRAME_TYPE", frame(0, b"")),
                "HTTP inside of TLS": ("FRAME_TOO_LARGE", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                "of the server's": ("PROTOCOL", frame("WELCOME", b"")),
                "hello again": ("PROTOCOL", frame("HELLO", encode({1: 1, 3: bytes(16)}))),
                "join": ("PROTOCOL", frame("JOIN", encode({1: 1}))),
                "cut varint": ("WIRE", frame("PULL", b"\x08\xff")),
                "field cut short": ("WIRE", frame("PUSH", b"\x0a\x10abc")),
                "varint not shortest": ("WIRE", frame("PULL", b"\x08\x81\x00")),
                "tags descend": ("WIRE", frame("PULL", b"\x10\x01" + pull)),
                "field twice": ("WIRE", frame("PULL", pull + pull)),
                "wrong wire type": ("WIRE", frame("PULL", b"\x0a\x01a")),
                "out of range": ("WIRE", frame("PULL", b"\x08" + b"\xff" * 9 + b"\x01")),
                "tag 0": ("WIRE", frame("PULL", b"\x00\x01")),
                "a group": ("WIRE", frame("PULL", pull + b"\x5b\x5c")),
                "not UTF-8": ("WIRE", frame("ROWS_ASK", encode({1: 1, 3: b"QH\xff", 4: 1}))),
                "half a surrogate": ("WIRE", frame("ROWS_ASK", encode({1: 1, 3: b"\xed\xa0\x80", 4: 1}))),
                "overlong": ("WIRE", frame("ROWS_ASK", encode({1: 1, 3: b"\xc0\xaf", 4: 1}))),
                "zero byte": ("WIRE", frame("ROWS_ASK", encode({1: 1, 3: b"QH\0001", 4: 1}))),
                "random": ("WIRE", frame("PUSH", hashlib.sha256(b"x").digest() * 8)),
                "short id": ("PROTOCOL", frame("HISTORY_ASK", encode({1: 1, 3: MEMBER, 4: b"short"}))),
                "no incarnation": ("PROTOCOL", frame("PUSH", b"")),
            }
            for what, (code, data) in cases.items():
                with self.subTest(what):
                    peer = Peer(chair)
                    with self.assertRaises(Refused) as caught:
                        peer.socket.sendall(data)
                        peer.receive()
                    self.assertEqual((caught.exception.code, caught.exception.fatal), (code, 1))
                    self.closed(peer)
                    self.assertTrue(witness.serves())
            self.unknown_fields_are_let_through(chair)
            witness.close()

    def unknown_fields_are_let_through(self, chair):
        peer = Peer(chair)
        self.assertEqual(one(peer.ask("PULL", encode({1: peer.home, 900: b"new", 901: 5}), "ENTRIES"), 1), peer.home)
        verdicts, _ = peer.send_changes(create_member(1, peer.home, {NAME: "刘芳", 900: "of a newer build"}))
        self.assertEqual(verdicts[1][0], "APPLIED")
        effect = decode(one(decode(one(peer.pull(peer.home)[0], 10)), 1))
        self.assertEqual(one(decode(one(effect, 3)), 900), "of a newer build".encode())
        peer.close()

    def test_torn_frames_and_vanished_peers(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            witness = Peer(chair)
            for part in (b"\0", frame("PULL", b"")[:4], frame("PULL", encode({1: 1}))[:-1], frame("PUSH", b"", 1 << 20)):
                peer = Peer(chair)
                peer.socket.sendall(part)
                peer.socket.unwrap() if part == b"\0" else None
                peer.close()
                self.assertTrue(witness.serves())
            # A frame may come in as many pieces as it likes.
            for byte in frame("PING", encode({1: 7})):
                witness.socket.sendall(bytes([byte]))
            self.assertEqual(witness.receive()[0], "PONG")
            witness.close()

    def test_other_protocols_on_the_port(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            host, port = d.address.rsplit(":", 1)
            for data in (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"SSH-2.0-x\r\n", os.urandom(4096), b"\x16\x03\x01\xff\xff" + bytes(99)):
                with socket.create_connection((host, int(port)), timeout=30) as plain:
                    plain.sendall(data)
                    answer = b""
                    while True:
                        try:
                            more = plain.recv(4096)
                        except ConnectionError:
                            break
                        if not more:
                            break
                        answer += more
                    self.assertLess(len(answer), 64, "an alert at most")
                    self.assertNotIn(b"HTTP", answer)
            for change_it in (lambda c: c.set_alpn_protocols(["h2", "http/1.1"]), lambda c: c.set_alpn_protocols([]),
                              lambda c: setattr(c, "maximum_version", ssl.TLSVersion.TLSv1_2)):
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname = False
                context.load_verify_locations(chair.folder / "ca.pem")
                change_it(context)
                with self.assertRaises(ENDS), socket.create_connection((host, int(port)), timeout=30) as plain:
                    context.wrap_socket(plain).recv(1)
            self.assertTrue(Peer(chair).serves())


class Strangers(ProtocolTest):
    def test_without_a_certificate_only_joining_is_possible(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            ca = chair.folder / "ca.pem"
            for name in TYPES:
                if name != "JOIN":
                    self.refused("NOT_JOINED", Connection(d.address, ca=ca), name, {1: 1})
            self.refused("JOIN_UNKNOWN", Connection(d.address, ca=ca), "JOIN", {1: 1, 2: os.urandom(16), 3: b"x"})
            self.refused("VERSION", Connection(d.address, ca=ca), "JOIN", {1: 2, 2: os.urandom(16), 3: b"x"})
            self.refused("WIRE", Connection(d.address, ca=ca), "JOIN", b"\xff")
            stranger = Connection(d.address, ca=ca)
            with self.assertRaises(Refused) as caught:
                stranger.socket.sendall(frame("JOIN", b"", 8193))
                stranger.receive()
            self.assertEqual(caught.exception.code, "FRAME_TOO_LARGE")
            self.closed(stranger)
            self.assertTrue(Peer(chair).serves())

    def test_another_districts_certificate_is_none(self):
        with district() as d, district() as other:
            chair, foreigner = d.join("QH001", "union_chair"), other.join("QH001", "union_chair")
            mixed = pathlib.Path(d.base) / "mixed"
            mixed.mkdir()
            for name, seat in (("ca.pem", chair), ("cert.pem", foreigner), ("key.pem", foreigner)):
                (mixed / name).write_bytes((seat.folder / name).read_bytes())
            with self.assertRaises(ENDS):
                Connection(d.address, mixed).hello(os.urandom(16))
            with self.assertRaises(ssl.SSLError):
                Connection(d.address, foreigner.folder)
            self.assertTrue(Peer(chair).serves())

    def test_questions_without_waiting(self):
        """What comes in one piece is answered in one go, while all others wait: so many, and one that may read much."""
        with district(branches=BRANCHES) as d:
            chair = d.join("QH001", "union_chair")
            other = Peer(chair)
            peer = Peer(chair)
            pulls = [("PULL", encode({1: peer.home, 2: 0}))] * 8
            for names, ends in ((pulls, None), (pulls + [("DIGEST_ASK", encode({1: peer.home}))], "FULL"),
                                ([("OVERVIEW_ASK", encode({1: 1})), ("PING", encode({1: 1}))], None),
                                ([("OVERVIEW_ASK", encode({1: 1})), ("OVERVIEW_ASK", encode({1: 2}))], "FULL")):
                peer = Peer(chair)
                peer.socket.sendall(b"".join(frame(name, message) for name, message in names))
                try:
                    for _ in names:
                        peer.receive()
                    self.assertIsNone(ends)
                    self.assertTrue(peer.serves())
                    peer.close()
                except Refused as refused:
                    self.assertEqual((refused.code, refused.fatal), (ends, 1))
                    self.closed(peer)
            self.assertTrue(other.serves())
            other.close()

    def test_a_hello_that_is_none(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            for code, name, message in (("VERSION", "HELLO", {1: 2, 3: bytes(16)}), ("VERSION", "HELLO", {3: bytes(16)}),
                                        ("PROTOCOL", "HELLO", {1: 1}), ("PROTOCOL", "HELLO", {1: 1, 3: b"short"}),
                                        ("PROTOCOL", "HELLO", {1: 1, 3: bytes(16), 5: [{1: n + 1} for n in range(17)]}),
                                        ("PROTOCOL", "PING", {1: 1}), ("PROTOCOL", "PUSH", {1: bytes(16)})):
                with self.subTest(name=name, message=message):
                    self.refused(code, Connection(d.address, chair.folder), name, message)

    def test_a_suspended_and_a_revoked_seat(self):
        with district() as d:
            chair, clerk = d.join("QH001", "union_chair"), d.join("QH001", "committee_member", "李静")
            live = Peer(clerk)
            d("seat", "suspend", "2")
            self.refused("SEAT_SUSPENDED", live, "PING", {1: 1})
            self.refused("SEAT_SUSPENDED", Connection(d.address, clerk.folder), "HELLO", {1: 1, 3: bytes(16)})
            d("seat", "resume", "2")
            live = Peer(clerk)
            d("seat", "revoke", "2")
            self.refused("SEAT_REVOKED", live, "PULL", {1: live.home})
            last = Peer(clerk)
            self.assertEqual(text(last.welcome, 8), "revoked")
            self.assertNotIn(11, last.welcome, "no PSK for a revoked seat")
            verdicts, _ = last.send_changes(create_member(1, last.home, {NAME: "刘芳"}))
            self.assertEqual(verdicts[1][::2], ("REFUSED", "SEAT_REVOKED"))
            wipe = last.ask("REPORT", {1: 0}, "WIPE")
            self.assertEqual((one(wipe, 1), len(one(wipe, 3)) > 60), (2, True))
            self.refused("PROTOCOL", Peer(clerk), "PULL", {1: last.home})
            self.assertEqual([one(e, 6) for e in Peer(chair).pull(last.home)], [4], "kept for the district, refused")


class Rights(ProtocolTest):
    def test_orgs_that_the_seat_does_not_keep(self):
        with district(BRANCHES) as d:
            chair, other = d.join("QH001", "union_chair", "王敏"), d.join("QH002", "union_chair", "李静")
            theirs = Peer(other)
            record = new_id()
            self.assertEqual(theirs.send_changes(create_member(1, theirs.home, {NAME: "陈红", NOTE: "外单位的人"}, record))[0][1][0], "APPLIED")
            for code, name, message in (("ORG", "PULL", {1: theirs.home}), ("ORG", "SNAPSHOT_ASK", {1: theirs.home}),
                                        ("ORG", "DIGEST_ASK", {1: theirs.home}), ("ORG", "PULL", {1: 999}), ("ORG", "PULL", {}),
                                        ("PROTOCOL", "HAND_BACK", {1: theirs.home, 3: 1})):
                with self.subTest(name=name, message=message):
                    self.refused(code, Peer(chair), name, message)
            peer = Peer(chair)
            for name, message in (("ROWS_ASK", {1: 5, 2: theirs.home, 4: MEMBER}), ("ROWS_ASK", {1: 5, 3: "QH002", 4: MEMBER}),
                                  ("ROWS_ASK", {1: 5, 3: "QH002", 4: MEMBER, 5: record}), ("OVERVIEW_ASK", {1: 5, 2: "QH002"}),
                                  ("HISTORY_ASK", {1: 5, 2: theirs.home, 3: MEMBER, 4: record}), ("OVERVIEW_ASK", {1: 5, 2: "QH"}),
                                  ("ROWS_ASK", {1: 5, 3: "nowhere", 4: MEMBER})):
                self.refused("ASK_ORG", peer, name, message, fatal=False)
            self.assertNotIn(3, peer.ask("ROWS_ASK", {1: 6, 4: MEMBER, 5: record}, "ROWS"))
            self.assertNotIn(2, peer.ask("HISTORY_ASK", {1: 6, 3: MEMBER, 4: record}, "HISTORY"))
            verdicts, _ = peer.send_changes(create_member(1, theirs.home, {NAME: "刘芳"}),
                                            change(2, theirs.home, SET, record, {NAME: "刘芳"}, base=1 << 62),
                                            change(3, peer.home, SET, record, {NAME: "刘芳"}, base=1 << 62))
            self.assertEqual([v[::2] for v in verdicts.values()], [("REFUSED", "ORG")] * 3)
            self.refused("SEAT_ACTION", peer, "SEAT_ASK", {1: 7, 2: 9, 3: 2}, fatal=False)
            self.refused("SEAT_UNKNOWN", peer, "SEAT_ASK", {1: 7, 2: 1, 3: 2}, fatal=False)
            self.refused("INVITE_ORG", peer, "INVITE_ASK", {1: 7, 2: "QH002", 3: "accountant", 4: "张丽"}, fatal=False)
            self.assertTrue(peer.serves())
            self.assertNotIn("外单位的人".encode(), peer.received)
            # A reference into another branch brings nothing of it.
            item = encode({1: 1, 2: peer.home, 3: 2, 4: new_id(), 6: CREATE, 7: encode({1: "第一小组", 3: record})})
            peer.push(os.urandom(16), [item])
            peer.ask("ROWS_ASK", {1: 8, 4: 2}, "ROWS")
            self.assertNotIn("陈红".encode(), peer.received)
            self.assertEqual(len(theirs.pull(theirs.home)), 1)
            peer.close()
            theirs.close()

    SECRETS = {BIRTH: "1985-06-12", ID_TYPE: "111", ID_NUMBER: "990101198506120024", MOBILE: "13800138123"}
    LATER = {BIRTH: "1990-02-28", ID_TYPE: "414", ID_NUMBER: "E99887766", MOBILE: "13900139456"}
    WRONG = "1390013945x"

    def test_no_byte_of_a_sensitive_field_reaches_who_may_not_read_it(self):
        with district() as d:
            chair, clerk = d.join("QH001", "union_chair", "王敏"), d.join("QH001", "committee_member", "李静")
            accountant, officer = d.join("QH001", "accountant", "张丽"), d.join("QH", "district_officer", "赵敏")
            record, removed = self.enter(Peer(chair), Peer(clerk))
            told = {}
            for seat in (chair, accountant, officer):
                peer = Peer(seat)
                told[seat] = self.ask_everything(peer, record, removed, one(Peer(chair).welcome, 7))
            values = [encode({tag: v}) for of in (self.SECRETS, self.LATER) for tag, v in of.items()] + [self.WRONG.encode()]
            values += [v.encode() for of in (self.SECRETS, self.LATER) for tag, v in of.items() if tag != ID_TYPE]
            for value in values:
                self.assertIn(value, told[chair], "who may read it gets it, or this test proves nothing")
                self.assertNotIn(value, told[accountant])
                self.assertNotIn(value, told[officer])
            for seat in (accountant, officer):
                self.assertIn("刘芳".encode(), told[seat])

    def enter(self, chair, clerk):
        """All that moves a sensitive value: a create, a set, a conflict, a clearing, a refusal, a removal with what it held."""
        home, record, removed = chair.home, new_id(), new_id()
        v, _ = chair.send_changes(create_member(1, home, {NAME: "刘芳", **self.SECRETS}, record),
                                  create_member(2, home, {NAME: "陈红", **self.SECRETS}, removed))
        base, base_removed = v[1][1], v[2][1]
        v, _ = clerk.send_changes(change(1, home, SET, record, self.LATER, base),
                                  change(2, home, SET, record, {MOBILE: self.WRONG, NOTE: "x"}, base))
        self.assertEqual([x[0] for x in v.values()], ["APPLIED", "REFUSED"])
        v, _ = chair.send_changes(change(3, home, SET, record, {MOBILE: "13700137789"}, base),
                                  change(4, home, SET, record, {NOTE: "y"}, base, cleared=[BIRTH]),
                                  change(5, home, REMOVE, removed, base=base_removed))
        self.assertEqual([x[0] for x in v.values()], ["CONFLICT", "CONFLICT", "APPLIED"])
        v, _ = clerk.send_changes(change(3, home, SET, removed, {MOBILE: "13900139456"}, base_removed))
        self.assertEqual(v[3][0], "CONFLICT")
        return record, removed

    @staticmethod
    def ask_everything(peer, record, removed, branch):
        if peer.home == branch:
            peer.pull(branch)
            page = peer.ask("SNAPSHOT_ASK", {1: branch}, "SNAPSHOT_PAGE")
            if not one(page, 5):
                raise AssertionError("one page is enough here")
            peer.ask("DIGEST_ASK", {1: branch}, "DIGESTS")
        for kind in (MEMBER, 100):
            peer.ask("ROWS_ASK", {1: 1, 2: branch, 4: kind}, "ROWS")
        peer.ask("ROWS_ASK", {1: 2, 2: branch, 4: MEMBER, 5: record}, "ROWS")
        for one_record in (record, removed):
            peer.ask("HISTORY_ASK", {1: 3, 2: branch, 3: MEMBER, 4: one_record}, "HISTORY")
        peer.ask("OVERVIEW_ASK", {1: 4}, "OVERVIEW")
        peer.close()
        return peer.received


if __name__ == "__main__":
    unittest.main()
