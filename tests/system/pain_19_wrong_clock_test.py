"""A device's clock is wrong, and what it writes wins or loses by it. The server's order counts; the difference is measured, told on the first
screen, and taken off before anybody reads a time; a day off is no reason not to sync."""
import datetime
import re
import unittest
from clock_test import DAY, days, set_by
from district import district, wait_for


def seconds_from_now(text):
    then = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (datetime.datetime.now(datetime.timezone.utc) - then).total_seconds()


class WrongClock(unittest.TestCase):
    def test_a_day_off_syncs_and_is_told(self):
        with district() as d:
            for n, off in enumerate((-1.01, 1.01)):
                seat = d.join("QH001", "union_chair", folder=f"off-{n}")
                member = seat("add", "member", f"name=钟{n}", "joined_on=2026-09-01", env=days(off)).out.strip()
                seat("sync", env=days(off))
                status = seat("status", "--json", env=days(off)).json
                self.assertAlmostEqual(status["clock_offset_seconds"], -off * DAY, delta=120)
                self.assertEqual((status["queued"], status["lease_days"]), (0, 120))
                self.assertEqual(status["certificate_days"], 364)  # 365 less a moment, by the server's clock
                said = seat("status", env=days(off)).out
                told = re.search(r"This device's clock and the server's differ by 1 days 0 hours: the server's says that it is (.*) now\. Next: compare with a phone\.", said)
                right = datetime.datetime.fromisoformat(told.group(1) + "+08:00")
                self.assertLess(abs((datetime.datetime.now(datetime.timezone.utc) - right).total_seconds()), 180)
                self.assertEqual(seat.record("member", member)["sync"], "confirmed")
                self.assertLess(abs(seconds_from_now(d.overview()["branches"][0]["last_contact"])), 120)
            d("verify")

    def test_a_clock_that_was_set_right_since_is_not_called_wrong(self):
        with district() as d:
            seat = d.join("QH001", "union_chair")
            seat("sync", env=set_by(40))
            self.assertIn("clock and the server's differ by 40 days 0 hours: the server's says that it is ", seat("status", env=set_by(40)).out)
            self.assertEqual(seat("status", "--json", env=set_by(40)).json["certificate_days"], 364)
            self.assertNotIn("clock", seat("status", env=set_by(0)).out)
            right = seat("status", "--json", env=set_by(0)).json
            self.assertLess(abs(right["clock_offset_seconds"]), 120)
            self.assertEqual((right["certificate_days"], right["lease_days"]), (364, 120))
            nearer = seat("status", env=set_by(3)).out  # set, and not right: nothing is claimed of it
            self.assertIn("At the last sync this device's clock and the server's differed by 40 days 0 hours; this one may have been set since.", nearer)
            self.assertNotIn("it is ", nearer)

    def test_it_is_said_where_people_look(self):
        """After a round, or in attention where an agent did it; once for each difference."""
        with district() as d:
            seat = d.join("QH001", "union_chair")
            self.assertNotIn("clock", seat.sync().err)
            self.assertIn("clock and the server's differ by 1 days 0 hours", seat("sync", env=set_by(1)).err)
            self.assertNotIn("clock", seat("sync", env=set_by(1)).err)
            self.assertNotIn("clock", seat("attention", env=set_by(1)).err)
            self.assertIn("clock and the server's differ by 2 days 0 hours", seat("sync", env=set_by(2)).err)
            self.assertNotIn("clock", seat.sync().err)
            self.assertIn("clock and the server's differ by 2 days 0 hours", seat("sync", env=set_by(2)).err)

    def test_the_servers_own_clock(self):
        """Nobody tells the server but many devices that agree against it, and its own records."""
        with district() as d:
            seats = [d.join("QH001", "union_chair", f"人{n}") for n in range(3)]
            seats[0].add("member", "name=刘芳")
            for seat in seats:
                seat.sync()
            self.assertEqual(d("overview").err, "")
            d.stop()
            d.serve(env=days(-2))
            self.assertIn("clock stands before its newest record", d.server.err)
            self.assertIn("clock stands before the newest record", d("overview", env=days(-2)).err)
            for seat in seats:
                self.assertNotIn("devices agree", d.server.err)
                seat.sync()
            self.assertRegex(d.server.err, "most devices agree that this server's clock is (2879|2880) minutes slow")
            wait_for(lambda: re.search("(2879|2880) minutes slow", d("overview").err), "the board says it")
            d.stop()
            d.serve()
            for seat in seats:
                seat.sync()
            wait_for(lambda: d("overview").err == "", "all is well again")

    def test_who_came_last_is_not_who_has_the_latest_clock(self):
        """A colleague whose clock is two days ahead sends first, the chair afterwards: the chair's value stands, and the times are right."""
        with district() as d:
            chair, ahead = d.join("QH001", "union_chair", "王敏"), d.join("QH001", "committee_member", "李静")
            member = chair.add("member", "name=刘芳", "campus=东区")
            chair.sync()
            ahead("sync", env=days(2))
            ahead("set", "member", member, "campus=西区", env=days(2))
            ahead("sync", env=days(2))
            chair.sync()
            chair("set", "member", member, "campus=南区")
            chair.sync()
            ahead("sync", env=days(2))
            for seat in (chair, ahead):
                self.assertEqual(seat.record("member", member)["campus"], "南区")
                lines = seat.json("history", "member", member)
                self.assertEqual([h["person"] for h in lines], ["王敏", "李静", "王敏"])
                for line in lines:
                    self.assertLess(abs(seconds_from_now(line["at"])), 300)
            self.assertEqual(chair.json("attention"), [])


if __name__ == "__main__":
    unittest.main()
