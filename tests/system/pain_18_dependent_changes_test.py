"""Changes that hang together arrive apart: items without their plan, half of what one decision changed. A device's changes are decided in its
order, so that wherever the line is cut nobody sees an item before its plan; what one command does as one is whole or not at all."""
import unittest
from cut_line import CutLine
from district import district

ITEMS = 40


class DependentChanges(unittest.TestCase):
    def test_a_plan_and_its_items_over_a_line_that_is_cut(self):
        with district(serve=False) as d:
            line = CutLine.before(d, self)
            chair, colleague = d.join("QH001", "union_chair", "王敏"), d.join("QH001", "committee_member", "李静")
            chair.sync()
            base = line.up
            plan = chair.add("work_plan", "title=工作计划", "period=2026-1")
            for n in range(ITEMS):
                chair.add("plan_item", f"plan_id={plan}", f"title=第{n}项", "evidence=" + "甲" * 160)
            seen = []
            for more in range(0, 60000, 2000):
                line.up_max = base + more
                done = chair.sync(status=None)
                line.up_max = None
                colleague.sync()
                plans, items = [p["id"] for p in colleague.json("list", "work_plan")], colleague.json("list", "plan_item")
                self.assertTrue({i["plan_id"] for i in items} <= set(plans))
                titles = sorted((i["title"] for i in items), key=lambda t: int(t[1:-1]))
                self.assertEqual(titles, [f"第{n}项" for n in range(len(items))])  # from the front, without a hole
                seen.append(len(items))
                if done.status == 0:
                    break
            self.assertEqual(seen[-1], ITEMS)
            self.assertGreater(len(set(seen)), 2, seen)  # some of them were seen on the way

    def test_of_two_who_resolve_the_second_is_refused_as_a_whole(self):
        with district() as d:
            chair, colleague = d.join("QH001", "union_chair", "王敏"), d.join("QH001", "committee_member", "李静")
            member = chair.add("member", "name=刘芳", "mobile=13012345678")
            chair.sync()
            colleague.sync()
            for seat, mobile in ((chair, "13000000001"), (colleague, "13000000002")):
                seat("set", "member", member, f"mobile={mobile}")
            chair.sync()
            colleague.sync(status=4)
            chair.sync(status=4)
            for seat, value in ((chair, "13000000003"), (colleague, "13000000004")):  # the record and the conflict, as one
                entry, = seat.json("attention", status=4)
                seat("resolve", entry["id"], f"mobile={value}")
            chair.sync()
            colleague.sync(status=4)
            entry, = colleague.json("attention", status=4)  # one thing to a person, not two
            self.assertEqual((entry["type"], entry["code"]), ("refusal", "GROUP"))
            self.assertEqual(colleague.json("status")["refused"], 1)
            colleague("discard", entry["id"])
            colleague.sync()
            for seat in (chair, colleague):
                record = seat.record("member", member)
                self.assertEqual((record["mobile"], record["sync"], seat.json("attention")), ("13000000003", "confirmed", []))
            d("verify")


if __name__ == "__main__":
    unittest.main()
