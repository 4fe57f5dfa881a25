"""One tree, many branches: a city with two districts below it on one server. An officer sees the own subtree and nothing beside it;
what an org above issues reaches all below; sums add up on the way to the root (architecture.md section 2; rights.md)."""
import unittest
from district import District, run, BANYAND, asked_for


class City(District):
    def make(self):
        run([BANYAND, "init", "--data", self.data, "--name", "青禾市教育工会", "--code", "CITY", "--level", "city", "--host", "127.0.0.1"])


class Hierarchy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.d = d = City()
        cls.addClassCleanup(d.close)
        for code, name, level, parent in (("EAST", "青禾区教育工会", "district", "CITY"), ("WEST", "云溪区教育工会", "district", "CITY"),
                                          ("E1", "小苗圃幼儿园工会", "branch", "EAST"), ("E2", "云雀幼儿园工会", "branch", "EAST"), ("W1", "橡果幼儿园工会", "branch", "WEST")):
            d("branch", "add", "--code", code, "--name", name, "--level", level, "--parent", parent)
        d.serve()
        cls.city = d.join("CITY", "district_officer", "张丽")
        cls.east = d.join("EAST", "district_officer", "李静")
        cls.west = d.join("WEST", "district_officer", "周平")
        cls.e1, cls.e2, cls.w1 = (d.join(code, "union_chair", f"主席{code}") for code in ("E1", "E2", "W1"))
        for seat, count in ((cls.e1, 3), (cls.e2, 2), (cls.w1, 1)):
            for n in range(count):
                seat.add("member", f"name=会员{n}")
            plan = seat.add("work_plan", "title=计划", "period=2026-1")
            for action in ("discussed", "adopted", "submitted"):
                seat("act", "work_plan", plan, action, *asked_for(action))
            seat.sync()

    def test_the_tree(self):
        listed = [(o["code"], o["level"], o["parent"]) for o in self.d("branch", "list", "--json").json]
        self.assertEqual(listed[0], ("CITY", "city", None))
        self.assertEqual(set(listed[1:]), {("EAST", "district", "CITY"), ("WEST", "district", "CITY"), ("E1", "branch", "EAST"),
                                           ("E2", "branch", "EAST"), ("W1", "branch", "WEST")})

    def test_boards_add_up(self):
        totals = {seat: board["totals"].get("member.total", 0) for seat, board in ((n, s.json("overview")) for n, s in
                  (("city", self.city), ("east", self.east), ("west", self.west), ("e1", self.e1)))}
        self.assertEqual(totals, {"city": 6, "east": 5, "west": 1, "e1": 3})
        self.assertEqual({b["code"] for b in self.east.json("overview")["branches"]}, {"E1", "E2"})
        self.assertEqual({b["code"] for b in self.city.json("overview")["branches"]} & {"E1", "E2", "W1"}, {"E1", "E2", "W1"})
        self.assertEqual(self.city.json("overview", "--branch", "EAST")["totals"]["member.total"], 5)
        self.assertEqual(self.d.overview()["totals"]["member.total"], 6)

    def test_nothing_beside_the_own_subtree(self):
        for seat, foreign in ((self.east, "W1"), (self.west, "E1"), (self.east, "WEST"), (self.east, "CITY"), (self.e1, "E2"), (self.e1, "EAST")):
            for words in (["overview", "--branch", foreign], ["list", "member", "--branch", foreign], ["invite", "--role", "accountant", "--name", "x", "--branch", foreign]):
                if words[0] == "list" and foreign in ("EAST", "CITY"):
                    continue  # orgs above issue what those below read; they own no members
                self.assertTrue(seat(*words, status=1).err, (words, foreign))
        self.assertEqual(len(self.city.json("list", "member", "--branch", "W1")), 1)
        self.assertEqual({s["branch"] for s in self.east.json("seat", "list")}, {"EAST", "E1", "E2"})
        self.assertTrue(self.east("seat", "suspend", self.w1.json("status")["seat"], status=1).err)
        self.assertTrue(self.east("seat", "suspend", self.city.json("status")["seat"], status=1).err)

    def test_what_is_issued_above_reaches_all_below(self):
        made = {}
        for name, seat in (("city", self.city), ("east", self.east), ("west", self.west)):
            made[name] = seat.add("policy_limit", f"rule_code=limit.of_{name}", "value=1", "effective_from=2026-01-01")
            seat("act", "policy_limit", made[name], "in_force")
            seat.sync()
        for seat, names in ((self.e1, {"city", "east"}), (self.w1, {"city", "west"}), (self.east, {"city", "east"}), (self.city, {"city"})):
            seat.sync()
            self.assertEqual({p["id"] for p in seat.json("list", "policy_limit")}, {made[n] for n in names})
        self.assertTrue(self.east("set", "policy_limit", made["city"], "value=2", status=1).err)  # the city's own
        self.assertTrue(self.e1("act", "policy_limit", made["east"], "repealed", status=1).err)

    def test_either_officer_above_acts_on_plans(self):
        plan, = self.city.json("list", "work_plan", "--branch", "E2")
        self.city("act", "work_plan", plan["id"], "returned", "return_reason=市里要求补充")
        self.city.sync()
        self.assertEqual(self.east.json("list", "work_plan", "--branch", "E2")[0]["state"], "returned")
        self.e2.sync()
        self.e2("act", "work_plan", plan["id"], "submitted")
        self.e2.sync()
        self.east.json("list", "work_plan", "--branch", "E2")
        self.east("act", "work_plan", plan["id"], "acknowledged")
        self.east.sync()
        self.assertEqual(self.city.json("show", "work_plan", plan["id"], "--branch", "E2")["state"], "acknowledged")
        self.assertTrue(self.west("show", "work_plan", plan["id"], "--branch", "E2", status=1).err)
        self.e2.sync()
        self.assertEqual([h["person"] for h in self.e2.json("history", "work_plan", plan["id"])][-3:], ["张丽", "主席E2", "李静"])
        self.d("verify")


if __name__ == "__main__":
    unittest.main()
