"""A real client and a server that lies to it. Whoever cannot show that it is the district's server hears nothing. One that has the district's
own keys may hold up or mislead: but the command ends, in bounded time and memory, says so, prints nothing that a terminal obeys, and what
waits to be sent is still there and reaches the true server afterwards."""
import os
import subprocess
import time
import unittest

from district import BANYAN, ENVIRONMENT, District
from liar import Liar
from small_client import Connection, decode, encode, new_id, one

SECONDS = 60          # a command may take, with sanitizers
MEMORY = 400 << 20    # with the sanitizers' own share
FAR = (1 << 40) + (1 << 39)


class HostileServerTest(unittest.TestCase):
    def setUp(self):
        self.d = District(branches=(("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区云雀幼儿园工会")))
        self.addCleanup(self.d.close)
        self.d.serve()
        self.seat = self.d.join("QH001", "union_chair", "王敏")
        for name in ("刘芳", "何花"):
            self.seat.add("member", f"name={name}")
        self.seat.sync()
        true = Connection(self.d.address, self.seat.folder)
        self.welcome = true.hello(os.urandom(16))
        self.entries = true.ask("PULL", {1: 2, 2: 0}, "ENTRIES")
        self.page = true.ask("SNAPSHOT_ASK", {1: 2}, "SNAPSHOT_PAGE")
        true.close()
        self.address = self.d.address
        self.d.stop()
        self.names, self.copies = ["刘芳", "何花"], []

    # ---- what is looked at ----
    def device(self, name):
        """A copy of the seat with a change of its own that waits."""
        copy = self.seat.copy(name)
        copy.add("member", f"name={name}")
        self.names.append(name)
        self.copies.append(copy)
        return copy

    def sync(self, seat, *words):
        """Status, words, seconds; bounded in all of that, and in memory."""
        began, words = time.monotonic(), words or ("sync",)
        with open(self.d.base / "said", "wb+") as said:
            process = subprocess.Popen([BANYAN, *words, "--data", str(seat.folder)], stdout=said, stderr=said, stdin=subprocess.DEVNULL, env=ENVIRONMENT)
            status = used = None
            while status is None:
                pid, code, used = os.wait4(process.pid, os.WNOHANG)
                status = os.waitstatus_to_exitcode(code) if pid else None
                if status is None and time.monotonic() - began > SECONDS:
                    process.kill()
                    process.wait()
                    self.fail(f"{seat.folder.name}: it does not end")
                time.sleep(0.02)
            process.returncode = status
            said.seek(0)
            words = said.read()
        self.assertNotIn(b"Sanitizer", words)
        self.assertNotIn(b"runtime error", words)
        self.assertGreaterEqual(status, 0, words)
        self.assertLess(used.ru_maxrss << 10, MEMORY, seat.folder.name)
        self.assertFalse([b for b in words if b < 0x20 and b not in b"\n\t\r" or b == 0x7f], words[:500])
        self.assertLess(len(words), 20000, words[:500])
        return status, words.decode(), time.monotonic() - began

    def lie(self, name, play, *command, status=1):
        """The queue is as long after it as before."""
        seat = self.device(name)
        with Liar(self.address, self.d.data, play) as liar:
            got, words, took = self.sync(seat, *command)
        self.assertGreater(liar.came, 0)
        self.assertTrue(status is None or got != 0, f"{name}: {got} {words}")
        self.assertTrue(words.strip(), name)
        self.assertGreaterEqual(seat.json("status", status=None)["queued"], 1, name)  # more: it asked for what it had before
        self.assertLessEqual({"刘芳", "何花", name}, {m["name"] for m in seat.json("list", "member")})
        print(f"{name}: {took:.1f} s: {words.strip().splitlines()[0] if words.strip() else ''}", flush=True)
        return liar, words

    # ---- who is no server of ours ----
    def test_strangers(self):
        stranger = District(name="云溪区教育工会")
        self.addCleanup(stranger.close)
        seat = self.device("别的区")
        with Liar(self.address, stranger.data, self.fail) as liar:
            status, words, _ = self.sync(seat)
        self.assertEqual((liar.came > 0, liar.heard), (True, 0), words)
        self.assertNotEqual(status, 0)
        # A seat of the district that plays the server: its certificate is of the right CA and for another use.
        keys = self.d.base / "seat-as-server"
        keys.mkdir()
        for name, of in (("server.pem", "cert.pem"), ("server.key", "key.pem"), ("ca.pem", "ca.pem")):
            (keys / name).write_bytes((self.seat.folder / of).read_bytes())
        with Liar(self.address, keys, self.fail) as liar:
            status, words, _ = self.sync(seat)
        self.assertEqual((liar.came > 0, liar.heard), (True, 0), words)
        self.assertNotEqual(status, 0)
        self.assertEqual(seat.json("status", status=None)["queued"], 1)
        self.afterwards()

    # ---- who has our keys ----
    def greet(self, peer, **more):
        """The true WELCOME with some of its fields changed, and an answer to what follows that is true."""
        peer.say("WELCOME", {**self.welcome, **{int(k[1:]): v for k, v in more.items()}})

    def answers(self, says, **more):
        """says: {frame: what to send for it, None to keep silent}; for others nothing is said."""
        def play(peer):
            self.greet(peer, **more)
            while True:
                name, message = peer.hear()
                if says.get(name):
                    says[name](peer, message)
        return play

    def head(self, **more):
        """The head of the seat's home, with some of its fields changed; the district's own as it was."""
        heads = [decode(h) for h in self.welcome[9]]
        return [{**h, **({int(k[1:]): v for k, v in more.items()} if one(decode(one(h, 1)), 1) == 2 else {})} for h in heads]

    def verdicts(self, message, **more):
        return {1: one(message, 1), **{int(k[1:]): v for k, v in more.items()}}

    def test_lies(self):
        late = lambda peer, message: peer.say("VERDICTS", self.verdicts(message, _3=3, _4=self.first_n(message), _5=1))
        empty = lambda peer, message: peer.say("ENTRIES", {1: one(message, 1), 3: FAR})
        entries = [decode(e) for e in self.entries[2]]
        backwards = lambda peer, message: peer.say("ENTRIES", {1: one(message, 1), 2: list(reversed(entries)), 3: FAR})
        moved = [{**e, 1: one(e, 1) + 1000, 12: os.urandom(32)} for e in entries]
        row = lambda org, kind, bytes_: {1: kind, 2: new_id(), 3: (1 << 40) + 1, 4: bytes_}
        page = lambda rows, **more: lambda peer, message: peer.say("SNAPSHOT_PAGE", {**self.page, 4: rows, **{int(k[1:]): v for k, v in more.items()}})
        behind = dict(_2=FAR, _3=os.urandom(32), _6=1 << 40)
        pulls = dict(behind, _5=1000, _6=3)  # the log is the shorter way
        lies = {
            "撒谎一": self.answers({"PUSH": lambda p, m: p.say("VERDICTS", self.verdicts(m, _3=1, _4=self.first_n(m)))}),  # FORKED, always
            "撒谎二": self.answers({"PUSH": lambda p, m: p.say("VERDICTS", self.verdicts(m, _3=2, _4=1))}),                # GAP, always
            "撒谎三": self.answers({"PUSH": late}),
            "撒谎四": self.answers({"PUSH": lambda p, m: p.say("VERDICTS", self.verdicts(m))}),                            # decided nothing
            "撒谎五零": self.answers({"PUSH": lambda p, m: p.say("VERDICTS", self.verdicts(m, _2=[{1: 999, 2: 1, 3: FAR}]))}),
            "撒谎五": self.answers({"PUSH": late, "PULL": empty}, _9=self.head(**pulls)),
            "撒谎六": self.answers({"PUSH": late, "PULL": backwards}, _9=self.head(**pulls)),
            "撒谎七": self.answers({"PUSH": late, "PULL": lambda p, m: p.say("ENTRIES", {1: one(m, 1), 2: moved, 3: FAR})}, _9=self.head(**pulls)),
            "撒谎八": self.answers({"PUSH": late, "PULL": lambda p, m: p.say("ENTRIES", {1: 3, 2: entries, 3: FAR})}, _9=self.head(**pulls)),
            "撒谎九": self.answers({"PUSH": late, "SNAPSHOT_ASK": page([row(2, 1, encode({2: "造假"}))], _5=0, _6=(1 << 63))}, _9=self.head(**behind, _5=1)),
            "撒谎十": self.answers({"PUSH": late, "SNAPSHOT_ASK": page([row(2, 1, b"\xff" * 40)], _5=1)}, _9=self.head(**behind, _5=1)),
            "撒谎十一": self.answers({"PUSH": late, "SNAPSHOT_ASK": page([row(3, 1, encode({2: "造假"}))], _1=3)}, _9=self.head(**behind, _5=1)),
            "撒谎十二": self.answers({}, _9=[self.head()[0]] * 40),
            "撒谎十三": lambda peer: peer.say("WELCOME", {1: 1, 7: 2, 10: [{1: n, 2: n - 1} for n in range(1, 4000)]}),
            "撒谎十四": lambda peer: peer.say("WELCOME", {1: 7}),
            "撒谎十五": lambda peer: peer.say("WELCOME", b"\x08\x81\x80\x80\x00"),
            "撒谎十六": lambda peer: peer.raw(b"\xff\xff\xff\xff\x02"),
            "撒谎十七": lambda peer: peer.raw(b"\x00\x00\x00\x02\xc8\x00"),
            "撒谎十八": lambda peer: peer.say("ERROR", {2: "X\x1b[2J", 3: "\x1b]0;x\x07\x1b[31m" + "长" * 100000, 4: 1}),
            "撒谎十九": lambda peer: [self.greet(peer)] + [peer.say("NEWS", {1: n % 5, 2: FAR + n}) for n in range(20000)],
            "撒谎二十": lambda peer: [peer.say("WIPE", {1: 1, 2: 1, 3: b"0\x06\x02\x01\x01\x02\x01\x01"})],
            "撒谎廿一": self.answers({"REPORT": lambda p, m: p.say("WIPE", {1: one(self.welcome, 4), 2: 1, 3: b"0\x06\x02\x01\x01\x02\x01\x01"}), "PUSH": late}, _8="revoked"),
            "撒谎廿二": self.answers({"HAND_BACK": lambda p, m: p.say("TAKEN", {1: 2, 2: 1})}, _9=self.head(_7=1, _8=0)),
            "撒谎廿三": lambda peer: peer.stream.unwrap(),
        }
        for name, play in lies.items():
            with self.subTest(name):
                self.lie(name, play)
        self.afterwards()

    def test_answers_without_end(self):
        """Lists in pages, each of which says that there is more: two branches in turn, totals and rows that go round, seats from the front."""
        org = lambda number: {1: {1: number, 2: f"QH{number}", 3: "青禾区"}}
        turn = lambda peer, m: peer.say("OVERVIEW", {1: one(m, 1), 3: org(1)[1], 5: [org(2 if one(m, 4) == 3 else 3)], 6: 0})
        asks = {
            "总览": (("overview",), {"OVERVIEW_ASK": turn}),
            "总数": (("overview",), {"OVERVIEW_ASK": lambda p, m: p.say("OVERVIEW", {1: one(m, 1), 3: org(1)[1], 4: [{1: "1.state.active", 2: 1}], 6: 0})}),
            "席位": (("seat", "list"), {"SEAT_ASK": lambda p, m: p.say("SEATS", {1: one(m, 1), 2: [{1: 1, 2: "王敏"}], 3: 0})}),
            "转入": (("list", "member", "--incoming"), {"TRANSFER_ASK": lambda p, m: p.say("TRANSFERS", {1: one(m, 1), 3: 0, 4: bytes(15) + b"\1"})}),
        }
        for name, (command, says) in asks.items():
            with self.subTest(name):
                self.lie(name, self.answers(says), *command, status=None)
        self.afterwards()

    @staticmethod
    def first_n(push):
        return one(decode(one(decode(push[2][0]), 1)), 1)

    def afterwards(self):
        """The true server again: each copy gets rid of what waited."""
        self.d.serve()
        self.assertEqual(self.d.address, self.address)
        for copy in self.copies:
            copy.sync(status=None)
            self.assertEqual(copy.json("status", status=None)["queued"], 0, copy.folder.name)
        self.seat.sync()
        self.assertEqual(sorted(m["name"] for m in self.seat.json("list", "member")), sorted(self.names))
        self.d("verify")


if __name__ == "__main__":
    unittest.main()
