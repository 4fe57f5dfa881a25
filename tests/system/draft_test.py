"""`add KIND --from`: drafts made of what is here. Works without a network."""
import unittest
from district import BANYAN, district, run


def items(seat, plan):
    """title -> its record, of one plan."""
    return {i["title"]: i for i in seat.json("list", "plan_item", f"plan_id={plan}")}


def run_zh(seat, *words, status=1):
    return run([BANYAN, *words, "--data", seat.folder], status=status, env={"BANYAN_LANG": "zh_CN"})


class WorkPlan(unittest.TestCase):
    def last_year(self, chair):
        """The plan of 2027-2: nine things of which one is done, one postponed, one cancelled, one had a person who left."""
        gone = chair.add("member", "name=林岚", "state=active", "joined_on=2019-09-01")
        here = chair.add("member", "name=周文", "state=active", "joined_on=2019-09-01")
        plan = chair.add("work_plan", "title=2027学年第二学期工会工作计划", "period=2027-2", "guiding_text=坚持以人为本",
                         "goals_text=2027学年入会率达到百分之百", "measures_text=每月例会", "other_text=另行通知")
        for position, words in enumerate((
                ("title=春节慰问", "month=2", "due_on=2028-02-29", f"owner_id={here}"),
                ("title=三八活动", "month=3", "due_on=2028-03-08", "category=文体"),
                ("title=提案征集", "month=3", "month_to=4", "due_on=2028-04-30", f"owner_id={gone}"),
                ("title=换届", "month=5", "due_on=2028-05-31"),
                ("title=体检", "month=6", "due_on=2028-06-30"),
                ("title=例会",)), start=1):
            chair.add("plan_item", f"plan_id={plan}", f"position={position}", "source_line=40", *words)
        old = {t: i["id"] for t, i in items(chair, plan).items()}
        chair("act", "plan_item", old["三八活动"], "done", "evidence=照片12张", "actual_on=2028-03-07")
        chair("act", "plan_item", old["换届"], "cancelled", "reason=任期未满")
        chair("act", "plan_item", old["体检"], "postponed", "reason=医院排期", "due_on=2028-07-15")
        chair("act", "member", gone, "withdrawn", "state_effective_on=2026-08-31")
        return plan, here

    def test_next_year(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            plan, here = self.last_year(chair)
            d.stop()
            made = chair("add", "work_plan", "--from", plan)
            new = made.out.strip()
            self.assertEqual(len(new), 36, made.out)
            self.assertIn("5 items", made.err)
            self.assertIn("1 cancelled", made.err)
            self.assertIn("goals", made.err, "a text that names the old year is pointed out")
            self.assertNotIn("guiding", made.err)
            p = chair.record("work_plan", new)
            self.assertEqual({f: p.get(f) for f in ("title", "period", "period_kind", "state", "guiding_text", "goals_text", "measures_text",
                                                    "other_text", "adopted_on")},
                             dict(title="2028学年第二学期工会工作计划", period="2028-2", period_kind="term", state="drafted",
                                  guiding_text="坚持以人为本", goals_text="2027学年入会率达到百分之百", measures_text="每月例会",
                                  other_text="另行通知", adopted_on=None))
            got = items(chair, new)
            self.assertEqual({t: (i["position"], i.get("month"), i.get("month_to"), i.get("due_on"), i["state"]) for t, i in got.items()},
                             {"春节慰问": (1, 2, None, "2029-02-28", "planned"), "三八活动": (2, 3, None, "2029-03-08", "planned"),
                              "提案征集": (3, 3, 4, "2029-04-30", "planned"), "体检": (5, 6, None, "2029-07-15", "planned"),
                              "例会": (6, None, None, None, "planned")})
            self.assertEqual((got["春节慰问"]["owner_id"], got["三八活动"]["category"]), (here, "文体"))
            for item in got.values():
                self.assertEqual([item[f] for f in ("evidence", "actual_on", "reason", "source_line")], [None] * 4, item["title"])
            d.serve()
            chair.sync()
            self.assertEqual(chair.json("attention"), [])
            self.assertEqual(len(items(chair, new)), 5)

    def test_once(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            plan = chair.add("work_plan", "title=2025年工会工作计划", "period=2025")
            first = chair("add", "work_plan", "--from", plan).out.strip()
            again = chair("add", "work_plan", "--from", plan, status=1)
            self.assertEqual(again.out, "")
            self.assertIn(first, again.err)
            self.assertIn("2026年工会工作计划", again.err)
            other = chair("add", "work_plan", "--from", plan, "title=第二稿")
            self.assertIn(first, other.err, "told, not refused")
            later = chair("add", "work_plan", "--from", plan, "period=2028").out.strip()
            self.assertEqual((chair.record("work_plan", later)["period"], chair.record("work_plan", later)["title"]),
                             ("2028", "2028年工会工作计划"))
            self.assertEqual(len(chair.json("list", "work_plan")), 4)

    def test_another_part_of_the_year(self):
        """Months go along, days only where the month lies in the new period."""
        with district() as d:
            chair = d.join("QH001", "union_chair")
            plan = chair.add("work_plan", "title=2025学年第一学期计划", "period=2025-1")
            chair.add("plan_item", f"plan_id={plan}", "title=教师节", "month=9", "due_on=2025-09-10")
            made = chair("add", "work_plan", "--from", plan, "period=2026")
            item = items(chair, made.out.strip())["教师节"]
            self.assertEqual((item["month"], item["due_on"]), (9, "2026-09-30"))
            made = chair("add", "work_plan", "--from", plan, "period=2025-2", "title=第二学期计划")
            item = items(chair, made.out.strip())["教师节"]
            self.assertEqual((item["month"], item.get("due_on")), (9, None))
            self.assertIn("1 items are of months outside 2025-2", made.err)

    def test_long(self):
        """More items than one group holds: all of them, or none."""
        with district() as d:
            chair = d.join("QH001", "union_chair")
            plan = chair.add("work_plan", "title=2025年计划", "period=2025")
            for n in range(40):
                chair.add("plan_item", f"plan_id={plan}", f"title=第{n}项", f"position={n}", "month=5", "due_on=2025-05-31")
            new = chair("add", "work_plan", "--from", plan).out.strip()
            self.assertEqual([i["position"] for i in sorted(items(chair, new).values(), key=lambda i: i["position"])], list(range(40)))
            chair.sync()
            self.assertEqual(len(items(chair, new)), 40)
            before = chair.json("status")["queued"]
            refused = chair("add", "work_plan", "--from", plan, "period=2030", "period_kind=学期", status=1)
            self.assertEqual((refused.out, chair.json("status")["queued"], len(chair.json("list", "work_plan"))), ("", before, 2))

    def test_what_it_is_not_made_from(self):
        with district(branches=(("QH001", "甲园工会"), ("QH002", "乙园工会"))) as d:
            chair, other, officer = d.join("QH001", "union_chair"), d.join("QH002", "union_chair"), d.join("QH", "district_officer")
            plan = chair.add("work_plan", "title=2025年计划", "period=2025")
            item = chair.add("plan_item", f"plan_id={plan}", "title=一件事")
            chair.sync()
            self.assertIn("not a", chair("add", "work_plan", "--from", item, status=1).err)
            self.assertIn("there is no", chair("add", "work_plan", "--from", "0190ffff", status=1).err)
            self.assertIn("nothing is drafted", chair("add", "plan_item", "--from", item, status=2).err)
            chair("add", "work_plan", status=2)
            other("add", "work_plan", "--from", plan, status=1)
            officer("show", "work_plan", plan, "--branch", "QH001")
            foreign = officer("add", "work_plan", "--from", plan, status=1)
            self.assertIn("another branch", foreign.err)
            handler = d.join("QH001", "handler", "赵云")
            handler.sync()
            self.assertEqual(handler("add", "work_plan", "--from", plan, status=1).out, "")


class WorkSummary(unittest.TestCase):
    def test_from_items_and_records(self):
        """2025-1: six items, of which two done, one postponed, one cancelled, one begun, one not. Two members, one of them new in the
        period; 25.00 due in October, 12.50 paid; one proposal, received and filed."""
        with district() as d:
            chair, accountant = d.join("QH001", "union_chair"), d.join("QH001", "accountant", "李静")
            old = chair.add("member", "name=周文", "state=active", "joined_on=2019-09-01")
            chair.add("member", "name=王敏", "state=active", "joined_on=2025-10-20")
            chair.sync()
            accountant.sync()
            accountant.add("dues_standard", f"member_id={old}", "mode=flat", "amount_fen=25", "effective_from=2025-01-01")
            accountant("assess", "2025-10")
            accountant.add("dues_payment", f"member_id={old}", "period=2025-10", "amount_fen=12.50", "paid_on=2025-10-15", "method=cash")
            accountant.sync()
            plan = chair.add("work_plan", "title=2025学年第一学期工会工作计划", "period=2025-1")
            for position, words in enumerate((("title=元旦活动", "month=1"), ("title=教师节慰问", "month=9"), ("title=提案征集", "month=11"),
                                              ("title=换届", "month=10"), ("title=体检", "month=12"), ("title=例会",)), start=1):
                chair.add("plan_item", f"plan_id={plan}", f"position={position}", *words)
            ids = {t: i["id"] for t, i in items(chair, plan).items()}
            chair("act", "plan_item", ids["元旦活动"], "done", "evidence=照片12张", "actual_on=2025-12-31")
            chair("act", "plan_item", ids["教师节慰问"], "done", "evidence=慰问\n名单", "actual_on=2025-09-10")
            chair("act", "plan_item", ids["体检"], "postponed", "reason=医院排期", "due_on=2026-03-15")
            chair("act", "plan_item", ids["换届"], "cancelled", "reason=任期未满")
            chair("act", "plan_item", ids["提案征集"], "doing")
            proposal = chair.add("proposal", "title=更换午睡床", "reason=旧了", "suggestion=换新", f"proposer_id={old}", "category=equipment")
            chair("act", "proposal", proposal, "submitted", "submitted_on=2025-11-03")
            chair.sync()
            d.stop()
            made = chair("add", "work_summary", "--from", plan, "honours_text=区先进职工之家")
            self.assertEqual(len(made.out.strip()), 36)
            self.assertIn("2 done, 1 postponed, 1 cancelled", made.err)
            self.assertIn("fewer than 5 members or answers stand behind it and the district reads it: assessment of dues", made.err)
            s = chair.record("work_summary", made.out.strip())
            self.assertEqual((s["period"], s["plan_id"], s["state"], s["honours_text"]), ("2025-1", plan, "drafted", "区先进职工之家"))
            self.assertEqual(s["done_text"], "本期计划 6 项，完成 2 项，取消 1 项。\n"
                             "九月：\n教师节慰问（9月10日完成；慰问 名单）\n一月：\n元旦活动（12月31日完成；照片12张）")
            self.assertEqual(s["shortcomings_text"], "换届：取消，原因：任期未满。\n体检：延期到 2026年3月15日，原因：医院排期。\n"
                             "例会：尚未开始。")
            self.assertEqual(s["next_text"], "继续做好：提案征集\n开展：体检（2026年3月15日前）\n开展：例会")
            self.assertEqual(s["results_text"], "会员：期末在籍 2 人，本期新入会和转入 1 人，转出、退会等 0 人。\n"
                             "提案：收到 1 件，立案 0 件，已答复 0 件。")
            again = chair("add", "work_summary", "--from", plan, status=1)
            self.assertEqual(again.out, "")
            self.assertIn(made.out.strip(), again.err)
            d.serve()
            chair.sync()
            self.assertEqual(chair.json("attention"), [])
            handler = d.join("QH001", "handler", "赵云")
            handler.sync()
            self.assertEqual(handler("add", "work_summary", "--from", plan, status=1).out, "")

    def test_dues_of_five_and_of_four(self):
        """Five owe 10.00 for October and one of them has paid: that is told. Four of them owe for November too, and their sum would be what is
        left of both: nothing is."""
        with district() as d:
            accountant, chair = d.join("QH001", "accountant", "李静"), d.join("QH001", "union_chair")
            plan = chair.add("work_plan", "title=计划", "period=2025-1")
            other = chair.add("work_plan", "title=计划二", "period=2025")
            members = [chair.add("member", f"name={name}", "state=active", "joined_on=2019-09-01") for name in ("周文", "王敏", "李静", "赵云", "石榴")]
            chair.sync()
            accountant.sync()
            for m in members:
                accountant.add("dues_assessment", f"member_id={m}", "period=2025-10", "amount_due_fen=10")
            accountant.add("dues_payment", f"member_id={members[0]}", "period=2025-10", "amount_fen=10", "paid_on=2025-10-15", "method=cash")
            accountant.sync()
            chair.sync()
            made = chair("add", "work_summary", "--from", plan)
            self.assertIn("会费：本期应缴 50.00 元，实缴 10.00 元，收缴率 20.0%。", chair.record("work_summary", made.out.strip())["results_text"])
            self.assertNotIn("fewer than", made.err)
            for m in members[1:]:
                accountant.add("dues_assessment", f"member_id={m}", "period=2025-11", "amount_due_fen=10")
            accountant.sync()
            chair.sync()
            made = chair("add", "work_summary", "--from", other)
            self.assertIn("fewer than 5", made.err)
            self.assertNotIn("会费", chair.record("work_summary", made.out.strip())["results_text"])

    def test_a_long_plan_fits(self):
        """What is quoted is cut, and the record stays within its limit."""
        with district() as d:
            chair = d.join("QH001", "union_chair")
            plan = chair.add("work_plan", "title=2025年计划", "period=2025")
            rows = ["工作内容,月份,所属计划"] + [f"{'很长的工作内容' * 30}{n},{n % 12 + 1},{plan}" for n in range(300)]
            sheet = d.base / "items.csv"
            sheet.write_text("\n".join(rows), encoding="utf-8")
            chair("import", "plan_item", sheet)
            done = [i["id"] for i in chair.json("list", "plan_item")][:150]
            chair("act", "plan_item", *done, "done", f"evidence={'依据' * 400}")
            s = chair.record("work_summary", chair("add", "work_summary", "--from", plan).out.strip())
            self.assertIn("项，见计划。", s["done_text"])
            self.assertIn("项，见计划。", s["shortcomings_text"])
            chair.sync()


class DuesBooks(unittest.TestCase):
    def open_books(self, d):
        accountant = d.join("QH001", "accountant", "李静")
        chair, audit = d.join("QH001", "union_chair"), d.join("QH001", "audit_member", "赵云")
        member = chair.add("member", "name=周文", "state=active", "joined_on=2019-09-01")
        chair.sync()
        accountant.sync()

        def pay(period, yuan, on, *more, status=0):
            return accountant("add", "dues_payment", f"member_id={member}", f"period={period}", f"amount_fen={yuan}", f"paid_on={on}",
                              "method=cash", *more, status=status)
        return accountant, chair, audit, pay

    def publish(self, report, audit, chair, accountant, on):
        accountant.sync()
        audit.sync()
        audit("act", "dues_usage_report", report, "audited")
        audit.sync()
        chair.sync()
        chair("act", "dues_usage_report", report, "published", f"published_on={on}")
        chair.sync()
        accountant.sync()

    def test_statement_of_two_years(self):
        """2024: 30.00 in, 10.00 out of an opening of 100.00 leave 120.00. 2025: 42.50 in (one payment taken back), 60.25 out: 102.25."""
        with district() as d:
            accountant, chair, audit, pay = self.open_books(d)
            pay("2024-11", "30.00", "2024-11-20")
            first = accountant("add", "dues_usage_report", "--from", "2024年")
            report = first.out.strip()
            self.assertEqual(len(report), 36)
            got = accountant.record("dues_usage_report", report)
            self.assertEqual((got["period"], got["opening_fen"], got["received_fen"], got["closing_fen"]), ("2024", None, 3000, None))
            for word in ("opening_fen", "2023", "dues_usage_line", "closing"):
                self.assertIn(word, first.err)
            accountant("set", "dues_usage_report", report, "opening_fen=100")
            accountant.add("dues_usage_line", f"report_id={report}", "category=expense.rights.warmth", "amount_fen=10")
            again = accountant("add", "dues_usage_report", "--from", "2024")
            self.assertEqual(again.out.strip(), report, "one statement a year")
            self.assertIn("brought up to date", again.err)
            self.assertNotIn("still to be entered", again.err)
            self.assertEqual(accountant.record("dues_usage_report", report)["closing_fen"], 12000)
            self.publish(report, audit, chair, accountant, "2024-12-30")
            refused = accountant("add", "dues_usage_report", "--from", "2024", status=1)
            self.assertIn("published", refused.err)

            pay("2025-03", "25.00", "2025-03-10")
            wrong = pay("2025-04", "99.00", "2025-04-10").out.strip()
            pay("2025-04", "-99.00", "2025-04-11", f"reverses_id={wrong}", "reason=录错")
            pay("2025-04", "17.50", "2025-04-11")
            pay("2026-01", "8.00", "2026-01-05")
            second = accountant("add", "dues_usage_report", "--from", "2025")
            self.assertIn("42.50 yuan in 3 payments, 1 taken back", second.err)
            self.assertNotIn("opening_fen", second.err)
            report = second.out.strip()
            self.assertEqual(accountant.record("dues_usage_report", report)["opening_fen"], 12000)
            accountant.add("dues_usage_line", f"report_id={report}", "category=expense.rights.warmth", "amount_fen=60.25")
            accountant("add", "dues_usage_report", "--from", "2025")
            self.assertEqual(accountant.record("dues_usage_report", report)["closing_fen"], 10225)
            self.publish(report, audit, chair, accountant, "2025-12-30")
            self.assertEqual(accountant.record("dues_usage_report", report)["state"], "published")
            self.assertEqual(accountant.json("attention"), [])

    def test_a_payment_that_came_after_the_draft(self):
        """Neither audit nor publishing lets a statement pass in silence that says less than was received; who means it says --yes."""
        with district() as d:
            accountant, chair, audit, pay = self.open_books(d)
            pay("2025-03", "25.00", "2025-03-10")
            report = accountant.add("dues_usage_report", "--from", "2025")
            accountant("set", "dues_usage_report", report, "opening_fen=0", "closing_fen=25")
            pay("2025-04", "43.25", "2025-04-10")
            accountant.sync()
            audit.sync()
            refused = audit("act", "dues_usage_report", report, "audited", status=1)
            for said in ("25.00 yuan", "2025", "68.25 yuan", "--from 2025", "--yes"):
                self.assertIn(said, refused.err)
            self.assertEqual(audit.record("dues_usage_report", report)["state"], "drafted")
            audit("act", "dues_usage_report", report, "audited", "--yes")
            audit.sync()
            chair.sync()
            self.assertIn("68.25", chair("act", "dues_usage_report", report, "published", "published_on=2025-12-30", status=1).err)
            chair("act", "dues_usage_report", report, "drafted")
            chair.sync()
            accountant.sync()
            accountant("add", "dues_usage_report", "--from", "2025")
            accountant("set", "dues_usage_report", report, "closing_fen=68.25")
            self.publish(report, audit, chair, accountant, "2025-12-30")
            self.assertEqual(accountant.record("dues_usage_report", report)["received_fen"], 6825)
            self.assertEqual(accountant.record("dues_usage_report", report)["state"], "published")

    def test_an_audit_of_what_was_seen(self):
        """The accountant changed the figures on another device first: the audit does not hold for what the auditor never saw."""
        with district() as d:
            accountant, chair, audit, _ = self.open_books(d)
            report = accountant.add("dues_usage_report", "period=2025", "opening_fen=10", "received_fen=100", "closing_fen=110")
            accountant.sync()
            audit.sync()
            accountant("set", "dues_usage_report", report, "received_fen=900", "closing_fen=910")
            accountant.sync()
            audit("act", "dues_usage_report", report, "audited")
            audit.sync(status=4)
            waits, = audit.json("attention", status=4)
            self.assertEqual(waits["code"], "CHANGED_SINCE")
            self.assertEqual(audit.record("dues_usage_report", report)["state"], "drafted")
            audit("retry", waits["id"])  # having seen them
            audit.sync()
            self.assertEqual(audit.record("dues_usage_report", report)["state"], "audited")

    def test_who_and_of_what(self):
        with district() as d:
            accountant, chair, _, _ = self.open_books(d)
            accountant("add", "dues_usage_report", "--from", "2025-3", status=2)
            refused = chair("add", "dues_usage_report", "--from", "2025", status=1)
            self.assertEqual((refused.out, chair.json("list", "dues_usage_report")), ("", []))

    def test_a_closed_year_takes_reversals_alone(self):
        with district() as d:
            accountant, chair, _, pay = self.open_books(d)
            wrong = pay("2025-10", "12.50", "2025-10-15").out.strip()
            pay("2025-11", "12.50", "2025-11-15")
            report = accountant.add("dues_usage_report", "--from", "2025")
            year = accountant.add("dues_year", "year=2025")
            accountant("act", "dues_year", year, "closed", "closed_on=2025-12-31")
            colleague = d.join("QH001", "accountant", "陈晓")
            colleague.sync()
            accountant.sync()
            colleague.add("dues_payment", "member_id=周文", "period=2025-12", "amount_fen=12.50", "paid_on=2025-12-20", "method=cash")
            colleague.sync(status=4)
            told, = colleague.json("attention", status=4)
            self.assertEqual((told["type"], told["code"]), ("refusal", "dues_payment.year_closed"))
            self.assertIn("they take reversals alone", told["text"])
            colleague("discard", told["id"])
            refused = pay("2025-12", "12.50", "2025-12-20", status=1)
            self.assertIn("The books of that year are closed; they take reversals alone.", refused.err)
            self.assertIn("the real day of receipt in the reason", refused.err)
            chinese = run_zh(accountant, "add", "dues_payment", "member_id=周文", "period=2025-12", "amount_fen=12.50", "paid_on=2025-12-20")
            self.assertIn("缴费日期所在的年度已经结账，只能冲销，不能再登记缴费。", chinese.err)
            accountant.add("dues_standard", "member_id=周文", "mode=flat", "amount_fen=12.50", "effective_from=2025-01-01")
            refused = accountant("assess", "2025-12", status=1)
            self.assertIn("The books of that year are closed", refused.err)
            refused = accountant("add", "dues_usage_line", f"report_id={report}", "category=expense.rights.warmth", "amount_fen=5", status=1)
            self.assertIn("The books of that year are closed; its lines stand.", refused.err)
            pay("2025-10", "-12.50", "2025-12-20", f"reverses_id={wrong}", "reason=录错")
            twice = pay("2025-10", "-12.50", "2025-12-21", f"reverses_id={wrong}", "reason=再冲", status=1)
            self.assertIn("This payment has been taken back already.", twice.err)
            pay("2025-10", "12.50", "2026-01-08")
            accountant("act", "dues_year", year, "open", status=2)
            accountant("set", "dues_year", year, "note=改", status=1)
            accountant.sync()
            self.assertEqual(accountant.json("attention"), [])
            self.assertEqual(len(accountant.json("list", "dues_payment")), 4)


if __name__ == "__main__":
    unittest.main()
