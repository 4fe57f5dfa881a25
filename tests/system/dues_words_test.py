"""What the dues books say before something cannot be undone, and how what was done in error is put right."""
import datetime
import unittest
from district import district

TODAY = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
YEAR = TODAY.year
PAST = f"{YEAR - 1}-10"
LATER = datetime.timedelta(days=1)


def month(ahead):
    at = TODAY.year * 12 + TODAY.month - 1 + ahead
    return f"{at // 12}-{at % 12 + 1:02d}"


def staffed(d, *names, amount="20"):
    """A chair, an accountant, and members with a standard whom both know."""
    chair, accountant = d.join("QH001", "union_chair"), d.join("QH001", "accountant", "李静")
    for name in names:
        chair.add("member", f"name={name}", "state=active", "joined_on=2020-09-01")
    chair.sync()
    accountant.sync()
    for name in names if amount else ():
        accountant.add("dues_standard", f"member_id={name}", "mode=flat", f"amount_fen={amount}", "effective_from=2020-10-01")
    return chair, accountant


def pays(accountant, name, period, yuan, day, *words, **more):
    return accountant("add", "dues_payment", f"member_id={name}", f"period={period}", f"amount_fen={yuan}", f"paid_on={day}", "method=cash", *words, **more)


def one(accountant, period):
    row, = accountant.json("list", "dues_assessment", f"period={period}")
    return row


class Undone(unittest.TestCase):
    def test_an_assessment_made_in_error(self):
        """Removed while nothing is paid on it, made anew by the next run, before and after the server knows of it."""
        with district() as d:
            chair, accountant = staffed(d, "周文")
            for sent in (False, True):
                accountant("assess", PAST)
                if sent:
                    accountant.sync()
                wrong = one(accountant, PAST)
                self.assertEqual(wrong["amount_due_fen"], 2000 if not sent else 2500)
                accountant("remove", "dues_assessment", wrong["id"])
                self.assertEqual(accountant.json("list", "dues_assessment"), [])
                accountant.add("dues_standard", "member_id=周文", "mode=flat", f"amount_fen={30 if sent else 25}", f"effective_from=2020-1{1 + sent}-01")
                accountant("assess", PAST)
                self.assertEqual(one(accountant, PAST)["id"], wrong["id"])
            accountant.sync()
            chair.sync()
            self.assertEqual(accountant.json("attention"), [])
            self.assertEqual(one(chair, PAST)["amount_due_fen"], 3000)
            self.assertEqual(d("verify").status, 0)

    def test_not_while_something_is_paid_or_the_year_is_closed(self):
        with district() as d:
            _, accountant = staffed(d, "周文")
            accountant("assess", PAST)
            row = one(accountant, PAST)
            paid = pays(accountant, "周文", PAST, "20", f"{YEAR - 1}-10-20").out.strip()
            refused = accountant("remove", "dues_assessment", row["id"], status=1).err
            self.assertIn("20.00 yuan", refused)
            self.assertIn("reverses_id", refused)
            for words in (["set", "dues_payment", paid, "amount_fen=30"], ["remove", "dues_payment", paid]):
                never = accountant(*words, status=1).err  # nobody may: how it is put right, not who else to ask
                self.assertIn("only added", never)
                self.assertIn("reverses_id=", never)
                self.assertNotIn("colleague", never)
            pays(accountant, "周文", PAST, "-20", f"{YEAR - 1}-10-21", f"reverses_id={paid}", "reason=记错")
            accountant.sync()
            accountant("remove", "dues_assessment", row["id"])
            accountant.sync()
            self.assertEqual(accountant.json("list", "dues_assessment"), [])
            accountant("assess", PAST)
            year = accountant.add("dues_year", f"year={YEAR - 1}")
            accountant("act", "dues_year", year, "closed", f"closed_on={YEAR - 1}-12-31")
            refused = accountant("remove", "dues_assessment", row["id"], status=1).err
            self.assertIn("books of that year are closed", refused)
            self.assertIn("exempt", refused)

    def test_the_server_refuses_too(self):
        """A colleague's payment came first: the assessment stays, for all."""
        with district() as d:
            _, accountant = staffed(d, "周文")
            accountant("assess", PAST)
            accountant.sync()
            other = d.join("QH001", "accountant", "王敏")
            pays(other, "周文", PAST, "20", f"{YEAR - 1}-10-20")
            other.sync()
            accountant("remove", "dues_assessment", one(accountant, PAST)["id"])
            accountant.sync(status=4)
            self.assertIn("Something has been paid", accountant("attention", status=4).out)
            self.assertEqual(one(accountant, PAST)["paid_fen"], 2000)

    def test_exempt_and_due_again(self):
        with district() as d:
            _, accountant = staffed(d, "周文")
            accountant("assess", PAST)
            row = one(accountant, PAST)["id"]
            self.assertNotIn("has paid", accountant("act", "dues_assessment", row, "exempt", "exempt_reason=长期病假").err)
            accountant.sync()
            accountant("act", "dues_assessment", row, "due")
            self.assertIsNone(one(accountant, PAST)["exempt_reason"])
            accountant.sync()
            self.assertIsNone(one(accountant, PAST)["exempt_reason"])
            pays(accountant, "周文", PAST, "12.50", f"{YEAR - 1}-10-20")
            self.assertIn("has paid 12.50 yuan", accountant("act", "dues_assessment", row, "exempt", "exempt_reason=长期病假").err)


