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


class WithItems(unittest.TestCase):
    """A plan and its items go together or not at all: no item is left without a plan, whoever did what at the same time."""

    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.chair, self.colleague = self.d.join("QH001", "union_chair"), self.d.join("QH001", "committee_member", "李静")
        self.plan = self.chair.add("work_plan", "title=第一学期工作计划", "period=2026-1")
        self.items = [self.chair.add("plan_item", f"plan_id={self.plan}", f"title=事项{n}", "month=9") for n in range(10)]
        self.chair.sync()
        self.colleague.sync()

    def all_equal(self):
        for seat in (self.chair, self.colleague, self.chair):
            seat("sync", status=None)
        for kind in ("work_plan", "plan_item"):
            one, two = ([{**r, "sync": None} for r in seat.json("list", kind)] for seat in (self.chair, self.colleague))
            self.assertEqual(one, two)
        self.d("verify")
        plans = {p["id"] for p in self.chair.json("list", "work_plan")}
        self.assertEqual([i for i in self.chair.json("list", "plan_item") if i["plan_id"] not in plans], [])
        return plans, {i["id"] for i in self.chair.json("list", "plan_item")}

    def remove_all(self, seat):
        for item in self.items:
            seat("remove", "plan_item", item)
        seat("remove", "work_plan", self.plan)

    def test_all_of_them(self):
        other = self.chair.add("work_plan", "title=另一份", "period=2026-2")
        kept = self.chair.add("plan_item", f"plan_id={other}", "title=别的事")
        self.d.stop()  # it is said at once, offline
        self.remove_all(self.chair)
        self.d.serve()
        self.assertEqual(self.all_equal(), ({other}, {kept}))

    def test_the_command_takes_them_with_it(self):
        more = [self.chair.add("plan_item", f"plan_id={self.plan}", f"title=另外{n}") for n in range(10)]  # 20: more than a group holds
        self.chair.sync()
        self.assertEqual(len(more), 10)
        self.assertIn("20", self.chair("remove", "work_plan", self.plan).err)
        self.chair.sync()
        self.assertEqual(self.all_equal(), (set(), set()))

    def test_the_command_and_somebody_who_changed_one(self):
        """What went in one group with the changed item stays, and so does the plan: nothing of it is left alone."""
        more = [self.chair.add("plan_item", f"plan_id={self.plan}", f"title=另外{n}") for n in range(10)]
        self.chair.sync()
        self.colleague.sync()
        self.colleague("set", "plan_item", self.items[2], "category=会议")
        self.colleague.sync()
        self.chair("remove", "work_plan", self.plan)
        self.chair.sync(status=4)
        self.assertEqual({a["code"] for a in self.chair.json("attention", status=4)}, {"GROUP"})
        self.assertEqual(self.all_equal(), ({self.plan}, {*self.items, *more}))

    def test_an_item_that_somebody_changed_keeps_the_plan(self):
        """The others have gone; what is left has its plan, and both wait for the person who removed them."""
        self.colleague("act", "plan_item", self.items[7], "doing")
        self.colleague.sync()
        self.remove_all(self.chair)
        self.chair.sync(status=4)
        self.assertEqual(sorted(a["code"] for a in self.chair.json("attention", status=4)), ["CHANGED_SINCE", "PARTS"])
        self.assertEqual(self.all_equal(), ({self.plan}, {self.items[7]}))

    def test_an_item_that_somebody_added_meanwhile(self):
        """Whichever comes first: the plan stays for the item, or the item is refused for want of its plan."""
        new = self.colleague.add("plan_item", f"plan_id={self.plan}", "title=新的事")
        self.colleague.sync()
        self.remove_all(self.chair)
        self.chair.sync(status=4)
        self.assertEqual([a["code"] for a in self.chair.json("attention", status=4)], ["PARTS"])
        self.assertIn("plan item", self.chair("attention", status=4).out)
        self.assertEqual(self.all_equal(), ({self.plan}, {new}))

    def test_an_item_that_comes_too_late(self):
        self.colleague.add("plan_item", f"plan_id={self.plan}", "title=新的事")
        self.remove_all(self.chair)
        self.chair.sync()
        self.colleague.sync(status=4)
        self.assertEqual([a["code"] for a in self.colleague.json("attention", status=4)], ["REFERENCE"])
        self.assertEqual(self.all_equal(), (set(), set()))


if __name__ == "__main__":
    unittest.main()
