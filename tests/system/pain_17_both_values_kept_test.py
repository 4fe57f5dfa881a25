"""The last who writes wins, and what the other wrote is effectively lost. Fields that two people changed apart are merged, and who came later
is told so; of one field both values stay, with who and when, on both sides, until one person decides."""
import unittest
from district import district


class BothValuesKept(unittest.TestCase):
    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.chair, self.colleague = self.d.join("QH001", "union_chair", "王敏"), self.d.join("QH001", "committee_member", "李静")
        self.member = self.chair.add("member", "name=刘芳", "mobile=13012345678")
        self.chair.sync()
        self.colleague.sync()

    def test_one_field(self):
        self.chair("set", "member", self.member, "mobile=13000000001")
        self.colleague("set", "member", self.member, "mobile=13000000002", "note=要核对")
        self.chair.sync()
        self.assertIn("0 refused and 1 in conflict wait for you", self.colleague.sync(status=4).err)
        self.chair.sync(status=4)
        for seat, own, other, by in ((self.colleague, "13000000002", "13000000001", "王敏"), (self.chair, "13000000001", "13000000002", "李静")):
            entry, = seat.json("attention", status=4)
            self.assertEqual((entry["type"], entry["kind"], entry["record"]), ("conflict", "member", self.member))
            self.assertEqual(set(entry["fields"]), {"mobile"})
            field = entry["fields"]["mobile"]
            self.assertEqual((field["mine"], field["theirs"], field["by"]), (own, other, by))
            self.assertTrue(field["at"])
            self.assertTrue(any("resolve" in n for n in entry["next"]))
            self.assertIn("in conflict: 1", seat("status").out)
            record = seat.record("member", self.member)
            self.assertEqual((record["mobile"], record["note"], record["sync"]), ("13000000001", "要核对", "conflict"))
            shown = seat("attention", status=4).out
            self.assertNotIn("13000000002", shown)  # people see sensitive values masked
            self.assertIn("李静" if seat is self.chair else "王敏", shown)
        self.assertEqual(self.d.overview()["branches"][0]["conflicts"], 1)
        self.chair("resolve", self.chair.json("attention", status=4)[0]["id"], "--theirs")
        self.chair.sync()
        self.colleague.sync()
        for seat in (self.chair, self.colleague):
            self.assertEqual((seat.record("member", self.member)["mobile"], seat.json("attention")), ("13000000002", []))

    def test_other_fields(self):
        self.chair("set", "member", self.member, "mobile=13000000001")
        self.colleague("set", "member", self.member, "campus=东区")
        self.chair.sync()
        self.assertIn("merged with what others changed: member 刘芳", self.colleague.sync().err)
        self.assertNotIn("merged", self.colleague.sync().err)  # once
        self.chair.sync()
        for seat in (self.chair, self.colleague):
            record = seat.record("member", self.member)
            self.assertEqual((record["mobile"], record["campus"], record["sync"]), ("13000000001", "东区", "confirmed"))
            self.assertEqual(seat.json("attention"), [])


if __name__ == "__main__":
    unittest.main()
