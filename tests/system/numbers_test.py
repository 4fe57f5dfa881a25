"""Numbers on paper. A restore took the records that bore them, and they came back under others: a receipt that was given to somebody
says 0001, and here it is 1001 now. Whoever had pulled the first number is told which is which, until somebody has taken note."""
import unittest
from restored import Restored


class Numbers(Restored):
    def paid(self, period, fen):
        return self.accountant.add("dues_payment", f"member_id={self.member}", f"period={period}", f"amount_fen={fen}", f"paid_on={period}-20", "method=cash")

    def restored(self, copy):
        self.d.stop()
        self.d("restore", copy)
        self.d.serve()
        self.d("recovered")

    def test_a_receipt_that_was_printed(self):
        self.member = self.chair.add("member", "name=周文")
        self.chair.sync()
        self.accountant.sync()
        early = self.paid("2026-08", 500)
        self.sync_all()
        copy = self.backup("one")
        late = self.paid("2026-09", 700)
        self.accountant.sync()
        self.chair.sync()
        self.assertEqual([self.accountant.record("dues_payment", p)["receipt_no"] for p in (early, late)], ["0001", "0002"])
        self.assertEqual(self.accountant.json("numbers"), [])
        self.assertIn("No number", self.accountant("numbers").out)
        self.assertEqual(self.accountant.json("status")["renumbered"], 0)
        self.restored(copy)
        said = self.accountant.sync().err
        self.assertEqual(self.accountant.record("dues_payment", late)["receipt_no"], "1002")
        line = "receipt number 0002 of payment of dues 周文 2026-09 is now 1002"
        self.assertIn(line, said)
        self.assertNotIn("0001", said)
        self.assertNotIn("0002", self.accountant.sync().err)  # told once
        self.assertEqual(self.accountant.json("status")["renumbered"], 1)
        self.assertIn("see: banyan numbers", self.accountant("status").out)
        one, = self.accountant("attention", "--json", status=4).json
        self.assertEqual((one["type"], one["code"], one["kind"], one["record"], one["fields"]),
                         ("renumbered", "RENUMBERED", "dues_payment", late, {"receipt_no": {"was": "0002", "now": "1002"}}))
        self.assertEqual(one["next"], ["banyan numbers", "banyan numbers --noted"])
        self.assertIn("0002", self.accountant("attention", status=4).out)
        one, = self.accountant.json("numbers", status=4)
        self.assertEqual((one["kind"], one["id"], one["field"], one["was"], one["now"], one["noted"]), ("dues_payment", late, "receipt_no", "0002", "1002", False))
        self.assertTrue(one["at"])
        words = self.accountant("numbers", status=4).out
        for word in ("receipt number", "周文", "0002", "1002"):
            self.assertIn(word, words)
        # The chair had pulled it, too; a seat that never saw 0002 has nothing to correct.
        self.assertIn(line, self.chair.sync().err)
        self.officer.sync()
        self.assertEqual(self.officer.json("numbers"), [])
        # Taken note of, it stays to be looked up, and waits for nobody.
        one, = self.accountant.json("numbers", "--noted")
        self.assertTrue(one["noted"])
        self.assertEqual(self.accountant.json("numbers"), [one])
        self.assertEqual(self.accountant.json("status")["renumbered"], 0)
        self.assertEqual(self.accountant.json("attention"), [])

    def test_the_same_number_comes_back(self):
        """Handed back while the server recovered: nothing changed on paper."""
        self.member = self.chair.add("member", "name=周文")
        self.sync_all()
        copy = self.backup("one")
        late = self.paid("2026-09", 700)
        self.sync_all()
        self.lose()
        self.d("restore", copy)
        self.d.serve()
        self.sync_all(status=None)
        self.sync_all()
        for seat in self.all:
            self.assertNotIn("is now", seat.sync().err)
            self.assertEqual(seat.json("numbers"), [])
        self.assertEqual(self.accountant.record("dues_payment", late)["receipt_no"], "0001")

    def test_restored_twice(self):
        """A member card says 0001, the second one 1002: both are told what they are now; taken note of once, the second change is news."""
        self.sync_all()
        copy = self.backup("one")
        member = self.chair.add("member", "name=周文")
        self.chair.sync()
        self.restored(copy)
        self.chair.sync()
        self.assertEqual(self.chair.json("numbers", "--noted")[0]["now"], "1001")
        self.restored(copy)
        said = self.chair.sync().err
        now = self.chair.record("member", member)["member_no"]
        self.assertNotIn(now, ("0001", "1001"))
        for was in ("0001", "1001"):
            self.assertIn(f"member number {was} of member 周文 is now {now}", said)
        self.assertEqual([(n["was"], n["now"], n["noted"]) for n in self.chair.json("numbers", status=4)], [("0001", now, False), ("1001", now, False)])
        self.assertEqual(self.chair.json("status")["renumbered"], 2)

    def test_in_chinese(self):
        self.sync_all()
        copy = self.backup("one")
        self.chair.add("member", "name=周文")
        self.chair.sync()
        self.restored(copy)
        self.assertIn("会员 周文 的会员编号 0001 现在是 1001", self.chair("sync", env={"BANYAN_LANG": "zh_CN"}).err)


if __name__ == "__main__":
    unittest.main()
