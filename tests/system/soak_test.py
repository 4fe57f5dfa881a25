"""People at random (a fixed seed): four seats of a branch and an officer add, change, act, remove, resolve, retry, discard; rounds are
whole, cut, or killed; agents come and go; folders are copied; the server is killed, restored from a backup, rolled back. In the end everybody is level, all
hold the same, verify finds nothing, and every change that a command had saved stands in the server's history, once. A seed makes the
same choices again; agents that are left running take their own time. More of it: SOAK_SEED=n SOAK_STEPS=n."""
import collections
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import unittest
from cut_line import CutLine
from district import district, wait_for, Process, BANYAN, ENVIRONMENT, asked_for

KEYS = ("ca.key", "ca.pem", "server.key", "server.pem", "psk.master")


class Crowd:
    def __init__(self, test, d, line, seed):
        self.test, self.d, self.line, self.random = test, d, line, random.Random(seed)
        self.seats = [d.join("QH001", role, f"人{n}") for n, role in enumerate(("union_chair", "union_chair", "committee_member", "committee_member"))]
        self.officer = d.join("QH", "district_officer", "张丽")
        self.saved = {}          # a value that stands in one change alone -> what it was
        self.count = 0
        self.backups = []
        self.journal = []        # the backups that the folder's control journal has gone past
        self.journals = {}       # and each backup's
        self.log = []

    # ---- what people do ----

    def unique(self, what):
        self.count += 1
        value = f"值{self.count:05}号"
        return value, what

    def note(self, value, what):
        self.saved[value] = what

    def records(self, seat, kind):
        return [r["id"] for r in seat.json("list", kind)]

    def pick(self, seat, kind):
        found = self.records(seat, kind)
        return self.random.choice(found) if found else None

    def add(self, seat):
        value, what = self.unique("add")
        if self.random.random() < 0.8:
            seat.add("member", "name=会员", f"note={value}")
        else:
            seat.add("work_plan", "title=计划", "period=2026-1", f"other_text={value}")
        self.note(value, what)

    def set(self, seat):
        member = self.pick(seat, "member")
        if not member:
            return
        value, what = self.unique("set")
        field = self.random.choice(("campus", "note", "name"))
        if seat("set", "member", member, f"{field}={value}", status=None).status == 0:
            self.note(value, what)

    def act(self, seat):
        member = self.pick(seat, "member")
        if not member:
            return
        value, what = self.unique("act")
        action = self.random.choice(("active", "retained", "withdrawn", "transferred_out"))
        reason = ["retained_reason=study"] if action == "retained" else []
        if seat("act", "member", member, action, f"note={value}", *reason, status=None).status == 0:
            self.note(value, what)

    def plan(self, seat):
        """A plan goes a step further, at the branch or at the district."""
        steps = {"drafted": "discussed", "discussed": "adopted", "adopted": "submitted", "returned": "submitted", "acknowledged": "in_force"}
        if self.random.random() < 0.5:
            plans = [(p["id"], steps[p["state"]]) for p in seat.json("list", "work_plan") if p["state"] in steps]
            if plans:
                plan, step = self.random.choice(plans)
                seat("act", "work_plan", plan, step, *asked_for(step), status=None)
            return
        listed = self.officer("list", "work_plan", "--branch", "QH001", "--json", status=None)
        plans = [p["id"] for p in listed.json if p["state"] == "submitted"] if listed.status == 0 else []
        if plans and self.random.random() < 0.5:
            self.officer("act", "work_plan", self.random.choice(plans), "acknowledged", status=None)
        elif plans:
            value, what = self.unique("return")
            if self.officer("act", "work_plan", self.random.choice(plans), "returned", f"return_reason={value}", status=None).status == 0:
                self.note(value, what)
        self.sync(self.officer)

    def remove(self, seat):
        member = self.pick(seat, "member")
        if member:
            seat("remove", "member", member, status=None)

    def attend(self, seat):
        """Somebody looks at what waits and decides."""
        for entry in seat("attention", "--json", status=None).json[:2]:
            if entry["type"] == "refusal":
                seat(self.random.choice(("discard", "retry")), entry["id"], status=None)
            elif entry["next"]:
                value, what = self.unique("resolve")
                field = entry["field"] if entry.get("field") in ("campus", "note", "name") else "note"
                how = self.random.choice(("--mine", "--theirs", f"{field}={value}"))
                if seat("resolve", entry["id"], how, status=None).status == 0 and how.endswith(value):
                    self.note(value, what)

    # ---- rounds ----

    def sync(self, seat):
        done = seat.sync(status=None)
        self.test.assertIn(done.status, (0, 3, 4), done)

    def sync_cut(self, seat):
        setattr(self.line, self.random.choice(("up_max", "down_max")), self.random.randint(50, 6000))
        self.sync(seat)
        self.line.up_max = self.line.down_max = None

    def sync_killed(self, seat):
        """In the midst of a round: the line stops at a byte, and then the machine goes off."""
        way = self.random.choice(("up_hold", "down_hold"))
        self.line.held.clear()
        setattr(self.line, way, self.random.randint(200, 6000))
        process = subprocess.Popen([BANYAN, "sync", "--data", seat.folder], stdin=-3, stdout=-3, stderr=-3, env=ENVIRONMENT)
        wait_for(lambda: self.line.held.is_set() or process.poll() is not None, "the round ends, or stands still")
        setattr(self.line, way, None)
        process.kill()
        process.wait()

    def agent(self, seat):
        """Somebody leaves the agent running, stops it, or the machine goes off."""
        if seat.agent and seat.agent.popen.poll() is None:
            seat.agent.end(self.random.choice((signal.SIGTERM, signal.SIGKILL)))
        else:
            seat.agent = Process([BANYAN, "sync", "--watch", "--data", seat.folder], self.d.base, f"agent-{len(self.log)}")

    def no_agent(self, seat):
        if seat.agent and seat.agent.popen.poll() is None:
            seat.agent.end(signal.SIGKILL)

    # ---- what happens to machines ----

    def server_killed(self, _):
        self.d.stop(signal.SIGKILL)
        self.d.serve(announce=self.line.address)

    def backup(self, _):
        path = self.d.base / f"backup-{len(self.backups)}"
        self.d("backup", path)
        self.backups.append(path)
        self.journal = self.journal + [path]
        self.journals[path] = self.journal

    def restore(self, _):
        """The newest backup; or the one before, as when the newest is lost (never an older one: that is a promise broken)."""
        if not self.backups:
            return
        self.d.stop(signal.SIGKILL)
        backup = self.random.choice(self.backups[-2:])
        if self.random.random() < 0.5 or backup not in self.journal:  # else it is refused: the journals went different ways
            self.journal = self.journals[backup]
            shutil.rmtree(self.d.base / "lost", ignore_errors=True)
            self.d.data.rename(self.d.base / "lost")
            self.d.data.mkdir(mode=0o700)
            for name in KEYS:
                shutil.copy2(self.d.base / "lost" / name, self.d.data / name)
        self.d("restore", backup)
        self.d.serve(announce=self.line.address)
        self.heal()

    def heal(self):
        for _ in range(3):
            for seat in self.seats + [self.officer]:
                self.sync(seat)

    def old_copy(self, seat):
        """The folder as it was is put back after some work."""
        self.no_agent(seat)
        shutil.rmtree(self.d.base / "copy", ignore_errors=True)
        shutil.copytree(seat.folder, self.d.base / "copy")
        before = set(self.saved)
        self.add(seat)
        self.set(seat)
        if self.random.random() < 0.6:
            self.sync(seat)
        acknowledged = seat.json("status")["queued"] == 0
        shutil.rmtree(seat.folder)
        (self.d.base / "copy").rename(seat.folder)
        if acknowledged:
            self.sync(seat)  # it holds them again: a disk and the server lost at once would be one fault too many
        else:  # what was on that disk alone is gone with it
            for value in set(self.saved) - before:
                del self.saved[value]

    def step(self):
        seat = self.random.choice(self.seats)
        what = self.random.choices(
            (self.add, self.set, self.act, self.remove, self.plan, self.attend, self.sync, self.sync_cut, self.sync_killed, self.agent,
             self.server_killed, self.backup, self.restore, self.old_copy),
            (12, 20, 8, 3, 8, 8, 22, 8, 6, 4, 1, 2, 1 if self.restores else 0, 1))[0]
        self.log.append(f"{what.__name__} {seat.folder.name}")
        what(seat)

    restores = True


