"""What people sign: pages from what a device holds, rendered to PDF as a browser's print would be, and read back."""
import re
import subprocess
import unittest
from district import DATA, district, run

BANYAN_ZH = {"BANYAN_LANG": "zh"}


def render(seat, *words, name="page"):
    """The page's HTML, and its PDF as (pages, paper, text)."""
    path = seat.district.base / f"{name}.html"
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


if __name__ == "__main__":
    unittest.main()
