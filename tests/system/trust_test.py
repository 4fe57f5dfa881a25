"""What a server believes that has lost entries (sync rules 25, 35; PROTOCOL.md "Heads"): what it gave itself, by its own macs, and no
seat's word. A liar starts no recovery and brings nothing in; who is honest heals it, also after the key is new."""
import contextlib
import hashlib
import shutil
import sqlite3
import stat
import unittest

from district import district, wait_for
from small_client import Connection, create_member, decode, encode, entry_hash, new_id, one

NAME = 2
RECOVERING, HAND_BACK_AFTER = 7, 8  # of a head


def chained(entry, before):
    """A whole entry that follows `before` by every rule of the chain: all that somebody without the key can make."""
    entry = {tag: [value] for tag, value in entry.items()}
    entry[12] = [hashlib.sha256(before + entry_hash(entry)).digest()]
    return entry


class Peer(Connection):
    """A seat's keys in other hands. entry: the last that it says it holds; more: further fields of its hello."""

    def __init__(self, seat, home=0, entry=None, more=None):
        super().__init__(seat.district.address, seat.folder)
        position = [{1: home, 2: one(entry, 1), 3: one(entry, 12), 4: one(entry, 14, None)}] if entry else []
        welcome = self.ask("HELLO", {1: 1, 3: bytes([1] * 16), 5: position, **(more or {})}, "WELCOME")
        self.home = one(welcome, 7)
        self.heads = {one(decode(one(h, 1)), 1): h for h in map(decode, welcome[9])}

    def says(self):
        """Of its home: does it recover, and after which seq are entries wanted."""
        return one(self.heads[self.home], RECOVERING), one(self.heads[self.home], HAND_BACK_AFTER, None)

    def hand_back(self, *entries):
        return one(self.ask("HAND_BACK", {1: self.home, 2: list(entries), 3: 0}, "TAKEN"), 2)


