"""The year's plan and what became of it; who came and went; the chair's summary."""
from district import DATA
from year_people import DECEASED, EXPELLED, LEFT_BEFORE, MOVED, NEWCOMER, RETIRING, roster

DONE, DROPPED, POSTPONED, LATE, UNDER_WAY = range(9), 9, 10, 11, 12  # of the 13 items, in their order


class Plans:
    """Steps of the story."""

    def roster_and_colleagues(self):
        d = self.d
        d.day("2026-09-02")
        self.chair = d.join("QH001", "union_chair", "王敏")
        self.chair("import", "member", d.file("roster.csv", roster()), "--dry-run")
        self.assertEqual(self.chair.rows("member"), [])
        self.chair.done("import", "member", d.base / "roster.csv")
        self.chair.add("branch_union", "name=青禾区小苗圃幼儿园工会", "staff_count=46", "state=active")

        def colleague(name, roles):
            return d.seat(name).joins(self.chair("invite", "--role", roles, "--name", name).out.strip())

        self.colleague = colleague
        self.accountant, self.deputy = colleague("赵若清", "accountant"), colleague("周倩", "committee_member,accountant")
        self.auditor, self.group = colleague("吴敏", "audit_member"), colleague("李静", "committee_member,proposal_group")
        self.handler, self.delegate = colleague("郭佳怡", "handler"), colleague("陈雨桐", "delegate")
        self.everybody = [self.chair, self.accountant, self.deputy, self.auditor, self.group, self.handler, self.delegate]
        self.know_people()

    def know_people(self):
        self.people = {m["name"]: m["id"] for m in self.chair.rows("member")}

    def last_years_plan(self):
        """The document of last year, as it was written then."""
        said = self.chair("import", "work_plan", DATA / "plans" / "s0.txt", "--part", "1", "period=2025-1").out
        old = said.split()[0]
        self.chair("act", "work_plan", old, "discussed")
        self.chair("act", "work_plan", old, "adopted", "adopted_on=2025-09-05", "adopted_by=全体会员大会")
        self.chair.done("act", "work_plan", old, "submitted", "submitted_on=2025-09-10")
        return old

    def plan(self):
        """This year's: from last year's, talked over and adopted by the meeting, handed in."""
        d, chair = self.d, self.chair
        made = chair("add", "work_plan", "--from", self.last_years_plan())
        self.assertIn("13 items", made.err)
        self.this_plan = made.out.strip()
        self.assertEqual(chair.record("work_plan", self.this_plan)["period"], "2026-1")
        self.items = sorted(chair.rows("plan_item", f"plan_id={self.this_plan}"), key=lambda i: i["position"])
        self.assertEqual([i["due_on"][:7] for i in self.items],
                         ["2026-09"] * 3 + ["2026-10"] * 3 + ["2026-11"] * 2 + ["2026-12"] * 2 + ["2027-01"] * 3)
        self.assertEqual({i["state"] for i in self.items}, {"planned"})
        d.day("2026-09-07")
        chair.add("committee_meeting", "held_on=2026-09-05", "place=教工之家", "chair=王敏", "agenda=讨论本学期工作计划", "decisions=通过")
        chair("act", "work_plan", self.this_plan, "discussed")
        chair("act", "work_plan", self.this_plan, "adopted", "adopted_on=2026-09-05", "adopted_by=工会委员会")
        chair.done("act", "work_plan", self.this_plan, "submitted", "submitted_on=2026-09-07")

    def read_by_the_district(self):
        """One is acknowledged; one goes back with the reason, which its chair reads, and comes again."""
        d, officer, other = self.d, self.officer, self.neighbour
        their = other.add("work_plan", "title=云雀幼儿园工会工作计划", "period=2026-1")
        other.add("plan_item", f"plan_id={their}", "title=例会", "month=9")
        for step, words in (("discussed", ()), ("adopted", ("adopted_on=2026-09-04", "adopted_by=工会委员会")), ("submitted", ("submitted_on=2026-09-07",))):
            other("act", "work_plan", their, step, *words)
        other.sync()
        d.day("2026-09-14")
        officer.json("list", "work_plan", "--branch", "QH001")
        officer("act", "work_plan", self.this_plan, "acknowledged")
        officer.json("list", "work_plan", "--branch", "QH002")
        self.assertIn("退改原因", officer("act", "work_plan", their, "returned", status=1, env={"BANYAN_LANG": "zh"}).err)
        officer.done("act", "work_plan", their, "returned", "return_reason=只有一项工作，请补充十月到一月的安排")
        self.chair.sync()
        self.chair.done("act", "work_plan", self.this_plan, "in_force")
        other.sync()
        self.assertEqual(other.record("work_plan", their)["return_reason"], "只有一项工作，请补充十月到一月的安排")
        self.assertEqual(officer.json("overview", "--period", "2026-1")["totals"]["plan_submission_rate"], 20.7)
        other.add("plan_item", f"plan_id={their}", "title=收缴会费", "month=10")
        other.done("act", "work_plan", their, "submitted", "submitted_on=2026-09-16")
        officer.json("list", "work_plan", "--branch", "QH002")
        officer.done("act", "work_plan", their, "acknowledged")

    def what_became_of_the_items(self):
        """Nine are done in time and one after that; one is dropped, one put off to the second term, one under way still."""
        chair, ids = self.chair, [i["id"] for i in self.items]
        self.d.day("2027-01-25")
        chair.sync()
        chair("act", "plan_item", *(ids[n] for n in DONE), "done", "evidence=照片和签到表", "actual_on=2026-12-20")
        chair("act", "plan_item", ids[DROPPED], "cancelled", "reason=与园里活动重复")
        chair("act", "plan_item", ids[POSTPONED], "postponed", "due_on=2027-02-26", "reason=场地装修")
        chair("act", "plan_item", ids[LATE], "done", "evidence=慰问照片", "actual_on=2027-01-20")
        chair.done("act", "plan_item", ids[UNDER_WAY], "doing")

    def what_was_put_off(self):
        self.d.day("2027-02-25")
        self.chair.done("act", "plan_item", self.items[POSTPONED]["id"], "done", "evidence=慰问照片", "actual_on=2027-02-25")

    def summary(self):
        """Drafted from the items and the books, handed in, read; then the plan itself is summed up."""
        d, chair, officer = self.d, self.chair, self.officer
        d.day("2027-01-31")
        said = chair("add", "work_summary", "--from", self.this_plan)
        self.assertIn("10 done, 1 postponed, 1 cancelled", said.err)
        made = said.out.strip()
        drafted = chair.record("work_summary", made)
        self.assertTrue(drafted["done_text"].startswith("本期计划 13 项，完成 10 项，取消 1 项。"), drafted["done_text"])
        self.assertEqual(drafted["results_text"], "会员：期末在籍 40 人，本期新入会和转入 1 人，转出、退会等 3 人。\n"
                         "会费：本期应缴 4833.65 元，实缴 4805.30 元，收缴率 99.4%。\n提案：收到 8 件，立案 4 件，已答复 8 件；反馈满意 5 件，基本满意 2 件，不满意 1 件。")
        chair("act", "work_summary", made, "approved")
        chair.done("act", "work_summary", made, "submitted", "submitted_on=2027-01-31")
        officer.json("list", "work_summary", "--branch", "QH001")
        officer.done("act", "work_summary", made, "acknowledged")
        chair.sync()
        chair.done("act", "work_plan", self.this_plan, "summarised")

    # ---- who came and went ----

    def newcomer(self):
        """One leaves the day before the first, one applies and joins on the 8th."""
        self.d.day("2026-09-30")
        self.chair.add("member", f"name={NEWCOMER}", "sex=女", "state=申请中")
        self.chair.done("act", "member", LEFT_BEFORE, "withdrawn", "state_effective_on=2026-09-30")
        self.d.day("2026-10-09")
        self.chair.done("act", "member", NEWCOMER, "active", "state_effective_on=2026-10-08", "joined_on=2026-10-08")
        self.know_people()

    def member_moves(self, day, name, state, *words):
        self.chair.sync()
        self.chair.done("act", "member", name, state, f"state_effective_on={day}", *words)

    def one_dies(self):
        self.member_moves("2027-01-05", DECEASED, "deceased")

    def one_retires(self):
        self.d.day("2027-02-01")
        self.member_moves("2027-02-01", RETIRING, "retained", "retained_reason=退休")

    def one_is_expelled(self):
        self.d.day("2027-03-15")
        needed = ("group_opinion=小组同意", "decided_by=工会委员会")
        self.assertIn("approval", self.chair("act", "member", EXPELLED, "expelled", *needed, status=1).err)
        self.member_moves("2027-03-15", EXPELLED, "expelled", *needed, "approval_no=青教工〔2027〕3号")

    def roster_as_written_down(self):
        states = {}
        for m in self.chair.rows("member"):
            states[m["state"]] = states.get(m["state"], 0) + 1
        self.assertEqual(states, {"active": 38, "retained": 4, "transferred_out": 1, "withdrawn": 1, "expelled": 1, "deceased": 1})
        self.assertEqual(self.chair.record("member", MOVED)["to_branch"], "QH002")
