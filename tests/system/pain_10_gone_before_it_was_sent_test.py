"""Data that was entered is gone before it was ever sent. Row and queue are one transaction, and nothing is printed before it is on the disk:
a command that is killed before any single write has either done nothing or all, and what printed an id is there, queued, and arrives.
Loss of power, which takes what was not synced: pain_10_power_loss (the simulator's disks)."""
import shutil
import unittest
from district import district
from kill_test import killed_at


class GoneBeforeItWasSent(unittest.TestCase):
    def test_killed_before_each_write(self):
        with district() as d:
            seat = d.join("QH001", "union_chair", "王敏")
            seat.add("member", "name=先前")
            cut = printed = 0
            for number in range(1, 100):
                copy = seat.copy(f"cut-{number}")
                done = killed_at(copy.folder, number, "add", "member", "name=这一个", "note=全")
                if done is None:
                    break
                cut += 1
                records = {m["name"]: m for m in copy.json("list", "member")}
                if done.stdout.strip():
                    printed += 1
                    self.assertEqual(records["这一个"]["id"], done.stdout.strip())
                if "这一个" in records:
                    self.assertEqual((records["这一个"]["note"], records["这一个"]["sync"]), ("全", "queued"))
                self.assertEqual(copy.json("status")["queued"], len(records))  # never a row without its change, nor the other way round
                last = copy
            else:
                self.fail("no end")
            self.assertGreater(cut, 3)
            last.add("member", "name=之后")
            last.sync()
            self.assertEqual({m["sync"] for m in last.json("list", "member")}, {"confirmed"})
            self.assertEqual(d.overview()["totals"]["member.total"], len(last.json("list", "member")))
            shutil.rmtree(seat.folder)


if __name__ == "__main__":
    unittest.main()
