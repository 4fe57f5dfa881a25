"""The client believes that a change was taken, and it was not. Every row says its own state: queued, confirmed, returned, in conflict; the
round's status, the first screen, the record, the list and the district's board say that something was refused, and say it until it is
dealt with. By hand and by an agent."""
import unittest
from district import district, wait_for


class NoSilentRejection(unittest.TestCase):
    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.one, self.two = self.d.join("QH001", "union_chair", "王敏"), self.d.join("QH001", "union_chair", "李静")
        self.member = self.one.add("member", "name=刘芳", "state=active", "joined_on=2020-09-01")
        self.other = self.one.add("member", "name=周文")
        self.one.sync()
        self.two.sync()
        self.one("act", "member", self.member, "withdrawn")
        self.one("set", "member", self.other, "campus=东区")
        self.one.sync()
        self.two("act", "member", self.member, "retained", "retained_reason=study")
        self.two("set", "member", self.other, "campus=西区")
        self.new = self.two.add("member", "name=石榴")

    def states(self):
        return {r["id"]: r["sync"] for r in self.two.json("list", "member")}

    def expect_said(self):
        self.assertEqual(self.states(), {self.member: "refused", self.other: "conflict", self.new: "confirmed"})
        lines = {name: line for line in self.two("list", "member").out.splitlines() for name in ("刘芳", "周文", "石榴") if name in line}
        self.assertIn("refused", lines["刘芳"])
        self.assertIn("conflict", lines["周文"])
        self.assertNotIn("refused", lines["石榴"])
        self.assertIn("attention", self.two("show", "member", self.member).out)
        first_screen = self.two("status").out
        self.assertIn("Refused: 1, in conflict: 1", first_screen)
        self.assertIn("see: banyan attention", first_screen)
        self.assertEqual(self.two.record("member", self.member)["state"], "withdrawn")  # what is true, not what was wished
        waits = {e["record"]: e["type"] for e in self.two.json("attention", status=4)}
        self.assertEqual(waits, {self.member: "refusal", self.other: "conflict"})

    def test_a_round_by_hand(self):
        self.assertEqual(self.states(), {self.member: "queued", self.other: "queued", self.new: "queued"})
        said = self.two.sync(status=4).err
        self.assertIn("1 refused and 1 in conflict wait for you", said)
        self.expect_said()
        self.two.sync(status=4)  # and says so again: nothing goes away by waiting
        self.expect_said()
        branch = self.d.overview()["branches"][0]
        self.assertEqual((branch["refused"], branch["conflicts"]), (1, 1))
        self.two("discard", next(e["id"] for e in self.two.json("attention", status=4) if e["type"] == "refusal"))
        self.two.sync(status=4)
        self.assertEqual(self.states()[self.member], "confirmed")
        self.assertEqual(self.d.overview()["branches"][0]["refused"], 0)

    def test_an_agent_that_nobody_watches(self):
        self.two.watch()
        wait_for(lambda: self.two.json("status")["queued"] == 0, "the agent has sent all")
        wait_for(lambda: self.two.json("status")["refused"] == 1 and self.two.json("status")["conflicts"] == 1, "and knows what became of it")
        self.expect_said()
        wait_for(lambda: self.d.overview()["branches"][0]["refused"] == 1, "the board knows, too")


if __name__ == "__main__":
    unittest.main()
