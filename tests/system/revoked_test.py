"""A revoked seat's last changes (sync rule 32; cli.md "seat"): what it had not sent in time is refused and kept, and those who answer
for the seat can list it, so that it can be entered anew: who, when, which record, which values, by the reader's rights."""
import unittest
from district import district, wait_for

BRANCHES = (("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区云雀幼儿园工会"))


class Case(unittest.TestCase):
    def setUp(self):
        context = district(branches=BRANCHES)
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.chair = self.d.join("QH001", "union_chair", "王敏")
        self.seat = self.d.join("QH001", "union_chair", "吕静")
        self.number = self.seat.json("status")["seat"]
        self.li = self.chair.add("member", "name=李梅", "mobile=13800001111", "note=临时")
        self.group = self.chair.add("union_group", "name=大班组")
        self.chair.sync()
        self.seat.sync()

    def leave(self):
        """Three changes that are made without a network; the seat is revoked before they are sent, and then hands them over."""
        self.d.stop()
        self.seat("set", "member", self.li, "mobile=13900002222", f"group_id={self.group}", "note=")
        self.new = self.seat.add("member", "name=周文", "campus=分园")
        self.seat("act", "member", self.li, "active", "joined_on=2026-09-01")
        self.d.serve()
        self.d("seat", "revoke", self.number)
        self.seat.sync(status=1)

    def listed(self, seat):
        return seat.json("seat", "refused", self.number)


class Listed(Case):
    def test_by_the_chair_with_everything(self):
        self.leave()
        first, second, third = self.listed(self.chair)
        self.assertEqual({(c["seat"], c["person"], c["branch"], c["kind"], c["hidden"]) for c in (first, second, third)},
                         {(self.number, "吕静", "QH001", "member", False)})
        self.assertEqual((first["op"], first["record"], first["name"]), ("set", self.li, "李梅"))
        self.assertEqual(first["fields"], {"mobile": "13900002222", "group_id": self.group, "note": None})
        self.assertEqual((second["op"], second["record"], second["name"]), ("add", self.new, "周文"))
        self.assertEqual(second["fields"], {"name": "周文", "campus": "分园"})
        self.assertEqual((third["op"], third["action"], third["fields"]), ("act", "active", {"joined_on": "2026-09-01"}))
        self.assertTrue(all(c["made_at"] <= c["at"] for c in (first, second, third)))
        text = self.chair("seat", "refused", self.number).out
        for words in (f"seat {self.number}, 吕静 (QH001): 3 changes", "member  李梅  change", "mobile: 139****2222", "group: 大班组", "note: (empty)",
                      "member  周文  add", "campus: 分园", f"banyan discard seat-{self.number}"):
            self.assertIn(words, text)
        self.assertNotIn("13900002222", text)
        chinese = self.chair("seat", "refused", self.number, env={"BANYAN_LANG": "zh"}).out
        for words in (f"席位 {self.number}", "会员  李梅  修改", "会员  周文  新增", "手机"):
            self.assertIn(words, chinese)
        # entered anew, it is nobody's loss
        self.chair("set", "member", self.li, "mobile=13900002222")
        self.chair.sync()
        self.d("verify")

    def test_by_the_district_without_what_it_may_not_read(self):
        officer = self.d.join("QH", "district_officer", "张丽")
        self.leave()
        first, second, third = self.listed(officer)
        self.assertEqual(first["fields"], {"group_id": self.group, "note": None})  # no mobile
        self.assertTrue(first["hidden"])
        self.assertEqual((first["name"], second["name"], second["hidden"]), ("李梅", "周文", False))
        text = officer("seat", "refused", self.number).out
        self.assertIn("group: 大班组", text)
        self.assertIn("left out", text)
        for secret in ("139", "2222", "mobile"):
            self.assertNotIn(secret, text)

    def test_by_nobody_else(self):
        neighbour = self.d.join("QH002", "union_chair", "周平")
        colleague = self.d.join("QH001", "committee_member", "刘芳")
        self.leave()
        self.assertIn("no such seat", neighbour("seat", "refused", self.number, status=1).err)
        self.assertIn("may not", colleague("seat", "refused", self.number, status=1).err)
        self.assertEqual(self.listed(self.chair)[0]["op"], "set")
        neighbour.sync()
        self.assertEqual(neighbour.json("attention"), [])
        colleague.sync()
        self.assertEqual(colleague.json("attention"), [])

    def test_of_a_seat_that_left_nothing(self):
        self.d("seat", "revoke", self.number)
        self.seat.sync(status=1)
        self.assertEqual(self.listed(self.chair), [])
        self.assertIn("0 changes", self.chair("seat", "refused", self.number).out)
        self.assertEqual(self.chair.json("attention"), [])
        self.assertIn("no such seat", self.chair("seat", "refused", 99, status=1).err)
        self.chair("seat", "refused", status=2)
        self.chair("seat", "refused", "吕静", status=2)

    def test_of_a_district_seat_in_all_its_logs(self):
        """A district officer writes into the branches' logs and into the district's own: both are listed, in the order of orgs."""
        plan = self.chair.add("work_plan", "title=工作计划", "period=2026-1")
        self.chair("act", "work_plan", plan, "discussed")
        self.chair("act", "work_plan", plan, "adopted", "adopted_on=2026-09-05", "adopted_by=工会委员会")
        self.chair("act", "work_plan", plan, "submitted", "submitted_on=2026-09-10")
        self.chair.sync()
        officer, other = self.d.join("QH", "district_officer", "张丽"), self.d.join("QH", "district_officer", "李静")
        officer.json("list", "work_plan", "--branch", "QH001")
        number = officer.json("status")["seat"]
        self.d.stop()
        officer("act", "work_plan", plan, "acknowledged")
        officer.add("policy_limit", "rule_code=dues.rate_permille", "value=5", "unit=permille", "effective_from=2026-09-01")
        self.d.serve()
        self.d("seat", "revoke", number)
        officer.sync(status=1)
        self.assertEqual([(c["kind"], c["op"], c["name"]) for c in other.json("seat", "refused", number)],
                         [("policy_limit", "add", "dues.rate_permille"), ("work_plan", "act", "工作计划")])
        self.assertIn("no such seat", self.chair("seat", "refused", number, status=1).err)  # the chair does not answer for the district

    def test_more_than_a_page(self):
        """What goes over a page of 256 KiB comes whole."""
        self.d.stop()
        for n in range(30):
            self.seat.add("work_plan", f"title=计划{n}", "period=2026-1", "goals_text=" + "目" * 6000)  # 18 KB each
        self.d.serve()
        self.d("seat", "revoke", self.number)
        self.seat.sync(status=1)
        self.assertEqual([c["fields"]["title"] for c in self.listed(self.chair)], [f"计划{n}" for n in range(30)])


