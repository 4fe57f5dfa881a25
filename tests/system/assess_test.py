"""The dues run: who owes, how much, once; wages go no further than the sum that is computed from them."""
import sqlite3
import unittest
from district import DATA, district

WAGES = "姓名,计费工资\n周文,5678.90\n李静,10000\n王敏,9.99\n"


def people(accountant, *names):
    return {name: accountant.add("member", f"name={name}", "state=active", "joined_on=2020-09-01") for name in names}


def staffed(d, *names):
    """A chair, an accountant, and members whom both know."""
    chair, accountant = d.join("QH001", "union_chair"), d.join("QH001", "accountant", "李静")
    ids = people(chair, *names)
    chair.sync()
    accountant.sync()
    return chair, accountant, ids


class Assess(unittest.TestCase):
    def test_by_the_sheet_of_wages(self):
        with district() as d:
            chair, accountant, ids = staffed(d, "周文", "李静", "王敏")
            sheet = d.base / "wages.csv"
            sheet.write_text(WAGES)
            dry = accountant.json("assess", "2026-10", "--wages", sheet, "--dry-run")
            self.assertEqual((dry["added"], dry["total_fen"]), (3, 2835 + 5000 + 0))
            self.assertEqual(accountant.json("list", "dues_assessment"), [])
            run = accountant.json("assess", "2026-10", "--wages", sheet)
            self.assertEqual((run["added"], run["known"], run["standards"], run["total_fen"]), (3, 0, 3, 7835))
            by_member = {a["member_id"]: a["amount_due_fen"] for a in accountant.json("list", "dues_assessment")}
            self.assertEqual(by_member, {ids["周文"]: 2835, ids["李静"]: 5000, ids["王敏"]: 0})
            term = accountant("assess", "2026-1", "--dry-run").err  # whoever means January sees it
            self.assertIn("2026-1 is a whole term, 2026-09-01 to 2027-01-31; a month is written with two digits: 2026-01", term)
            self.assertNotIn("whole term", accountant("assess", "2026-10", "--dry-run").err)
            accountant.add("dues_payment", "member_id=周文", "period=2026-10", "amount_fen=20", "paid_on=2026-10-20", "method=cash")
            self.assertRegex(accountant("list", "dues_assessment").out, r"周文 +2026-10 +28\.35 +20\.00 +8\.35 ")  # due, paid, still owed
            again = accountant.json("assess", "2026-10", "--wages", sheet)
            self.assertEqual((again["added"], again["known"], again["standards"]), (0, 3, 0))
            november = accountant.json("assess", "2026-11")
            self.assertEqual((november["added"], november["total_fen"]), (3, 7835), "the standard goes on")
            accountant.sync()
            chair.sync()
            self.assertEqual(len(chair.json("list", "dues_assessment")), 6)
            for folder in (d.data, chair.folder, accountant.folder):
                for path in folder.glob("*.db*"):
                    self.assertNotIn(b"5678.90", path.read_bytes())
                    self.assertNotIn(b"567890", path.read_bytes())
            d("verify")

    def test_a_period_that_overlaps_is_asked_about(self):
        """A month beside its term and its year would be owed twice: said with what each is, and done with --yes alone."""
        with district() as d:
            chair, accountant, ids = staffed(d, "周文", "李静")
            for member in ids.values():
                accountant.add("dues_standard", f"member_id={member}", "mode=flat", "amount_fen=10", "effective_from=2020-01-01")
            accountant("assess", "2025-10")
            known = accountant("assess", "2025-10")
            self.assertNotIn("overlap", known.err)  # the same again: those who are in it are known
            self.assertNotIn("overlap", accountant("assess", "2025-11").err)
            asked = accountant("assess", "2025-1", status=1)
            self.assertEqual(asked.out, "")
            self.assertIn("2 members have been assessed for periods that overlap with 2025-1 (first term of the school year 2025, 5 months)", asked.err)
            self.assertIn("\n  2025-10 (the month 10 of 2025): 2 members, 20.00 yuan\n  2025-11 (the month 11 of 2025): 2 members, 20.00 yuan", asked.err)
            self.assertIn("banyan assess 2025-1 --yes", asked.err)
            self.assertEqual(len(accountant.json("list", "dues_assessment")), 4)
            dry = accountant("assess", "2025-1", "--dry-run")
            self.assertIn("overlap with 2025-1", dry.err)
            self.assertEqual(accountant.json("assess", "2025-1", "--yes")["added"], 2)
            self.assertIn("2025-1 (first term of the school year 2025, 5 months): 2 members", accountant("assess", "2025-12", status=1).err)
            year = accountant("assess", "2025", status=1).err
            self.assertIn("overlap with 2025 (the whole year 2025, 12 months)", year)
            self.assertEqual(accountant.json("assess", "2025-08")["added"], 2)  # beside them
            self.assertEqual(len(accountant.json("list", "dues_assessment")), 8)

    def test_two_seats_apart_make_one_set(self):
        with district() as d:
            chair, accountant, ids = staffed(d, "周文", "李静")
            other = d.join("QH001", "accountant", "王敏")
            for member in ids.values():
                accountant.add("dues_standard", f"member_id={member}", "mode=flat", "amount_fen=10", "effective_from=2026-09-01")
            accountant.sync()
            other.sync()
            accountant("assess", "2026-10")
            other("assess", "2026年10月")
            accountant.sync()
            other.sync()
            accountant.sync()
            for seat in (accountant, other):
                self.assertEqual(sorted(a["amount_due_fen"] for a in seat.json("list", "dues_assessment")), [1000, 1000])
                self.assertEqual(seat.json("attention"), [])
            with sqlite3.connect(d.data / "banyan.db") as db:
                self.assertEqual(db.execute("select count(*), sum(amount_due_fen) from dues_assessment").fetchone(), (2, 2000))

    def test_what_was_refused_says_whose_it_is(self):
        """Assessed apart, while a colleague closed the year: the name of the member, and the field that the rule is about."""
        with district() as d:
            chair, accountant, ids = staffed(d, "周文")
            other = d.join("QH001", "accountant", "王敏")
            year = accountant.add("dues_year", "year=2025")
            accountant("act", "dues_year", year, "closed", "closed_on=2025-12-31")
            accountant.sync()
            other("add", "dues_assessment", "member_id=周文", "period=2025-11", "amount_due_fen=10")
            other.sync(status=4)
            said = other("attention", status=4).out
            self.assertIn("member: mine: 周文", said)
            self.assertNotIn(ids["周文"], said)
            self.assertRegex(said, r"banyan retry \S+ period=\.\.\.")

    def test_who_owes_a_month(self):
        """A member owes a month in which the member was active on its first day."""
        with district() as d:
            chair, accountant, ids = staffed(d, "周文", "李静", "王敏", "赵云")
            for member in ids.values():
                accountant.add("dues_standard", f"member_id={member}", "mode=flat", "amount_fen=10", "effective_from=2020-01-01")
            chair("act", "member", ids["李静"], "retained", "state_effective_on=2026-10-15", "retained_reason=retired")
            chair("act", "member", ids["王敏"], "withdrawn", "state_effective_on=2026-10-01")
            chair("set", "member", ids["赵云"], "joined_on=2026-10-02")
            chair.sync()
            accountant.sync()
            october = {m["name"]: m["verdict"] for m in accountant.json("assess", "2026-10")["members"]}
            self.assertEqual(october, {"周文": "added", "李静": "added", "王敏": "not_owing", "赵云": "not_owing"})
            november = {m["name"]: m["verdict"] for m in accountant.json("assess", "2026-11")["members"]}
            self.assertEqual(november, {"周文": "added", "李静": "not_owing", "王敏": "not_owing", "赵云": "added"})

    def test_who_came_back_owes_again(self):
        """Why the membership was retained once says nothing of who is active again, and of the months before leaving."""
        with district() as d:
            chair, accountant, ids = staffed(d, "李静")
            member = ids["李静"]
            accountant.add("dues_standard", f"member_id={member}", "mode=flat", "amount_fen=10", "effective_from=2020-01-01")
            chair("act", "member", member, "retained", "state_effective_on=2026-03-01", "retained_reason=study")
            chair.sync()
            chair("act", "member", member, "active", "state_effective_on=2026-09-01")
            self.assertIsNone(chair.record("member", member)["retained_reason"])
            chair.sync()
            self.assertIsNone(chair.record("member", member)["retained_reason"])
            chair("act", "member", member, "withdrawn", "state_effective_on=2026-10-20")
            chair.sync()
            accountant.sync()
            for month, verdict in (("2026-10", "added"), ("2026-11", "not_owing")):
                self.assertEqual([m["verdict"] for m in accountant.json("assess", month)["members"]], [verdict], month)
            self.assertEqual(d("verify").status, 0)

    def test_what_is_wrong_is_said_and_nothing_done(self):
        with district() as d:
            chair, accountant, ids = staffed(d, "周文", "李静")
            self.assertIn("2026-10", accountant("assess", "October", status=2).err)
            self.assertIn("no such file", accountant("assess", "2026-10", "--wages", "/nowhere.csv", status=1).err)
            sheet = d.base / "wages.csv"
            sheet.write_text("姓名,计费工资\n周文,5000\n孙悟,4000\n")
            self.assertIn("孙悟", accountant("assess", "2026-10", "--wages", sheet, status=1).err)
            sheet.write_text("姓名,计费工资\n周文,五千\n")
            accountant("assess", "2026-10", "--wages", sheet, status=1)
            self.assertEqual(accountant.json("list", "dues_standard"), [])
            none = accountant("assess", "2026-10")
            self.assertIn("2 members have no standard", none.err)
            self.assertEqual(accountant.json("list", "dues_assessment"), [])
            sheet.write_text("姓名,计费工资\n周文,5000\n李静,4000\n周文,6000\n")
            twice = accountant("assess", "2026-10", "--wages", sheet, status=1).err
            self.assertIn("line 4", twice)
            self.assertIn("line 2", twice)
            chair.add("member", "name=周文", "state=active")
            chair.sync()
            accountant.sync()
            sheet.write_text("姓名,计费工资\n周文,5000\n")
            self.assertIn("more than one member", accountant("assess", "2026-10", "--wages", sheet, status=1).err)
            refused = chair("assess", "2026-10", "--wages", sheet, status=1)
            self.assertTrue(refused.err)


if __name__ == "__main__":
    unittest.main()
