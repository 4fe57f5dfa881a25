"""What is computed where it is read: in list, show, filters, CSV and describe; and titles that resemble others."""
import csv
import datetime
import io
import unittest
from district import district

TODAY = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()


class Derived(unittest.TestCase):
    def test_dues_as_they_stand(self):
        with district() as d:
            chair, accountant = d.join("QH001", "union_chair"), d.join("QH001", "accountant", "李静")
            member = chair.add("member", "name=周文", "state=active", "joined_on=2020-09-01")
            other = chair.add("member", "name=王敏", "state=active", "joined_on=2020-09-01")
            chair.sync()
            accountant.sync()
            for one in (member, other):
                accountant.add("dues_standard", f"member_id={one}", "mode=flat", "amount_fen=12.50", "effective_from=2020-01-01")
            accountant("assess", "2026-01")
            accountant.add("dues_payment", f"member_id={member}", "period=2026-01", "amount_fen=12.50", "paid_on=2026-01-15", "method=cash")
            rows = {r["member_id"]: r for r in accountant.json("list", "dues_assessment")}
            self.assertEqual([(rows[m]["state"], rows[m]["paid_fen"], rows[m]["balance_fen"]) for m in (member, other)],
                             [("paid", 1250, 0), ("arrears", 0, 1250)])
            self.assertEqual([r["member_id"] for r in accountant.json("list", "dues_assessment", "--state", "arrears")], [other])
            self.assertEqual([r["member_id"] for r in accountant.json("list", "dues_assessment", "balance_fen=12.50")], [other])
            self.assertEqual(accountant.json("list", "dues_assessment", "--state", "part_paid"), [])
            shown = accountant("show", "dues_assessment", rows[other]["id"]).out
            self.assertIn("still owed: 12.50", shown)
            table = list(csv.DictReader(io.StringIO(accountant("list", "dues_assessment", "--csv").out)))
            self.assertEqual(sorted(r["still owed"] for r in table), ["0.00", "12.50"])
            described = accountant.json("describe", "dues_assessment")
            self.assertEqual([f["name"] for f in described["derived"]], ["state", "paid_fen", "balance_fen", "due_by"])
            self.assertIn("Computed, not typed", accountant("describe", "dues_assessment").out)
            wrong = accountant("list", "dues_assessment", "--state", "payed", status=2)
            self.assertIn("payed", wrong.err)

    def test_settings_that_are_read(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            settings = {s["rule_code"]: s for s in chair.json("describe", "policy_limit")["settings"]}
            self.assertEqual((settings["dues.rate_permille"]["value"], settings["proposal.reply_days"]["value"]), ("5", "30"))
            self.assertIn("dues.rounding_fen", chair("describe", "policy_limit").out)

    def test_titles_that_resemble_others(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            words = ["reason=" + "食堂的菜不够热，老师们反映很多次了。" * 4, "suggestion=" + "请改善保温条件，定期听取意见，公布整改情况。" * 2, "category=other"]
            first = chair("add", "proposal", "title=改善教师食堂伙食", *words)
            self.assertEqual(first.err, "")
            second = chair("add", "proposal", "title=关于改善教师食堂伙食的提案", *words)
            self.assertIn(first.out.strip(), second.err)
            self.assertIn("改善教师食堂伙食", second.err)
            self.assertEqual(len(chair.json("list", "proposal")), 2)
            third = chair("add", "proposal", "title=增设母婴室", *words)
            self.assertEqual(third.err, "")
            shown = chair.json("show", "proposal", third.out.strip())
            self.assertFalse(shown["overdue"] or False)


if __name__ == "__main__":
    unittest.main()
