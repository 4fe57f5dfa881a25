"""Nobody sees that a branch is stuck. A seat reports what waits on it outside of its queue: the board says how much has not been sent and since
when, what was refused and what is in conflict, who has been silent longest, and who has never called."""
import unittest
from clock_test import days
from district import wait_for
from restored import Restored


class StuckBranch(Restored):
    def branch(self, code):
        return next(b for b in self.officer.json("overview")["branches"] if b["code"] == code)

    def test_the_queue_does_not_move(self):
        """The server recovers and takes no changes yet: the seat is heard, its changes are not, and the board says both."""
        self.sync_all()
        self.d("backup", self.d.base / "one")
        self.d.stop()
        self.d("restore", self.d.base / "one")
        self.d.serve()
        for n in range(3):
            self.chair.add("member", f"name=等着{n}")
        self.assertIn("they stay queued", self.chair.sync(status=3).err)
        board = self.branch("QH001")
        self.assertEqual(board["queued"], 3)
        self.assertEqual(board["oldest_queued_at"], self.chair.json("status")["oldest_queued_at"])
        said = self.officer("overview").out
        line = next(l for l in said.splitlines() if "小苗圃" in l)
        self.assertRegex(line, r"\b3\b")
        wait_for(lambda: self.rounds() == {0}, "recovery ends", 90)
        self.assertEqual((self.branch("QH001")["queued"], self.branch("QH001")["oldest_queued_at"]), (0, None))

    def test_silent_longest(self):
        self.d.branch("QH003", "青禾区石榴幼儿园工会")  # nobody has ever called from there
        self.sync_all()
        self.d.stop()
        self.d.serve(env=days(10))
        self.neighbour("sync", env=days(10))
        order = self.officer("overview", "--sort", "silent", "--json", env=days(10)).json["branches"]
        self.assertEqual([b["code"] for b in order], ["QH003", "QH001", "QH002"])
        self.assertIsNone(order[0]["last_contact"])
        lines = [l for l in self.officer("overview", "--sort", "silent", env=days(10)).out.splitlines() if "QH00" in l]
        self.assertIn("10 days ago", lines[1])


if __name__ == "__main__":
    unittest.main()
