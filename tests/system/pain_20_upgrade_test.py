"""An upgrade breaks nothing (lessons.md 20): programs two versions back and one ahead against today's server; each is renewed in place
with its outbox full; what one side does not know is kept or refused with its reason, and is not lost."""
import os
import sqlite3
import unittest
import district
from district import PATIENCE, Process, Seat, run, wait_for

SERVER, CLIENT = os.environ["BANYAND_VERSIONS"], os.environ["BANYAN_VERSIONS"]
# Never touched by a renewal, to the byte.
HELD = ("SELECT incarnation, n, org, kind, id, grp, made_ms, bytes, hash, state, seq, refusal FROM outbox ORDER BY local",
        "SELECT org, seq, id, entry FROM kept ORDER BY org, seq",
        "SELECT id, hash, org, kind, record, grp, n, bytes, refusal, at_ms FROM attention ORDER BY id")


def held(seat):
    with sqlite3.connect(seat.folder / "banyan.db") as db:
        return [db.execute(sql).fetchall() for sql in HELD]


class Versioned(Seat):
    """A seat whose program is of some version, until it is renewed."""

    def __init__(self, d, seat, version):
        super().__init__(d, seat.folder)
        self.version = version

    def __call__(self, *words, status=0, **more):
        return run([CLIENT, *words, "--data", self.folder], status=status, env={"BANYAN_TEST_VERSION": self.version}, **more)

    def watch(self):
        self.agent = Process([CLIENT, "sync", "--watch", "--data", self.folder], self.district.base, f"agent-{self.version}",
                             env={"BANYAN_TEST_VERSION": self.version})
        wait_for(lambda: self.json("status")["connected"], "the agent connects")
        return self.agent


def join(d, version, roles, name="王敏", branch="QH001"):
    seat = Versioned(d, Seat(d, d.base / f"seat-{len(d.seats)}"), version)
    d.seats.append(seat)
    seat("join", "-", stdin=d.invite(branch, roles, name) + "\n")
    return seat


