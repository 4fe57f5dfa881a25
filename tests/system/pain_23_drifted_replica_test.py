"""Copies drift apart and nobody knows. At the end of a round the digests are compared: what a flipped bit or an older version's bug left
behind is found, taken anew, counted and said, and what waits to be sent is not touched by it.
All schedules: pain_23_every_schedule."""
import sqlite3
import unittest
from district import district


class DriftedReplica(unittest.TestCase):
    def test_repaired_counted_and_said(self):
        with district() as d:
            seat, other = d.join("QH001", "union_chair", "王敏"), d.join("QH001", "committee_member", "李静")
            for n in range(5):
                seat.add("member", f"name=会员{n}", "mobile=13012345678")
            seat.add("work_plan", "title=计划", "period=2026-1")
            seat.sync()
            other.sync()
            self.assertNotIn("Repairs", other("status").out)
            before = {kind: other.json("list", kind) for kind in ("member", "work_plan")}
            db = sqlite3.connect(other.folder / "banyan.db")
            db.execute("UPDATE member SET mobile = '13000000000' WHERE name = '会员1'")
            db.execute("DELETE FROM member WHERE name = '会员2'")
            db.execute("UPDATE work_plan SET title = '漂移'")
            db.commit()
            db.close()
            queued = other.add("member", "name=还没送出")
            other.sync()
            repairs = other.json("status")["repairs"]
            self.assertGreaterEqual(repairs, 1)
            self.assertIn(f"Repairs of this copy so far: {repairs}", other("status").out)
            after = {kind: other.json("list", kind) for kind in ("member", "work_plan")}
            self.assertEqual([m for m in after["member"] if m["id"] != queued], before["member"])
            self.assertEqual(after["work_plan"], before["work_plan"])
            self.assertEqual(other.record("member", queued)["sync"], "confirmed")
            other.sync()
            self.assertEqual(other.json("status")["repairs"], repairs)


if __name__ == "__main__":
    unittest.main()