class Attention(Case):
    def entry(self, seat, status=4):
        found = [a for a in seat.json("attention", status=status) if a["type"] == "revoked"]
        return found[0] if found else None

    def test_the_chair_and_the_district_are_told(self):
        officer = self.d.join("QH", "district_officer", "张丽")
        self.leave()
        for seat in (self.chair, officer):
            self.assertIn("colleague's seat", seat.sync().err)  # no failure of its own
            entry = self.entry(seat)
            self.assertEqual((entry["id"], entry["person"], entry["branch"], entry["code"]), (f"seat-{self.number}", "吕静", "QH001", "SEAT_REVOKED"))
            self.assertIn("3 changes", entry["text"])
            self.assertEqual(entry["next"], [f"banyan seat refused {self.number}", f"banyan discard seat-{self.number}"])
            self.assertIn("吕静 (QH001)", seat("attention", status=4).out)
            self.assertEqual(seat.json("status")["revoked"], 1)
            seat("discard", f"seat-{self.number}")
            self.assertEqual(seat.json("attention"), [])
            self.assertIn("nothing that waits", seat("discard", f"seat-{self.number}", status=1).err)
            self.assertNotIn("colleague's seat", seat.sync().err)
            self.assertEqual(seat.json("attention"), [])
            self.assertEqual(len(self.listed(seat)), 3)  # still there to be read

    def test_an_agent_hears_of_it_through_the_log(self):
        self.chair.watch()
        self.leave()
        wait_for(lambda: self.chair.json("status")["revoked"] == 1, "the chair's agent has pulled it")
        wait_for(lambda: "3 changes" in self.entry(self.chair)["text"], "all of it")
        self.chair.agent.end()
        self.chair.sync()
        self.assertIn("3 changes", self.entry(self.chair)["text"])  # told once more by the next hello, counted once

    def test_who_joins_later_is_told(self):
        self.leave()
        successor = self.d.join("QH001", "union_chair", "赵岚")
        self.assertIn("3 changes", self.entry(successor)["text"])


if __name__ == "__main__":
    unittest.main()
