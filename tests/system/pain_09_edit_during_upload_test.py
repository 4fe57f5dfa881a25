"""An edit that is made while the record is being uploaded is lost: the answer marks the record as sent. There are no such marks: changes are
acknowledged by their numbers. The line holds the server's answer back while the person goes on."""
import subprocess
import unittest
from cut_line import CutLine
from district import district, wait_for, BANYAN, ENVIRONMENT


class EditDuringUpload(unittest.TestCase):
    def setUp(self):
        context = district(serve=False)
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.line = CutLine.before(self.d, self)
        self.one, self.two = self.d.join("QH001", "union_chair", "王敏"), self.d.join("QH001", "committee_member", "李静")

    def sync_paused(self, point):
        """A round that has heard so many bytes; the rest of the answer is on its way."""
        self.line.held.clear()
        self.line.go_on.clear()
        self.line.down_pause = point
        under_way = subprocess.Popen([BANYAN, "sync", "--data", self.one.folder], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        self.addCleanup(under_way.wait)
        self.addCleanup(self.line.go_on.set)
        self.assertTrue(self.line.held.wait(30))
        self.line.down_pause = None
        return under_way

    def end(self, under_way):
        self.line.go_on.set()
        self.assertEqual(under_way.wait(60), 0)

    def test_while_the_answer_is_on_its_way(self):
        member = self.one.add("member", "name=刘芳", "note=0")
        self.one.sync()
        self.one("set", "member", member, "note=1")
        self.one.sync()  # how much such a round hears
        number, low, high = 1, 0, self.line.down
        while high - low > 4:
            number, point = number + 1, (low + high) // 2
            self.one("set", "member", member, f"note={number}")
            under_way = self.sync_paused(point)
            queued = self.one.json("status")["queued"]
            self.two.sync()
            if queued == 1 and self.two.record("member", member)["note"] == str(number):
                break  # the server has it, and its answer has not come
            low, high = (point, high) if queued else (low, point)  # the push had not gone out yet; the answer was there already
            self.end(under_way)
        else:
            self.fail("no such moment was met")
        self.one("set", "member", member, "note=改了", "campus=东区")
        self.assertEqual(self.one.json("status")["queued"], 2)
        self.end(under_way)  # the answer to the first comes: the second is not meant by it
        self.assertEqual(self.one.record("member", member)["note"], "改了")
        self.one.sync()
        self.two.sync()
        for seat in (self.one, self.two):
            record = seat.record("member", member)
            self.assertEqual((record["note"], record["campus"], record["sync"]), ("改了", "东区", "confirmed"))
        self.assertEqual([h["changed"]["note"][1] for h in self.two.json("history", "member", member)], [*map(str, range(number + 1)), "改了"])

    def test_beside_an_agent_that_sends(self):
        member = self.one.add("member", "name=刘芳", "note=0")
        self.one.watch()
        for n in range(1, 25):
            self.one("set", "member", member, f"note={n}", *(["campus=东区"] if n == 7 else []))
        wait_for(lambda: self.one.json("status")["queued"] == 0, "all is sent")
        self.two.sync()
        record = self.two.record("member", member)
        self.assertEqual((record["note"], record["campus"]), ("24", "东区"))
        self.assertEqual([h["changed"]["note"][1] for h in self.two.json("history", "member", member)], [str(n) for n in range(25)])


if __name__ == "__main__":
    unittest.main()
