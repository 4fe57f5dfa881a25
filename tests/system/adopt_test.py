"""A machine is lost and restored from a backup into an empty folder: who joined and which branches were added since that backup the server
does not know. Nobody else gets their numbers, the devices and the operator are told, and both are taken in again as they were."""
import shutil
import sqlite3
import unittest
from district import district, run, BANYAND


class Adopt(unittest.TestCase):
    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)

    def restore(self, backup):
        """Into an empty folder: nothing of the old one is left."""
        self.d.stop()
        shutil.rmtree(self.d.data)
        said = run([BANYAND, "restore", "--data", self.d.data, backup]).err
        self.d.serve()
        return said

    def listed(self):
        return {s["id"]: s for s in self.d("seat", "list", "--json").json}

    def unknown(self, seat):
        said = seat.sync(status=None)
        self.assertEqual(said.status, 1, said)
        self.assertIn("does not know this seat", said.err)
        return said.err

    def adopt(self, number, branch, name, role, status=0):
        return self.d("seat", "adopt", number, "--branch", branch, "--name", name, "--role", role, "--yes", status=status)

    def round(self, *seats):
        for _ in range(3):
            for seat in seats:
                seat.sync(status=None)

    def test_a_seat_that_joined_after_the_backup(self):
        d = self.d
        chair = d.join("QH001", "union_chair", "王敏")
        member = chair.add("member", "name=孙丽芳")
        chair("act", "member", member, "active")
        chair.sync()
        backup = d.base / "backup.db"
        d("backup", backup)
        accountant = d.join("QH001", "accountant", "赵蓉")  # seat 2, of whom the backup knows nothing
        accountant.sync()
        paid = accountant.add("dues_payment", "member_id=孙丽芳", "period=2026-09", "amount_fen=20", "paid_on=2026-09-20", "method=cash")
        accountant.sync()
        chair.sync()  # who holds her payment from now on
        alone = accountant.add("dues_payment", "member_id=孙丽芳", "period=2026-10", "amount_fen=30", "paid_on=2026-10-20", "method=cash")
        accountant.sync()  # acknowledged, and on no other device

        said = self.restore(backup)
        self.assertIn("none of their numbers is given again", said)
        chair.sync(status=None)
        self.assertEqual(self.listed()[2]["state"], "unknown")  # her entries came back; she has not called
        self.assertIn("its device has not called", d("seat", "list").out)
        verified = d("verify")
        self.assertIn("entries of seat 2 are here", verified.err)
        self.assertEqual(d("verify", "--json").json["unknown_seats"], [2])
        self.adopt(2, "QH001", "赵蓉", "accountant", status=1)  # nobody has called with that number
        late = d.join("QH001", "committee_member", "李静")
        number = late.json("status")["seat"]
        self.assertGreater(number, 1000)  # no stranger's name on her payments

        told = self.unknown(accountant)
        self.assertIn("seat 2", told)
        status = accountant.json("status")
        self.assertTrue(status["unknown"])
        self.assertIn("take in seat 2 again", accountant("status").out)
        listed = self.listed()[2]
        self.assertEqual((listed["state"], listed["branch"]), ("unknown", "QH001"))
        self.assertEqual(listed["key"], status["key"])
        self.assertIn("banyand seat adopt 2 --branch QH001", d("seat", "list").out)
        self.assertRegex("".join(p.read_text() for p in d.base.glob("serve-*.err")), "seat 2 calls with a certificate of this district")

        words = ("seat", "adopt", 2, "--branch", "QH001", "--name", "赵蓉", "--role")
        self.assertIn(listed["key"], d(*words, "accountant", status=1).err)  # asks first
        self.assertIn("cannot have a role of the district", d(*words, "district_officer", "--yes", status=1).err)
        self.assertEqual(d(*words, "accountant", "--key", "zz", "--yes", status=1).status, 1)
        self.adopt(1, "QH001", "赵蓉", "accountant", status=1)  # a known one
        self.adopt(3, "QH001", "赵蓉", "accountant", status=1)  # of whom nobody ever heard
        self.adopt(2, "QH", "赵蓉", "district_officer", status=1)  # its device is of another union
        self.adopt(2, "QH001", "赵蓉", "accountant")
        self.assertEqual((self.listed()[2]["name"], self.listed()[2]["state"]), ("赵蓉", "active"))

        self.round(accountant, chair, late, accountant)
        self.assertFalse(accountant.json("status")["unknown"])
        for seat in (accountant, chair):
            amounts = {p["id"]: p["amount_fen"] for p in seat.json("list", "dues_payment")}
            self.assertEqual(amounts, {paid: 2000, alone: 3000})
        self.assertIn("赵蓉", chair("history", "dues_payment", paid).out)
        self.assertIn("赵蓉", chair("history", "dues_payment", alone).out)
        self.assertEqual(accountant.json("status")["queued"], 0)
        accountant.add("dues_payment", "member_id=孙丽芳", "period=2026-11", "amount_fen=10", "paid_on=2026-11-20", "method=cash")
        accountant.sync()
        self.assertNotIn("entries of seat 2", d("verify").err)

        # Once more from the same backup: who came after the first restore is unknown now, too, and nobody gets either number.
        self.restore(backup)
        self.unknown(accountant)
        self.unknown(late)
        again = d.join("QH001", "audit_member", "陈晨").json("status")["seat"]
        self.assertGreater(again, 1000)
        self.assertNotEqual(again, number)
        self.adopt(2, "QH001", "赵蓉", "accountant")
        self.adopt(number, "QH001", "李静", "committee_member")
        self.round(accountant, late, chair, accountant)
        self.assertEqual(len(chair.json("list", "dues_payment")), 3)
        self.assertEqual(accountant.sync().status, 0)
        d("verify")

    def test_a_device_that_says_it_is_of_the_last_branch_there_can_be(self):
        """Whose union it is a stranger's HELLO alone says. One word of it, and no branch can be added and no backup restored."""
        d = self.d
        chair = d.join("QH001", "union_chair", "王敏")
        chair.sync()
        backup = d.base / "backup.db"
        d("backup", backup)
        second = d.join("QH001", "accountant", "赵蓉")
        second.sync()
        self.restore(backup)
        with sqlite3.connect(second.folder / "banyan.db") as db:
            columns = [c[1] for c in db.execute("pragma table_info(position)")]
            db.execute("insert into position select " + ", ".join("4294967295" if c == "org" else c for c in columns) + " from position where org=2")
            columns = [c[1] for c in db.execute("pragma table_info(org)")]
            db.execute("insert into org select " + ", ".join("4294967295" if c == "number" else c for c in columns) + " from org where number=2")
        db.close()
        self.unknown(second)
        later = d.base / "later.db"
        d("backup", later)
        said = [d("branch", "add", "--code", "QH002", "--name", "青禾区云雀幼儿园工会", status=None)]
        d.stop()
        shutil.rmtree(d.data)
        said.append(run([BANYAND, "restore", "--data", d.data, later], status=None))
        self.assertEqual([x.status for x in said], [0, 0], said)

    def test_branches_that_were_added_after_the_backup(self):
        d = self.d
        chair = d.join("QH001", "union_chair", "王敏")
        chair.sync()
        backup = d.base / "backup.db"
        d("backup", backup)
        d.branch("QH002", "青禾区云雀幼儿园工会")  # number 3
        d.branch("QH003", "青禾区小满幼儿园工会")  # number 4
        second, third = d.join("QH002", "union_chair", "周平"), d.join("QH003", "union_chair", "陈晨")
        second.add("member", "name=甲二")
        third.add("member", "name=甲三")
        self.round(second, third)
        self.restore(backup)
        self.round(chair)
        self.unknown(second)
        self.unknown(third)
        listed = self.listed()
        numbers = {n: listed[n]["branch_number"] for n in (2, 3)}
        self.assertEqual(numbers, {2: 3, 3: 4})
        self.assertIn("banyand branch add --code CODE --name NAME --number 4", d("seat", "list").out)
        add = ("branch", "add", "--code")
        self.assertIn("no branch was ever given", d(*add, "QH009", "--name", "x", "--number", 4000000000, status=1).err)
        self.assertIn("that of QH001", d(*add, "QH009", "--name", "x", "--number", 2, status=1).err)
        slip = d(*add, "QH009", "--name", "x", "--number", 9, status=1).err  # free, and below those that the restore left out
        self.assertIn("no device of a branch with the number 9 has called", slip)
        self.assertIn("3 (seat 2), 4 (seat 3)", slip)
        d(*add, "QH003", "--name", "青禾区小满幼儿园工会", "--number", 4)  # in another order
        d(*add, "QH002", "--name", "青禾区云雀幼儿园工会", "--number", 3)
        d.branch("QH004", "青禾区新芽幼儿园工会")
        self.assertIn("seat adopt 2 --branch QH002", self.adopt(2, "QH003", "周平", "union_chair", status=1).err)
        self.adopt(2, "QH002", "周平", "union_chair")
        self.adopt(3, "QH003", "陈晨", "union_chair")
        self.round(second, third, chair)
        self.assertEqual([m["name"] for m in second.json("list", "member")], ["甲二"])
        self.assertEqual([m["name"] for m in third.json("list", "member")], ["甲三"])
        newcomer = d.join("QH003", "committee_member", "李静")
        newcomer.sync()
        self.assertEqual([m["name"] for m in newcomer.json("list", "member")], ["甲三"])  # what its device alone had
        second.sync()
        third.sync()
        d("verify")


if __name__ == "__main__":
    unittest.main()
