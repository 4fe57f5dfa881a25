"""What people sign: pages from what a device holds, rendered to PDF as a browser's print would be, and read back."""
import re
import subprocess
import unittest
from district import DATA, district, run

BANYAN_ZH = {"BANYAN_LANG": "zh"}


def render(seat, *words, name="page"):
    """The page's HTML, and its PDF as (pages, paper, text)."""
    path = seat.district.base / f"{name}.html"
    path.unlink(missing_ok=True)
    seat("print", *words, "--output", path, env=BANYAN_ZH)
    pdf = path.with_suffix(".pdf")
    run(["weasyprint", "-q", path, pdf])
    info = run(["pdfinfo", pdf]).out
    text = run(["pdftotext", "-layout", pdf, "-"]).out
    pages = int(re.search(r"Pages:\s+(\d+)", info)[1])
    width, height = (round(float(v)) for v in re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", info).groups())
    return path.read_text(), pages, (width, height), text


A4 = (595, 842)


class Print(unittest.TestCase):
    def test_a_member_registration_form(self):
        with district() as d:
            chair, leader = d.join("QH001", "union_chair"), d.join("QH001", "group_leader", "李静")
            member = chair.add("member", "name=周文", "sex=女", "id_number=990101199003071229", "mobile=10012345678", "post=teacher",
                               "joined_on=2015-09-01", "note=<b>粗&细</b>")
            page, pages, paper, text = render(chair, "member", member)
            self.assertEqual((pages, paper), (1, A4))
            for words in ("工会会员登记表", "青禾区小苗圃幼儿园工会", "周文", "990101199003071229", "10012345678", "教师", "2015-09-01",
                          "工会小组意见", "工会委员会意见", "<b>粗&细</b>"):
                self.assertIn(words, re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", text))
            self.assertNotIn("<b>", page.split("<body>")[1], "what people enter is text, never markup")
            self.assertNotRegex(page, r"(src|href)=", "nothing is fetched from anywhere")
            chair.sync()
            leader.sync()
            _, _, _, text = render(leader, "member", "周文")
            self.assertIn("周文", text)
            for secret in ("990101199003071229", "10012345678", "1990"):
                self.assertNotIn(secret, text, "a role that may not read it prints it neither")

    def test_a_plan_with_its_schedule(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            chair("import", "work_plan", DATA / "plans" / "s0.txt", "--part", "1", "period=2026-1")
            plan, = chair.json("list", "work_plan")
            items = chair.json("list", "plan_item")
            chair("set", "plan_item", items[0]["id"], "due_on=2026-09-30")
            _, pages, paper, text = render(chair, "work_plan", plan["id"])
            self.assertEqual(paper, A4)
            flat = re.sub(r"\s", "", text)
            self.assertIn(re.sub(r"\s", "", plan["title"]), flat)
            self.assertIn("工作安排", flat)
            self.assertRegex(text, rf"(?m)^\s*{len(items)}\s", "every item has its line")
            self.assertLess(pages, 10)

    def test_what_cannot_be_printed_is_said(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            self.assertIn("nobody", chair("print", "member", "nobody", status=1).err)
            chair("print", "member", status=2)
            member = chair.add("member", "name=周文")
            self.assertIn("/nowhere/page.html", chair("print", "member", member, "--output", "/nowhere/page.html", status=1).err)
            self.assertIn("<html", chair("print", "member", member).out)


class PrintProposals(unittest.TestCase):
    """One seat that is chair and proposal group does it all; the numbers come with a sync."""

    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.chair = self.d.join("QH001", "union_chair,proposal_group")
        self.people = {name: self.chair.add("member", f"name={name}", "state=active") for name in ("周文", "赵云", "刘芳", "李静", "陈晨")}

    def act(self, proposal, *words):
        self.chair("act", "proposal", proposal, *words)

    def handed_in(self, title, proposer, category, day):
        proposal = self.chair.add("proposal", f"title={title}", f"proposer_id={self.people[proposer]}", f"category={category}",
                                  "reason=午休时值班老师不能休息，\n下午带班容易疲劳。", "suggestion=每班加一位轮值老师")
        self.act(proposal, "submitted", f"submitted_on={day}")
        return proposal

    def signed(self, proposal, member):
        self.chair.add("proposal_support", f"proposal_id={proposal}", f"member_id={self.people[member]}", "signed_on=2025-03-05")

    def replied(self, proposal, day):
        for mode in ("written", "face_to_face"):
            self.chair.add("proposal_reply", f"proposal_id={proposal}", f"mode={mode}", f"replied_on={day}", "replied_by=后勤组",
                           "text=五月起每班加一位轮值老师")

    def filed(self, proposal):
        self.act(proposal, "collated")
        self.act(proposal, "under_review")
        self.act(proposal, "filed", "filed_on=2025-03-21", "decided_on=2025-03-21", "decision_reason=大家都关心")

    def year(self):
        """Three came in by the year's end and one in the next; the draft and the one that was withdrawn are none. Of the first, 李静
        signed what was sent back and 刘芳 what stands; 赵云's was merged into it."""
        rest = self.handed_in("午休值班实行轮换", "周文", "care_hours", "2025-03-04")
        self.signed(rest, "李静")
        self.act(rest, "returned", "return_reason=请写清怎么轮值")
        self.signed(rest, "刘芳")
        self.act(rest, "submitted", "submitted_on=2025-03-05")
        shifts = self.handed_in("值班人员轮流安排", "赵云", "care_hours", "2025-03-06")
        toys = self.handed_in("增添<b>玩教具</b>", "刘芳", "equipment", "2025-12-31")
        self.handed_in("组织急救培训", "刘芳", "training", "2026-01-01")
        self.act(self.handed_in("更换打印机", "刘芳", "equipment", "2025-03-07"), "withdrawn")
        self.chair.add("proposal", "title=还没有写完的提案")
        self.act(shifts, "collated")
        self.act(shifts, "merged", f"merged_into={rest}")
        self.filed(rest)
        self.act(rest, "assigned", "department=后勤组", "due_on=2025-04-30", f"handler_id={self.people['陈晨']}")
        self.act(rest, "in_progress")
        self.replied(rest, "2025-04-03")
        self.replied(shifts, "2025-04-03")
        self.act(rest, "replied", "replied_on=2025-04-04")
        self.act(rest, "rated", "rating=basically", "rated_on=2025-04-06")
        self.act(rest, "resulted", "result=partly", "result_reason=大班已实行")
        self.act(toys, "collated")
        self.act(toys, "under_review")
        self.act(toys, "declined", "decision_reason=刚添置过")
        self.chair.sync()
        return rest, shifts, toys

    def test_forms_to_sign(self):
        rest, _, toys = self.year()
        record = self.chair.record("proposal", rest)
        _, pages, paper, text = render(self.chair, "proposal", rest)
        self.assertEqual((pages, paper), (1, A4))
        flat = re.sub(r"\s", "", text)
        for words in ("提案表", "青禾区小苗圃幼儿园工会", record["no"], record["filing_no"], "午休值班实行轮换", "周文", "工时与假期", "刘芳",
                      "值班人员轮流安排（赵云）", "下午带班容易疲劳。", "每班加一位轮值老师", "立案", "大家都关心", "后勤组", "陈晨", "2025-04-30",
                      "书面2025-04-03后勤组：五月起每班加一位轮值老师", "面对面2025-04-03", "部分落实", "大班已实行", "基本满意", "2025-04-06"):
            self.assertIn(words.replace(" ", ""), flat)
        self.assertNotIn("李静", flat, "a void signature is no signature")
        self.assertNotIn("□", flat, "what was chosen needs no boxes")
        page, _, _, text = render(self.chair, "proposal", toys, name="toys")
        flat = re.sub(r"\s", "", text)
        for words in ("增添<b>玩教具</b>", "不予立案刚添置过", "□满意□基本满意□不满意", "□已落实"):
            self.assertIn(words, flat)
        self.assertNotIn("<b>", page.split("<body>")[1])
        self.assertNotIn("并入的提案", flat)

    def test_the_table_of_a_year_and_of_a_term(self):
        rest, shifts, toys = self.year()
        page, pages, paper, text = render(self.chair, "proposal", "2025")
        self.assertEqual((pages, paper), (1, (842, 595)))
        flat = re.sub(r"\s", "", text)
        for words in ("提案汇总表", "青禾区小苗圃幼儿园工会", "增添<b>玩教具</b>", "后勤组"):
            self.assertIn(words, flat)
        cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in page.split("<tr>")[2:]]
        self.assertEqual([row[4:] for row in cells[:3]], [["立案", "后勤组", "部分落实", "基本满意"], ["并案（并入午休值班实行轮换）", "", "", ""],
                                                          ["不予立案", "", "", ""]])
        self.assertEqual(cells[3], ["合计 3 件", "立案 1、并案 1、不予立案 1", "已答复 1", "部分落实 1", "基本满意 1"])
        for proposal in (rest, shifts, toys):
            self.assertIn(self.chair.record("proposal", proposal)["no"], flat)
        for other in ("组织急救培训", "更换打印机", "还没有写完的提案"):
            self.assertNotIn(other, flat)
        _, _, _, term = render(self.chair, "proposal", "2025-1", name="term")
        flat = re.sub(r"\s", "", term)
        for words in ("合计2件", "组织急救培训", "增添<b>玩教具</b>"):
            self.assertIn(words, flat)
        self.assertNotIn("午休值班", flat)
        self.assertIn("合计0件", re.sub(r"\s", "", render(self.chair, "proposal", "2031", name="none")[3]))


if __name__ == "__main__":
    unittest.main()
