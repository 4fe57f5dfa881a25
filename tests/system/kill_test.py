"""kill -9 before each single write, sync, rename and removal of a client: what it printed as saved is there and arrives, what it did
not print is there whole or not at all, and the next command goes on."""
import os
import shutil
import signal
import sqlite3
import subprocess
import unittest
from district import district, Seat, BANYAN, ENVIRONMENT


def killed_at(folder, number, *words, stdin=None):
    """The command with a kill before its number-th change on the disk. None, if it was not killed: it had fewer."""
    options = ":".join(o for o in (os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0", "detect_leaks=0") if o)
    done = subprocess.run([BANYAN, *map(str, words), "--data", str(folder)], capture_output=True, text=True, input=stdin or "", timeout=60,
                          env={**ENVIRONMENT, "LD_PRELOAD": os.environ["KILL_AT_LIB"], "KILL_AT": str(number), "ASAN_OPTIONS": options})
    if "Sanitizer" in done.stderr or "runtime error" in done.stderr:
        raise AssertionError(done.stderr)
    return done if done.returncode == -signal.SIGKILL else None


def points():
    """Each of the first changes, then fewer and fewer: a large command repeats itself."""
    n, found = 1, []
    while n < 4000:
        found.append(n)
        n += 1 + n // 8
    return found


class Kill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = district()
        cls.d = cls.context.__enter__()
        cls.addClassCleanup(cls.context.__exit__, None, None, None)

    def each(self, prepare, *words, stdin=None, at_least):
        """Runs the command in fresh copies of a folder, killed a little later each time, until it gets through. Yields the copy and
        what was printed."""
        for count, number in enumerate(points()):
            seat = prepare(number)
            done = killed_at(seat.folder, number, *words, stdin=stdin)
            if done is None:
                self.assertGreater(count, at_least, "it was killed too seldom to say anything")
                return
            yield seat, done
            shutil.rmtree(seat.folder, ignore_errors=True)
        self.fail("no end")

    def test_entering(self):
        seat = self.d.join("QH001", "union_chair", "王敏")
        for n in range(3):
            seat.add("member", f"name=先前{n}")
        for copy, done in self.each(lambda n: seat.copy(f"enter-{n}"), "add", "member", "name=这一个", at_least=3):
            ids = [m["id"] for m in copy.json("list", "member") if m["sync"] == "queued"]  # the others are of other tests
            if done.stdout:
                self.assertIn(done.stdout.strip(), ids)
            self.assertIn(len(ids), (3, 4))
            self.assertEqual(copy.json("status")["queued"], len(ids))
            copy.add("member", "name=之后")
            self.assertEqual(copy.json("status")["queued"], len(ids) + 1)

    def test_joining(self):
        """The same code on the same device ends what was begun, wherever it was cut."""
        codes = {}

        def prepare(number):
            codes["now"] = self.d.invite("QH001", "committee_member", f"人{number}")
            return Seat(self.d, self.d.base / "deep" / f"join-{number}")

        for count, number in enumerate(points()):
            seat = prepare(number)
            done = killed_at(seat.folder, number, "join", "-", stdin=codes["now"] + "\n")
            if done is None:
                self.assertGreater(count, 15)
                break
            again = seat("join", "-", stdin=codes["now"] + "\n", status=None)
            if again.status != 0:
                self.assertIn("joined", again.err)  # it was done already
            self.assertEqual(seat.json("status")["person"], f"人{number}")
            seat.sync()
            shutil.rmtree(seat.folder)
        seats = self.d("seat", "list", "--json").json
        self.assertEqual(len([s for s in seats if s["name"] == f"人{points()[0]}"]), 1)
        self.assertEqual(len({s["name"] for s in seats}), len(seats), "no code made two seats")

    def test_syncing(self):
        seat, other = self.d.join("QH001", "union_chair", "王敏二"), self.d.join("QH001", "committee_member", "李静二")
        seat.sync()
        members = [seat.add("member", f"name=我的{n}") for n in range(3)]
        other.add("member", "name=别人的")
        other.sync()
        for copy, done in self.each(lambda n: seat.copy(f"sync-{n}"), "sync", at_least=15):
            copy.sync()
            self.assertEqual(copy.json("status")["queued"], 0)
            listed = [m["id"] for m in copy.json("list", "member")]
            for member in members:
                self.assertEqual(listed.count(member), 1)
            self.assertEqual(copy.json("status")["repairs"], 0)
        self.d("verify")

    def test_carrying_over_what_a_damaged_file_held(self):
        seat = self.d.join("QH001", "union_chair", "王敏三")
        seat.sync()
        members = [seat.add("member", f"name=没送出{n}") for n in range(4)]
        db = sqlite3.connect(seat.folder / "banyan.db")
        page, = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'handled'").fetchone()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        data = bytearray((seat.folder / "banyan.db").read_bytes())
        data[(page - 1) * 4096:page * 4096] = os.urandom(4096)
        (seat.folder / "banyan.db").write_bytes(data)
        for copy, done in self.each(lambda n: seat.copy(f"damaged-{n}"), "status", at_least=15):
            self.assertEqual(copy.json("status")["queued"], 4)
            listed = [m["id"] for m in copy.json("list", "member")]
            self.assertTrue(set(members) <= set(listed))
            self.assertTrue(list(copy.folder.glob("banyan.db.damaged-*")))
            copy.add("member", "name=之后")
        copy = seat.copy("damaged-last")
        copy.sync()
        self.assertEqual(copy.json("status")["queued"], 0)

    def test_the_end_of_a_seat(self):
        """Once it has begun nothing is left, whoever comes next; before, all is handed over."""
        seat = self.d.join("QH001", "union_chair", "王敏四")
        seat.sync()
        seat.add("member", "name=没送出")
        self.d("seat", "revoke", str(seat.json("status")["seat"]))
        secrets = ("banyan.db", "key.pem", "cert.pem", "ca.pem")
        for copy, done in self.each(lambda n: seat.copy(f"end-{n}"), "sync", at_least=15):
            for _ in range(3):
                copy("sync", status=None)
            left = [p.name for p in copy.folder.iterdir() if p.name.startswith(secrets)]
            self.assertEqual(left, [])
            self.assertIn("join", copy("status", status=1).err)


if __name__ == "__main__":
    unittest.main()