class Trust(unittest.TestCase):
    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.chair = self.d.join("QH001", "union_chair", "王敏")
        self.colleague = self.d.join("QH001", "committee_member", "李静")

    def names(self, seat):
        return sorted(r["name"] for r in seat.json("list", "member"))

    def put_back(self, old):
        """Somebody puts a folder of before back, but for the keys, which never changed."""
        self.d.stop()
        for name in ("banyan.db", "banyan.db-wal", "banyan.db-shm", "control.journal"):
            (self.d.data / name).unlink(missing_ok=True)
            if (old / name).exists():
                shutil.copy2(old / name, self.d.data / name)
        self.d.serve()

    def snapshot(self, name):
        self.d.stop()
        shutil.copytree(self.d.data, self.d.base / name)
        self.d.serve()
        return self.d.base / name

    def test_a_lie_stops_nobody(self):
        self.chair.add("member", "name=赵一")
        self.chair.sync()
        peer = Peer(self.colleague)
        true, = peer.pull(peer.home)
        beyond = {1: [one(true, 1) + 5], 12: [hashlib.sha256(one(true, 12)).digest()]}
        for entry in (beyond, {**beyond, 14: [bytes(16)]}, {**beyond, 14: true[14]}, {**true, 1: beyond[1]}):
            liar = Peer(self.colleague, peer.home, entry)
            self.assertEqual(liar.says(), (0, None))
            liar.close()
        liar = Peer(self.colleague, more={9: 9, 10: bytes(16)})  # an epoch that nobody ever began
        self.assertEqual(liar.says(), (0, None))
        liar.close()
        peer.close()
        self.assertEqual(self.d.server.err.count("not believed"), 4)
        self.assertNotIn("rolled back", self.d.server.err)
        self.chair.add("member", "name=钱二")
        self.chair.sync()
        self.assertEqual(self.d.overview()["totals"]["member.total"], 2)

    def test_forged_entries_are_refused_and_true_ones_heal(self):
        self.chair.add("member", "name=赵一")
        self.chair.sync()
        self.d("backup", self.d.base / "one")
        self.chair.add("member", "name=钱二")
        self.chair.add("member", "name=孙三")
        self.chair.sync()
        peer = Peer(self.colleague)
        first, second, third = peer.pull(peer.home)
        peer.close()
        self.d.stop()
        self.d("restore", self.d.base / "one")
        self.d.serve()
        peer = Peer(self.colleague, peer.home, third)
        self.assertEqual(peer.says(), (1, one(first, 1)))
        made_up = create_member(2, peer.home, {NAME: "编造的人"}, new_id())
        plain = {tag: values[0] for tag, values in second.items() if tag != 14}
        forged = chained({**plain, 9: made_up, 5: hashlib.sha256(made_up).digest()[:16]}, one(first, 12))
        third_after_it = chained({tag: values[0] for tag, values in third.items()}, one(forged, 12))
        unproven = {tag: values for tag, values in third.items() if tag != 14}
        for entries in ((forged,), ({**forged, 14: second[14]},), ({**forged, 14: third[14]},), (forged, third),
                        (forged, third_after_it), (second, unproven)):
            self.assertEqual(peer.hand_back(*entries), one(first, 1))
        self.assertEqual(self.d.server.err.count("not believed"), 6)
        self.assertEqual(peer.hand_back(second, third), one(third, 1))
        peer.close()
        wait_for(lambda: {s.sync(status=None).status for s in (self.chair, self.colleague)} == {0}, "recovery ends", 60)
        self.assertEqual(self.names(self.colleague), sorted(["赵一", "钱二", "孙三"]))
        self.assertEqual(self.d.overview()["totals"]["member.total"], 3)
        self.d("verify")

    def test_a_seat_that_is_not_believed_loses_nothing_of_its_own(self):
        """The folder's macs are gone (a program of before): rule 35 does not begin, and the seat goes back, counts it, says it, sends again."""
        old = self.snapshot("old")
        mine = self.chair.add("member", "name=赵一")
        self.chair.sync()
        with contextlib.closing(sqlite3.connect(self.chair.folder / "banyan.db")) as db, db:
            db.execute("DELETE FROM head_mac")
            for org, seq, entry in db.execute("SELECT org, seq, entry FROM kept").fetchall():
                db.execute("UPDATE kept SET entry = ? WHERE org = ? AND seq = ?",
                           (encode({t: v for t, v in decode(entry).items() if t != 14}), org, seq))
        self.put_back(old)
        self.assertIn("its past was rewritten", self.chair.sync(status=4).err)  # it is another one than the chair saw, and that is told
        self.assertIn("not believed", self.d.server.err)
        self.assertNotIn("rolled back", self.d.server.err)
        self.colleague.sync()
        for seat in (self.chair, self.colleague):
            self.assertEqual((seat.record("member", mine)["name"], seat.json("status")["queued"]), ("赵一", 0))
        self.d("verify")

    def test_an_older_folder_makes_the_key_at_its_next_start(self):
        old = self.snapshot("old")
        mine = self.chair.add("member", "name=赵一")
        self.chair.sync()
        self.d.stop()
        (self.d.data / "head.key").unlink()
        self.d.serve()
        self.assertEqual((stat.S_IMODE((self.d.data / "head.key").stat().st_mode), (self.d.data / "head.key").stat().st_size), (0o600, 32))
        self.chair.sync()  # level: WELCOME says anew what proves where it stands
        self.put_back(old)
        self.chair.sync(status=None)
        self.assertIn("rolled back", self.d.server.err)
        self.assertNotIn("not believed", self.d.server.err)
        wait_for(lambda: {s.sync(status=None).status for s in (self.chair, self.colleague)} == {0}, "recovery ends", 60)
        self.assertEqual(self.colleague.record("member", mine)["name"], "赵一")
        self.d("verify")

    def test_a_backup_without_the_key_says_so(self):
        """Of a district that was never served since this version: taken before its key was made."""
        mine = self.chair.add("member", "name=赵一")
        self.chair.sync()
        self.d.stop()
        key = self.d.data / "head.key"
        kept = key.read_bytes()
        key.unlink()
        self.d("backup", self.d.base / "one")
        key.write_bytes(kept)
        self.assertNotIn("head.key", self.d("restore", self.d.base / "one").err)
        key.unlink()
        self.assertIn("head.key", self.d("restore", self.d.base / "one").err)
        self.d.serve()
        wait_for(lambda: {s.sync(status=None).status for s in (self.chair, self.colleague)} == {0}, "recovery ends", 60)
        self.assertEqual(self.colleague.record("member", mine)["name"], "赵一")

    def test_what_nobody_holds_any_more_is_said_to_all_whom_it_concerns(self):
        """Rule 6: somebody took rows out of a stopped client's file. The rest goes on; operator, district and seat are told."""
        officer = self.d.join("QH", "district_officer", "张丽")
        self.chair.add("member", "name=赵一")
        self.chair.sync()
        for name in ("钱二", "孙三", "李四"):
            self.chair.add("member", f"name={name}")
        self.assertEqual(self.chair.json("status")["broken"], 0)
        with contextlib.closing(sqlite3.connect(self.chair.folder / "banyan.db")) as db, db:
            self.assertEqual(db.execute("DELETE FROM outbox WHERE n IN (2, 3)").rowcount, 2)
        done = self.chair.sync()
        self.assertIn("Lost: 2 changes", done.err)
        self.assertIn("promise broken: 2 changes of seat 1, of 2 to 3", self.d.server.err)
        self.assertEqual((self.chair.json("status")["broken"], self.chair.json("status")["queued"]), (2, 0))
        self.assertIn("Lost: 2 changes", self.chair("status").out)
        for board in (self.d.overview(), officer.json("overview")):
            self.assertEqual([b["broken"] for b in board["branches"]], [2])
        self.assertIn("QH001 青禾区小苗圃幼儿园工会: 2 changes", officer("overview").out)
        self.assertEqual({s["name"]: s["broken"] for s in officer.json("seat", "list")}, {"王敏": 2, "李静": 0, "张丽": 0})
        self.assertNotIn("Lost", self.chair.sync().err)  # once, and in status for good
        self.chair.add("member", "name=周五")
        self.chair.sync()
        self.colleague.sync()
        self.assertEqual(self.names(self.colleague), sorted(["赵一", "李四", "周五"]))
        self.assertEqual(self.d.server.err.count("promise broken"), 1)
        self.d("verify")


if __name__ == "__main__":
    unittest.main()
