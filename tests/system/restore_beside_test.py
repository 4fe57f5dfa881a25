"""Restore, the cases beside restore_test.py: a lost machine with nothing but the backup's file, a restore behind a restore,
a single client that is left, and what is refused."""
import contextlib
import fcntl
import shutil
import sqlite3
import stat
import unittest

from district import BANYAND, district, run, wait_for


def rows(seat, kind="member"):
    """What stands, by id: everything but the local mark."""
    return {r["id"]: {k: v for k, v in r.items() if k != "sync"} for r in seat.json("list", kind)}


class RestoreBeside(unittest.TestCase):
    def restore(self, d, name):
        d.stop()
        done = d("restore", d.base / name)
        d.serve()
        return done

    def test_only_one_client_is_left(self):
        with district() as d:
            chair = d.join("QH001", "union_chair", "王敏")
            second = d.join("QH001", "union_chair", "李琴")
            d("backup", d.base / "b1")
            chair.add("member", "name=赵一")
            chair.sync()
            second.sync()
            chair.add("member", "name=钱二")
            chair.sync()  # its device is lost afterwards; nobody else pulled this one
            self.restore(d, "b1")
            second("sync", status=None)
            d("recovered", status=None)
            second.sync()
            self.assertEqual([r["name"] for r in second.json("list", "member")], ["赵一"])
            self.assertIn("everything fits", d("verify").err)

    def test_what_the_backups_journal_does_not_know_is_said(self):
        """A seat that was revoked since is let in again where the control journal is gone, too: the operator is told before."""
        told = "seats revoked or suspended since"
        with district() as d:
            d.join("QH001", "union_chair", "王敏")
            d("backup", d.base / "b1")
            d("seat", "revoke", "1", "--yes", status=None)
            d.stop()
            self.assertNotIn(told, d("restore", d.base / "b1").err)
            shutil.rmtree(d.data)
            self.assertIn(told, d("restore", d.base / "b1").err)

    def test_two_restores(self):
        """The second one goes back behind the first: the older backup ends on the path that still holds, the newer does not."""
        with district() as d:
            chair = d.join("QH001", "union_chair", "王敏")
            second = d.join("QH001", "union_chair", "李琴")
            chair.add("member", "name=赵一")
            chair.sync()
            second.sync()
            d("backup", d.base / "b1")
            chair.add("member", "name=钱二")
            chair.sync()
            second.sync()
            self.restore(d, "b1")
            chair("sync", status=None)
            second("sync", status=None)
            d("recovered", status=None)
            chair.sync()
            second.sync()
            second.add("member", "name=孙三")
            second.sync()
            chair.sync()
            before = rows(chair)
            self.restore(d, "b1")
            second("sync", status=None)
            chair("sync", status=None)
            d("recovered", status=None)
            second.sync()
            chair.sync()
            self.assertEqual(rows(chair), before)
            self.assertEqual(rows(second), before)
            self.assertIn("everything fits", d("verify").err)

    def test_one_file_carried_to_a_new_machine(self):
        """Folder lost altogether: database, control data and keys come from the one file that somebody carried over, alone; clients
        needn't join again and bring what came after it."""
        with district() as d:
            chair = d.join("QH001", "union_chair", "王敏")
            chair.add("member", "name=赵一")
            chair.sync()
            d("backup", d.base / "b1")
            chair.add("member", "name=钱二")
            chair.sync()
            numbers = d.overview()["totals"]
            d.stop()
            shutil.rmtree(d.data)
            stick = d.base / "stick"
            stick.mkdir()
            (d.base / "b1").rename(stick / "district")
            self.assertEqual(sorted(d.base.glob("b1*")), [])
            d.data = d.base / "new machine"
            d("restore", stick / "district")
            self.assertEqual([p.name for p in stick.iterdir()], ["district"])
            self.assertEqual({stat.S_IMODE(p.stat().st_mode) for p in d.data.iterdir()}, {0o600})
            self.assertNotIn(b"PRIVATE KEY", (d.data / "banyan.db").read_bytes())
            self.assertEqual((d.data / "head.key").stat().st_size, 32)
            d.serve()
            wait_for(lambda: chair("sync", status=None).status == 0, "recovery ends by itself")
            self.assertNotIn("not believed", d.server.err)
            self.assertEqual({r["seq"] >> 40 for r in chair.json("list", "member")}, {1})  # verbatim: none was decided anew
            later = d.join("QH001", "committee_member", "李静")
            for seat in (chair, later):
                self.assertEqual(sorted(r["name"] for r in seat.json("list", "member")), ["赵一", "钱二"])
            self.assertEqual(d.overview()["totals"], numbers)
            self.assertIn("everything fits", d("verify").err)

    def test_a_part_is_damaged(self):
        """The journal inside the file: an empty folder can't do without it. The folder's files stay as they were."""
        with district() as d:
            d("backup", d.base / "b1")
            d.stop()
            with contextlib.closing(sqlite3.connect(d.base / "b1")) as copy, copy:
                self.assertEqual({n for n, in copy.execute("SELECT name FROM backup_part")}, {"control.journal", "keys"})
                copy.execute("UPDATE backup_part SET bytes = zeroblob(40) || substr(bytes, 41) WHERE name = 'control.journal'")
            before = {p.name: p.read_bytes() for p in d.data.iterdir()}
            self.assertIn("b1", d("restore", d.base / "b1", status=1).err)
            self.assertEqual({p.name: p.read_bytes() for p in d.data.iterdir()}, before)
            d.data, old = d.base / "new", d.data
            self.assertIn("b1", d("restore", d.base / "b1", status=1).err)
            self.assertEqual([p.name for p in d.data.iterdir()], ["serve.lock"])
            d.data = old
            d.serve()

    def test_serve_and_restore_keep_out_of_each_other(self):
        with district() as d:
            d("backup", d.base / "b1")
            served = d("restore", d.base / "b1", status=1)
            self.assertIn("another process uses this folder", served.err)
            d("verify")
            d.stop()
            with open(d.data / "banyan.db", "r+b") as database:  # who opens it finds it damaged
                database.truncate(8192)
            before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in d.data.iterdir()}
            with open(d.data / "serve.lock", "r+") as lock:  # as a restore that is under way holds it
                fcntl.flock(lock, fcntl.LOCK_EX)
                refused = run([BANYAND, "serve", "--data", d.data, "--listen", "127.0.0.1:0"], status=1)
                self.assertIn("is served already", refused.err)  # it was not opened
                d("restore", d.base / "b1", status=1)
            self.assertEqual({p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in d.data.iterdir()}, before)
            d("restore", d.base / "b1")
            d.serve()
            d("verify")

    def test_serve_leaves_nothing_where_no_district_is(self):
        with district(serve=False) as d:
            empty, other = d.base / "empty", d.base / "other"
            for folder in (empty, other):
                folder.mkdir()
            (other / "banyan.db").write_text("somebody's own notes\n" * 20)
            for folder in (empty, other, d.base / "none"):
                self.assertIn(str(folder), run([BANYAND, "serve", "--data", folder, "--listen", "127.0.0.1:0"], status=1).err)
            self.assertEqual(list(empty.iterdir()), [])
            self.assertEqual([p.name for p in other.iterdir()], ["banyan.db"])
            self.assertFalse((d.base / "none").exists())

    def test_recovery_ends_by_itself(self):
        """Every seat that was active has said hello: nobody has to end it."""
        with district() as d:
            chair = d.join("QH001", "union_chair", "王敏")
            chair.add("member", "name=赵一")
            chair.sync()
            d("backup", d.base / "b1")
            self.restore(d, "b1")
            chair("sync", status=None)
            chair.add("member", "name=钱二")
            wait_for(lambda: chair("sync", status=None).status == 0, "recovery has ended")
            self.assertEqual(chair.json("status")["queued"], 0)

    def test_refused(self):
        with district() as d:
            d("backup", d.base / "b1")
            again = d("backup", d.base / "b1", status=1)
            self.assertIn("b1", again.err)
            d("restore", d.base / "none", status=1)
            d.stop()
            d("restore", d.base / "none", status=1)
            (d.base / "text").write_text("no database\n")
            d("restore", d.base / "text", status=1)
            d("restore", status=2)
            d.serve()
            self.assertIn("everything fits", d("verify").err)


if __name__ == "__main__":
    unittest.main()
