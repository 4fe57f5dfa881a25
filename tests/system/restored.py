"""Five seats in two branches, for the tests of what comes back and what does not: their work, backup, loss of the disk, healing."""
import shutil
import signal
import unittest
from district import district, wait_for, asked_for


class Restored(unittest.TestCase):
    def setUp(self):
        context = district(branches=(("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区云雀幼儿园工会")))
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.chair = self.d.join("QH001", "union_chair", "王敏")
        self.colleague = self.d.join("QH001", "committee_member", "李静")
        self.accountant = self.d.join("QH001", "accountant", "陈晨")
        self.neighbour = self.d.join("QH002", "union_chair", "周平")
        self.officer = self.d.join("QH", "district_officer", "张丽")
        self.all = (self.chair, self.colleague, self.accountant, self.neighbour, self.officer)

    def backup(self, name):
        self.d("backup", self.d.base / name)
        return self.d.base / name

    def sync_all(self, *seats, status=0):
        for seat in seats or self.all:
            seat.sync(status=status)

    def rounds(self):
        """The statuses of a round of each."""
        return {s.sync(status=None).status for s in self.all}

    def state(self, seat):
        """All that a seat sees, without seqs: they may change when the change had to be made anew."""
        return {kind: sorted((tuple(sorted((k, str(v)) for k, v in r.items() if k not in ("seq", "sync"))) for r in seat.json("list", kind)))
                for kind in ("member", "union_group", "work_plan", "plan_item", "policy_limit")}

    def work(self, tag):
        """Something of everything, by several people, synced."""
        member = self.chair.add("member", f"name={tag}甲", "mobile=13012345678", "campus=东区")
        self.chair("act", "member", member, "active")
        gone = self.chair.add("member", f"name={tag}乙")
        plan = self.chair.add("work_plan", f"title={tag}计划", "period=2026-1")
        self.chair.add("plan_item", f"plan_id={plan}", "title=例会", "month=9")
        self.neighbour.add("member", f"name={tag}邻")
        self.officer.add("policy_limit", f"rule_code=dues.{'a' * (len(tag) + 1)}", "value=5", "effective_from=2026-01-01")
        self.sync_all()
        self.colleague("set", "member", member, "note=同事写的")
        self.colleague("remove", "member", gone)
        for action in ("discussed", "adopted", "submitted"):
            self.chair("act", "work_plan", plan, action, *asked_for(action))
        self.sync_all()
        self.officer.json("list", "work_plan", "--branch", "QH001")
        self.officer("act", "work_plan", plan, "acknowledged")
        self.sync_all()
        self.sync_all()
        return member, plan

    def lose(self):
        """The disk is gone. Keys and certificates were kept elsewhere, too."""
        self.d.stop(signal.SIGKILL)
        self.d.data.rename(self.d.base / "lost")
        self.d.data.mkdir(mode=0o700)
        for name in ("ca.key", "ca.pem", "server.key", "server.pem", "psk.master"):
            shutil.copy2(self.d.base / "lost" / name, self.d.data / name)

    def healed(self, expected, numbers):
        """Recovery ends when all have said hello; then everything is as it was on all sides."""
        self.sync_all(status=None)
        wait_for(lambda: self.rounds() == {0}, "recovery ends by itself", 90)
        self.sync_all()
        self.sync_all()
        for seat, before in zip(self.all, expected):
            self.assertEqual(self.state(seat), before)
            self.assertEqual(seat.json("status")["queued"], 0)
            self.assertEqual(seat("attention", "--json").json, [])
        self.assertEqual(self.d.overview()["totals"], numbers)
        self.d("verify")

    def take_note(self, seat):
        """Of numbers that are others since. How many there were of members who are still there."""
        return len(seat.json("numbers", "--noted"))

    def totals(self):
        return self.d.overview()["totals"]
