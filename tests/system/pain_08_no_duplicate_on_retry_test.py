"""A request is sent again because its answer was lost, and the record stands twice: one invoice in fifteen. Fifteen payments of dues, each
on a line that is cut somewhere else in the answer: each counts once and has one receipt number. Steps to and fro, which no id tells apart,
are taken once each."""
import unittest
from cut_line import CutLine
from district import district


class NoDuplicateOnRetry(unittest.TestCase):
    def setUp(self):
        context = district(serve=False)
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.line = CutLine.before(self.d, self)

    def test_steps_to_and_fro(self):
        chair, colleague = self.d.join("QH001", "union_chair", "王敏"), self.d.join("QH001", "committee_member", "李静")
        plan = chair.add("work_plan", "title=工作计划", "period=2026-1")
        item = chair.add("plan_item", f"plan_id={plan}", "title=例会")
        chair.sync()
        turns = ("doing", "postponed", "doing", "postponed")
        for n, step in enumerate(turns):
            chair("act", "plan_item", item, step, *([f"due_on=2026-12-0{n}", "reason=场地"] if step == "postponed" else []))
        for point in range(200, 4000, 40):  # until the server has them all, and its answer is lost
            self.line.down_max = point
            chair.sync(status=None)
            self.line.down_max = None
            colleague.sync()
            if len(colleague.json("history", "plan_item", item)) == 1 + len(turns):
                break
        self.assertEqual(chair.json("status")["queued"], len(turns))
        chair.sync()
        colleague.sync()
        for seat in (chair, colleague):
            self.assertEqual([h.get("action") for h in seat.json("history", "plan_item", item)], [None, *turns])
            self.assertEqual(seat.record("plan_item", item)["state"], "postponed")
            self.assertEqual(seat.json("attention"), [])
        self.d("verify")

    def test_fifteen_payments(self):
        d, line = self.d, self.line
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
