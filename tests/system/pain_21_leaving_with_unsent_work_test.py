"""Log-out destroys what was not sent yet. There is no such log-out: changes are bound to who made them, and stay on the device until the
server has them or a successor holds them in a file. What a seat leaves behind is counted, listed and taken in under both names, and the
end of the seat waits until it has been handed over."""
import unittest
from cut_line import CutLine
from district import district


class LeavingWithUnsentWork(unittest.TestCase):
    def setUp(self):
        context = district(serve=False)
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.line = CutLine.before(self.d, self)
        self.chair, self.old = self.d.join("QH001", "union_chair", "王敏"), self.d.join("QH001", "accountant", "陈晨")
        self.member = self.chair.add("member", "name=刘芳", "state=active", "joined_on=2020-09-01")
        self.chair.sync()
        self.old.sync()
        self.number = self.old.json("status")["seat"]

    def work_offline(self):
        self.line.server = ("127.0.0.1", 1)
        self.payments = [self.old.add("dues_payment", f"member_id={self.member}", f"period=2026-{month:02}", "amount_fen=20.00",
                                      f"paid_on=2026-{month:02}-20", "method=cash") for month in (9, 10, 11)]
        self.assertIn("stays queued on this device", self.old.sync(status=3).err)
        self.assertIn("Waiting to be sent: 3", self.old("status").out)

    def back(self):
        self.line.goes_to(self.d)

    def test_handed_over_to_a_successor(self):
        self.work_offline()
        file = self.d.base / "移交.bin"
        self.assertIn("3 changes", self.old("handover", "write", file).err)
        self.assertEqual(self.old.json("status")["queued"], 3)  # they stay where they were made
        self.back()
        self.chair("seat", "revoke", self.number)
        self.assertIn("handed over", self.old.sync(status=1).err)
        self.assertFalse((self.old.folder / "banyan.db").exists())
        self.assertIn("what was not taken of a colleague's seat waits for you", self.chair.sync().err)
        entry, = self.chair.json("attention", status=4)
        self.assertIn("3 changes", entry["text"])
        self.assertEqual([c["fields"]["period"] for c in self.chair.json("seat", "refused", self.number)], ["2026-09", "2026-10", "2026-11"])
        successor = self.d.join("QH001", "accountant", "赵蓉")
        self.assertIn("3 changes of 陈晨", successor("handover", "take", file).err)
        successor.sync()
        self.chair.sync()
        payments = self.chair.json("list", "dues_payment")
        self.assertEqual((sorted(p["id"] for p in payments), sum(p["amount_fen"] for p in payments)), (sorted(self.payments), 6000))
        self.assertIn("赵蓉 (for 陈晨)", self.chair("history", "dues_payment", self.payments[0]).out)
        self.assertEqual(self.chair.json("attention"), [])

    def test_the_end_waits_for_the_work(self):
        """Revoked, and its line is cut before what it had could be heard: nothing is destroyed."""
        self.work_offline()
        self.back()
        self.chair("seat", "revoke", self.number)
        cut = 0
        for point in range(200, 6000, 400):  # in the handshake, in the hello, in the push ...
            self.line.up_max = point
            done = self.old.sync(status=None)
            if done.status == 1:
                break
            cut += 1
            self.assertEqual(self.old.json("status")["queued"], 3, "or its end has come too early")
            self.assertEqual(len(self.old.json("list", "dues_payment")), 3)
        self.assertGreater(cut, 2)
        self.assertIn("handed over", done.err)
        self.assertEqual(len(self.chair.json("seat", "refused", self.number)), 3)


if __name__ == "__main__":
    unittest.main()