class Soak(unittest.TestCase):
    def crowd(self, seed, steps, restores):
        context = district(serve=False)
        d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        line = CutLine.before(d, self)
        crowd = Crowd(self, d, line, seed)
        crowd.restores = restores
        try:
            for _ in range(steps):
                crowd.step()
            self.settled(d, crowd)
        except BaseException:
            print(f"seed {seed}, after: {' | '.join(crowd.log[-12:])}")
            if os.environ.get("SOAK_KEEP"):
                shutil.copytree(d.base, os.environ["SOAK_KEEP"], dirs_exist_ok=True)
            raise

    def settled(self, d, crowd):
        for seat in crowd.seats:
            crowd.no_agent(seat)
        crowd.sync(crowd.officer)
        wait_for(lambda: {s.sync(status=None).status for s in crowd.seats} <= {0, 4}, "everybody is level", 60)
        for _ in range(2):
            for seat in crowd.seats:
                seat.sync(status=None)
        first = crowd.seats[0]
        for seat in crowd.seats:
            self.assertEqual(seat.json("status")["queued"], 0)
            self.assertEqual(seat.json("status")["repairs"], 0, "nobody drifted")
            for kind in ("member", "work_plan"):
                self.assertEqual([{**r, "sync": ""} for r in seat.json("list", kind)], [{**r, "sync": ""} for r in first.json("list", kind)])
        d("verify")
        db = sqlite3.connect(f"file:{d.data}/banyan.db?mode=ro", uri=True)
        changes = [bytes(c) for c, in db.execute("SELECT change FROM history WHERE change IS NOT NULL AND verdict <> 5")]
        twice = db.execute("SELECT seat, n, hash, count(*) FROM history WHERE verdict <> 5 GROUP BY seat, n, hash HAVING count(*) > 1").fetchall()
        db.close()
        self.assertEqual(twice, [])
        seen = collections.Counter(value for value in crowd.saved for c in changes if value.encode() in c)
        missing = {v: w for v, w in crowd.saved.items() if v not in seen}
        self.assertEqual(missing, {}, "saved, and not in the server's history")

    def test_without_restores(self):
        self.crowd(int(os.environ.get("SOAK_SEED", "1")), int(os.environ.get("SOAK_STEPS", "60")), False)

    def test_with_restores(self):
        self.crowd(int(os.environ.get("SOAK_SEED", "2")), int(os.environ.get("SOAK_STEPS", "60")), True)


if __name__ == "__main__":
    unittest.main()
