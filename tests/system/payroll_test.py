"""A month's dues from the pay office's sheet: taken once, compared with the sheet's own total, and nothing of the wages kept."""
import unittest
from district import BANYAN, district, run

SHEET = """小苗圃幼儿园2026年10月工资表,,,,,,,
序号,姓名,会员编号,基本工资,应发工资,工会会费,扣款合计,实发工资
1,周文,,5000.00,6000.00,25.00,425.00,5575.00
2,王敏,2,4100.00,4800.00,20.50,320.50,4479.50
3,赵云,,4000.00,4500.00,,300.00,4200.00
4,林岚,,4777.77,4800.00,24.00,324.00,4476.00
合计,,,17877.77,20100.00,69.50,1369.50,18730.50
制表：李静,,,,,,,
"""
WORDS = ("period=2026-10", "method=payroll", "paid_on=2026-10-15")


class Payroll(unittest.TestCase):
    def office(self, d):
        accountant, chair = d.join("QH001", "accountant", "李静"), d.join("QH001", "union_chair")
        ids = {}
        for n in ("周文", "王敏", "赵云", "林岚"):
            ids[n] = chair.add("member", f"name={n}", "state=active", "joined_on=2019-09-01")
            chair.sync()
        accountant.sync()
        for n, yuan in (("周文", 25), ("王敏", 20.5), ("林岚", 24)):
            accountant.add("dues_standard", f"member_id={ids[n]}", "mode=delivered", f"amount_fen={yuan}", "effective_from=2026-01-01")
        accountant("assess", "2026-10")
        return accountant, ids

    def sheet(self, d, text, name="工资表.csv", encoding="utf-8-sig"):
        path = d.base / name
        path.write_bytes(text.encode(encoding))
        return path

    def payments(self, seat):
        return sorted((p["amount_fen"], p["period"], p["paid_on"], p["method"]) for p in seat.json("list", "dues_payment"))

    def test_once(self):
        with district() as d:
            accountant, ids = self.office(d)
            self.assertEqual(accountant.record("member", ids["王敏"])["member_no"][-1], "2")
            path = self.sheet(d, SHEET.replace("王敏,2,", f"王敏,{accountant.record('member', ids['王敏'])['member_no']},"), encoding="gb18030")
            dry = accountant("import", "dues_payment", path, "--dry-run", *WORDS)
            self.assertIn("3 added", dry.err)
            self.assertEqual(self.payments(accountant), [])
            done = accountant("import", "dues_payment", path, *WORDS)
            self.assertIn("3 added, 0 updated, 0 known already, 0 wrong, 1 without dues", done.err)
            self.assertIn("the sheet's total is that of its rows: 69.50", done.out)
            self.assertIn("基本工资, 应发工资, 扣款合计, 实发工资", done.out)
            expected = [(2050, "2026-10", "2026-10-15", "payroll"), (2400, "2026-10", "2026-10-15", "payroll"),
                        (2500, "2026-10", "2026-10-15", "payroll")]
            self.assertEqual(self.payments(accountant), expected)
            again = accountant("import", "dues_payment", path, *WORDS)
            self.assertIn("0 added, 0 updated, 3 known already, 0 wrong", again.err)
            self.assertNotIn("double", again.out + again.err)
            accountant.sync()
            again = accountant("import", "dues_payment", path, *WORDS)
            self.assertIn("3 known already", again.err)
            self.assertEqual(self.payments(accountant), expected)
            self.assertEqual({a["member_id"]: a["state"] for a in accountant.json("list", "dues_assessment")},
                             {ids[n]: "paid" for n in ("周文", "王敏", "林岚")})
            self.assertEqual(accountant.json("attention"), [])
            chinese = run([BANYAN, "import", "dues_payment", path, *WORDS, "--data", accountant.folder], env={"BANYAN_LANG": "zh_CN"})
            self.assertIn("工资表的合计与各行相符：69.50", chinese.out)
            for folder in (accountant.folder, d.data):
                for file in folder.rglob("*"):
                    if file.is_file():
                        for wage in (b"477777", b"4777.77"):
                            self.assertNotIn(wage, file.read_bytes(), file)

    def test_a_total_that_differs(self):
        with district() as d:
            accountant, _ = self.office(d)
            path = self.sheet(d, SHEET.replace("69.50,", "70.50,").replace("王敏,2,", "王敏,,"))
            refused = accountant("import", "dues_payment", path, *WORDS, status=1)
            self.assertIn("the sheet's total is 70.50, its rows add up to 69.50", refused.out)
            self.assertEqual(self.payments(accountant), [])
            accountant("import", "dues_payment", path, *WORDS, "--skip-bad")
            self.assertEqual(len(self.payments(accountant)), 3)

    def test_taken_back_and_paid_again(self):
        """A payment that was taken back is none: the mended sheet brings it in. The same sheet as before does so too: that is pointed out."""
        with district() as d:
            accountant, ids = self.office(d)
            path = self.sheet(d, "姓名,会费\n周文,25\n")
            accountant("import", "dues_payment", path, *WORDS)
            paid, = accountant.json("list", "dues_payment")
            accountant.add("dues_payment", f"member_id={ids['周文']}", "period=2026-10", "amount_fen=-25", "paid_on=2026-10-15",
                           f"reverses_id={paid['id']}", "reason=录错")
            again = accountant("import", "dues_payment", path, *WORDS)
            self.assertIn("1 added", again.err)
            self.assertRegex(again.out, r"\b2\b.*paid on 2026-10-15 and taken back")
            known = accountant("import", "dues_payment", path, *WORDS)
            self.assertIn("1 known already", known.err)
            self.assertNotIn("taken back", known.out)
            other_day = accountant("import", "dues_payment", path, *WORDS[:2], "paid_on=2026-10-16", status=1)
            self.assertIn("paid on 2026-10-15 already", other_day.out)
            self.assertIn("more than is still owed", other_day.out)

    def test_rows_that_are_wrong(self):
        with district() as d:
            accountant, ids = self.office(d)
            number = accountant.record("member", ids["周文"])["member_no"]
            rows = f"姓名,会员编号,会费\n周文,{number},25\n周文,,25\n郑莹,,12\n王敏,{number},20.50\n林岚,,-3\n"
            refused = accountant("import", "dues_payment", self.sheet(d, rows), *WORDS, status=1)
            for words in ("line 3: wrong: the same as in line 2", "line 4: member: wrong: there is no member called 郑莹",
                          "line 5: member: wrong: the row means 周文", "line 6: amount: wrong: A negative sum only takes back"):
                self.assertIn(words, refused.out)
            self.assertEqual(self.payments(accountant), [])

    def test_what_the_sheet_does_not_say(self):
        with district() as d:
            accountant, _ = self.office(d)
            path = self.sheet(d, "姓名,会费\n周文,25\n")
            self.assertIn("paid_on=2026-10-15", accountant("import", "dues_payment", path, *WORDS[:2], status=1).err)
            self.assertIn("period=2026-10", accountant("import", "dues_payment", path, *WORDS[1:], status=1).err)
            bare = self.sheet(d, "姓名,实发工资\n周文,5000\n")
            self.assertIn("amount_fen=COLUMN", accountant("import", "dues_payment", bare, *WORDS, status=1).err)
            third = self.sheet(d, "员工,第三项\n周文,25\n")
            accountant("import", "dues_payment", third, "--map", "member_id=员工", "--map", "amount_fen=第三项", *WORDS)
            self.assertEqual(self.payments(accountant), [(2500, "2026-10", "2026-10-15", "payroll")])
            exported = d.base / "缴费.csv"
            accountant("export", "dues_payment", exported)
            self.assertIn("1 known already", accountant("import", "dues_payment", exported).err)


if __name__ == "__main__":
    unittest.main()
