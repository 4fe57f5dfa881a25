"""A pull cursor skips rows whose commit came late. Numbers are given inside the commit and a cursor is saved with the rows it covers: of
four devices that send at once, again and again, one that watches misses none, nor does one that comes by and by, cut off in between.
All schedules: pain_05_every_schedule (the simulator compares every device with the server)."""
import concurrent.futures
import unittest
from cut_line import CutLine
from district import district, wait_for


class LateCommits(unittest.TestCase):
    def test_four_send_at_once(self):
        with district(serve=False) as d:
            line = CutLine.before(d, self)
            watches, comes = d.join("QH001", "committee_member", "李静"), d.join("QH001", "committee_member", "周平")
            crowd = [d.join("QH001", "committee_member", f"同事{n}") for n in range(4)]
            watches.watch()

            def work(n):
                for turn in range(6):
                    crowd[n].add("member", f"name=会员{n}-{turn}")
                    crowd[n].sync()

            with concurrent.futures.ThreadPoolExecutor(5) as pool:
                done = [pool.submit(work, n) for n in range(4)]
                while not all(f.done() for f in done):
                    comes.sync()  # stands at another point of the log each time
                for f in done:
                    f.result()
            names = sorted(f"会员{n}-{turn}" for n in range(4) for turn in range(6))
            held = lambda seat: sorted(m["name"] for m in seat.json("list", "member"))
            wait_for(lambda: len(held(watches)) == 24, "the one that watches has all")
            watches.agent.end()
            for point in (2500, 4000, 6000):
                line.down_max = point
                comes.sync(status=None)
            line.down_max = None
            comes.sync()
            for seat in (watches, comes, *crowd):
                seat.sync()
                self.assertEqual(held(seat), names)
                self.assertEqual(seat.json("status")["repairs"], 0)  # and nothing had to be mended to get there
                self.assertEqual(seat.json("list", "member"), watches.json("list", "member"))


if __name__ == "__main__":
    unittest.main()
