"""A person's data are erased by law (sync rule 29): from the server while it serves, from every device when it next synchronises, and for
good: not from an old copy of a device, not by what somebody offline had entered, not by a restore from before, not after the loss of all."""
import contextlib
import pathlib
import shutil
import sqlite3
import unittest
from district import wait_for
from restored import Restored

NAME, MOBILE, NUMBER, NOTE = "石榴花", "13012345678", "110101199003070038", "榴花照眼明"
SECRETS = (NAME, MOBILE, NUMBER, NOTE)


def holders(folder, *words):
    """Files that hold any of the words in any byte."""
    found = []
    for file in sorted(pathlib.Path(folder).rglob("*")):
        if file.is_file():
            data = file.read_bytes()
            found += [f"{file.name}: {w}" for w in words if w.encode() in data]
    return found


class Erase(Restored):
    def setUp(self):
        super().setUp()
        self.member = self.life()

    def life(self):
        """A person in rows, in a conflict, in a refused change, in dues, on other devices and in their answers."""
        member = self.chair.add("member", f"name={NAME}", f"mobile={MOBILE}", f"id_number={NUMBER}", "joined_on=2020-09-01")
        self.chair("act", "member", member, "active")
        self.other = self.chair.add("member", "name=文竹", "note=留下")
        self.chair.sync()
        for seat in (self.colleague, self.accountant):
            seat.sync()
        self.chair("set", "member", member, f"note={NOTE}甲")
        self.colleague("set", "member", member, f"note={NOTE}乙")
        self.chair.sync()
        self.colleague.sync(status=4)
        self.accountant("add", "dues_standard", f"member_id={member}", "mode=flat", "amount_fen=20.00", "effective_from=2026-01-01",
                        f"basis={NAME}的工资", status=None)
        self.accountant("add", "dues_payment", f"member_id={member}", "period=2026-10", "amount_fen=20.00", "paid_on=2026-10-20", f"reason={NAME}补缴",
                        status=None)
        self.accountant.sync(status=None)
        self.chair.sync(status=None)
        self.officer.json("list", "member", "--branch", "QH001")
        return member

    def erase(self, *more, member=None, status=0):
        return self.d("erase", "--branch", "QH001", "--member", member or self.member, "--reason", "青禾区 2026 年第 18 号决定", *more, status=status)

    def assert_gone(self, folder):
        self.assertEqual(holders(folder, *SECRETS), [])

    def assert_clean(self):
        verified = self.d("verify")
        self.assertEqual(verified.status, 0, verified)

    def test_1_everywhere(self):
        shown = self.erase("--dry-run")
        self.assertIn("QH001", shown.out)
        self.assertNotIn(NAME, shown.out)
        records = len(shown.out.splitlines())
        number = self.chair.record("member", self.member)["member_no"]
        who = f"the person: {NAME}, member number {number}; 青禾区小苗圃幼儿园工会 (QH001); {records} records"
        self.assertIn(who, shown.err)
        self.assertNotEqual(holders(self.d.data, NAME), [])
        refused = self.erase(status=1, member="没有这个人")
        self.assertIn("no such member", refused.err)
        asked = self.d("erase", "--branch", "QH001", "--member", NAME, "--reason", "18", stdin="no\n", status=1)
        self.assertIn("nothing was erased", asked.err)
        self.assertIn(who, asked.err)
        self.assertIn(f"these {records} records", asked.err)
        for more in ("--dry-run", "--yes"):
            named = self.d("erase", "--branch", "QH001", "--member", NAME, "--reason", f"{NAME}申请", more, status=1)
            self.assertIn("names the person", named.err)

        # offline: a pending change of that member, and a folder as somebody would copy it
        self.colleague("set", "member", self.member, f"note={NOTE}丙", "joined_on=2020-09-02")
        self.colleague("set", "member", self.member, f"note={NOTE}丁")
        old = self.colleague.copy("old-copy")
        before = len(self.chair.json("history", "member", self.member))

        done = self.erase("--yes", member=NAME)
        self.assertIn("backups made before", done.err)
        self.assertIn(who, done.err)
        self.assertIn(f"erased: {records} records (", done.out)
        self.assert_gone(self.d.data)
        self.assert_clean()
        for seat in self.all:
            seat.sync(status=None)
            self.assert_gone(seat.folder)
        self.assertNotIn(NAME, self.officer("list", "member", "--branch", "QH001").out)
        for seat in (self.chair, self.colleague):
            row = seat.record("member", self.member)
            self.assertEqual([row.get(f) for f in ("name", "mobile", "id_number", "note")], [None] * 4, row)
            self.assertEqual(seat.record("member", self.other)["note"], "留下")
        self.assertEqual(self.colleague.record("member", self.member)["joined_on"], "2020-09-02")  # the rest of it went in
        self.assertEqual(self.accountant.json("list", "dues_payment")[0]["amount_fen"], 2000)      # money stays
        self.assertGreaterEqual(len(self.chair.json("history", "member", self.member)), before)
        refused = self.chair("set", "member", self.member, f"name={NAME}", status=None)
        self.assertNotEqual(refused.status, 0)
        self.assertIn("erased", refused.err)

        # the copy from before comes back to life
        self.d.seats.append(old)
        old.sync(status=None)
        self.assert_gone(old.folder)
        self.assert_gone(self.d.data)
        for seat in self.all:
            seat.sync(status=None)
            self.assertEqual(seat.json("status").get("repairs", 0), 0)
        self.assert_clean()
        self.d.stop()
        self.assert_gone(self.d.data)

    def test_1b_somebody_reads_the_database(self):
        """Nobody waits for who reads long; that the file holds bytes of it yet stands on the board until it does not."""
        waits = "may still stand in unused parts of the database's file"
        self.assertNotIn(waits, self.d("overview").err)
        with contextlib.closing(sqlite3.connect(f"file:{self.d.data}/banyan.db?mode=ro", uri=True, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM history").fetchone()
            self.assertIn("somebody is reading the database", self.erase("--yes").err)
            self.assertIn(waits, self.d("overview").err)
            self.chair.sync(status=None)
        self.erase("--yes", member=self.other)
        self.assertNotIn(waits, self.d("overview").err)
        self.assert_gone(self.d.data)

    def test_2_who_watches(self):
        new = self.d.join("QH", "district_officer", "周文")  # who has listed no branch
        new.add("policy_limit", "rule_code=dues.rate_permille", "value=5", "unit=permille", "effective_from=2026-09-01")
        new.sync()
        self.chair.watch()
        self.erase("--yes")
        self.assertIn("(a union that this device has not listed yet, ", new.sync().err)
        wait_for(lambda: not holders(self.chair.folder, *SECRETS), "the device that watches follows")
        self.assertIn("第 18 号决定", self.chair("status").err)
        self.assertNotIn("第 18 号决定", self.chair("status").err)
        self.assert_clean()

    def test_3_told_once(self):
        self.chair.sync(status=None)
        self.colleague.sync(status=None)
        self.assertEqual(self.colleague.json("status")["erased"], [])
        agent = self.colleague.watch()  # which talks to nobody: status says it once, to a program as well
        self.erase("--yes")
        wait_for(lambda: "erased by law" in self.colleague("show", "member", self.member).out, "the agent takes it in")
        done = self.colleague("status", "--json")
        one, = done.json["erased"]
        self.assertEqual((one["branch"], one["reason"]), ("QH001", "青禾区 2026 年第 18 号决定"))
        self.assertGreater(one["records"], 0)
        self.assertEqual(done.err, "")  # a program that asks takes nothing from what people are told
        self.assertIn("第 18 号决定", self.colleague("status").err)
        self.assertEqual(self.colleague.json("status")["erased"], [])
        agent.end()
        told = self.chair.sync(status=None)
        self.assertIn("青禾区 2026 年第 18 号决定", told.out + told.err)
        again = self.chair.sync(status=None)
        self.assertNotIn("第 18 号决定", again.out + again.err)
        shown = self.chair("show", "member", self.member).out
        self.assertIn("erased by law", shown)
        fresh = self.d.join("QH001", "committee_member", "赵蓉")
        self.assertNotIn("第 18 号决定", fresh.sync(status=None).err)  # there was nothing on it

    def test_4_restore(self):
        copy = self.backup("b1")
        late = self.chair.add("member", f"name={NAME}二")
        self.chair.sync(status=None)
        self.colleague.sync(status=None)
        self.erase("--yes")
        self.chair.sync(status=None)  # has heard; the colleague and the accountant have not
        self.assertNotEqual(holders(self.colleague.folder, *SECRETS), [])
        self.d.stop()
        restored = self.d("restore", copy)
        self.assertEqual(restored.status, 0)
        self.assert_gone_but(self.d.data, f"{NAME}二")
        self.d.serve()
        for _ in range(3):
            self.sync_all(status=None)
        self.d("recovered")
        for _ in range(2):
            self.sync_all(status=None)
        self.assert_clean()
        self.assertEqual(self.chair.record("member", late)["name"], f"{NAME}二")  # another person, of a longer name
        for seat in self.all:
            self.assertEqual(seat.record("member", self.member).get("name") if seat in (self.chair, self.colleague) else None, None)
            self.assert_gone_but(seat.folder, f"{NAME}二")

    def assert_gone_but(self, folder, other):
        for file in sorted(pathlib.Path(folder).rglob("*")):
            if file.is_file():
                data = file.read_bytes().replace(other.encode(), b"")
                self.assertEqual([w for w in SECRETS if w.encode() in data], [], file)

    def test_5_all_is_lost(self):
        """Machine and journal: the backup knows nothing of the erasure. Devices that heard bring it back."""
        copy = self.backup("b1")
        self.erase("--yes")
        self.chair.sync(status=None)
        self.d.stop()
        shutil.rmtree(self.d.data)
        self.d("restore", copy)
        self.assertNotEqual(holders(self.d.data, NAME), [])
        self.d.serve()
        self.chair.sync(status=None)
        self.assert_gone(self.chair.folder)
        self.d("recovered")
        for _ in range(2):
            self.sync_all(status=None)
        self.assert_clean()
        self.d.stop()
        self.assert_gone(self.d.data)
        for seat in self.all:
            self.assert_gone(seat.folder)

    def test_7_counted_and_dunned_no_more(self):
        """Whose data were erased is no member any more, and owes nothing: on the board, in `due`, in lists. The period's books stay."""
        gone, *stay = [self.chair.add("member", f"name={n}", "state=active", "joined_on=2025-09-01") for n in ("木槿", "丁香", "海棠", "玉兰", "月季", "茉莉")]
        self.chair.sync(status=None)
        self.accountant.sync(status=None)
        for member in (gone, *stay):
            self.accountant.add("dues_assessment", f"member_id={member}", "period=2026-09", "amount_due_fen=30.00", "due_on=2026-09-30")
        self.accountant.sync(status=None)

        def board():
            measures = self.d.overview()["branches"][0]["measures"]
            return [measures.get(name, 0) for name in ("member.total", "member.state.active", "member.erased", "dues_assessment.arrears",
                                                       "dues_assessment.assessed_fen.2026-09")]

        def arrears():
            return [x["owed_fen"] for x in self.accountant.json("due") if x["type"] == "arrears"]

        self.assertEqual((board(), arrears()), ([8, 7, 0, 6, 18000], [3000] * 6))
        self.erase("--yes", member=gone)
        self.assert_clean()
        self.assertEqual(board(), [7, 6, 1, 5, 18000])
        for seat in (self.chair, self.accountant):
            seat.sync(status=None)
            self.assertEqual({m["id"] for m in seat.json("list", "member")}, {self.member, self.other, *stay})
        self.assertEqual(arrears(), [3000] * 5)
        rows = {r["member_id"]: (r["state"], r["amount_due_fen"], r["balance_fen"]) for r in self.accountant.json("list", "dues_assessment")}
        self.assertEqual(rows, {gone: ("dropped", 3000, 0), **{m: ("arrears", 3000, 3000) for m in stay}})
        self.assertEqual(self.chair.record("member", gone)["state"], "active")  # what it was stays to be seen by its id
        refused = self.accountant("add", "dues_assessment", f"member_id={gone}", "period=2026-10", "amount_due_fen=30.00", status=1)
        self.assertIn("owes nothing", refused.err)

    def test_8_once(self):
        """Asked for again nothing happens, and that is said; nobody is told a second time. What comes later comes without words about the person; it is named with the next, and that alone."""
        sender = self.d.join("QH001", "accountant", "赵蓉")
        sender.sync(status=None)
        gone = sender.add("dues_payment", f"member_id={self.member}", "period=2026-10", "amount_fen=20.00", "paid_on=2026-10-21", f"reason={NAME}")
        self.colleague.sync(status=None)
        sender.sync(status=None)
        listed = self.erase("--dry-run").out.splitlines()
        self.assertEqual(len([x for x in listed if "in the log alone" in x]), 0, listed)
        self.erase("--yes")
        self.chair.sync(status=None)
        self.chair("status")
        for words in (["--dry-run"], ["--yes"]):
            again = self.erase(*words)
            self.assertEqual(again.out, "")
            self.assertIn("nothing was erased", again.err)
            self.assertIn("青禾区 2026 年第 18 号决定", again.err)
        self.assertNotIn("第 18 号决定", self.chair.sync(status=None).err)
        fields = [f"member_id={self.member}", "period=2026-11", "amount_fen=20.00", "paid_on=2026-11-21"]
        late = sender.add("dues_payment", *fields, "reason=补缴")  # it has not heard of the erasure
        sender.sync(status=None)
        row = sender.record("dues_payment", late)
        self.assertEqual((row["amount_fen"], row.get("reason")), (2000, None))  # the money stands, words about the person do not
        self.assertIsNone(sender.record("dues_payment", gone).get("reason"))
        self.assertEqual(holders(self.d.data, "补缴"), [])
        listed = self.erase("--dry-run")
        self.assertEqual([late in x for x in listed.out.splitlines()], [True], listed)
        self.assertNotIn(gone, listed.out)
        self.assertIn("more records were erased before", listed.err)
        self.erase("--yes")
        self.assertIn("nothing was erased", self.erase("--yes").err)
        self.assertIn("have been erased", sender("add", "dues_payment", *fields, "reason=补缴", status=1).err)  # it has heard now
        self.assert_clean()

    def test_9_never_taken(self):
        """What was refused stands in the log, and is no record: said so."""
        member = self.chair.add("member", f"name={NAME}乙", "state=active", "joined_on=2026-01-01")
        self.chair.sync(status=None)
        self.accountant.sync(status=None)
        one = self.accountant.add("dues_assessment", f"member_id={member}", "period=2026-10", "amount_due_fen=30.00")
        self.accountant.sync(status=None)
        self.d.stop()
        refused = self.accountant.add("dues_payment", f"member_id={member}", "period=2026-10", "amount_fen=20.00", "paid_on=2026-10-20", "reason=丙")
        self.d.serve()
        self.d("seat", "roles", self.accountant.json("status")["seat"], "--role", "audit_member", "--yes")
        self.accountant.sync(status=None)
        listed = {x.split("  ")[2].split()[0]: "in the log alone" in x for x in self.erase("--dry-run", member=member).out.splitlines()}
        self.assertEqual(listed, {member: False, one: False, refused: True})

    def test_6_in_two_branches(self):
        """Who was taken over has a record in each branch: one person."""
        self.chair("act", "member", self.member, "transferred_out", "to_branch=QH002", "--yes", status=None)
        self.chair.sync(status=None)
        self.neighbour.sync()
        self.neighbour("list", "member", "--incoming")
        taken = self.neighbour("add", "member", "--from", NAME).out.split()[0]
        self.neighbour.sync()
        self.assertEqual(self.neighbour.record("member", taken)["name"], NAME)
        self.erase("--yes")
        for seat in self.all:
            seat.sync(status=None)
            self.assert_gone(seat.folder)
        self.assertEqual(self.neighbour.record("member", taken).get("name"), None)
        self.assert_clean()


if __name__ == "__main__":
    unittest.main()
