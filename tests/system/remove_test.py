"""What may no longer be changed may not be removed either: an adopted plan is not a draft."""
import unittest
from district import district, asked_for


class Remove(unittest.TestCase):
    def test_a_draft_goes_an_adopted_plan_stays(self):
        with district() as d:
            chair, colleague = d.join("QH001", "union_chair"), d.join("QH001", "committee_member", "李静")
            plan = chair.add("work_plan", "title=第一学期工作计划", "period=2026-1")
            draft = chair.add("work_plan", "title=另一份", "period=2026-2")
            for step in ("discussed", "adopted"):
                chair("act", "work_plan", plan, step, *asked_for(step))
            self.assertIn("adopted", chair("remove", "work_plan", plan, status=1).err)
            chair("remove", "work_plan", draft)
            chair.sync()
            colleague.sync()
            self.assertEqual([p["id"] for p in colleague.json("list", "work_plan")], [plan])
            d("verify")

    def test_the_server_says_it_too(self):
        """Removed while apart from somebody who adopted it first."""
        with district() as d:
            chair, colleague = d.join("QH001", "union_chair"), d.join("QH001", "committee_member", "李静")
            plan = chair.add("work_plan", "title=第一学期工作计划", "period=2026-1")
            chair.sync()
            colleague.sync()
            colleague("remove", "work_plan", plan)
            for step in ("discussed", "adopted"):
                chair("act", "work_plan", plan, step, *asked_for(step))
            chair.sync()
            colleague.sync(status=4)
            entry, = colleague.json("attention", status=4)
            self.assertEqual((entry["type"], entry["code"]), ("refusal", "CHANGED_SINCE"))
            self.assertEqual(colleague.record("work_plan", plan)["state"], "adopted")


if __name__ == "__main__":
    unittest.main()
