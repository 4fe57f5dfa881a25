"""The loss of a server, with real binaries: an older backup is restored, the clients heal it (sync rules 24-28, 33; pain_06)."""
import json
import shutil
import unittest

from district import district, run, BANYAND, Seat, wait_for


def rows(seat, kind="member"):
    """What stands, by id: everything but the local mark."""
    return {r["id"]: {k: v for k, v in r.items() if k != "sync"} for r in seat.json("list", kind)}


class Restore(unittest.TestCase):
    def restore(self, d, name):
        d.stop()
        done = d("restore", d.base / name)
        d.serve()
        return done

    def test_pain_06_server_restored(self):
        with district() as d:
            chair = d.join("QH001", "union_chair", "王敏")
            second = d.join("QH001", "union_chair", "李琴")
            first = chair.add("member", "name=赵一", "id_number=110101199003070038")
            chair.sync()
            second.sync()
            d("backup", d.base / "b1")
            ids = [chair.add("member", f"name=员{n}", "note=later") for n in range(5)]
            chair("set", "member", first, "note=after the backup")
            chair.sync()
            second.sync()
            before = rows(chair)
            self.assertEqual(len(before), 6)
            numbers = sorted(r["member_no"] for r in before.values())
            self.assertEqual(numbers, ["0001", "0002", "0003", "0004", "0005", "0006"])
            offline = second.add("member", "name=钱二")  # made while the server was down

            self.restore(d, "b1")
            self.assertEqual(d("seat", "list", "--json").json[0]["state"], "active")
            chair("sync", status=None)  # hello: hands back what it kept
            second("sync", status=None)
            d("recovered", status=None)
            chair.sync()
            second.sync()
            chair.sync()
            after = rows(chair)
            self.assertEqual({k: v for k, v in after.items() if k != offline}, before)  # same numbers, same seqs
            self.assertEqual(after[offline]["name"], "钱二")
            self.assertEqual(after, rows(second))
            self.assertEqual(after[offline]["member_no"], "1007")  # rule 26: numbers skip
            for seat in (chair, second):
                self.assertEqual(seat.json("attention"), [])
                self.assertEqual(seat.json("status")["queued"], 0)
            self.assertIn("everything fits", d("verify").err)
            self.assertEqual(len(ids), 5)

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

    def test_revoked_stays_revoked_and_new_seats_stay(self):
        with district() as d:
            chair = d.join("QH001", "union_chair", "王敏")
            gone = d.join("QH001", "accountant", "李琴")
            d("backup", d.base / "b1")
            d("seat", "revoke", "2")
            d.branch("QH002", "青禾区星河幼儿园工会")
            third = d.join("QH002", "union_chair", "周岚")
            third.add("member", "name=赵一")
            third.sync()
            self.restore(d, "b1")
            states = {s["id"]: s["state"] for s in d("seat", "list", "--json").json}
            self.assertEqual(states, {1: "active", 2: "revoked", 3: "active"})
            gone("sync", status=None)
            third("sync", status=None)
            chair("sync", status=None)
            d("recovered", status=None)
            third.sync()
            self.assertEqual([r["name"] for r in third.json("list", "member")], ["赵一"])

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
