"""A device's certificate ends during the summer, and the device is shut out for good. The days that are left are on the first screen; an expired
one may still renew, and does so by itself with the next contact; a wrong clock looks much the same and gets a message of its own."""
import unittest
from clock_test import days
from district import district, wait_for, Process, BANYAN


class ExpiredCertificate(unittest.TestCase):
    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.seat = self.d.join("QH001", "union_chair")

    def serve_later(self, count):
        self.d.stop()
        self.d.serve(env=days(count))

    def test_over_the_summer(self):
        """300 days after it joined the device goes into a drawer, with something to send; it comes out 70 days later."""
        self.serve_later(300)
        self.seat("sync", env=days(300))
        self.assertIn("Certificate: 64 days left", self.seat("status", env=days(300)).out)
        self.d.stop()
        member = self.seat("add", "member", "name=放暑假前", env=days(301)).out.strip()
        over = days(370)
        said = self.seat("status", env=over).out
        self.assertNotRegex(said, r"-\d+ days")
        self.assertIn("The certificate of this seat has ended; the next contact with the server renews it.", said)
        self.assertEqual(self.seat("show", "member", member, "--json", env=over).json["name"], "放暑假前")
        self.d.serve(env=over)
        self.seat("sync", env=over)
        self.assertEqual(self.seat("show", "member", member, "--json", env=over).json["sync"], "confirmed")
        self.assertGreaterEqual(self.seat("status", "--json", env=over).json["certificate_days"], 364)
        self.assertNotIn("has ended", self.seat("status", env=over).out)

    def test_an_agent_that_was_off_for_a_year(self):
        self.serve_later(400)
        self.seat.agent = Process([BANYAN, "sync", "--watch", "--data", self.seat.folder], self.d.base, "agent-later", env=days(400))
        wait_for(lambda: self.seat("status", "--json", env=days(400)).json["connected"], "the agent renews and connects")

    def test_a_wrong_clock_is_told_apart(self):
        """A battery that is empty: the device takes itself to be three years back, or two ahead."""
        for off in (-1100, 800):
            fresh = self.d.join("QH001", "accountant", f"人{off}")
            fresh("sync")
            done = fresh("sync", env=days(off), status=None)
            if done.status == 0:
                self.assertRegex(fresh("status", env=days(off)).out, r"This device's clock and the server's differ by \d+ days")
            else:
                self.assertIn("Next: compare date and time of this device with a phone", done.err)
            fresh("sync")  # the clock is right again: nothing else has to be done


if __name__ == "__main__":
    unittest.main()
