"""A slip names its way out, and the way works: a field given with another step, a wrong date, a signature for the wrong person."""
import os
import pty
import subprocess
import unittest
from district import BANYAN, ENVIRONMENT, district

ZH = {"BANYAN_LANG": "zh"}


def at_a_terminal(words, **environment):
    """What a person sees whose terminal is a real one."""
    master, slave = pty.openpty()
    done = subprocess.Popen([str(w) for w in words], stdin=slave, stdout=slave, stderr=slave, env={**ENVIRONMENT, **environment})
    os.close(slave)
    seen = b""
    try:
        while part := os.read(master, 65536):
            seen += part
    except OSError:
        pass  # the other end is closed
    os.close(master)
    done.wait(60)
    return seen.decode()


class WaysOut(unittest.TestCase):
    def test_a_field_of_another_step(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            proposal = chair.add("proposal", "title=增加乐器专柜", "reason=存放分散", "suggestion=设专柜")
            said = chair("act", "proposal", proposal, "assigned", "department=后勤组", "due_on=2026-12-01", "submitted_on=2026-11-01",
                         status=1, env=ZH).err
            for part in ("“提交日期”（submitted_on）", "提交（submitted）", "承办部门（department）", "办理期限（due_on）"):
                self.assertIn(part, said)
            self.assertNotIn("格式", said)
            said = chair("act", "proposal", proposal, "submitted", "title=别的", status=1).err
            self.assertIn("banyan set proposal", said)
            self.assertEqual(chair.json("status")["refused"], 0)
            self.assertEqual(chair.record("proposal", proposal)["state"], "draft")

    def test_progress_counts_from_where_one_stands(self):
        with district() as d:
            chair, other = d.join("QH001", "union_chair"), d.join("QH001", "committee_member", "李静")
            for name in ("周文", "赵云", "刘芳"):
                chair.add("member", f"name={name}")
            chair.sync()
            other.sync()
            chair.add("member", "name=陈晨")
            chair.sync()
            words = [BANYAN, "sync", "--data", other.folder]
            self.assertIn("收到的改动 1/1", at_a_terminal(words, **ZH))
            chair.add("member", "name=孙丽")
            chair.sync()
            self.assertIn("changes received 1/1", at_a_terminal(words))

    def test_a_wrong_date_of_a_step(self):
        """Who may take the step sets it right until the record is filed; what no step gave is still given with the step."""
        with district() as d:
            chair, group = d.join("QH001", "union_chair"), d.join("QH001", "proposal_group", "李静")
            other = d.join("QH001", "committee_member", "赵云")
            plan = chair.add("work_plan", "title=计划", "period=2026-1")
            chair("act", "work_plan", plan, "discussed")
            chair("act", "work_plan", plan, "adopted", "adopted_on=2025-09-05", "adopted_by=全体会员大会")
            chair("set", "work_plan", plan, "adopted_on=2026-09-05")
            self.assertEqual(chair.record("work_plan", plan)["adopted_on"], "2026-09-05")
            said = chair("set", "work_plan", plan, "submitted_on=2026-09-10", status=1, env=ZH).err
            self.assertIn("上报（submitted）", said)
            chair("set", "work_plan", plan, "adopted_on=", status=1)
            chair("set", "work_plan", plan, "title=别的", status=1)
            chair.sync()
            self.assertIn("2025-09-05", chair("history", "work_plan", plan).out)
            other.sync()
            self.assertIn("may not", other("set", "work_plan", plan, "adopted_on=2026-09-06", status=1).err)
            member = chair.add("member", "name=周文", "state=active")
            proposal = chair.add("proposal", "title=增加乐器专柜", "reason=存放分散", "suggestion=设专柜", f"proposer_id={member}")
            chair("act", "proposal", proposal, "submitted", "submitted_on=2026-10-21")
            chair.sync()
            group.sync()
            for step in (["collated"], ["under_review"], ["declined", "decision_reason=另有安排"]):
                group("act", "proposal", proposal, *step)
            for mode in ("written", "face_to_face"):
                group.add("proposal_reply", f"proposal_id={proposal}", f"mode={mode}", "replied_on=2026-10-21")
            said = group("act", "proposal", proposal, "replied", "replied_on=2026-10-11", status=1, env=ZH).err
            self.assertIn("答复日期（2026-10-11）早于提交日期（2026-10-21）", said)
            group("set", "proposal", proposal, "submitted_on=2026-10-01")
            group("act", "proposal", proposal, "replied", "replied_on=2026-10-11")
            self.assertIn("2026-10-12", group("set", "proposal", proposal, "submitted_on=2026-10-12", status=1).err)
            group.sync()
            self.assertEqual(group.json("status")["refused"], 0)
            chair.sync()
            self.assertEqual(chair.record("proposal", proposal)["submitted_on"], "2026-10-01")
            chair("act", "proposal", proposal, "rated", "rating=满意", "rated_on=2026-10-12")
            chair("act", "proposal", proposal, "closed")
            chair("set", "proposal", proposal, "rated_on=2026-10-13")
            chair("act", "proposal", proposal, "archived")
            chair("set", "proposal", proposal, "rated_on=2026-10-14", status=1)
            chair.sync()
            d.stop()
            self.assertEqual(d("verify").status, 0)

    def test_a_wrong_signature(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            for name in ("周文", "赵云", "刘芳"):
                chair.add("member", f"name={name}", "state=active")
            proposal = chair.add("proposal", "title=增加乐器专柜", "reason=存放分散", "suggestion=设专柜", "proposer_id=周文")
            wrong = chair.add("proposal_support", f"proposal_id={proposal}", "member_id=赵云", "signed_on=2025-11-20")
            said = chair("set", "proposal_support", wrong, "signed_on=2026-11-20", status=1, env=ZH).err
            self.assertIn("banyan set proposal_support 编号 voided_on=日期", said)
            self.assertNotIn("删", said)
            said = chair("set", "proposal", proposal, "title=增加乐器架", status=1, env=ZH).err
            self.assertIn("banyan set proposal_support 编号 voided_on=日期", said)
            chair("set", "proposal_support", wrong, "voided_on=2026-11-21")
            chair("set", "proposal", proposal, "title=增加乐器架")
            chair.add("proposal_support", f"proposal_id={proposal}", "member_id=赵云", "signed_on=2026-11-21")
            chair.sync()
            self.assertEqual(chair.json("status")["refused"], 0)

    def test_what_was_sent_back_is_told(self):
        with district() as d:
            chair, officer = d.join("QH001", "union_chair"), d.join("QH", "district_officer", "张丽")
            plan = chair.add("work_plan", "title=学期计划", "period=2026-1")
            chair("act", "work_plan", plan, "discussed")
            chair("act", "work_plan", plan, "adopted", "adopted_on=2026-09-05", "adopted_by=全体会员大会")
            chair("act", "work_plan", plan, "submitted")
            chair.sync()
            officer("act", "work_plan", plan, "returned", "return_reason=补充安全内容", "--branch", "QH001")
            officer.sync()
            said = chair("sync", env=ZH).err
            self.assertIn("学期计划", said)
            self.assertIn("补充安全内容", said)
            self.assertNotIn("补充安全内容", chair("sync", env=ZH).err, "once")
            line, = chair.json("due")
            self.assertEqual((line["type"], line["kind"], line["id"], line["reason"]), ("returned", "work_plan", plan, "补充安全内容"))
            said = chair("due", env=ZH).out
            self.assertIn("补充安全内容", said)
            self.assertIn(f"banyan act work_plan {plan} submitted", said)
            chair("act", "work_plan", plan, "submitted")
            self.assertEqual(chair.json("due"), [])

    def test_a_branch_that_there_is_not(self):
        with district() as d:
            d("branch", "add", "--code", "QH002", "--name", "青禾区松果幼儿园工会")
            chair = d.join("QH001", "union_chair")
            member = chair.add("member", "name=周文", "state=active")
            chair.sync()
            own = chair("act", "member", member, "transferred_out", "to_branch=QH001", status=1, env=ZH)
            self.assertIn("本单位的代码", own.err)
            odd = chair("act", "member", member, "transferred_out", "to_branch=QH-002", env=ZH)
            self.assertIn("不像是本区单位的代码", odd.err)  # at once, without a network
            chair("sync", status=4)
            said = chair("attention", status=4, env=ZH).out
            self.assertIn("没有代码为“QH-002”的单位", said)
            self.assertIn("QH002", said)
            self.assertNotIn("QH-002", chair("describe", "member").out)

    def test_the_missing_alone(self):
        with district() as d:
            officer = d.join("QH", "district_officer", "张丽")
            said = officer("overview", "--missing", "work_plan=2026-1").out
            self.assertIn("QH001", said)
            self.assertIn("plan item completion rate", officer("overview").out)
            self.assertNotIn("plan item completion rate", said)
            written = officer("overview", "--period", "2026年10月", env=ZH).out
            self.assertIn("2026-10", written)
            officer("overview", "--period", "十月份", status=2)
            self.assertIn("see --json", officer("describe", "member").out)


if __name__ == "__main__":
    unittest.main()
