"""Who leaves a branch and is still held by it: dues that are owed, a group that is led, a proposal that is open are said before the step
and need --yes; of a death they are only told; who has paid stays on the roster for ever. Steps have a day, arrears are counted."""
import datetime
import unittest
from district import district

TODAY = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()


def months_back(count):
    """The last `count` months that are over, oldest first."""
    year, month, out = TODAY.year, TODAY.month, []
    for _ in range(count):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        out.insert(0, f"{year}-{month:02d}")
    return out


class Leaving(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = district((("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区松果幼儿园工会")))
        cls.d = cls.context.__enter__()
        cls.addClassCleanup(cls.context.__exit__, None, None, None)
        cls.chair = cls.d.join("QH001", "union_chair", "王敏")
        cls.accountant = cls.d.join("QH001", "accountant", "赵蓉")

    def member(self, name, **fields):
        member = self.chair.add("member", f"name={name}", "state=active", "joined_on=2020-09-01", *[f"{k}={v}" for k, v in fields.items()])
        self.chair.sync()
        self.accountant.sync()
        return member

    def owing(self, name, months):
        member = self.member(name)
        for month in months_back(months):
            self.accountant.add("dues_assessment", f"member_id={member}", f"period={month}", "amount_due_fen=25.50")
        self.accountant.sync()
        self.chair.sync()
        return member

    def test_nothing_holds(self):
        for action, more in (("transferred_out", ["to_branch=QH002"]), ("withdrawn", []), ("lapsed", ["reason=劝说无效", "decided_by=工会委员会"])):
            member = self.member("周文")
            self.chair("act", "member", member, action, *more)
            shown = self.chair.record("member", member)
            self.assertEqual((shown["state"], shown["state_effective_on"]), (action, str(TODAY)))  # the day is today's
        gone = self.member("石榴")
        self.chair("remove", "member", gone)

    def test_dues_that_are_owed(self):
        member = self.owing("林晓岚", 3)
        shown = self.chair.record("member", member)
        self.assertEqual((shown["owed_fen"], shown["arrears_months"]), (7650, 3))
        self.assertIn("dues in arrears: 3 months", self.chair("show", "member", member).out)
        for words in (["act", "member", member, "withdrawn"], ["remove", "member", member]):
            done = self.chair(*words, status=1)
            self.assertIn("owes dues of 3 periods, 76.50 yuan", done.err)
            self.assertIn("--yes", done.err)
        self.assertEqual(self.chair.record("member", member)["state"], "active")
        self.chair("act", "member", member, "retained", "retained_reason=退休")  # ends nothing
        self.chair("act", "member", member, "withdrawn", "--yes", "state_effective_on=2026-11-01")
        self.assertEqual(self.chair.record("member", member)["state_effective_on"], "2026-11-01")
        self.chair.sync()

    def test_removed_all_the_same(self):
        """In the register there is nobody any more who could pay: no list goes on counting the debt, the assessment stays."""
        def lines():
            return [x for x in self.accountant.json("due") if x["type"] == "arrears" and x["title"] == "何静"]

        member = self.owing("何静", 2)
        self.assertEqual(len(lines()), 2)
        self.chair("remove", "member", member, "--yes")
        self.chair.sync()
        self.accountant.sync()
        self.assertEqual(lines(), [])
        stands = [(r["state"], r["balance_fen"]) for r in self.accountant.json("list", "dues_assessment") if r["member_id"] == member]
        self.assertEqual(stands, [("dropped", 0)] * 2)

    def test_group_and_proposal(self):
        member = self.member("孙丽芳")
        self.chair.add("union_group", "name=中班组", f"leader_member_id={member}")
        proposal = self.chair.add("proposal", "title=增加乐器专柜", "category=equipment", "reason=存放分散", "suggestion=设专柜", f"proposer_id={member}")
        done = self.chair("act", "member", member, "transferred_out", "to_branch=QH002", status=1)
        self.assertIn("leads a group: 中班组", done.err)
        self.assertIn("1 open proposals, as proposer or handler: 增加乐器专柜", done.err)
        self.chair("act", "proposal", proposal, "withdrawn")
        self.assertNotIn("open proposals", self.chair("act", "member", member, "withdrawn", status=1).err)
        dead = self.chair("act", "member", member, "deceased", "state_effective_on=2026-11-20")  # told, not asked
        self.assertIn("leads a group: 中班组", dead.err)
        self.assertEqual(self.chair.record("member", member)["state"], "deceased")

    def test_several_or_none(self):
        free, held = self.member("张丽"), self.owing("陈洁", 1)
        self.chair("act", "member", free, held, "withdrawn", status=1)
        self.assertEqual({self.chair.record("member", m)["state"] for m in (free, held)}, {"active"})
        self.chair("act", "member", free, held, "withdrawn", "--yes")
        self.assertEqual({self.chair.record("member", m)["state"] for m in (free, held)}, {"withdrawn"})
        self.chair.sync()

    def test_who_paid_stays(self):
        member = self.member("刘佳怡")
        month, = months_back(1)
        self.accountant.add("dues_payment", f"member_id={member}", f"period={month}", "amount_fen=20.00", f"paid_on={TODAY}", "method=cash")
        self.accountant.sync()
        apart = self.d.join("QH001", "union_chair", "李静")
        self.chair.sync()
        for more in ([], ["--yes"]):
            done = self.chair("remove", "member", member, *more, status=1)
            self.assertIn("1 payments of dues in the books", done.err)
            self.assertIn("act member 刘佳怡 withdrawn", done.err)
        self.assertEqual(apart.record("member", member)["state"], "active")
        self.chair("act", "member", member, "transferred_out", "--yes")
        done = self.chair("remove", "member", member, status=1)  # no step is advised that would be refused
        self.assertIn("the membership has ended", done.err)
        self.assertNotIn("banyan act", done.err)

    def test_removed_apart_from_the_payment(self):
        """The server says it too: the chair's device did not know of the payment."""
        member = self.member("陈晨")
        month, = months_back(1)
        self.accountant.add("dues_payment", f"member_id={member}", f"period={month}", "amount_fen=20.00", f"paid_on={TODAY}", "method=cash")
        self.chair("remove", "member", member)
        self.accountant.sync()
        self.chair.sync(status=4)
        waits, = self.chair.json("attention", status=4)
        self.assertEqual(waits["code"], "PARTS")
        self.chair("discard", waits["id"])
        self.assertEqual(self.chair.record("member", member)["state"], "active")

    def test_an_admission_has_the_day_that_is_given(self):
        """Who is on the roster may have joined long ago."""
        member = self.chair.add("member", "name=吕静", "joined_on=2019-09-01")
        self.chair("act", "member", member, "active")
        shown = self.chair.record("member", member)
        self.assertEqual((shown["joined_on"], shown["state_effective_on"]), ("2019-09-01", None))
        self.chair("act", "member", member, "retained", "retained_reason=退休", "state_effective_on=2026-10-08")
        self.chair("act", "member", member, "active")  # back from today on, not since the 8th
        self.assertEqual(self.chair.record("member", member)["state_effective_on"], str(TODAY))

    def test_six_months(self):
        member = self.owing("欧阳敏", 6)
        self.assertEqual(self.chair.record("member", member)["arrears_months"], 6)
        membership = [line for line in self.chair.json("due") if line["type"] == "membership"]
        self.assertEqual([line["id"] for line in membership], [member])
        self.assertEqual(self.chair.record("member", member)["state"], "active")  # a warning, no more
        bare = self.chair("act", "member", member, "lapsed", "--yes", status=1)
        self.assertIn("reason", bare.err)
        self.chair("act", "member", member, "lapsed", "reason=半年未交，劝说三次", "decided_by=工会委员会 2026-11-20", "--yes")
        self.chair.sync()
        self.assertEqual(self.chair.record("member", member)["sync"], "confirmed")


if __name__ == "__main__":
    unittest.main()
