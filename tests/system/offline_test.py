"""Offline is the normal case: two weeks without a server on both sides, kill -9 of either side at any moment, answers
that are lost. What add printed is there, once, everywhere; what is at the district equals what was entered."""
import random
import signal
import subprocess
import time
import unittest
from cut_line import CutLine
from district import district, wait_for, run, Process, Seat, BANYAN, ENVIRONMENT


class Books:
    """What people were told is saved: the whole truth to compare with."""

    def __init__(self):
        self.members, self.removed = {}, set()

    def add(self, seat, name, **more):
        member = seat.add("member", f"name={name}", *(f"{k}={v}" for k, v in more.items()))
        self.members[member] = {"name": name, **more}
        return member

    def set(self, seat, member, **more):
        seat("set", "member", member, *(f"{k}={v}" for k, v in more.items()))
        self.members[member].update(more)

    def remove(self, seat, member):
        seat("remove", "member", member)
        del self.members[member]
        self.removed.add(member)

    def check(self, test, listed):
        """listed: records of somebody, whole."""
        fields = {f for m in self.members.values() for f in m}
        found = {r["id"]: {f: r[f] for f in fields if r.get(f) is not None} for r in listed}
        test.assertEqual(len(listed), len(found))
        test.assertEqual(found, self.members)


