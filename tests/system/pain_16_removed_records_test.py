"""Removed records: they grow without end on one side, and come back to life on the other. What is left of one is its id alone; an old copy
of a device, or a device that was away, does not revive it; an edit that did not know of the removal is a named conflict, with both ways
out and what each does."""
import sqlite3
import unittest
from district import district


class RemovedRecords(unittest.TestCase):
    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.chair, self.colleague = self.d.join("QH001", "union_chair", "王敏"), self.d.join("QH001", "committee_member", "李静")
        self.member = self.chair.add("member", "name=刘芳", "mobile=13012345678")
        self.chair.sync()
        self.colleague.sync()

    def attention(self, seat):
        return seat("attention", "--json", status=None).json

    def test_an_edit_meets_a_removal(self):
        self.chair("remove", "member", self.member)
        self.colleague("set", "member", self.member, "campus=东区")
        self.chair.sync()
        self.colleague.sync(status=4)
        entry, = self.attention(self.colleague)
        self.assertEqual((entry["type"], entry["code"], entry["fields"]["campus"]["mine"]), ("conflict", "DELETED", "东区"))
        said = self.colleague("attention", status=4).out  # what each way does to the record is said, and whose it is
        self.assertIn("刘芳", said)
        self.assertRegex(said, f"bring the record back[^\n]*: banyan resolve {entry['id']} --mine\n")
        self.assertRegex(said, f"leave it removed: banyan resolve {entry['id']} --theirs\n")
        self.chair.sync(status=4)
        said = self.chair("attention", status=4).out  # to who removed it, the other way round
        self.assertRegex(said, f"bring the record back[^\n]*: banyan resolve {entry['id']} --theirs\n")
        self.assertRegex(said, f"leave it removed: banyan resolve {entry['id']} --mine\n")
        self.colleague("resolve", entry["id"], "--mine")
        self.colleague.sync()
        self.chair.sync()
        for seat in (self.chair, self.colleague):
            record = seat.record("member", self.member)
            self.assertEqual((record["name"], record["campus"], record["mobile"], record["state"]), ("刘芳", "东区", "13012345678", "applied"))
            self.assertEqual(self.attention(seat), [])
        self.d("verify")

    def test_nothing_comes_back_by_itself(self):
        """A copy of before the removal, which goes on; and a device that was away."""
        old, away = self.chair.copy("old"), self.d.join("QH001", "committee_member", "周平")
        other = self.chair.add("member", "name=周文")
        self.chair("remove", "member", self.member)
        self.chair.sync()
        old.add("member", "name=石榴")
        for seat in (old, away, self.colleague, self.chair):
            seat.sync()
        self.chair.sync()
        for seat in (self.chair, old, away, self.colleague):
            self.assertEqual(sorted(m["name"] for m in seat.json("list", "member")), ["周文", "石榴"])
            self.assertEqual(seat.json("status")["repairs"], 0)
            done = seat("show", "member", self.member, status=1)
            self.assertNotIn("13012345678", done.out + done.err)
        self.assertEqual(self.d.overview()["totals"]["member.total"], 2)
        self.assertTrue(other)

    def test_its_id_is_all_that_stays(self):
        self.chair("remove", "member", self.member)
        self.chair.sync()
        late = self.d.join("QH001", "committee_member", "后来")
        self.d("verify")
        for path in (self.d.data / "banyan.db", late.folder / "banyan.db"):
            db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            rows, = db.execute("SELECT count(*) FROM member").fetchone()
            dead = db.execute("SELECT * FROM tombstone WHERE id = ?", (bytes.fromhex(self.member.replace("-", "")),)).fetchall()
            db.close()
            self.assertEqual((rows, len(dead)), (0, 1))
            held = [v for v in dead[0] if isinstance(v, (bytes, str)) and v != bytes.fromhex(self.member.replace("-", ""))]
            self.assertEqual(held, [])  # numbers and the id: no text, no row


if __name__ == "__main__":
    unittest.main()
