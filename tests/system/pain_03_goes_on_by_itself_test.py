"""A failed round is never tried again, the queue is wedged and nothing says so. An agent goes on by itself whatever ended its session: the
server stopped, killed, gone for a while, a line that is cut or carries nothing any more; meanwhile the first screen says since when.
All schedules: pain_03_every_schedule (the simulator's liveness, by seeds)."""
import unittest
from cut_line import CutLine
from district import district, wait_for


class GoesOnByItself(unittest.TestCase):
    def setUp(self):
        context = district(serve=False)
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.line = CutLine.before(self.d, self)
        self.one, self.two = self.d.join("QH001", "union_chair", "王敏"), self.d.join("QH001", "committee_member", "李静")

    def serve(self):
        self.d.serve(announce=self.line.address)

    def arrives(self, seat, name, what):
        wait_for(lambda: name in [m["name"] for m in seat.json("list", "member")], what, 60)

    def test_nobody_gives_a_command(self):
        self.one.watch()
        self.two.watch()
        self.d.stop()
        wait_for(lambda: not self.one.json("status")["connected"], "the agent notices")
        self.one.add("member", "name=停机时")
        said = self.one("status").out
        self.assertIn("Waiting to be sent: 1, the oldest from", said)
        self.assertNotIn("(connected)", said)
        self.serve()
        self.arrives(self.two, "停机时", "after a stop")

        self.d.stop(9)
        self.two.add("member", "name=断电时")
        self.serve()
        self.arrives(self.one, "断电时", "after a kill")

        for part in (0.1, 0.5, 0.9):  # of what a session sends up: in the handshake, in the hello, in the push
            point = int(self.line.up * part)
            self.line.up_max = point
            self.d.stop()
            self.one.add("member", f"name=断在{point}")
            self.serve()
            cuts = self.line.cuts
            wait_for(lambda: self.line.cuts > cuts, "it is cut", 60)
            self.line.up_max = None
            self.arrives(self.two, f"断在{point}", f"after a cut at {point}")
        # what was cut at the end may have been taken before the cut: its sender hears so in its next session
        for seat in (self.one, self.two):
            wait_for(lambda: (said := seat.json("status"))["connected"] and said["queued"] == 0, "back, with nothing left to send", 60)
        self.assertIn("(connected)", self.one("status").out)


if __name__ == "__main__":
    unittest.main()