class Asked(unittest.TestCase):
    def test_a_period_that_is_far_off(self):
        with district() as d:
            _, accountant = staffed(d, "周文")
            for ahead in (0, 1):
                self.assertEqual(accountant.json("assess", month(ahead))["added"], 1)
            for period in (month(2), month(13), str(YEAR + 2)):
                refused = accountant("assess", period, status=1).err
                self.assertIn("later than next month", refused)
                self.assertIn("--yes", refused)
            self.assertEqual(len(accountant.json("list", "dues_assessment")), 2)
            self.assertEqual(accountant.json("assess", month(2), "--dry-run")["added"], 1)
            self.assertEqual(accountant.json("assess", month(2), "--yes")["added"], 1)

    def test_the_books_of_a_year_that_is_not_over(self):
        with district() as d:
            _, accountant = staffed(d, "周文")

            def close(year, on, *words, status=0):
                return accountant("act", "dues_year", years[year], "closed", f"closed_on={on}", *words, status=status).err
            years = {y: accountant.add("dues_year", f"year={y}") for y in (YEAR - 2, YEAR - 1, YEAR + 1)}
            self.assertIn("still to come", close(YEAR - 1, TODAY + LATER, status=1))
            self.assertIn(f"the year ends on {YEAR - 1}-12-31", close(YEAR - 1, f"{YEAR - 1}-12-30", status=1))
            self.assertIn(f"the year ends on {YEAR + 1}-12-31", close(YEAR + 1, f"{YEAR + 1}-12-31", status=1))
            self.assertIn("--yes", close(YEAR + 1, f"{YEAR + 1}-12-31", status=1))
            self.assertEqual({r["state"] for r in accountant.json("list", "dues_year")}, {"open"})
            close(YEAR - 1, f"{YEAR - 1}-12-31")
            close(YEAR - 2, f"{YEAR - 2}-12-30", "--yes")
            late = pays(accountant, "周文", f"{YEAR - 1}-12", "20", f"{YEAR - 1}-12-30", status=1).err
            self.assertIn("the real day of receipt in the reason", late)
            pays(accountant, "周文", f"{YEAR - 1}-12", "20", TODAY, f"reason=实际收款 {YEAR - 1}-12-30")

    def test_a_statement_that_says_otherwise(self):
        with district() as d:
            chair, accountant = staffed(d, "周文")
            auditor = d.join("QH001", "audit_member", "赵云")
            year = accountant.add("dues_year", f"year={YEAR - 1}")
            pays(accountant, "周文", PAST, "20", f"{YEAR - 1}-10-20")
            report = accountant.add("dues_usage_report", "--from", YEAR - 1)
            accountant("set", "dues_usage_report", report, "opening_fen=0", "closing_fen=20")
            accountant.sync()
            auditor.sync()
            auditor("act", "dues_usage_report", report, "audited")
            auditor.sync()
            chair.sync()
            chair("act", "dues_usage_report", report, "published", f"published_on={TODAY}")
            chair.sync()
            accountant.sync()
            late = pays(accountant, "周文", f"{YEAR - 1}-11", "5.50", f"{YEAR - 1}-11-20")
            self.assertIn(f"use of dues of {YEAR - 1} is published", late.err)
            self.assertIn("tell the chair and the audit member", late.err)
            self.assertNotIn("is published", pays(accountant, "周文", f"{YEAR - 1}-12", "5", f"{YEAR}-01-01").err)
            close = ("act", "dues_year", year, "closed", f"closed_on={YEAR - 1}-12-31")
            refused = accountant(*close, status=1).err
            self.assertIn("20.00 yuan were received", refused)
            self.assertIn("come to 25.50 yuan", refused)
            accountant(*close, "--yes")

    def test_a_balance_below_zero(self):
        with district() as d:
            _, accountant = staffed(d, "周文")
            auditor = d.join("QH001", "audit_member", "赵云")
            pays(accountant, "周文", PAST, "20", f"{YEAR - 1}-10-20")
            report = accountant.add("dues_usage_report", "--from", YEAR - 1)
            accountant("set", "dues_usage_report", report, "opening_fen=0")
            accountant.add("dues_usage_line", f"report_id={report}", "category=expense.rights.warmth", "amount_fen=23")
            self.assertIn("below zero (-3.00 yuan)", accountant("add", "dues_usage_report", "--from", YEAR - 1).err)
            page = d.base / "page.html"
            accountant("print", "dues_usage_report", report, "--out", page)
            self.assertIn("below zero", page.read_text())
            accountant.sync()
            auditor.sync()
            self.assertIn("below zero (-3.00 yuan)", auditor("act", "dues_usage_report", report, "audited").err)