class Offline(unittest.TestCase):
    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.chair = self.d.join("QH001", "union_chair", "王敏")
        self.colleague = self.d.join("QH001", "committee_member", "李静")
        self.officer = self.d.join("QH", "district_officer", "张丽")
        self.books = Books()

    def level(self, *seats):
        for _ in range(2):
            for seat in seats:
                seat.sync()
        for seat in seats:
            status = seat.json("status")
            self.assertEqual((status["queued"], status["refused"], status["conflicts"]), (0, 0, 0))
            self.books.check(self, seat.json("list", "member"))
            self.assertEqual({m["sync"] for m in seat.json("list", "member")} - {"confirmed"}, set())
        at_district = {m["id"]: m["name"] for m in self.officer.json("list", "member", "--branch", "QH001")}
        self.assertEqual(at_district, {m: v["name"] for m, v in self.books.members.items()})
        self.assertEqual(self.d.overview()["totals"].get("member.total", 0), len(self.books.members))
        self.assertEqual(self.d.overview()["branches"][0]["queued"], 0)
        self.d("verify")

    def test_two_weeks_on_both_sides(self):
        """Each day both add and change; every second day one corrects what is old; nobody sees the other until the end."""
        shared = [self.books.add(self.chair, f"老会员{n}", campus="东区") for n in range(6)]
        self.level(self.chair, self.colleague)
        self.d.stop()
        for day in range(14):
            for seat, who in ((self.chair, "王"), (self.colleague, "李")):
                own = self.books.add(seat, f"{who}第{day}天", joined_on=f"2026-09-{day + 1:02}")
                self.books.set(seat, own, note=f"第{day}天登记")
                if day % 7 == 6:
                    self.books.remove(seat, self.books.add(seat, f"{who}错登{day}"))
            if day % 2 == 0:  # disjoint fields of the same old members
                self.books.set(self.chair, shared[day % 6], campus=f"西区{day}")
                self.books.set(self.colleague, shared[day % 6], note=f"已核对{day}")
            self.chair.sync(status=3)
        self.assertEqual(self.chair.json("status")["queued"], 14 * 2 + 2 * 2 + 7 + 0)
        self.assertTrue(self.chair.json("status")["oldest_queued_at"])
        self.d.serve()
        self.level(self.chair, self.colleague)

    def test_the_server_restarts_in_between(self):
        for n in range(6):
            self.books.add(self.chair, f"会员{n}")
            if n % 3 == 2:
                self.d.stop(signal.SIGTERM if n % 2 else signal.SIGKILL)
                self.books.add(self.chair, f"停机{n}")
                self.chair.sync(status=3)
                self.d.serve()
            self.chair.sync()
        self.level(self.chair, self.colleague)

    # ---- kill -9 ----

    def sync_cut_after(self, seat, milliseconds):
        """A sync that is killed so long after its start; True if it was still at work."""
        process = subprocess.Popen([BANYAN, "sync", "--data", seat.folder], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        try:
            process.wait(milliseconds / 1000)
            return False
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return True

    def test_the_client_is_killed_in_mid_sync(self):
        """Until it was cut down twenty times, at moments all over the length of a round."""
        moments = random.Random(2026)
        start = time.monotonic()
        self.chair.sync()
        length = 1000 * (time.monotonic() - start)
        cut, turn = 0, 0
        while cut < 20:
            self.assertLess(turn, 200)
            for n in range(3):
                self.books.add(self.chair, f"会员{turn}-{n}")
            if turn % 3 == 0:
                self.books.set(self.chair, moments.choice(sorted(self.books.members)), note=f"第{turn}回")
            seat = self.colleague if turn % 8 == 7 else self.chair
            cut += self.sync_cut_after(seat, moments.uniform(0.1, 1.0) * length)
            turn += 1
        self.level(self.chair, self.colleague)

    def test_the_server_is_killed_in_mid_sync(self):
        moments = random.Random(7)
        for turn in range(10):
            for n in range(4):
                self.books.add(self.chair, f"会员{turn}-{n}")
            self.books.add(self.colleague, f"同事{turn}")
            both = [Process([BANYAN, "sync", "--data", s.folder], self.d.base, f"sync-{turn}-{i}") for i, s in enumerate((self.chair, self.colleague))]
            try:
                both[0].popen.wait(moments.uniform(0.01, 0.25))
            except subprocess.TimeoutExpired:
                pass
            self.d.stop(signal.SIGKILL)
            for process in both:
                self.assertIn(process.popen.wait(60), (0, 3), process.err)
                process.end()
            self.d.serve()
        self.level(self.chair, self.colleague)

    def test_the_agent_is_killed_and_started_again(self):
        moments = random.Random(11)
        self.colleague.watch()
        for turn in range(6):
            agent = self.chair.watch()
            for n in range(3):
                self.books.add(self.chair, f"会员{turn}-{n}")
            try:
                agent.popen.wait(moments.uniform(0.0, 0.1))
            except subprocess.TimeoutExpired:
                pass
            agent.kill()
        self.chair.watch()
        wait_for(lambda: len(self.colleague.json("list", "member")) == len(self.books.members), "the other has all of it")
        for seat in (self.chair, self.colleague):
            seat.agent.end()
        self.level(self.chair, self.colleague)


class CutLines(unittest.TestCase):
    """The line is cut after so many bytes, at points all over a round, in either direction: pushes that arrive in part, answers that
    nobody hears, pages that end in the middle."""

    def setUp(self):
        context = district(serve=False)
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.line = CutLine.before(self.d, self)
        self.chair = self.d.join("QH001", "union_chair", "王敏")
        self.colleague = self.d.join("QH001", "committee_member", "李静")
        self.books = Books()

    def measure(self, work):
        work()
        return self.line.up, self.line.down

    def cut_at(self, direction, points, work):
        """Runs work with the line cut at each point; gives how often it was."""
        before = self.line.cuts
        for n, point in enumerate(points):
            setattr(self.line, direction + "_max", point)
            work(n)
        setattr(self.line, direction + "_max", None)
        return self.line.cuts - before

    def check(self):
        for seat in (self.chair, self.colleague, self.chair):
            seat.sync()
        for seat in (self.chair, self.colleague):
            self.assertEqual(seat.json("status")["queued"], 0)
            self.assertEqual(seat("attention", "--json").json, [])
            self.books.check(self, seat.json("list", "member"))
        self.assertEqual(self.d.overview()["totals"]["member.total"], len(self.books.members))
        self.d("verify")

    def push(self, n):
        for i in range(3):
            self.books.add(self.chair, f"会员{n}-{i}", note="甲" * 100)
        if n % 4 == 1:
            self.books.set(self.chair, sorted(self.books.members)[n % len(self.books.members)], campus=f"{n}区")
        done = self.chair.sync(status=None)
        self.assertIn(done.status, (0, 3), done)

    def test_what_is_sent_comes_once(self):
        up, down = self.measure(lambda: self.push(1000))
        self.assertGreater(self.cut_at("up", range(100, up, max(1, up // 20)), self.push), 15)
        self.check()
        self.assertGreater(self.cut_at("down", range(50, down, max(1, down // 20)), self.push), 15)
        self.check()

    def pull(self, n):
        done = self.colleague.sync(status=None)
        self.assertIn(done.status, (0, 3), done)

    def test_what_is_fetched(self):
        """The colleague comes back after a month: many entries, cut again and again, each time from where it stood."""
        for n in range(60):
            self.books.add(self.chair, f"会员{n}", note="乙" * 300)
        self.chair.sync()
        whole = self.colleague.copy("whole")
        up, down = self.measure(whole.sync)
        self.assertGreater(down, 60 * 900)
        self.assertGreater(self.cut_at("down", range(100, down, max(1, down // 30)), self.pull), 8)
        self.check()

    def test_a_first_sync(self):
        """A device that joins and is cut off in mid-snapshot goes on with the next round."""
        for n in range(40):
            self.books.add(self.chair, f"会员{n}", note="丙" * 300)
        self.chair.sync()
        joined = 0
        for point in (3000, 5000, 9000, 20000, 40000):
            code = self.d.invite("QH001", "committee_member", f"新人{point}")
            folder = self.d.base / f"new-{point}"
            for _ in range(2):
                self.line.down_max = point
                done = run([BANYAN, "join", "-", "--data", folder], stdin=code, status=None)
                if done.status == 0:
                    break
            self.line.down_max = None
            if not (folder / "banyan.db").exists():
                run([BANYAN, "join", "-", "--data", folder], stdin=code)
            seat = Seat(self.d, folder)
            seat.sync()
            self.books.check(self, seat.json("list", "member"))
            joined += 1
        self.assertEqual(len(self.d("seat", "list", "--json").json), 2 + joined)
        self.check()

    def test_an_agent(self):
        """The agent's line breaks again and again while both work."""
        self.colleague.watch()
        self.line.down_max = 6000
        for n in range(12):
            self.push(n)
        self.line.down_max = None
        wait_for(lambda: self.chair.sync(status=None).status == 0 and len(self.colleague.json("list", "member")) == len(self.books.members),
                 "the agent has all of it", 60)
        self.colleague.agent.end()
        self.check()


if __name__ == "__main__":
    unittest.main()