class Upgrade(unittest.TestCase):
    def setUp(self):
        self.before = district.BANYAND
        district.BANYAND = SERVER

    def tearDown(self):
        district.BANYAND = self.before
        district.ENVIRONMENT.pop("BANYAN_TEST_VERSION", None)

    def made_by(self, version):
        """From now on the operator's commands are of that version."""
        district.ENVIRONMENT["BANYAN_TEST_VERSION"] = version

    def serve(self, d, version):
        if d.server:
            d.stop()
        self.made_by(version)
        d.serve(env={"BANYAN_TEST_VERSION": version})

    def operator(self, d, version, *words):
        return d(*words, env={"BANYAN_TEST_VERSION": version})

    def test_two_versions_back_are_served_and_renewed_with_an_outbox_full(self):
        with district.district(serve=False) as d:
            self.serve(d, "today")
            chair, old = join(d, "today", "union_chair"), join(d, "two-back", "committee_member", "李静")
            one = old.add("member", "name=刘芳", "state=active")
            old.sync()
            chair.sync()
            # The old program has neither the field nor the kind nor the step; it says so as of anything unknown.
            self.assertEqual(old("set", "member", one, "note=x", status=2).status, 2)
            self.assertEqual(old("list", "committee_meeting", status=2).status, 2)
            self.assertNotIn("note", old.json("describe", "member")["fields"])
            chair("set", "member", one, "note=会弹琴")
            chair("set", "member", one, "campus=总园")
            chair("act", "member", one, "retained", "retained_reason=study")
            meeting = chair.add("committee_meeting", "held_on=2026-11-02", "place=会议室")
            chair.sync()
            old("set", "member", one, "campus=分园")   # a conflict to come
            old("set", "member", one, "post=教师")      # beside it
            old.sync(status=4)
            row = old.record("member", one)
            self.assertEqual((row["post"], row["retained_reason"], row["state"]), ("teacher", "study", "retained"))
            chair.sync(status=4)
            self.assertEqual((chair.record("member", one)["note"], chair.record("member", one)["post"]), ("会弹琴", "teacher"))

            # Offline, much is entered; then the program is renewed.
            d.stop()
            more = [old.add("member", f"name=赵{i}") for i in range(5)]
            old("set", "member", one, "mobile=13900000001")
            old("set", "member", more[0], "title=二级教师")
            before = held(old)
            self.assertGreaterEqual(len(before[0]), 7)
            self.assertTrue(before[1])
            old.version = "today"
            status = old.json("status", status=None)
            self.assertEqual((status["queued"], status["conflicts"]), (7, 1))
            self.assertEqual(held(old), before)
            self.assertEqual(old.record("member", one)["note"], "会弹琴")  # it was here all along
            self.assertEqual(old.record("member", one)["mobile"], "13900000001")
            old("set", "member", one, "note=会弹钢琴")
            self.serve(d, "today")
            old.sync(status=4)
            self.assertEqual(old.record("committee_meeting", meeting)["place"], "会议室")
            chair.sync(status=4)
            self.assertEqual({m["name"] for m in chair.json("list", "member")}, {"刘芳", *(f"赵{i}" for i in range(5))})
            self.assertEqual((chair.record("member", one)["note"], chair.record("member", one)["mobile"]), ("会弹钢琴", "13900000001"))
            self.assertEqual(old.json("status", status=None)["queued"], 0)
            self.operator(d, "today", "verify")

    def test_one_ahead_keeps_what_the_server_does_not_know_or_is_told(self):
        with district.district(serve=False) as d:
            self.serve(d, "today")
            new, chair = join(d, "ahead", "union_chair"), join(d, "today", "union_chair", "李静")
            twin = join(d, "ahead", "accountant", "陈洁")
            one, two = new.add("member", "name=刘芳", "state=active"), new.add("member", "name=赵蓉", "state=active")
            new("set", "member", one, "nickname=芳芳", "plate_no=A12345")
            new.add("club", "name=合唱团")
            new("act", "member", one, "seconded")
            new("act", "member", two, "retained", "retained_reason=sabbatical")
            new("set", "member", two, "post=教师")
            new.sync(status=4)
            refused = {(a["kind"], a["code"]) for a in new.json("attention", status=4)}
            self.assertEqual(refused, {("club", "UNKNOWN_KIND"), ("member", "UNKNOWN_ACTION"), ("member", "CODE")})
            told = new("attention", status=4).out
            self.assertIn("server", told)
            self.assertEqual(new.record("member", two)["post"], "teacher")  # what came behind is not held up
            chair.sync()
            twin.sync()
            # A client of the server's own age edits the same record and harms nothing.
            chair("set", "member", one, "campus=总园")
            chair.sync()
            new.sync(status=4)
            row = new.record("member", one)
            self.assertEqual((row["nickname"], row["plate_no"], row["campus"]), ("芳芳", "A12345", "总园"))
            self.assertNotIn(b"A12345", (twin.folder / "banyan.db").read_bytes())

            self.serve(d, "ahead")
            self.operator(d, "ahead", "verify")
            for a in new.json("attention", status=4):
                new("retry", a["id"])
            new.sync()
            self.assertEqual(new.record("member", one)["state"], "seconded")
            self.assertEqual(new.record("member", two)["retained_reason"], "sabbatical")
            twin.sync()
            self.assertEqual(twin.record("member", one)["nickname"], "芳芳")  # which the older server could not tell apart from sensitive
            self.assertNotIn(b"A12345", (twin.folder / "banyan.db").read_bytes())
            chair.sync()
            self.assertEqual(chair.record("member", one)["state"], "seconded")  # shown as it is
            chair.version = "ahead"
            chair.sync()
            self.assertEqual(chair.record("member", one)["plate_no"], "A12345")
            self.assertEqual([c["name"] for c in chair.json("list", "club")], ["合唱团"])
            self.operator(d, "ahead", "verify")

    def test_a_rule_that_was_added_later_refuses_what_comes_after_it_alone(self):
        with district.district(serve=False) as d:
            self.serve(d, "today")
            chair, second = join(d, "today", "union_chair"), join(d, "two-back", "committee_member", "李静")
            one, two = chair.add("member", "name=刘芳", "campus=校区9"), chair.add("member", "name=赵蓉", "campus=总园")
            chair.sync()
            second.sync()
            self.operator(d, "today", "backup", d.base / "b1")
            chair("set", "member", two, "campus=校区8")  # decided before the rule came, and in no backup
            chair.sync()
            second.sync()
            # Queued while the server is renewed; both programs still take it.
            chair("set", "member", one, "campus=校区7", "post=教师")
            chair("set", "member", two, "post=教师")
            second("set", "member", one, "title=二级教师")
            second("set", "member", two, "campus=东校区7")
            self.serve(d, "ahead")
            self.operator(d, "ahead", "verify")  # what breaks the rule and was there before it is no finding
            chair.sync(status=4)
            second.sync(status=4)
            for seat, record, value in ((chair, one, "校区9"), (second, two, "校区8")):
                [a] = seat.json("attention", status=4)
                self.assertEqual((a["code"], a["field"], a["record"]), ("member.campus_number", "campus", record))
                self.assertIn("校区的名称不能以 7、8、9 结尾。", seat("attention", status=4).out)  # the server's sentence
                self.assertEqual(seat.record("member", record)["campus"], value)  # as it was
                self.assertEqual(seat.json("status", status=None)["queued"], 0)
                seat.sync(status=4)
                self.assertEqual(len(seat.json("attention", status=4)), 1)  # once
            # What else was changed of a record that breaks the rule is taken: nothing is judged that a change leaves alone.
            row = chair.record("member", one)
            self.assertEqual((row["title"], row.get("post"), row["campus"]), ("second", None, "校区9"))
            self.assertEqual(chair.record("member", two)["post"], "teacher")
            [a] = chair.json("attention", status=4)
            chair("retry", a["id"], "campus=西校区")
            chair.sync()
            row = chair.record("member", one)
            self.assertEqual((row["campus"], row["post"]), ("西校区", "teacher"))
            # A restore of what was there before the rule: what devices hand back was decided, and is not judged again.
            d.stop()
            self.operator(d, "ahead", "restore", d.base / "b1")
            self.serve(d, "ahead")
            chair.sync()
            second.sync(status=4)
            self.operator(d, "ahead", "recovered")
            for seat, status in ((chair, None), (second, 4)):
                seat.sync(status=status)
                self.assertEqual(seat.record("member", two)["campus"], "校区8")
                self.assertEqual(seat.record("member", one)["campus"], "西校区")
            self.operator(d, "ahead", "verify")
            self.assertEqual(len(second.json("attention", status=4)), 1)
            second.version = "ahead"
            [a] = second.json("attention", status=4)
            second("discard", a["id"])
            second.sync()
            self.assertEqual(second.json("status")["repairs"], 0)

    def test_the_agent_of_the_older_program_makes_way_for_the_newer(self):
        with district.district(serve=False) as d:
            self.serve(d, "today")
            chair, seat = join(d, "today", "union_chair"), join(d, "two-back", "committee_member", "李静")
            one = chair.add("member", "name=刘芳", "note=会弹琴")
            chair.sync()
            old = seat.watch()
            wait_for(lambda: seat.json("list", "member"), "the member is here")
            seat.version = "today"  # its commands, from now on
            self.assertEqual(seat.record("member", one)["note"], "会弹琴")
            self.assertNotEqual(old.popen.wait(PATIENCE), 0)  # who looks after it starts it again
            self.assertIn("升级" if "升级" in old.err else "newer version", old.err)
            self.assertFalse(seat.json("status")["connected"])
            seat.watch()
            chair("set", "member", one, "note=", "post=教师")
            chair.sync()
            wait_for(lambda: seat.record("member", one).get("post") == "teacher", "the change is here")
            self.assertIsNone(seat.record("member", one)["note"])
            chair("set", "member", one, "note=会唱歌")
            chair.sync()
            wait_for(lambda: seat.record("member", one).get("note") == "会唱歌", "the value is here")
            seat.agent.end()
            seat.agent = None
            seat.sync()
            self.assertEqual(seat.json("status")["repairs"], 0)
            # Back to the older program: it says so, and writes nothing.
            seat.version = "two-back"
            self.assertIn("newer version", seat("set", "member", one, "post=教师", status=None).err)
            seat.version = "today"
            self.assertEqual(seat.record("member", one)["note"], "会唱歌")

    def test_the_older_server_makes_way_for_the_newer(self):
        self.made_by("one-back")
        with district.district(serve=False) as d:
            self.serve(d, "one-back")
            chair = join(d, "today", "union_chair")
            one = chair.add("union_group", "name=大班组", "leader_seat=1")  # which the server does not know
            chair.sync()
            old = d.server
            self.operator(d, "today", "branch", "list")  # any command of the newer program
            self.assertNotEqual(old.popen.wait(PATIENCE), 0)
            self.assertIn("newer version", old.err)
            d.server = None
            chair("set", "union_group", one, "campus=总园")  # offline is the normal case
            self.serve(d, "today")
            chair.sync()
            self.operator(d, "today", "verify")
            twin = join(d, "today", "committee_member", "李静")
            twin.sync()
            row = twin.record("union_group", one)
            self.assertEqual((row["leader_seat"], row["campus"]), (1, "总园"))
            self.assertEqual(twin.json("status")["repairs"], 0)

    def test_a_backup_of_the_older_server_is_restored_by_the_newer(self):
        self.made_by("one-back")
        with district.district(serve=False) as d:
            self.serve(d, "one-back")
            new = join(d, "ahead", "union_chair")
            one = new.add("member", "name=刘芳", "state=active", "nickname=芳芳")
            new.sync()
            self.operator(d, "one-back", "backup", d.base / "b1")
            new("set", "member", one, "nickname=小芳")
            new.sync()
            d.stop()
            self.operator(d, "ahead", "restore", d.base / "b1")
            self.serve(d, "ahead")
            new.sync()
            new.sync()
            self.assertEqual(new.record("member", one)["nickname"], "小芳")
            self.operator(d, "ahead", "verify")
            self.assertEqual(new.json("status")["repairs"], 0)


if __name__ == "__main__":
    unittest.main()
