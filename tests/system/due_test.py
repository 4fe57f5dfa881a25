"""What is due: one list of a month, from this device alone."""
import datetime
import unittest
from district import district

TODAY = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()


def month_ago(months):
    at = TODAY.year * 12 + TODAY.month - 1 - months
    return f"{at // 12}-{at % 12 + 1:02d}"


class Due(unittest.TestCase):
    def test_steps_of_plans(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            self.assertEqual(chair.json("due"), [])
            plan = chair.add("work_plan", "title=工作计划", f"period={TODAY.year}")
            self.adopt(chair, plan)
            late = chair.add("plan_item", f"plan_id={plan}", "title=慰问退休教职工", f"due_on={TODAY - datetime.timedelta(days=1)}")
            chair.add("plan_item", f"plan_id={plan}", "title=明年的事", f"due_on={TODAY + datetime.timedelta(days=400)}")
            done = chair.add("plan_item", f"plan_id={plan}", "title=做完的", f"due_on={TODAY - datetime.timedelta(days=2)}")
            chair("act", "plan_item", done, "done", "evidence=纪要")
            line, = chair.json("due")
            self.assertEqual((line["type"], line["kind"], line["id"], line["overdue"], line["title"]),
                             ("record", "plan_item", late, True, "慰问退休教职工"))
            later = chair.json("due", str(TODAY.year + 2))
            self.assertEqual([(l["type"], l["title"]) for l in later],
                             [("record", "慰问退休教职工"), ("certificate", "王敏"), ("record", "明年的事")])
            self.assertIn("overdue", chair("due").out)
            chair("due", "Octember", status=2)

    def test_a_step_of_a_month_is_due_by_its_end(self):
        """Entered by hand or from a table it is as it was in the plan's document; a month outside of the term is no day."""
        with district() as d:
            chair = d.join("QH001", "union_chair")
            plan = chair.add("work_plan", "title=计划", "period=2024-1")
            self.adopt(chair, plan)
            table = d.base / "items.csv"
            table.write_text("月份,工作内容\n1,慰问退休教职工\n")
            chair("import", "plan_item", table, f"plan_id={plan}")
            for words in (("title=例会", "month=9"), ("title=运动会", "month=10", "due_on=2024-10-12"), ("title=六一", "month=6"), ("title=读书",)):
                chair.add("plan_item", f"plan_id={plan}", *words)
            days = {i["title"]: i["due_on"] for i in chair.json("list", "plan_item")}
            self.assertEqual(days, {"例会": "2024-09-30", "运动会": "2024-10-12", "慰问退休教职工": "2025-01-31", "六一": None, "读书": None})
            self.assertEqual([l["title"] for l in chair.json("due")], ["例会", "运动会", "慰问退休教职工"])
            self.assertEqual(d.overview()["totals"].get("plan_item.overdue", 0), 0, "not sent yet")
            chair.sync()
            self.assertEqual(d.overview()["totals"]["plan_item.overdue"], 3)

    def adopt(self, chair, plan):
        chair("act", "work_plan", plan, "discussed")
        chair("act", "work_plan", plan, "adopted", "adopted_on=2026-09-05", "adopted_by=全体会员大会")

    def test_a_draft_binds_nobody(self):
        """Items are due, and overdue on the board, from the plan's adoption on; what was sent back or filed is not."""
        yesterday = TODAY - datetime.timedelta(days=1)
        with district() as d:
            chair, officer = d.join("QH001", "union_chair"), d.join("QH", "district_officer", "陈立")

            def overdue():
                chair.sync()
                branch, = [b for b in d.overview()["branches"] if b["code"] == "QH001"]
                on_board = branch["measures"].get("plan_item.overdue", 0)
                self.assertEqual(len([l for l in chair.json("due") if l["type"] == "record"]), on_board)
                return on_board
            plan = chair.add("work_plan", "title=工作计划", f"period={TODAY.year}")
            for title in ("慰问", "体检"):
                chair.add("plan_item", f"plan_id={plan}", f"title={title}", f"due_on={yesterday}")
            other = chair.add("work_plan", "title=另一份", f"period={TODAY.year}")
            chair.add("plan_item", f"plan_id={other}", "title=没有通过的", f"due_on={yesterday}")
            self.assertEqual(overdue(), 0)
            self.adopt(chair, plan)
            self.assertEqual(overdue(), 2)
            chair("act", "work_plan", plan, "submitted")
            self.assertEqual(overdue(), 2)
            officer("act", "work_plan", plan, "returned", "return_reason=补充安全内容", "--branch", "QH001")
            officer.sync()
            self.assertEqual(overdue(), 0)
            chair("act", "work_plan", plan, "adopted", "adopted_on=2026-09-20", "adopted_by=工会委员会")
            item = chair.json("list", "plan_item", f"plan_id={plan}")[0]["id"]
            chair("act", "plan_item", item, "done", "evidence=纪要")
            self.assertEqual(overdue(), 1)
            d.stop()
            self.assertEqual(d("verify").status, 0)

    def test_arrears_and_what_they_endanger(self):
        """Six months in a row without a payment: a talk is due, nothing changes by itself."""
        with district() as d:
            chair, accountant = d.join("QH001", "union_chair"), d.join("QH001", "accountant", "李静")
            ids = {n: chair.add("member", f"name={n}", "state=active", "joined_on=2020-09-01") for n in ("周文", "王敏")}
            chair.sync()
            accountant.sync()
            for member in ids.values():
                accountant.add("dues_standard", f"member_id={member}", "mode=flat", "amount_fen=12.50", "effective_from=2020-01-01")
            for back in range(6, 0, -1):
                accountant("assess", month_ago(back))
            for back in range(6, 1, -1):
                accountant.add("dues_payment", f"member_id={ids['王敏']}", f"period={month_ago(back)}", "amount_fen=12.50",
                               f"paid_on={month_ago(back)}-15", "method=cash")
            accountant.add("dues_payment", f"member_id={ids['王敏']}", f"period={month_ago(1)}", "amount_fen=10", f"paid_on={TODAY}", "method=cash")
            due = accountant.json("due")
            owed = [(l["title"], l["owed_fen"]) for l in due if l["type"] == "arrears"]
            self.assertEqual(sorted(owed), sorted([("周文", 1250)] * 6 + [("王敏", 250)]))
            warning, = [l for l in due if l["type"] == "membership"]
            self.assertEqual((warning["title"], warning["months"], warning["id"]), ("周文", 6, ids["周文"]))
            self.assertEqual(accountant.record("member", ids["周文"])["state"], "active")
            handler = d.join("QH001", "handler", "赵云")
            accountant.sync()
            handler.sync()
            self.assertEqual([l["type"] for l in handler.json("due")], [], "who may not read dues is told nothing of them")


if __name__ == "__main__":
    unittest.main()
