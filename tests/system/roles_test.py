"""A committee member is elected accountant: other roles for a seat that goes on. What it may no longer read leaves its file, what it may
read anew comes, what it had entered is refused with a reason; whether it watches, is cut in mid-sync, is away, or the server comes
back from an older backup (sync rules 31, 33)."""
import json
import os
import pty
import subprocess
import unittest
from cut_line import CutLine
from district import BANYAN, ENVIRONMENT, district, wait_for

MOBILE = "13900000042"


def setting(d):
    chair = d.join("QH001", "union_chair", "王敏")
    seat = d.join("QH001", "committee_member", "李静")
    chair("add", "member", "name=周文", f"mobile={MOBILE}")
    member = chair.add("member", "name=孙丽芳", "mobile=13900000043")
    chair.sync()
    seat.sync()
    number = [s["id"] for s in chair.json("seat", "list") if s["name"] == "李静"][0]
    return chair, seat, str(number), member


def holds(seat, text):
    return any(text.encode() in (seat.folder / name).read_bytes() for name in ("banyan.db", "banyan.db-wal") if (seat.folder / name).exists())


def mobiles(seat):
    return [m.get("mobile") for m in seat.json("list", "member")]


class Roles(unittest.TestCase):
    def test_while_it_watches(self):
        with district() as d:
            chair, seat, number, _ = setting(d)
            assert MOBILE in mobiles(seat)
            agent = seat.watch()
            told = chair("seat", "roles", number, "会计,工会小组长")
            assert "李静" in told.err, told
            wait_for(lambda: "accountant" in seat.json("status")["roles"], "the seat is told its roles")
            wait_for(lambda: "now: " in agent.err, "the agent says them")
            wait_for(lambda: len(mobiles(seat)) == 2, "members come anew")
            assert mobiles(seat) == [None, None], mobiles(seat)
            wait_for(lambda: not holds(seat, MOBILE), "no byte of what it may no longer read")
            assert agent.popen.poll() is None
            listed = [s for s in chair.json("seat", "list") if str(s["id"]) == number][0]
            assert listed["roles"] == ["group_leader", "accountant"] and listed["roles_by_name"] == "王敏" and listed["roles_at"], listed
            assert "王敏)" in chair("seat", "list").out
            seat("assess", "2026-10", "--dry-run", status=None)
            seat("set", "member", "周文", "note=x", status=1)
            seat.add("dues_year", "year=2026")
            seat.agent.end()
            seat.agent = None
            seat.sync()
            assert [y["year"] for y in seat.json("list", "dues_year")] == ["2026"], seat.json("list", "dues_year")

    def test_while_it_is_away(self):
        with district() as d:
            chair, seat, number, member = setting(d)
            seat("set", "member", member, "campus=分园")  # made by rights that are gone when it arrives
            chair("seat", "roles", number, "accountant")
            said = seat.sync(status=4)
            assert "now: " in said.err, said
            waits = seat.json("attention", status=4)
            assert [(w["type"], w["code"]) for w in waits] == [("refusal", "RIGHT")], waits
            assert waits[0]["fields"]["campus"]["mine"] == "分园", waits
            why = seat("attention", status=4).out
            assert "entered when this seat's roles were: committee member. They were changed (" in why, why
            assert mobiles(seat) == [None, None]
            chair.sync()
            assert not chair.record("member", member).get("campus")
            # Back again: what may be read anew comes, and can be changed then.
            chair("seat", "roles", number, "committee_member")
            seat.sync(status=4)
            assert MOBILE in mobiles(seat)
            seat("retry", waits[0]["id"])
            seat.sync()
            chair.sync()
            assert chair.record("member", member)["campus"] == "分园"

    def test_a_terminal_is_told_in_sentences_alone(self):
        """The log is English and for files; what it would say, a sentence in the person's language says."""
        with district() as d:
            chair, seat, number, member = setting(d)
            for roles, asked in (("accountant", {}), ("committee_member", {"BANYAN_LOG": "1"})):
                chair("seat", "roles", number, roles)
                ours, theirs = pty.openpty()
                done = subprocess.run([BANYAN, "sync", "--data", seat.folder], stdin=subprocess.DEVNULL, stderr=theirs,
                                      env={**ENVIRONMENT, "BANYAN_LANG": "zh", **asked})
                os.close(theirs)
                said = os.read(ours, 8000).decode()
                os.close(ours)
                assert done.returncode == 0 and "角色" in said, said
                assert ("info replica: roles are now" in said) == bool(asked), said

    def test_in_mid_sync(self):
        """The line is cut after so many bytes either way, and the roles change before or after: it ends as if nothing had been cut."""
        with district(serve=False) as d:
            line = CutLine.before(d, self)
            chair, seat, number, member = setting(d)
            for i in range(40):
                chair("add", "member", f"name=员{i:02d}", f"mobile=139001{i:05d}")
            chair.sync()
            for turn in range(8):
                way, part = ("down", "up")[turn % 3 == 2], (0.3, 0.5, 0.7, 0.9)[turn // 2]
                seat.sync(status=None)  # level: what comes next is larger than this
                cut = int(getattr(line, way) * (part if turn % 3 else part + 0.6))
                roles = ("accountant", "committee_member")[turn % 2]
                with_entry = turn % 2 == 0 and turn
                if with_entry:
                    seat("set", "member", member, f"campus=园{turn}")
                if turn % 3:
                    chair("seat", "roles", number, roles)
                setattr(line, way + "_max", cut)
                seat.sync(status=None)
                setattr(line, way + "_max", None)
                if turn % 3 == 0:
                    chair("seat", "roles", number, roles)
                seat.sync(status=None)
                seen = mobiles(seat)
                assert len(seen) == 42, (turn, len(seen))
                assert (seen == [None] * 42) == (roles == "accountant"), (turn, roles, seen[:3])
                assert holds(seat, MOBILE) == (roles == "committee_member"), (turn, roles)
                assert seat.json("status")["queued"] == 0, turn
            assert line.cuts > 3, line.cuts
            d("verify")

    def test_after_a_restore(self):
        """A backup of before does not bring the roles of before back."""
        with district() as d:
            chair, seat, number, _ = setting(d)
            backup = d.base / "backup.db"
            d("backup", backup)
            d("seat", "roles", number, "--role", "accountant")
            seat.sync()
            assert mobiles(seat) == [None, None]
            d.stop()
            d("restore", backup)
            d.serve()
            d("recovered")
            seat.sync()
            assert mobiles(seat) == [None, None]
            assert seat.json("status")["roles"] == ["accountant"]
            listed = [s for s in json.loads(d("seat", "list", "--json").out) if str(s["id"]) == number][0]
            assert listed["roles"] == ["accountant"] and listed["roles_by"] == 0, listed
            assert d("verify").status == 0

    def test_who_may(self):
        with district(branches=(("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区云雀幼儿园工会"))) as d:
            chair, seat, number, _ = setting(d)
            officer = d.join("QH", "district_officer", "张丽")
            own = [str(s["id"]) for s in chair.json("seat", "list") if s["name"] == "王敏"][0]
            assert "own seat" in chair("seat", "roles", own, "accountant", status=1).err
            seat("seat", "roles", own, "accountant", status=1)
            hers = [str(s["id"]) for s in officer.json("seat", "list") if s["name"] == "张丽"][0]
            assert "whoever runs the server" in officer("seat", "roles", hers, "accountant", status=1).err  # she is the district
            chair("seat", "roles", number, "会计,经审委员", status=2)
            chair("seat", "roles", number, "皇帝", status=2)
            chair("seat", "roles", number, "district_officer", status=1)
            chair("seat", "roles", "99", "accountant", status=1)
            assert "--yes" in officer("seat", "roles", own, "accountant", status=1).err
            assert "--yes" in d("seat", "roles", own, "--role", "accountant", status=1).err
            officer("seat", "roles", number, "union_chair")
            officer("seat", "roles", own, "committee_member")  # the other one is chair now
            d("seat", "roles", number, "--role", "accountant", "--yes")
            assert d("seat", "roles", number, status=2)
            assert d("seat", "roles", "99", "--role", "accountant", status=1)


if __name__ == "__main__":
    unittest.main()
