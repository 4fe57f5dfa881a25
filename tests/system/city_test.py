"""A city: 2,000 branches and 8,000 seats on one server. The board and the list of seats come whole, though neither goes into one
frame: in pages. Entering what 2,000 branches have is district150's part; here one branch's sums are given to all of them."""
import json
import os
import sqlite3
import time
import unittest
from district import District, asked_for

BRANCHES = int(os.environ.get("BRANCHES", "2000"))
SEATS = 4 * BRANCHES


class City(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.d = d = District()
        cls.addClassCleanup(d.close)
        sheet = d.base / "branches.csv"
        sheet.write_text("code,name\n" + "".join(f"B{n:04},青禾区第{n}幼儿园工会\n" for n in range(1, BRANCHES + 1)))
        d("branch", "import", sheet)
        d.serve()
        cls.officer = d.join("QH", "district_officer", "张丽")
        cls.chair = d.join("B0001", "union_chair", "王敏")
        cls.chair.add("member", "name=周文")
        for year in range(2016, 2027):  # ten years' plans, each in another state
            for n, term in enumerate((f"{year}-1", f"{year}-2")):
                plan = cls.chair.add("work_plan", f"title={term}工作计划", f"period={term}")
                for step in ("discussed", "adopted"):
                    cls.chair("act", "work_plan", plan, step, *asked_for(step))
                cls.chair.add("plan_item", f"plan_id={plan}", "title=慰问", f"due_on={year}-{n + 1:02}-10")
        cls.chair.sync()
        d.stop()
        db = sqlite3.connect(d.data / "banyan.db")
        first = db.execute("SELECT number FROM org WHERE code = 'B0001'").fetchone()[0]
        db.execute("INSERT INTO org_state SELECT number, (SELECT state FROM org_state WHERE org = ?) FROM org"
                   " WHERE level = 'branch' AND number != ?", (first, first))
        db.execute("WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                   " INSERT INTO seat SELECT i, ? + i % ?, '李静', 'committee_member', 0, 1, zeroblob(32), zeroblob(16), 0, 0, 0 FROM n",
                   (SEATS + 9, first, BRANCHES))
        db.commit()
        db.close()
        d.serve()

    def timed(self, what, run):
        start = time.monotonic()
        answer = run()
        took = time.monotonic() - start
        print(f"{what}: {took:.2f} s", flush=True)
        self.assertLess(took, 20)
        return answer

    def test_board(self):
        board = self.timed("the board of all", lambda: self.officer.json("overview"))
        self.assertEqual([b["code"] for b in board["branches"]], [f"B{n:04}" for n in range(1, BRANCHES + 1)])
        sums = [{k: v for k, v in b["measures"].items() if k != "sync_age"} for b in board["branches"]]  # one of them has a seat
        self.assertEqual([s for s in sums if s != sums[0]], [])
        self.assertEqual(board["branches"][0]["measures"]["member.total"], 1)
        self.assertGreater(len(json.dumps(board["branches"], ensure_ascii=False).encode()), 1 << 20)
        self.assertEqual(board["totals"]["member.total"], BRANCHES)
        self.assertEqual(board["totals"]["work_plan.2016-1.adopted"], BRANCHES)
        self.assertEqual(board["totals"]["work_plan.2026-2.missing"], 0)
        self.assertEqual(board["totals"], self.d.overview()["totals"])
        lines = self.timed("as text", lambda: self.officer("overview")).out.splitlines()
        self.assertEqual([l.split()[0] for l in lines if l.startswith("B0") or l.startswith("B1") or l.startswith("B2")],
                         [b["code"] for b in board["branches"]])
        self.assertEqual(self.officer.json("overview", "--missing", "work_plan=2026-2")["branches"], [])
        self.assertEqual(len(self.officer.json("overview", "--branch", "B0002")["branches"]), 1)

    def test_board_offline(self):
        """The last answer is kept whole, too."""
        self.officer("overview")
        self.d.stop()
        try:
            self.assertEqual(len(self.officer.json("overview")["branches"]), BRANCHES)
        finally:
            self.d.serve()

    def test_seats(self):
        seats = self.timed("the seats of all", lambda: self.officer.json("seat", "list"))
        numbers = [s["id"] for s in seats]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertEqual(len(seats), SEATS + 2)
        self.assertEqual(len(self.officer("seat", "list").out.splitlines()), SEATS + 3)
        self.assertEqual({s["branch"] for s in self.chair.json("seat", "list")}, {"B0001"})
        self.assertEqual(len(self.d("seat", "list", "--json").json), SEATS + 2)


if __name__ == "__main__":
    unittest.main()