class Told(unittest.TestCase):
    def test_possible_doubles_are_due_until_one_is_taken_back(self):
        with district() as d:
            _, accountant = staffed(d, "周文", "王敏")
            on = f"{YEAR - 1}-10-20"
            pays(accountant, "周文", PAST, "20", on)
            second = pays(accountant, "周文", PAST, "20", on).out.strip()
            pays(accountant, "王敏", PAST, "20", on)
            pays(accountant, "王敏", PAST, "20", f"{YEAR - 1}-10-21", "reason=多缴")
            line, = accountant.json("due")
            self.assertEqual((line["type"], line["id"], line["title"], line["amount_fen"], line["period"], line["due_on"]),
                             ("double", second, "周文", 2000, PAST, on))
            said = accountant("due").out
            self.assertIn(f"reverses_id={second}", said)
            pays(accountant, "周文", PAST, "-20", f"{YEAR - 1}-10-22", f"reverses_id={second}", "reason=重复")
            self.assertEqual(accountant.json("due"), [])

    def test_rows_of_the_sheet_that_were_left_out(self):
        with district() as d:
            chair, accountant = staffed(d, "周文", "王敏", amount=None)
            chair.add("member", "name=赵云", "state=active", f"joined_on={YEAR - 1}-10-08")
            chair("act", "member", "王敏", "retained", f"state_effective_on={YEAR - 1}-10-01", "retained_reason=retired")
            chair.sync()
            accountant.sync()
            sheet = d.base / "wages.csv"
            sheet.write_text("姓名,计费工资\n周文,4000\n赵云,5000\n王敏,6000\n")
            run = accountant("assess", PAST, "--wages", sheet)
            self.assertIn(f"line 3: 赵云: left out, nothing is owed for {PAST}: joined on {YEAR - 1}-10-08", run.err)
            self.assertRegex(run.err, f"line 4: 王敏: left out, nothing is owed for {PAST}: “.+” since {YEAR - 1}-10-01")
            self.assertNotIn("line 2", run.err)

    def test_a_second_sheet_with_other_wages(self):
        """What was assessed stays, with the standard that it was assessed by; a later month's sheet says what it changes."""
        with district() as d:
            _, accountant = staffed(d, "周文", "王敏", amount=None)
            sheet = d.base / "wages.csv"
            sheet.write_text("姓名,计费工资\n周文,4000\n王敏,5000\n")
            accountant("assess", PAST, "--wages", sheet)
            self.assertNotIn("line", accountant("assess", PAST, "--wages", sheet).err)
            sheet.write_text("姓名,计费工资\n周文,6000\n王敏,5000\n")
            again = accountant("assess", PAST, "--wages", sheet).err
            row, = [a for a in accountant.json("list", "dues_assessment") if a["amount_due_fen"] == 2000]
            self.assertIn("line 2: 周文: assessed 20.00 yuan", again)
            self.assertIn("it would be 30.00", again)
            self.assertIn(f"banyan remove dues_assessment {row['id']}", again)
            self.assertNotIn("line 3", again)
            self.assertEqual(sorted(s["amount_fen"] for s in accountant.json("list", "dues_standard")), [2000, 2500])
            accountant("remove", "dues_assessment", row["id"])
            changed = accountant("assess", PAST, "--wages", sheet).err
            self.assertRegex(changed, r"line 2: 周文: the standard was 20\.00 yuan \(.+\), from " + PAST + "-01 on it is 30.00 by this sheet")
            self.assertEqual(sorted(s["amount_fen"] for s in accountant.json("list", "dues_standard")), [2500, 3000])
            self.assertEqual(sorted(a["amount_due_fen"] for a in accountant.json("list", "dues_assessment")), [2500, 3000])

    def test_who_is_admitted_without_a_day(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            chair.add("member", "name=周文", "joined_on=2020-09-01")
            self.assertIn("joined_on 2020-09-01", chair("act", "member", "周文", "active").err)
            chair.add("member", "name=王敏")
            self.assertIn("joined_on=", chair("act", "member", "王敏", "active").err)
            chair.add("member", "name=赵云")
            self.assertNotIn("joined_on", chair("act", "member", "赵云", "active", f"state_effective_on={TODAY}").err)


if __name__ == "__main__":
    unittest.main()
