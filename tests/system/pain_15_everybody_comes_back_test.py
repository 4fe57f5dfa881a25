"""Everybody comes back at once after an outage and brings the server down again. Ten agents that stood at a dead server come back by
themselves, in turns of their own choosing, and all that was entered meanwhile is everywhere; connections beyond what the server
admits wait and get their turn. All schedules: pain_15_every_schedule."""
import unittest
from district import district, wait_for


class EverybodyComesBack(unittest.TestCase):
    def test_ten_agents_and_a_dead_server(self):
        with district() as d:
            crowd = [d.join("QH001", "committee_member", f"同事{n}") for n in range(10)]
            for seat in crowd:
                seat.watch()
            d.stop(9)
            wait_for(lambda: not any(seat.json("status")["connected"] for seat in crowd), "nobody is connected")
            for n, seat in enumerate(crowd):
                seat.add("member", f"name=停机时{n}")
                self.assertIn("Waiting to be sent: 1", seat("status").out)
            d.serve()
            wait_for(lambda: all(seat.json("status")["queued"] == 0 for seat in crowd), "everybody has sent", 60)
            wait_for(lambda: all(len(seat.json("list", "member")) == 10 for seat in crowd), "everybody has all", 60)
            wait_for(lambda: all(seat.json("status")["connected"] for seat in crowd), "and stays")
            self.assertEqual(d.overview()["totals"]["member.total"], 10)


if __name__ == "__main__":
    unittest.main()
