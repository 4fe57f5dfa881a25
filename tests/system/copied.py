"""A seat whose folder is copied, beside a colleague of its branch: when all have called, all hold the same, once."""
import unittest
from district import district


class Copied(unittest.TestCase):
    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.seat, self.other = self.d.join("QH001", "union_chair", "王敏"), self.d.join("QH001", "committee_member", "李静")

    def names(self, seat):
        return sorted(m["name"] for m in seat.json("list", "member"))

    def level(self, *seats, expected):
        for _ in range(2):
            for seat in (*seats, self.other):
                seat.sync()
        for seat in (*seats, self.other):
            self.assertEqual(self.names(seat), sorted(expected))
            self.assertEqual(seat.json("status")["queued"], 0)
            self.assertEqual(seat.json("attention"), [])
        self.assertEqual(self.d.overview()["totals"]["member.total"], len(expected))
        self.d("verify")
