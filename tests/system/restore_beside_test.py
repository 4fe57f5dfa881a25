"""Restore, the cases beside restore_test.py: a lost machine with nothing but the backup's files, a restore behind a restore,
a single client that is left, and what is refused."""
import shutil
import unittest

from district import district, wait_for


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

    def test_a_new_machine(self):
        """Folder lost altogether: database, control data and keys come from the backup's files; clients needn't join again."""
        with district() as d:
            chair = d.join("QH001", "union_chair", "王敏")
            chair.add("member", "name=赵一")
            chair.sync()
            d("backup", d.base / "b1")
            chair.add("member", "name=钱二")
            chair.sync()
            d.stop()
            shutil.rmtree(d.data)
            d("restore", d.base / "b1")
            d.serve()
            chair("sync", status=None)
            d("recovered", status=None)
            chair.sync()
            self.assertEqual(sorted(r["name"] for r in chair.json("list", "member")), ["赵一", "钱二"])
            self.assertIn("everything fits", d("verify").err)

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
            served = d("restore", d.base / "b1", status=1)
            self.assertIn("serve", served.err)
            d("restore", d.base / "none", status=1)
            d.stop()
            d("restore", d.base / "none", status=1)
            (d.base / "text").write_text("no database\n")
            shutil.copy(d.base / "b1.journal", d.base / "text.journal")
            d("restore", d.base / "text", status=1)
            d("restore", status=2)
            d.serve()
            self.assertIn("everything fits", d("verify").err)


if __name__ == "__main__":
    unittest.main()
