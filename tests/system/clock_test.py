"""Time that passes, and clocks that are wrong (architecture.md section 6): a device that is a day off works and is told
so; a lease runs out and comes back; an expired certificate may only renew, and does so by itself."""
import os
import unittest
from district import district, run, wait_for, Process, BANYAND, BANYAN

DAY = 24 * 3600


def days(count):
    """An environment in which it is so many days later."""
    options = ":".join(o for o in (os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0") if o)
    return {"LD_PRELOAD": os.environ["CLOCK_SHIFT_LIB"], "CLOCK_SHIFT": str(int(count * DAY)), "ASAN_OPTIONS": options}


def set_by(count):
    """An environment whose clock somebody set so many days off; no time has passed."""
    return {**days(0), "CLOCK_SET": str(int(count * DAY))}


class Clock(unittest.TestCase):
    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)

    def serve_later(self, count):
        """The server as it will stand so many days from now."""
        if self.d.server:
            self.d.stop()
        self.d.serve(env=days(count))

    # ---- a wrong clock ----

    def test_a_clock_that_is_a_day_off_joins_or_says_why_not(self):
        for n, off in enumerate((-1.01, 1.01, -400, 4000)):
            code = self.d.invite("QH001", "accountant", f"人{n}")
            folder = self.d.base / f"joiner-{n}"
            done = run([BANYAN, "join", "-", "--data", folder], stdin=code + "\n", env=days(off), status=None)
            if done.status == 0:
                run([BANYAN, "sync", "--data", folder], env=days(off))
                continue
            self.assertEqual(done.status, 1)
            self.assertRegex(done.err, "date and time|expired")
            self.assertFalse((folder / "banyan.db").exists())
            run([BANYAN, "join", "-", "--data", folder], stdin=code + "\n")  # the code is good still, once the clock is right

    # ---- lease ----

    def test_the_lease_warns_then_hides_then_comes_back(self):
        seat = self.d.join("QH001", "union_chair")
        member = seat.add("member", "name=刘芳")
        seat.sync()
        self.d.stop()
        self.assertNotIn("connect soon", seat("status", env=days(59)).out)
        later = days(61)
        self.assertEqual(seat("status", "--json", env=later).json["lease_days"], 59)
        self.assertIn("connect soon", seat("status", env=later).out)
        self.assertEqual(seat("show", "member", member, "--json", env=later).json["name"], "刘芳")
        queued = seat("add", "member", "name=之后", env=later).out.strip()
        over = days(121)
        self.assertEqual(seat("status", "--json", env=over).json["lease_days"], 0)
        for words in (["show", "member", member], ["list", "member"], ["history", "member", member], ["attention"],
                      ["export", "member", self.d.base / "out.csv"], ["list", "member", "--csv"]):
            done = seat(*words, env=over, status=1)
            self.assertIn("sync", done.err)
            self.assertNotIn("刘芳", done.out + done.err)
        named = seat("add", "union_group", "name=中班组", "leader_member_id=刘芳", env=over, status=1).err
        for said in ("hidden", "sync", "clock", "phone"):
            self.assertIn(said, named)  # not that the name is wrong
        self.assertFalse((self.d.base / "out.csv").exists())
        self.assertEqual(seat("status", "--json", env=over).json["queued"], 1)
        seat("sync", env=over, status=3)
        self.serve_later(121)
        seat("sync", env=over)
        self.assertEqual(seat("show", "member", queued, "--json", env=over).json["sync"], "confirmed")
        self.assertEqual(seat("show", "member", member, "--json", env=over).json["name"], "刘芳")
        self.assertEqual(seat("status", "--json", env=over).json["lease_days"], 120)

    # ---- certificates ----

    def test_a_certificate_renews_itself_before_it_ends(self):
        seat = self.d.join("QH001", "union_chair")
        before = (seat.folder / "cert.pem").read_bytes()
        self.serve_later(310)
        seat("sync", env=days(310))
        self.assertNotEqual((seat.folder / "cert.pem").read_bytes(), before)
        self.assertGreaterEqual(seat("status", "--json", env=days(310)).json["certificate_days"], 364)
        seat("sync", env=days(311))

    def test_an_expired_one_of_a_revoked_seat_does_not_renew(self):
        seat = self.d.join("QH001", "union_chair")
        seat.add("member", "name=放了一年")
        number = seat.json("status")["seat"]
        before = (seat.folder / "cert.pem").read_bytes()
        self.d("seat", "revoke", number)
        self.serve_later(400)
        done = seat("sync", env=days(400), status=1)
        self.assertIn("ended this seat", done.err)
        for _ in range(2):  # and whoever looks later is told, too
            self.assertIn("The district has ended this seat", seat("status", env=days(400)).out)
        self.assertEqual((seat.folder / "cert.pem").read_bytes(), before)
        self.assertEqual(self.d.overview()["totals"].get("member.total", 0), 0)

    def test_the_servers_own_certificate_is_renewed_too(self):
        seat = self.d.join("QH001", "union_chair")
        before = (self.d.data / "server.pem").read_bytes()
        self.serve_later(310)
        self.assertNotEqual((self.d.data / "server.pem").read_bytes(), before)
        seat("sync", env=days(310))

    def test_a_server_whose_clock_stands_years_ahead(self):
        """It lets nobody in, and each device says why; the operator is told at the start and on the board."""
        seat = self.d.join("QH001", "union_chair")
        seat.sync()
        self.assertNotIn("by this machine's clock", self.d("overview").err)
        self.serve_later(1100)
        seat("sync", status=None)
        self.assertIn("If the clock stands ahead, nobody is let in", "".join(p.read_text() for p in self.d.base.glob("serve-*.err")))
        self.assertIn("by this machine's clock", run([BANYAND, "overview", "--data", self.d.data], env=days(1100)).err)
        self.d.stop()
        self.d.serve()
        seat.sync()

    def test_a_server_whose_clock_stood_ahead(self):
        """It renews its own certificate, and those of who comes, in a time that is still to come. With the clock right again all of
        them are made anew: who joins is let in, and who was renewed by the wrong clock."""
        seat = self.d.join("QH001", "union_chair")
        self.serve_later(320)
        seat("sync", env=days(320))  # its own is renewed, too
        self.d.stop()
        self.d.serve()
        self.d.join("QH001", "accountant")
        seat.sync()
        self.assertLessEqual(seat.json("status")["certificate_days"], 365)

    def test_an_agent_renews_too(self):
        seat = self.d.join("QH001", "union_chair")
        self.serve_later(400)
        agent = Process([BANYAN, "sync", "--watch", "--data", seat.folder], self.d.base, "agent-later", env=days(400))
        seat.agent = agent
        wait_for(lambda: seat("status", "--json", env=days(400)).json["connected"], "the agent renews and connects")


if __name__ == "__main__":
    unittest.main()
