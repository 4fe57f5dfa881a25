"""The district's board: figures by branch and in total, whom to call first, a file for a spreadsheet."""
import csv
import unittest
from district import asked_for, district

BRANCHES = (("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区向阳幼儿园工会"), ("QH003", "青禾区蓝天幼儿园工会"))


class Board(unittest.TestCase):
    def test_figures_order_and_a_spreadsheet(self):
        with district(BRANCHES) as d:
            officer = d.join("QH", "district_officer", "赵云")
            chairs = [d.join(code, "union_chair") for code, _ in BRANCHES[:2]]
            accountant = d.join("QH001", "accountant", "李静")
            for chair, members in zip(chairs, (6, 2)):
                for i in range(members):
                    chair.add("member", f"name=会员{i}", "state=active", "joined_on=2020-09-01")
                chair.add("branch_union", "name=工会", "staff_count=8", "state=active")
                chair.sync()
            accountant.sync()
            few = d.join("QH002", "accountant", "王芳")
            few.sync()
            for member in few.json("list", "member"):
                few.add("dues_standard", f"member_id={member['id']}", "mode=flat", "amount_fen=10", "effective_from=2020-01-01")
            few("assess", "2026-10")
            few.sync()
            ids = [m["id"] for m in accountant.json("list", "member")]
            for member in ids:
                accountant.add("dues_standard", f"member_id={member}", "mode=flat", "amount_fen=10", "effective_from=2020-01-01")
            accountant("assess", "2026-10")
            for member in ids[:4]:
                accountant.add("dues_payment", f"member_id={member}", "period=2026-10", "amount_fen=10", "paid_on=2026-10-20", "method=payroll")
            accountant.add("dues_payment", f"member_id={ids[4]}", "period=2026-10", "amount_fen=2.50", "paid_on=2026-10-21", "method=cash")
            accountant.sync()
            plan = chairs[1].add("work_plan", "title=计划", "period=2026-1")
            chairs[1].add("plan_item", f"plan_id={plan}", "title=晚了", "due_on=2026-09-30")
            for step in ("discussed", "adopted"):
                chairs[1]("act", "work_plan", plan, step, *asked_for(step))
            chairs[1].sync()

            board = officer.json("overview", "--period", "2026-10")
            by_code = {b["code"]: b["measures"] for b in board["branches"]}
            self.assertEqual(by_code["QH001"]["dues_assessment.assessed_fen.2026-10"], 6000)
            self.assertEqual(by_code["QH001"]["dues_assessment.paid_fen.2026-10"], 4250)
            self.assertEqual(by_code["QH001"]["dues_collection_rate"], 70.8)
            self.assertEqual(by_code["QH001"]["dues_assessment.arrears"], 2, "one paid in part, one not at all; October is over")
            self.assertEqual(by_code["QH001"]["membership_rate"], 75.0)
            self.assertIsNone(by_code["QH003"]["dues_collection_rate"], "nothing was assessed there")
            self.assertIsNone(by_code["QH002"]["dues_collection_rate"], "two members")
            self.assertEqual([m for m in by_code["QH002"] if m.startswith("dues_assessment.")], [])
            self.assertEqual(board["totals"]["dues_assessment.assessed_fen.2026-10"], 6000, "8,000 would tell what the two owe")
            self.assertEqual([b.get("suppressed") for b in board["branches"]], [None, ["dues_assessment"], None])
            self.assertEqual(board["suppressed"], ["dues_assessment"])
            self.assertIn("dues_assessment.assessed_fen.2026-10", few.json("overview")["totals"], "who reads the records sees their sums")
            self.assertEqual(board["totals"]["dues_collection_rate"], 70.8)
            self.assertEqual(board["totals"]["membership_rate"], 50.0)
            figure, = [f for f in board["figures"] if f["name"] == "dues_collection_rate"]
            self.assertEqual((figure["period"], figure["numerator"], figure["denominator"], figure["unit"]), ("2026-10", 4250, 6000, "percent"))
            self.assertTrue(figure["definition"])

            codes = lambda *words: [b["code"] for b in officer.json("overview", *words)["branches"]]
            self.assertEqual(codes("--missing", "work_plan=2026-1"), ["QH001", "QH003"])
            self.assertEqual(codes("--sort", "overdue")[0], "QH002", "work that is late")
            self.assertEqual(codes("--sort", "arrears")[0], "QH001", "members who owe dues")
            self.assertEqual(codes("--sort", "silent")[0], "QH003", "who never called comes first")
            missing = officer.json("overview", "--missing", "work_plan=2026-1", "--period", "2026-10")
            self.assertEqual(missing["totals"]["dues_collection_rate"], 70.8, "what is left out of the list is not left out of the sums")
            self.assertEqual(codes("--missing", "dues_usage_report=2026"), ["QH001", "QH002", "QH003"])
            month = officer("overview", "--missing", "work_plan=2026-01", status=2).err  # a month is no period of a plan
            self.assertIn("--missing: 2026-01 is no period of work plan", month)
            self.assertIn("2026-1", month.split("2026-01", 1)[1])
            said = officer("overview", "--missing", "dues_assessment=2026-10", status=2).err
            self.assertIn("work_plan work_summary", said.replace("dues_usage_report ", ""), "what is not counted so would look missing everywhere")
            officer("overview", "--sort", "size", status=2)
            officer("overview", "--period", "October", status=2)

            path = d.base / "board.csv"
            officer("overview", "--csv", path, "--period", "2026-10")
            with open(path, encoding="utf-8-sig", newline="") as f:
                rows = list(csv.DictReader(f))
            self.assertEqual([r["Code"] for r in rows], ['="QH001"', '="QH002"', '="QH003"'], "a spreadsheet shows it as text")
            self.assertEqual(rows[0]["dues collection rate 2026-10"], "70.8")
            self.assertIn("dues collection rate", officer("overview").out)
            d("verify")


if __name__ == "__main__":
    unittest.main()
