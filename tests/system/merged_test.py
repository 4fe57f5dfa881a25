"""What went in beside the changes of others is told to the person, once (sync rule 9)."""
import unittest
from district import district, wait_for


class Merged(unittest.TestCase):
    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.chair = self.d.join("QH001", "union_chair", "王敏")
        self.colleague = self.d.join("QH001", "committee_member", "李静")
        self.member = self.chair.add("member", "name=刘芳")
        self.chair.sync()
        self.colleague.sync()

    def apart(self):
        self.chair("set", "member", self.member, "campus=总园")
        self.colleague("set", "member", self.member, "note=要核对")
        self.assertNotIn("merged", self.chair.sync().err)

    def test_told_once_with_the_record(self):
        self.apart()
        said = self.colleague.sync().err
        self.assertIn("merged with what others changed: member 刘芳", said)
        self.assertNotIn("merged", self.colleague.sync().err)
        row = self.colleague.record("member", self.member)
        self.assertEqual((row["campus"], row["note"]), ("总园", "要核对"))

    def test_told_by_the_next_sync_where_an_agent_did_the_round(self):
        self.apart()
        self.colleague.watch()
        wait_for(lambda: self.colleague.json("status")["queued"] == 0, "the agent has sent it")
        self.assertIn("merged with what others changed: member 刘芳", self.colleague.sync().err)
        self.assertNotIn("merged", self.colleague.sync().err)

    def test_the_same_field_is_no_merge(self):
        self.chair("set", "member", self.member, "campus=总园")
        self.colleague("set", "member", self.member, "campus=分园")
        self.chair.sync()
        self.assertNotIn("merged", self.colleague.sync(status=4).err)


if __name__ == "__main__":
    unittest.main()
