"""The year's dues of the branch: from the standards to the published statement. Every sum is the table's (year_test.py)."""
import collections
from year_people import (CASH, DELIVERED, DUES, EXEMPT, EXPELLED, FLAT, MISTYPED, MOVED, NEWCOMER, OWING, PART, PART_LATER, RAISED, RETIRING,
                         TAKEN_BACK, sheet, wages)


class Dues:
    """Steps of the story; self.d is the district, self.accountant and the others are seats."""

    # ---- what is typed ----

    def pays(self, seat, name, period, yuan, day, *words):
        return seat.add("dues_payment", f"member_id={name}", f"period={period}", f"amount_fen={yuan}", f"paid_on={day}", "method=cash", *words)

    def payroll(self, seat, period, day, names, amount):
        path = self.d.file(f"payroll-{period}.csv", sheet(names, amount))
        return seat("import", "dues_payment", path, f"period={period}", f"paid_on={day}", "method=payroll")

    def assessed(self, seat, period, members, fen, *words):
        said = seat.json("assess", period, *words)
        self.assertEqual((said["added"], said["added_fen"], said["no_standard"]), (members, fen, 0), period)
        return said

    # ---- what is looked at ----

    def standing(self, seat, period):
        """How many stand where, and the sums: assessed of who is not exempt, paid."""
        rows = seat.rows("dues_assessment", f"period={period}")
        states = dict(collections.Counter(r["state"] for r in rows))
        return states, sum(r["amount_due_fen"] for r in rows if r["state"] != "exempt"), sum(r["paid_fen"] for r in rows)

    def due_of(self, name):
        return 30.00 if name == RAISED else 20.50 if name == NEWCOMER else DUES[name]

    # ---- the months ----

    def october(self):
        d, accountant, chair = self.d, self.accountant, self.chair
        d.day("2026-10-12")
        accountant("import", "dues_standard", d.file("flat.csv", sheet(FLAT, lambda n: 20)), "mode=flat", "effective_from=2026-10-01", "--map",
                   "amount_fen=扣款金额")
        accountant("import", "dues_standard", d.file("delivered.csv", sheet(DELIVERED, lambda n: 35.5)), "mode=delivered",
                   "effective_from=2026-10-01", "--map", "amount_fen=扣款金额")
        self.chair.sync()
        accountant.sync()
        accountant("assess", "2026-10", "--wages", d.file("wages.csv", wages()), "--dry-run")
        self.assertEqual(accountant.rows("dues_assessment"), [])
        said = self.assessed(accountant, "2026-10", 40, 121760, "--wages", d.base / "wages.csv")
        self.assertEqual((said["not_owing"], said["standards"]), (6, 30), "one who left in time, four retired, one who joined on the 8th")
        exempt, = [r["id"] for r in accountant.rows("dues_assessment") if r["member_id"] == self.people[EXEMPT]]
        accountant.done("act", "dues_assessment", exempt, "exempt", "exempt_reason=长期病假")

        d.day("2026-10-20")
        chair.sync()
        chair.done("act", "member", MOVED, "transferred_out", "state_effective_on=2026-10-15", "to_branch=QH002", "--yes")  # October is still owed
        accountant.sync()
        self.pays(accountant, MOVED, "2026-10", "24.95", "2026-10-14")
        self.pays(accountant, PART, "2026-10", "20", "2026-10-20")
        self.pays(accountant, PART_LATER, "2026-10", "15", "2026-10-20")
        names = [n for n in DUES if n not in (MOVED, PART, PART_LATER, EXEMPT, OWING)]
        self.payroll(accountant, "2026-10", "2026-10-20", names, lambda n: 24.95 if n == MISTYPED else DUES[n])
        accountant.sync()

    def october_put_right(self):
        """One sum was miscopied: taken back with the reason, entered anew; what is paid in part stays so until it is made whole."""
        d, accountant = self.d, self.accountant
        d.day("2026-10-26")
        wrong, = [p for p in accountant.rows("dues_payment") if p["member_id"] == self.people[MISTYPED]]
        self.assertEqual(wrong["amount_fen"], 2495)
        back = ("dues_payment", f"member_id={MISTYPED}", "period=2026-10", "amount_fen=-24.95", "paid_on=2026-10-26", f"reverses_id={wrong['id']}")
        self.assertIn("needs a reason", accountant("add", *back, status=1).err)
        accountant.add(*back, "reason=金额抄错")
        self.pays(accountant, MISTYPED, "2026-10", "28.35", "2026-10-26")
        accountant.sync()
        d.day("2026-10-31")
        self.assertEqual(self.standing(accountant, "2026-10"), ({"paid": 36, "part_paid": 2, "due": 1, "exempt": 1}, 118925, 113590))
        d.day("2026-11-05")
        self.pays(accountant, PART_LATER, "2026-10", "25", "2026-11-03")
        accountant.sync()
        self.assertEqual(self.standing(accountant, "2026-10"), ({"paid": 36, "settled": 1, "arrears": 2, "exempt": 1}, 118925, 116090))
        owed = [(l["title"], l["owed_fen"]) for l in accountant.json("due") if l["type"] == "arrears"]
        self.assertEqual(sorted(owed), sorted([(PART, 835), (OWING, 2000)]))
        rows = {r["member_id"]: r["id"] for r in accountant.rows("dues_assessment", "period=2026-10")}
        accountant.done("act", "dues_assessment", rows[self.people[PART]], rows[self.people[OWING]], "reminded", "reminded_on=2026-11-05")
        payments = accountant.rows("dues_payment")
        self.assertEqual((len(payments), sum(p["amount_fen"] for p in payments)), (41, 116090))
        numbers = [p["receipt_no"] for p in payments]
        self.assertTrue(all(numbers))
        self.assertEqual(len(set(numbers)), 41)

    def november(self):
        d, accountant = self.d, self.accountant
        d.day("2026-11-20")
        accountant.sync()
        raised = d.file("raised.csv", f"姓名,计费工资\n{RAISED},6000\n{NEWCOMER},4105.60\n")
        self.assessed(accountant, "2026-11", 40, 121480, "--wages", raised)
        for said in ("40 added", "40 known already"):
            self.assertIn(said, self.payroll(accountant, "2026-11", "2026-11-20", self.payers(MOVED), self.due_of).err)
        accountant.sync()
        self.assertEqual(self.standing(accountant, "2026-11"), ({"paid": 40}, 121480, 121480))

    def payers(self, *without):
        return [n for n in [*DUES, NEWCOMER] if n not in without]

    def december(self):
        """Two seats that know nothing of each other run the month: one set, and nobody is asked anything."""
        d, accountant, deputy = self.d, self.accountant, self.deputy
        d.day("2026-12-18")
        accountant.sync()
        deputy.sync()
        self.assessed(accountant, "2026-12", 40, 121480)
        self.assessed(deputy, "2026-12", 40, 121480)
        for seat in (accountant, deputy, accountant):
            seat.sync()
        for seat in (accountant, deputy):
            self.assertEqual(self.standing(seat, "2026-12"), ({"due": 40}, 121480, 0))
            self.assertEqual(seat.json("attention"), [])
        self.payroll(accountant, "2026-12", "2026-12-18", self.payers(MOVED, OWING), self.due_of)
        accountant.sync()

    def closing(self):
        """The year's spending is drawn up, then the books are closed: from then on they take nothing but reversals."""
        d, accountant = self.d, self.accountant
        d.day("2026-12-31")
        self.report = accountant.add("dues_usage_report", "--from", "2026")
        accountant("set", "dues_usage_report", self.report, "opening_fen=1250")
        line = ("dues_usage_line", f"report_id={self.report}")
        for category, yuan, note in (("expense.activity.member_welfare", "1800", "元旦慰问品"), ("expense.activity.culture_sport", "1260.40", "秋季运动会"),
                                     ("expense.rights.warmth", "600", "住院慰问")):
            accountant.add(*line, f"category={category}", f"amount_fen={yuan}", f"note={note}")
        accountant("add", "dues_usage_report", "--from", "2026")
        self.assertEqual(self.statement_says(accountant), ("drafted", 125000, 357050, 116010))
        year = accountant.add("dues_year", "year=2026")
        accountant.done("act", "dues_year", year, "closed", "closed_on=2026-12-31")
        for late in (("dues_payment", f"member_id={OWING}", "period=2026-12", "amount_fen=20", "paid_on=2026-12-31", "method=cash"),
                     ("dues_assessment", f"member_id={OWING}", "period=2026-09", "amount_due_fen=20"),
                     (*line, "category=expense.rights.warmth", "amount_fen=100")):
            self.assertIn("books of that year are closed", accountant("add", *late, status=1).err)
        taken, = [p for p in accountant.rows("dues_payment", "period=2026-12") if p["member_id"] == self.people[TAKEN_BACK]]
        accountant.add("dues_payment", f"member_id={TAKEN_BACK}", "period=2026-12", "amount_fen=-28.35", "paid_on=2026-12-31",
                       f"reverses_id={taken['id']}", "reason=银行退回")
        accountant.sync()
        self.assertEqual(self.standing(accountant, "2026-12"), ({"paid": 38, "due": 2}, 121480, 121480 - 2835 - 2000))

    def statement_says(self, seat):
        record = seat.record("dues_usage_report", self.report)
        return tuple(record[field] for field in ("state", "opening_fen", "received_fen", "closing_fen"))

    def statement(self):
        """What was paid in 2026 is less what was taken back; what does not balance goes back from the chair."""
        self.d.day("2027-01-06")
        accountant, auditor, chair, report = self.accountant, self.auditor, self.chair, self.report
        self.pays(accountant, OWING, "2026-12", "20", "2027-01-05")
        self.pays(accountant, TAKEN_BACK, "2026-12", "28.35", "2027-01-06")
        accountant.done("set", "dues_usage_report", report, "received_fen=3542.15")
        self.assertEqual(self.standing(accountant, "2026-12"), ({"paid": 38, "settled": 2}, 121480, 121480))
        publish = ("act", "dues_usage_report", report, "published", "published_on=2027-01-08", "session=五届四次教代会")
        auditor.sync()
        auditor.done("act", "dues_usage_report", report, "audited")
        chair.sync()
        self.assertIn("off by -28.35 yuan", chair(*publish, status=1).err)
        chair.done("act", "dues_usage_report", report, "drafted")
        accountant.sync()
        accountant.done("add", "dues_usage_report", "--from", "2026")
        auditor.sync()
        auditor.done("act", "dues_usage_report", report, "audited")
        chair.sync()
        chair.done(*publish)
        self.assertEqual(self.statement_says(chair), ("published", 125000, 354215, 113175))

    def new_accountant(self):
        """January: what the old accountant has not sent goes over as a file and arrives once, under both names."""
        d, chair, old = self.d, self.chair, self.accountant
        d.day("2027-01-15")
        number, file = old.json("status")["seat"], d.base / "移交.bin"
        self.assessed(old, "2027-01", 40, 121480)
        for name in CASH:
            paid = self.pays(old, name, "2027-01", "28.35", "2027-01-14")
        self.assertIn("42 changes", old("handover", "write", file).err)
        chair.sync()
        made = chair("handover", "draft", number, "to_name=高敏", "items_text=会费账册一本、收据两本", "supervised_by=吴敏").out.strip()
        drawn = chair.record("handover", made)
        self.assertEqual((drawn["role"], drawn["from_name"]), ("accountant", "赵若清"))
        self.assertIn("28.35", drawn["balances_text"], "what two owe since October")
        chair("act", "handover", made, "checked")
        chair("act", "handover", made, "signed", "signed_on=2027-01-15")
        chair.done("act", "handover", made, "transferred", "handed_on=2027-01-15")
        chair("seat", "revoke", number)
        self.successor = self.everybody[1] = self.colleague("高敏", "accountant")
        self.assertEqual(self.successor.rows("dues_assessment", "period=2027-01"), [])
        self.successor("handover", "take", file)
        self.payroll(self.successor, "2027-01", "2027-01-15", self.payers(MOVED, *CASH), self.due_of)
        self.successor.sync()
        self.assertEqual(self.standing(self.successor, "2027-01"), ({"paid": 40}, 121480, 121480))
        line, = self.successor.json("history", "dues_payment", paid)
        self.assertEqual((line["person"], line["for_person"]), ("高敏", "赵若清"))
        old.sync(status=1)
        self.assertFalse((old.folder / "banyan.db").exists())
        self.assertEqual(chair.json("seat", "refused", number), [])

    def month(self, seat, period, day, members, fen, *without):
        """An ordinary month: assessed, and taken by payroll from all."""
        self.assessed(seat, period, members, fen)
        self.payroll(seat, period, day, self.payers(MOVED, *without), self.due_of)

    def all_paid(self, period, day, members, fen, *without):
        self.d.day(day)
        self.successor.sync()
        self.month(self.successor, period, day, members, fen, *without)
        self.successor.sync()
        self.assertEqual(self.standing(self.successor, period), ({"paid": members}, fen, fen))

    def february(self):
        """Who retired on 1 February owes January alone."""
        self.all_paid("2027-02", "2027-02-20", 39, 117480, RETIRING)

    def march(self):
        """Who was expelled on the 15th still owes it."""
        self.all_paid("2027-03", "2027-03-20", 39, 117480, RETIRING)

    def spring(self):
        for month in ("04", "05", "06"):
            self.all_paid(f"2027-{month}", f"2027-{month}-20", 38, 113930, RETIRING, EXPELLED)
