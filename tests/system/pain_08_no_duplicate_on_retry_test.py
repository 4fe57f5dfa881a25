"""A request is sent again because its answer was lost, and the record stands twice: one invoice in fifteen. Fifteen payments of dues, each
on a line that is cut somewhere else in the answer: each counts once, has one receipt number, and can be taken back once."""
import unittest
from cut_line import CutLine
from district import district


class NoDuplicateOnRetry(unittest.TestCase):
    def test_fifteen_payments(self):
        with district(serve=False) as d:
            line = CutLine()
            self.addCleanup(line.close)
            d.serve(announce=line.address)
            host, port = d.address.rsplit(":", 1)
            line.server = (host, int(port))
            chair, accountant = d.join("QH001", "union_chair", "王敏"), d.join("QH001", "accountant", "陈晨")
            member = chair.add("member", "name=刘芳", "state=active", "joined_on=2020-09-01")
            chair.sync()
            accountant.sync()

            def pay(n):
                return accountant.add("dues_payment", f"member_id={member}", f"period={2024 + n // 12}-{n % 12 + 1:02}", "amount_fen=20.00",
                                      "paid_on=2026-10-20", "method=cash")

            paid = [pay(0)]
            accountant.sync()
            down = line.down  # of a round that nobody cut
            lost = 0
            for n in range(1, 15):
                line.down_max = down * n // 15
                paid.append(pay(n))
                lost += accountant.sync(status=None).status == 3
            line.down_max = None
            self.assertGreater(lost, 8)
            accountant.sync()
            self.assertEqual(accountant.json("status")["queued"], 0)
            chair.sync()
            payments = chair.json("list", "dues_payment")
            self.assertEqual(sorted(p["id"] for p in payments), sorted(paid))
            self.assertEqual(sum(p["amount_fen"] for p in payments), 15 * 2000)
            self.assertEqual(len({p["receipt_no"] for p in payments}), 15)
            for payment in paid:
                self.assertEqual(len(chair.json("history", "dues_payment", payment)), 1)
            self.assertEqual(chair.json("overview")["totals"]["dues_payment.total"], 15)
            d("verify")


if __name__ == "__main__":
    unittest.main()
