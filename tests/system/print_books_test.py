"""The books on paper: the dues list of a month, receipts, the statement of a year, summaries, handovers; every sum and word worked
out by hand. KEEP=FOLDER keeps the pages to look at."""
import os
import pathlib
import re
import shutil
import unittest
from district import district
from print_test import A4, render

A4_WIDE, A5_WIDE = (842, 595), (595, 420)
ROWS = re.compile(r"<tr>(.*?)(?=<tr>|</tbody>)", re.S)


def cells(page, table=0):
    """The rows of a page's list as lists of text; headings are none."""
    body = page.split("<tbody>")[1 + table].split("</tbody>")[0]
    return [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in ROWS.findall(body + "</tbody>")]


class Books(unittest.TestCase):
    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.chair = self.d.join("QH001", "union_chair", "王敏")
        self.accountant = self.d.join("QH001", "accountant", "赵蓉")

    def show(self, seat, *words, name):
        answer = render(seat, *words, name=name)
        if "KEEP" in os.environ:
            for end in (".html", ".pdf"):
                shutil.copy(self.d.base / (name + end), pathlib.Path(os.environ["KEEP"]))
        return (*answer, re.sub(r"\s", "", answer[3]))

    def people(self, names, group):
        g = self.chair.add("union_group", f"name={group}")
        return {n: self.chair.add("member", f"name={n}", "state=active", "joined_on=2020-09-01", f"group_id={g}") for n in names}

    def standard(self, member, yuan):
        self.accountant.add("dues_standard", f"member_id={member}", "mode=flat", f"amount_fen={yuan}", "effective_from=2024-09-01")

    def pay(self, member, yuan, day, period="2024-10", *more):
        return self.accountant.add("dues_payment", f"member_id={member}", f"period={period}", f"amount_fen={yuan}", f"paid_on={day}",
                                   "method=cash", *more)

    def month(self):
        """Six members: paid in two parts, paid late, nothing, exempt, paid without an assessment, and one whose payment was taken back
        and entered anew."""
        self.ids = {**self.people(["周文", "赵云", "刘芳"], "大班组"), **self.people(["李静", "陈晨"], "后勤组")}
        self.ids["孙丽"] = self.chair.add("member", "name=孙丽", "state=active", "joined_on=2024-10-15")
        self.chair.sync()
        self.accountant.sync()
        for name, yuan in (("周文", "1010.10"), ("赵云", "20"), ("刘芳", "28.35"), ("李静", "15.00"), ("陈晨", "30")):
            self.standard(self.ids[name], yuan)
        self.accountant("assess", "2024-10")
        exempt, = [a["id"] for a in self.accountant.json("list", "dues_assessment") if a["member_id"] == self.ids["李静"]]
        self.accountant("act", "dues_assessment", exempt, "exempt", "exempt_reason=长期病假")
        self.pay(self.ids["周文"], "1000", "2024-10-10")
        self.pay(self.ids["周文"], "10.10", "2024-10-20")
        self.pay(self.ids["赵云"], "20", "2024-11-05")
        wrong = self.pay(self.ids["陈晨"], "3", "2024-10-08")
        back = self.pay(self.ids["陈晨"], "-3", "2024-10-31", "2024-10", f"reverses_id={wrong}", "reason=金额记错")
        self.pay(self.ids["陈晨"], "10", "2024-10-09")
        self.pay(self.ids["孙丽"], "5.05", "2024-10-30")
        self.accountant.sync()
        self.accountant.sync()
        return wrong, back

    def test_dues_list_of_a_month(self):
        self.month()
        page, pages, paper, text, flat = self.show(self.accountant, "dues_assessment", "2024-10", name="dues")
        self.assertEqual((pages, paper), (1, A4))
        rows = {row[2]: row[3:9] for row in cells(page)[:6]}
        self.assertEqual(rows, {"周文": ["大班组", "1,010.10", "1,010.10", "0.00", "已缴", "2024-10-20"],
                                "赵云": ["大班组", "20.00", "20.00", "0.00", "已补清", "2024-11-05"],
                                "刘芳": ["大班组", "28.35", "0.00", "28.35", "欠缴", ""],
                                "李静": ["后勤组", "0.00", "0.00", "0.00", "免缴", ""],
                                "陈晨": ["后勤组", "30.00", "10.00", "20.00", "欠缴", "2024-10-09"],
                                "孙丽": ["", "0.00", "5.05", "-5.05", "未核定", "2024-10-30"]})
        self.assertEqual([row[0] for row in cells(page)[:6]], ["1", "2", "3", "4", "5", "6"])
        # due 1010.10 + 20 + 28.35 + 30; paid 1010.10 + 20 + 10 + 5.05
        self.assertEqual([row for row in cells(page)[6:]], [["合计 6 人", "1,088.45", "1,045.15", ""],
                                                            ["尚欠合计", "48.35", ""],  # 28.35 + 20
                                                            ["多缴合计", "5.05", ""],
                                                            ["应缴合计（大写）", "壹仟零捌拾捌元肆角伍分"],
                                                            ["实缴合计（大写）", "壹仟零肆拾伍元壹角伍分"]])
        for words in ("2024年10月会费收缴表", "青禾区小苗圃幼儿园工会", "制表：", "复核：", "工会主席：", "签名", "1/1"):
            self.assertIn(words, flat)

    def test_the_list_goes_over_pages(self):
        ids = self.people([f"周文{i}" for i in range(45)], "大班组")
        self.chair.sync()
        self.accountant.sync()
        for member in ids.values():
            self.standard(member, "20")
        self.accountant("assess", "2024-10")
        self.accountant("assess", "2024-11")
        _, pages, _, text, flat = self.show(self.accountant, "dues_assessment", "2024年10月", name="long")
        self.assertEqual((pages, flat.count("缴费日期"), flat.count("1/2"), flat.count("2/2")), (2, 2, 1, 1))
        self.assertIn("玖佰元整", flat)
        _, _, _, _, flat = self.show(self.accountant, "dues_assessment", "2024", name="year")
        for words in ("2024年会费收缴表", "合计45人", "1,800.00", "壹仟捌佰元整"):
            self.assertIn(words, flat)
        _, _, _, _, flat = self.show(self.accountant, "dues_assessment", "2024-1", name="term")
        self.assertIn("2024学年第一学期会费收缴表", flat)

    def test_receipts(self):
        wrong, back = self.month()
        by_sum = {p["amount_fen"]: p for p in self.accountant.json("list", "dues_payment")}
        ten = by_sum[1010]
        _, pages, paper, _, flat = self.show(self.accountant, "dues_payment", ten["id"], name="receipt")
        self.assertEqual((pages, paper), (1, A5_WIDE))
        for words in ("会费收据", "青禾区小苗圃幼儿园工会", f"编号：{ten['receipt_no']}", "2024年10月20日", "周文", "2024年10月会费", "壹拾元壹角", "¥10.10",
                      "现金", "收款单位（盖章）"):
            self.assertIn(words, flat)
        page, _, _, _, flat = self.show(self.accountant, "dues_payment", back, name="red")
        for words in ("会费收据（红字冲销）", "负叁元整", "¥-3.00", "冲销的收据号", by_sum[300]["receipt_no"], "金额记错"):
            self.assertIn(words, flat)
        self.assertIn('<div class="red">', page)
        _, _, _, _, flat = self.show(self.accountant, "dues_payment", wrong, name="void")
        self.assertIn(f"此收据已作废：已由编号{by_sum[-300]['receipt_no']}的红字收据冲销", flat)
        new = self.pay(self.ids["刘芳"], "28.35", "2024-11-06")
        page, _, _, _, flat = self.show(self.accountant, "dues_payment", new, name="pending")
        self.assertIn("待编号", flat)
        self.assertNotIn('<div class="red">', page)

    def test_payments_of_a_period(self):
        self.month()
        page, _, paper, _, flat = self.show(self.accountant, "dues_payment", "2024-10", name="payments")
        self.assertEqual(paper, A4_WIDE)
        self.assertEqual([row[1:5] for row in cells(page)[:-1]],
                         [["2024-10-08", "陈晨", "2024-10", "3.00"], ["2024-10-09", "陈晨", "2024-10", "10.00"],
                          ["2024-10-10", "周文", "2024-10", "1,000.00"], ["2024-10-20", "周文", "2024-10", "10.10"],
                          ["2024-10-30", "孙丽", "2024-10", "5.05"], ["2024-10-31", "陈晨", "2024-10", "-3.00"],
                          ["2024-11-05", "赵云", "2024-10", "20.00"]])
        self.assertEqual(cells(page)[-1], ["合计 7 笔", "1,045.15", "壹仟零肆拾伍元壹角伍分"])

    def test_statement_of_a_year(self):
        report = self.accountant.add("dues_usage_report", "period=2024", "opening_fen=1000.00", "received_fen=1045.15", "closing_fen=1000")
        for category, yuan, note in (("文体活动", "600.10", "教师节趣味运动会"), ("送温暖", "345.05", "探望病员"), ("培训费", "0", "未用")):
            self.accountant.add("dues_usage_line", f"report_id={report}", f"category={category}", f"amount_fen={yuan}", f"note={note}")
        page, pages, paper, _, flat = self.show(self.accountant, "dues_usage_report", "2024", name="unbalanced")
        self.assertIn("收支不平", flat)
        self.assertIn("相差100.00元", flat)
        self.accountant("set", "dues_usage_report", report, "closing_fen=1100.00")
        page, pages, paper, _, flat = self.show(self.accountant, "dues_usage_report", report, name="usage")
        self.assertEqual((pages, paper), (1, A4))
        self.assertEqual([row[:2] for row in cells(page)], [["期初结余", "1,000.00"], ["本期收入", "1,045.15"], ["支出：文体活动", "600.10"],
                                                            ["支出：送温暖", "345.05"], ["支出合计", "945.15"], ["期末结余", "1,100.00"],
                                                            ["期末结余（大写）", "壹仟壹佰元整"]])
        for words in ("2024年会费使用情况公布表", "教师节趣味运动会", "经审委员：", "编制"):
            self.assertIn(words, flat)
        self.assertNotIn("收支不平", flat)

    def test_summary_handover_meetings(self):
        self.chair.add("work_summary", "period=2024-1", "done_text=制定计划并落实。\n开展趣味运动会。", "results_text=参加率百分之九十",
                       "shortcomings_text=外出学习少", "next_text=多组织观摩")
        _, pages, paper, _, flat = self.show(self.chair, "work_summary", "2024-1", name="summary")
        self.assertEqual((pages, paper), (1, A4))
        for words in ("2024学年第一学期工会工作总结", "计划完成情况", "开展趣味运动会。", "不足", "多组织观摩", "上级工会意见", "工会主席："):
            self.assertIn(words, flat)
        handover = self.chair.add("handover", "role=会计", "from_name=赵蓉", "to_name=李静", "handed_on=2025-01-10", "items_text=账簿三本\n收据两本",
                                  "balances_text=现金 12.50 元", "supervised_by=王敏")
        _, pages, paper, _, flat = self.show(self.chair, "handover", handover, name="handover")
        self.assertEqual((pages, paper), (1, A4))
        for words in ("岗位交接书", "会计", "赵蓉", "李静", "账簿三本", "现金12.50元", "监交人", "移交人签名：", "接交人签名：", "监交人签名："):
            self.assertIn(words, flat)
        for day, place in (("2024-09-03", "会议室"), ("2024-12-03", "小礼堂"), ("2025-03-04", "阅览室")):
            self.chair.add("committee_meeting", f"held_on={day}", f"place={place}", "chair=王敏", "agenda=讨论工作计划", "decisions=同意")
        page, _, paper, _, flat = self.show(self.chair, "committee_meeting", "2024", name="meetings")
        self.assertEqual([row[:2] for row in cells(page)], [["2024-09-03", "会议室"], ["2024-12-03", "小礼堂"], ["合计 2 项"]])

    def test_forms_of_a_period(self):
        for title in ("工作计划甲", "工作计划乙"):
            self.chair.add("work_plan", f"title={title}", "period=2024-1", "goals_text=服务教职工")
        self.chair.add("work_plan", "title=下学期计划", "period=2024-2")
        page, pages, _, _, flat = self.show(self.chair, "work_plan", "2024学年第一学期", name="plans")
        self.assertEqual((pages, page.count("<!DOCTYPE")), (2, 1), "a sheet each, one page of HTML")
        self.assertIn("工作计划乙", flat)
        self.assertNotIn("下学期计划", flat)

    def test_what_there_is_not_and_who_may_not(self):
        said = self.accountant("print", "dues_assessment", "2031-01", status=1).err
        self.assertIn("banyan assess", said)
        group = self.d.join("QH001", "proposal_group", "陈晨")
        self.assertIn("may not read", group("print", "dues_payment", "2024-10", status=1).err)
        member = self.chair.add("member", "name=周文")
        path = self.d.base / "there.html"
        path.write_text("mine")
        self.assertIn("already", self.chair("print", "member", member, "--output", path, status=1).err)
        self.assertEqual(path.read_text(), "mine")


if __name__ == "__main__":
    unittest.main()
