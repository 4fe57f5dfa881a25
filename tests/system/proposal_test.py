"""Proposals from the call to the award (DEM-06 to DEM-14, SM-PROPOSAL): eight of several seats, their states and the district's
counts worked out by hand. All days lie in 2025, so that what is overdue is so on every day that this runs."""
import unittest
from district import district

CALL = ("session=五届四次教代会", "theme=关心教职工", "eligible=all_staff")


class Proposals(unittest.TestCase):
    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        join = self.d.join
        self.chair, self.group = join("QH001", "union_chair", "王敏"), join("QH001", "proposal_group", "李静")
        self.delegate, self.accountant = join("QH001", "delegate", "周文"), join("QH001", "accountant", "刘芳")
        self.handler = join("QH001", "handler", "陈晨")
        names = ("周文", "赵云", "刘芳", "李静", "陈晨")
        self.people = {name: self.chair.add("member", f"name={name}", "state=active", "joined_on=2020-09-01") for name in names}
        self.chair.sync()

    # ---- one step with what is needed around it ----

    def add(self, seat, kind, *words):
        seat.sync()
        record = seat.add(kind, *words)
        seat.sync()
        return record

    def draft(self, seat, title, proposer, category, *words):
        return self.add(seat, "proposal", f"title={title}", f"proposer_id={self.people[proposer]}", f"category={category}",
                        "reason=大家都有这个想法", "suggestion=请幼儿园研究后改进", *words)

    def act(self, seat, proposal, action, *words):
        seat.sync()
        seat("act", "proposal", proposal, action, *words)
        seat.sync()
        self.assertEqual(seat.record("proposal", proposal)["state"], action)

    def refused(self, seat, rule, *words):
        """The device itself refuses it, with the rule's sentence; nothing waits afterwards."""
        seat.sync()
        said = seat(*words, status=1).err
        self.assertIn(rule, said)
        self.assertEqual(seat.json("status")["queued"], 0)

    def sign(self, seat, proposal, member, on="2025-03-03"):
        return self.add(seat, "proposal_support", f"proposal_id={proposal}", f"member_id={self.people[member]}", f"signed_on={on}")

    def reply(self, proposal, mode, on, text="已经研究，答复如下"):
        return self.add(self.handler, "proposal_reply", f"proposal_id={proposal}", f"mode={mode}", f"replied_on={on}", "replied_by=后勤组",
                        f"text={text}")

    def replies(self, proposal, on):
        self.reply(proposal, "written", on)
        self.reply(proposal, "face_to_face", on)

    def review(self, *proposals):
        for proposal in proposals:
            self.act(self.group, proposal, "collated")
            self.act(self.group, proposal, "under_review")

    def file(self, proposal, due=None):
        self.act(self.group, proposal, "filed", "filed_on=2025-03-21", "decided_on=2025-03-21")
        if due:
            self.act(self.group, proposal, "assigned", "department=后勤组", f"due_on={due}", f"handler_id={self.people['陈晨']}")
            self.act(self.handler, proposal, "in_progress")

    # ---- the year's work ----

    def signed_and_returned(self, proposal):
        """Two sign; the text is frozen; sent back it is free again and the signatures are void; one signs the new text."""
        self.sign(self.accountant, proposal, "李静")
        self.sign(self.group, proposal, "赵云")
        self.refused(self.group, "signed the proposal already", "add", "proposal_support", f"proposal_id={proposal}",
                     f"member_id={self.people['赵云']}")
        self.refused(self.chair, "proposer need not sign", "add", "proposal_support", f"proposal_id={proposal}",
                     f"member_id={self.people['周文']}")
        self.refused(self.delegate, "cannot be changed any more", "set", "proposal", proposal, "suggestion=每班加一位轮值老师")
        self.act(self.delegate, proposal, "submitted", "submitted_on=2025-03-04")
        self.act(self.group, proposal, "returned", "return_reason=请写清怎么轮值")
        self.delegate.sync()
        self.assertEqual(len([s for s in self.delegate.json("list", "proposal_support") if s["voided_on"]]), 2)
        self.delegate("set", "proposal", proposal, "suggestion=每班加一位轮值老师")
        self.delegate.sync()
        self.sign(self.accountant, proposal, "李静", "2025-03-05")
        self.act(self.delegate, proposal, "submitted", "submitted_on=2025-03-05")

    def handed_in(self):
        """Eight, of whom two are the delegate's matter in other words."""
        call = self.add(self.chair, "proposal_call", *CALL)
        self.chair("act", "proposal_call", call, "open", "opened_on=2025-03-01", "closes_on=2025-03-20")
        self.chair.sync()
        of = f"call_id={call}"
        rest = self.draft(self.delegate, "午休值班实行轮换", "周文", "care_hours", of)
        self.signed_and_returned(rest)
        nurse = self.draft(self.chair, "调整保健老师上班时间", "赵云", "care_hours", of, "is_temporary=yes")
        shifts = self.draft(self.accountant, "午休值班人员轮流安排", "刘芳", "care_hours", of)
        toys = self.draft(self.delegate, "增添户外玩教具", "周文", "equipment", of)
        meals = self.draft(self.chair, "食堂增加一道素菜", "赵云", "logistics", of)
        gate = self.draft(self.accountant, "校门口加装遮雨棚", "刘芳", "safety", of)
        printer = self.draft(self.delegate, "更换大班打印机", "周文", "equipment", of)
        course = self.draft(self.delegate, "组织急救培训", "周文", "training", of)
        self.sign(self.chair, toys, "赵云")
        self.sign(self.group, gate, "李静")
        for seat, proposal, day in ((self.chair, nurse, 5), (self.accountant, shifts, 6), (self.delegate, toys, 7), (self.chair, meals, 8),
                                    (self.accountant, gate, 10), (self.delegate, printer, 11), (self.delegate, course, 12)):
            self.act(seat, proposal, "submitted", f"submitted_on=2025-03-{day:02}")
        self.chair("act", "proposal_call", call, "closed")
        self.chair.sync()
        return rest, nurse, shifts, toys, meals, gate, printer, course

    def merged(self, rest, nurse, shifts):
        self.act(self.group, nurse, "collated")
        self.act(self.group, shifts, "collated")
        self.refused(self.group, "into itself", "act", "proposal", nurse, "merged", f"merged_into={nurse}")
        self.act(self.group, nurse, "merged", f"merged_into={rest}", "decided_on=2025-03-21")
        self.refused(self.group, "itself been merged", "act", "proposal", shifts, "merged", f"merged_into={nurse}")
        self.act(self.group, shifts, "merged", f"merged_into={rest}", "decided_on=2025-03-21")

    def answered(self, rest, nurse, shifts):
        """Both ways, to the proposer and to those whose proposals were merged into it."""
        self.reply(rest, "written", "2025-04-03")
        self.refused(self.handler, "no record of a reply face to face", "act", "proposal", rest, "replied", "replied_on=2025-04-04")
        self.reply(rest, "face_to_face", "2025-04-04")
        self.replies(nurse, "2025-04-04")
        self.reply(shifts, "written", "2025-04-04")
        self.refused(self.handler, "午休值班人员轮流安排", "act", "proposal", rest, "replied", "replied_on=2025-04-04")
        self.reply(shifts, "face_to_face", "2025-04-04")
        self.act(self.handler, rest, "replied", "replied_on=2025-04-04")
        self.act(self.handler, nurse, "replied", "replied_on=2025-04-04")
        self.act(self.handler, shifts, "replied", "replied_on=2025-04-05")

    def handled_again(self, gate):
        """Unsatisfied once: handled again, with a reply of its own; a second time there is no third."""
        self.replies(gate, "2025-04-09")
        self.act(self.handler, gate, "replied", "replied_on=2025-04-09")
        self.act(self.accountant, gate, "rated", "rating=unsatisfied", "rated_on=2025-04-10")
        self.act(self.group, gate, "reopened", "reopened_on=2025-04-15")
        self.act(self.handler, gate, "in_progress")
        self.refused(self.handler, "no reply since it was reopened", "act", "proposal", gate, "replied", "replied_on=2025-05-09")
        self.reply(gate, "written", "2025-05-08")
        self.act(self.handler, gate, "replied", "replied_on=2025-05-09")
        self.act(self.accountant, gate, "rated", "rating=不满意", "rated_on=2025-05-10")
        self.refused(self.group, "handled again once already", "act", "proposal", gate, "reopened", "reopened_on=2025-05-12")
        self.refused(self.handler, "needs a reason", "act", "proposal", gate, "resulted", "result=partly")
        self.act(self.handler, gate, "resulted", "result=partly", "result_reason=先装了一半，余下列入明年预算")
        self.act(self.group, gate, "closed")

    def not_filed(self, toys, meals):
        """What is not filed is answered and rated too."""
        self.refused(self.group, "reason of the decision", "act", "proposal", toys, "declined")
        self.act(self.group, toys, "declined", "decision_reason=去年刚添置过一批", "decided_on=2025-03-21")
        self.act(self.group, meals, "converted", "decided_on=2025-03-21")
        for proposal, day, seat, rating in ((toys, 27, self.delegate, "basically"), (meals, 28, self.chair, "satisfied")):
            self.replies(proposal, f"2025-03-{day}")
            self.act(self.handler, proposal, "replied", f"replied_on=2025-03-{day}")
            self.act(seat, proposal, "rated", f"rating={rating}", "rated_on=2025-03-30")
            self.act(self.group, proposal, "closed")

    def awarded(self, rest):
        self.refused(self.group, "chosen among closed ones", "set", "proposal", rest, "award=nominated")
        self.act(self.delegate, rest, "rated", "rating=satisfied", "rated_on=2025-04-06")
        self.refused(self.group, "needs its result", "act", "proposal", rest, "closed")
        self.act(self.handler, rest, "resulted", "result=done")
        self.act(self.group, rest, "closed")
        self.refused(self.group, "one step at a time", "set", "proposal", rest, "award=sent")
        for award in ("nominated", "awarded", "sent"):
            self.group("set", "proposal", rest, f"award={award}", *(["awarded_on=2025-06-20"] if award == "awarded" else []))
        self.group.sync()

    def review_apart(self, course):
        """Offline the group files and the chair declines: the first that arrives stands, the second is told and gives up."""
        self.chair.sync()
        self.group("act", "proposal", course, "filed", "filed_on=2025-03-21")
        self.chair("act", "proposal", course, "declined", "decision_reason=今年已有安排")
        self.group.sync()
        self.chair.sync(status=4)
        waiting, = self.chair.json("attention", status=4)
        self.assertEqual((waiting["type"], waiting["code"], waiting["record"]), ("refusal", "STATE_MOVED", course))
        self.chair("discard", waiting["id"])
        self.chair.sync()
        self.assertEqual(self.chair.json("attention"), [])
        record = self.chair.record("proposal", course)
        self.assertEqual((record["state"], record["decision"], record["decision_reason"]), ("filed", "filed", None))

    def shown_whole(self, rest, nurse, shifts):
        """Who signed, with what is void marked; whose proposals went into it; what was answered."""
        record = self.chair.record("proposal", rest)
        signed = [(r["member"], r["signed_on"], r["void"]) for r in record["supports"]]
        self.assertEqual(signed, [("李静", "2025-03-03", True), ("赵云", "2025-03-03", True), ("李静", "2025-03-05", False)])
        self.assertTrue(record["supports"][0]["voided_on"])
        self.assertIsNone(record["supports"][2]["voided_on"])
        self.assertEqual([(r["id"], r["proposer"]) for r in record["merged"]], [(nurse, "赵云"), (shifts, "刘芳")])
        self.assertEqual([(r["mode"], r["replied_on"]) for r in record["replies"]], [("written", "2025-04-03"), ("face_to_face", "2025-04-04")])
        child = self.chair.record("proposal", nurse)
        self.assertEqual((child["merged_into"], child["supports"], child["merged"], len(child["replies"])), (rest, [], [], 2))
        lines = self.chair("show", "proposal", rest, env={"BANYAN_LANG": "zh"}).out.splitlines()
        heads = [lines.index(head) for head in ("附议人:", "并入的提案:", "答复:")]
        self.assertEqual(heads, sorted(heads))
        supports = lines[heads[0] + 1:heads[1]]
        self.assertEqual([("已作废" in line, "李静" in line) for line in supports], [(True, True), (True, False), (False, True)])
        self.assertTrue(all(word in lines[heads[1] + 1] for word in ("调整保健老师上班时间", "赵云")))
        self.assertIn("书面  2025-04-03  后勤组", lines[heads[2] + 1])
        self.assertEqual(lines[heads[2] + 2].strip(), "已经研究，答复如下")

    def counts(self, year, rest):
        """What the district sees: sums, and the text of the one that was sent."""
        officer = self.d.join("QH", "district_officer", "张丽")
        totals = officer.json("overview")["totals"]
        seen = {name: value for name, value in totals.items() if name.startswith("proposal.") and value}
        expected = {"received": 8, "merged": 2, "filed": 4, "converted": 1, "declined": 1, "replied": 6, "implemented": 1,
                    "reply_days": 30 + 30 + 30 + 20 + 20 + 60, "satisfied": 2, "basically": 2, "unsatisfied": 1, "sent": 1}
        for name, value in expected.items():
            self.assertEqual(seen.get(f"proposal.{name}.{year}"), value, name)
        for name, value in {"state.closed": 5, "state.replied": 1, "state.in_progress": 1, "state.filed": 1, "category.care_hours": 3,
                            "category.equipment": 2, "category.logistics": 1, "category.safety": 1, "category.training": 1,
                            "overdue": 1}.items():
            self.assertEqual(seen.get(f"proposal.{name}"), value, name)
        signed = {name: totals.get(f"proposal_support.{name}") for name in ("valid", "void")}
        answers = {name: totals.get(f"proposal_reply.mode.{name}") for name in ("written", "face_to_face")}
        self.assertEqual((signed, answers), ({"valid": 3, "void": 2}, {"written": 7, "face_to_face": 6}))
        sent, = officer.json("list", "proposal", "--branch", "QH001")
        self.assertEqual((sent["id"], sent["title"], sent["suggestion"]), (rest, "午休值班实行轮换", "每班加一位轮值老师"))
        for kind in ("proposal_support", "proposal_reply"):
            officer("list", kind, "--branch", "QH001", status=1)
        return officer

    def test_from_the_call_to_the_award(self):
        rest, nurse, shifts, toys, meals, gate, printer, course = self.handed_in()
        self.merged(rest, nurse, shifts)
        self.review(rest, toys, meals, gate, printer, course)
        self.refused(self.accountant, "under review", "add", "proposal_support", f"proposal_id={course}", f"member_id={self.people['赵云']}")
        self.file(rest, "2025-04-04")
        self.file(gate, "2025-04-10")
        self.file(printer, "2025-04-30")
        self.not_filed(toys, meals)
        self.answered(rest, nurse, shifts)
        self.act(self.chair, nurse, "rated", "rating=basically", "rated_on=2025-04-06")
        self.act(self.group, nurse, "closed")
        self.handled_again(gate)
        self.awarded(rest)
        self.review_apart(course)
        self.chair.sync()
        rows = {row["id"]: row for row in self.chair.json("list", "proposal")}
        states = [rows[p]["state"] for p in (rest, nurse, shifts, toys, meals, gate, printer, course)]
        self.assertEqual(states, ["closed", "closed", "replied", "closed", "closed", "closed", "in_progress", "filed"])
        filing = [rows[p]["filing_no"] for p in (rest, gate, printer, course)]
        self.assertTrue(all(filing))
        self.assertEqual(len(set(filing)), 4)
        self.assertEqual([rows[p]["filing_no"] for p in (nurse, shifts, toys, meals)], [None] * 4)
        self.assertEqual(len({row["no"] for row in rows.values()}), 8)
        self.shown_whole(rest, nurse, shifts)
        officer = self.counts(2025, rest)
        self.assertNotIn("supports", officer.json("show", "proposal", rest, "--branch", "QH001"))
        officer("show", "proposal", toys, "--branch", "QH001", status=1)
        self.assertEqual(self.d("verify").status, 0)

    def test_two_seats_apart_on_one_draft(self):
        """What is disjoint merges, what clashes waits for one of them, a signature holds for the text that was seen."""
        draft = self.draft(self.delegate, "更换大班打印机", "周文", "equipment")
        self.chair.sync()
        self.delegate("set", "proposal", draft, "title=更换大班和中班的打印机")
        self.chair("set", "proposal", draft, "title=更换旧打印机", "category=management")
        self.delegate.sync()
        self.chair.sync(status=4)
        clash, = self.chair.json("attention", status=4)
        self.assertEqual((clash["type"], set(clash["fields"])), ("conflict", {"title"}))
        self.assertEqual((clash["fields"]["title"]["mine"], clash["fields"]["title"]["theirs"]), ("更换旧打印机", "更换大班和中班的打印机"))
        self.chair("resolve", clash["id"], "--theirs")
        self.chair.sync()
        self.accountant.sync()
        record = self.accountant.record("proposal", draft)
        self.assertEqual((record["title"], record["category"], record["sync"]), ("更换大班和中班的打印机", "management", "confirmed"))
        self.assertEqual(self.chair.json("attention"), [])

        self.delegate.sync()
        sign = ("proposal_support", f"proposal_id={draft}", f"member_id={self.people['赵云']}")
        self.accountant("add", *sign)
        self.delegate("set", "proposal", draft, "suggestion=换成双面打印的")
        self.delegate.sync()
        self.accountant.sync(status=4)
        waiting, = self.accountant.json("attention", status=4)
        self.assertEqual((waiting["type"], waiting["code"]), ("refusal", "proposal_support.text_changed"))
        self.accountant("discard", waiting["id"])
        self.accountant("add", *sign)
        self.delegate("set", "proposal", draft, "suggestion=换成彩色打印的")
        self.accountant.sync()
        self.delegate.sync(status=4)
        waiting, = self.delegate.json("attention", status=4)
        self.assertEqual((waiting["type"], waiting["code"]), ("refusal", "proposal.text_frozen"))
        self.delegate("discard", waiting["id"])
        record = self.delegate.record("proposal", draft)
        self.assertEqual((record["suggestion"], [r["void"] for r in record["supports"]]), ("换成双面打印的", [False]))
        self.assertEqual(self.d("verify").status, 0)

    def test_a_return_and_a_signature_apart(self):
        """Sent back while a signature is on its way: the signature is for the same text, and stands until that changes."""
        draft = self.draft(self.delegate, "更换大班打印机", "周文", "equipment")
        self.sign(self.accountant, draft, "李静")
        self.act(self.delegate, draft, "submitted", "submitted_on=2025-03-04")
        self.group.sync()
        self.accountant.sync()
        self.accountant("add", "proposal_support", f"proposal_id={draft}", f"member_id={self.people['赵云']}")
        self.group("act", "proposal", draft, "returned", "return_reason=请写清数量")
        self.group.sync()
        self.accountant.sync()
        self.chair.sync()
        self.assertEqual([(r["member"], r["void"]) for r in self.chair.record("proposal", draft)["supports"]], [("李静", True), ("赵云", False)])
        self.refused(self.delegate, "cannot be changed any more", "set", "proposal", draft, "suggestion=一台")
        late, = [r for r in self.delegate.record("proposal", draft)["supports"] if not r["void"]]
        self.delegate("set", "proposal_support", late["id"], "voided_on=2025-03-05")
        self.delegate("set", "proposal", draft, "suggestion=一台")
        self.delegate.sync()
        self.assertEqual(self.delegate.json("attention"), [])

    def test_more_signatures_than_a_group_holds(self):
        """Sent back, all of them are void: what does not go with the step in one group goes before it."""
        with district() as d:
            chair = d.join("QH001", "union_chair")
            author = chair.add("member", "name=周文", "state=active")
            proposal = chair.add("proposal", "title=增加乐器专柜", "category=equipment", "reason=存放分散", "suggestion=设专柜",
                                 f"proposer_id={author}")
            for i in range(18):
                member = chair.add("member", f"name=会员{i:02d}", "state=active")
                chair.add("proposal_support", f"proposal_id={proposal}", f"member_id={member}", "signed_on=2026-11-20")
            chair("act", "proposal", proposal, "submitted", "submitted_on=2026-11-20")
            chair("act", "proposal", proposal, "returned", "return_reason=请补充理由")
            self.assertEqual([s["id"] for s in chair.json("list", "proposal_support") if not s["voided_on"]], [])
            self.assertEqual(len(chair.json("list", "proposal_support")), 18)
            chair.sync()
            self.assertEqual(chair.json("attention"), [])
            chair("set", "proposal", proposal, "reason=存放分散，借还没有登记")
            d("verify")


if __name__ == "__main__":
    unittest.main()
