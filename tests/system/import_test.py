"""Real input through the real programs (issue, 3.): rosters as kindergartens keep them, plan documents as people wrote them, with a
verdict for each row or part, nothing half done, nothing twice, and all of it at the district after one round. What a careful reader
finds in the two documents stands in tests/data/plans/README.md; how each form is read is tested in unit twins."""
import unittest
from district import DATA, district, run, BANYAN, asked_for

HEAD = "姓名,性别,身份证号,手机,入会时间,备注\n"
GOOD = '刘芳,女,９９０１０１１９８５０６１２００２４,１３０１２３４５６７８,2020年9月1日,"两行\n备注"\n欧阳雪,女,990101199002280141,13912345678,2020.9.1,\n'


class Case(unittest.TestCase):
    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.seat = self.d.join("QH001", "union_chair", "王敏")

    def file(self, content, name="名册.csv"):
        path = self.d.base / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def members(self):
        return {m["name"]: m for m in self.seat.json("list", "member")}


class Rosters(Case):
    def test_encodings_quotes_widths_and_dates(self):
        for n, (encoding, text) in enumerate((("utf-8", HEAD + GOOD), ("utf-8-sig", HEAD + GOOD), ("gb18030", HEAD + GOOD), ("utf-8", (HEAD + GOOD).replace("\n", "\r\n")))):
            seat = self.d.join("QH001", "union_chair", folder=f"encoding-{n}")
            path = self.file(text.encode(encoding), f"{n}.csv")
            self.seat = seat
            seat("import", "member", path)
            found = self.members()
            self.assertEqual(set(found), {"刘芳", "欧阳雪"}, encoding)
            member = found["刘芳"]
            self.assertEqual((member["sex"], member["id_number"], member["mobile"], member["joined_on"]),
                             ("2", "990101198506120024", "13012345678", "2020-09-01"))
            self.assertEqual(member["note"].replace("\r\n", "\n"), "两行\n备注")
            self.assertEqual(found["欧阳雪"]["joined_on"], "2020-09-01")

    def test_a_verdict_per_row_and_nothing_while_any_is_wrong(self):
        bad = self.file(HEAD + GOOD + "李四,无此,,,32/1,\n王五,男,990102197409301037,,,\n,女,,,,\n刘芳,女,990101198506120024,,,\n")
        done = self.seat("import", "member", bad, status=1)
        lines = done.out.splitlines()
        for line, word in ((2, "added"), (4, "added"), (5, "wrong"), (6, "wrong"), (7, "wrong"), (8, "wrong")):
            self.assertTrue(any(l.startswith(f"line {line}:") and word in l for l in lines), (line, word, lines))
        self.assertTrue(any(l.startswith("line 5:") and "无此" in l for l in lines))
        self.assertTrue(any(l.startswith("line 8:") and "line 2" in l for l in lines))  # the second of the same ID number
        self.assertIn("--skip-bad", done.err)
        self.assertEqual(self.members(), {})
        self.assertEqual(self.seat.json("status")["queued"], 0)
        self.seat("import", "member", bad, "--dry-run", status=1)
        self.assertEqual(self.members(), {})
        self.seat("import", "member", bad, "--skip-bad")
        self.assertEqual(set(self.members()), {"刘芳", "欧阳雪"})

    def test_a_dry_run_of_a_good_one(self):
        self.assertIn("2 added", self.seat("import", "member", self.file(HEAD + GOOD), "--dry-run").err)
        self.assertEqual(self.members(), {})

    def test_twice_adds_and_changes_nothing(self):
        path = self.file(HEAD + GOOD)
        self.seat("import", "member", path)
        for _ in range(2):
            self.seat.sync()
            before = self.seat.json("status")["cursor"]
            self.assertIn("2 known already", self.seat("import", "member", path).err)
            self.assertEqual(self.seat.json("status")["queued"], 0)
            self.seat.sync()
            self.assertEqual(self.seat.json("status")["cursor"], before)

    def test_known_ones_are_updated_by_what_differs(self):
        self.seat("import", "member", self.file(HEAD + GOOD))
        member = self.members()["欧阳雪"]
        self.seat("set", "member", member["id"], "campus=东区")
        self.seat.sync()
        done = self.seat("import", "member", self.file(HEAD + "欧阳雪,女,990101199002280141,13900000001,,\n"))
        self.assertIn("1 updated", done.err)
        after = self.members()["欧阳雪"]
        self.assertEqual((after["id"], after["mobile"], after["campus"], after["joined_on"]), (member["id"], "13900000001", "东区", "2020-09-01"))
        self.seat.sync()
        lines = self.seat.json("history", "member", member["id"])
        self.assertEqual(set(lines[-1]["changed"]), {"mobile"})

    def test_headings_of_ones_own_and_values_for_all(self):
        path = self.file("某列,电话\n赵红,13012345678\n")
        self.seat("import", "member", path, status=1)
        self.seat("import", "member", path, "--map", "name=某列", "campus=西区")
        member = self.members()["赵红"]
        self.assertEqual((member["mobile"], member["campus"]), ("13012345678", "西区"))
        self.assertIn("name", self.seat("import", "member", path, "--map", "nmae=某列", status=2).err)
        self.assertIn("没有", self.seat("import", "member", path, "--map", "name=没有", status=None).err)

    def test_unknown_areas_and_prefixes_only_warn(self):
        done = self.seat("import", "member", self.file("姓名,身份证号,手机\n赵红,990101198506120024,10012345678\n"))
        self.assertEqual(len([l for l in done.out.splitlines() if "check" in l]), 2)
        self.assertIn("赵红", self.members())

    def test_groups_by_name_and_back_out_again(self):
        self.seat("import", "union_group", self.file("小组名称\n第一小组\n第二小组\n", "groups.csv"))
        self.seat("import", "member", self.file("姓名,工会小组,手机\n甲,第一小组,13012345678\n乙,第二小组,\n"))
        groups = {g["name"]: g["id"] for g in self.seat.json("list", "union_group")}
        self.assertEqual(self.members()["乙"]["group_id"], groups["第二小组"])
        self.assertIn("第九小组", self.seat("import", "member", self.file("姓名,工会小组\n丙,第九小组\n"), status=1).out)
        out = self.d.base / "out.csv"
        self.seat("export", "member", out)
        text = out.read_text(encoding="utf-8-sig")
        self.assertIn("第一小组", text)
        self.assertIn("13012345678", text)
        before = self.members()
        self.assertIn("2 known already", self.seat("import", "member", out).err)  # what goes out comes in again and is the same
        self.assertEqual(self.members(), before)
        other = self.d.join("QH001", "accountant", "陈晨")
        self.seat.sync()
        other.sync()
        self.assertNotIn("13012345678", other("list", "member", "--csv").out)
        self.assertTrue(self.seat("export", "member", out, status=None).err or out.exists())

    def test_a_file_for_a_spreadsheet_keeps_long_numbers_and_runs_nothing(self):
        self.seat("import", "member", self.file(HEAD + "周文,女,990101198506120024,13012345678,2020-09-01,=1+1\n李静,女,,,2020-09-01,007\n"))
        before, out = self.members(), self.d.base / "out.csv"
        self.seat("export", "member", out)
        text = out.read_text(encoding="utf-8-sig")
        for cell in (',="990101198506120024",', ',="13012345678",', ',2020-09-01,', ",'=1+1", ',="007"'):
            self.assertIn(cell, text)
        # The same file as Excel saves it: what the formulas give, dates its own way, the guard as it stood.
        saved = text.replace('="', "").replace('"', "").replace("2020-09-01", "2020/9/1")
        for again in (out, self.file("\ufeff" + saved, "saved.csv"), self.file(saved.encode("gb18030"), "saved2.csv")):
            self.assertIn("0 added, 0 updated, 2 known already, 0 wrong", self.seat("import", "member", again).err)
            self.assertEqual(self.members(), before)
        self.assertIn(",990101198506120024,", self.seat("list", "member", "--csv").out)  # a program wants the number alone

    def test_what_is_no_table(self):
        for content, name in ((b"PK\x03\x04" + b"\0" * 100, "名册.xlsx"), (b"", "empty.csv"), (b"\xff\xfe\x00\xd8" * 50, "noise.csv"), (HEAD.encode()[:-1] + b"\n" + "甲\0乙,,,,,\n".encode(), "nul.csv"),
                              (("姓名\n" + "长" * 200 + "\n").encode(), "long.csv"), (b"x" * (9 << 20), "huge.csv"), ('姓名\n"没有结尾\n'.encode(), "quote.csv")):
            done = self.seat("import", "member", self.file(content, name), status=None)
            self.assertEqual(done.status, 1, (name, done))
            self.assertTrue(done.err, name)
            self.assertEqual(self.members(), {}, name)
        self.assertIn("missing.csv", self.seat("import", "member", self.d.base / "missing.csv", status=1).err)

    def test_all_of_it_reaches_the_district(self):
        self.seat("import", "member", self.file(HEAD + GOOD))
        self.seat.sync()
        officer = self.d.join("QH", "district_officer", "张丽")
        self.assertEqual({m["name"] for m in officer.json("list", "member", "--branch", "QH001")}, {"刘芳", "欧阳雪"})
        self.assertEqual({m["sync"] for m in self.members().values()}, {"confirmed"})


class Plans(Case):
    def items(self, plan):
        return sorted((i for i in self.seat.json("list", "plan_item") if i["plan_id"] == plan["id"]), key=lambda i: i["position"] or 0)

    def test_the_first_document(self):
        """Six plans; 13 items over five months in the first, 12 over four quarters in the second, none in the others."""
        path = DATA / "plans" / "s0.txt"
        self.assertIn("period=", self.seat("import", "work_plan", path, status=1).err)  # the year is asked for, not guessed
        self.assertEqual(self.seat.json("list", "work_plan"), [])
        done = self.seat("import", "work_plan", path, "period=2026-1")
        plans = sorted(self.seat.json("list", "work_plan"), key=lambda p: p["id"])
        self.assertEqual(len(plans), 6)
        self.assertEqual([(p["period"], p["state"], p["source_name"]) for p in plans], [("2026-1", "drafted", f"s0.txt #{n}") for n in range(1, 7)])
        counts = [len(self.items(p)) for p in plans]
        self.assertEqual(counts, [13, 12, 0, 0, 0, 0])
        first, second = self.items(plans[0]), self.items(plans[1])
        self.assertEqual([sum(i["month"] == m for i in first) for m in (9, 10, 11, 12, 1)], [3, 3, 2, 2, 3])
        self.assertEqual([sum(i["quarter"] == q for i in second) for q in (1, 2, 3, 4)], [3, 3, 3, 3])
        self.assertEqual([i["position"] for i in first], list(range(1, 14)))
        lines = [i["source_line"] for i in first]
        self.assertEqual(lines, sorted(lines))
        source = path.read_text().splitlines()
        for i in first + second:
            self.assertIn(i["title"][:6], source[i["source_line"] - 1].replace(" ", "").replace("　", "") + i["title"][:0], i)
        self.assertTrue(done.out)
        self.seat.sync()
        officer = self.d.join("QH", "district_officer", "张丽")
        self.assertEqual(len(officer.json("list", "work_plan", "--branch", "QH001")), 6)
        self.assertEqual(len(officer.json("list", "plan_item", "--branch", "QH001")), 25)
        self.assertIn("6 known already", self.seat("import", "work_plan", path, "period=2026-1").err)
        self.assertEqual(self.seat.json("status")["queued"], 0)

    def test_the_second_document(self):
        """Seven items in the first part, five of them without a month; five in the third; the rest is reported, not dropped."""
        path = DATA / "plans" / "s1.txt"
        done = self.seat("import", "work_plan", path, "period=2023")
        plans = sorted(self.seat.json("list", "work_plan"), key=lambda p: p["id"])
        self.assertEqual([len(self.items(p)) for p in plans], [7, 5])
        first = self.items(plans[0])
        self.assertEqual([i["month"] for i in first], [None] * 5 + [11, 11])
        self.assertEqual(len({i["month"] for i in self.items(plans[1])}), 5)
        self.assertIn("month", done.out)
        for part in ("篇2", "篇4", "篇5"):
            self.assertTrue(any(part in line and "not taken" in line for line in done.out.splitlines()), part)

    def test_one_part_a_dry_run_and_a_nonsense_period(self):
        path = DATA / "plans" / "s0.txt"
        self.seat("import", "work_plan", path, "--part", "2", "period=2026", "--dry-run")
        self.assertEqual(self.seat.json("list", "work_plan"), [])
        self.seat("import", "work_plan", path, "--part", "2", "period=2026")
        plan, = self.seat.json("list", "work_plan")
        self.assertEqual((plan["period"], plan["period_kind"], len(self.items(plan))), ("2026", "year", 12))
        self.seat("import", "work_plan", path, "--part", "9", "period=2026", status=1)
        self.seat("import", "work_plan", path, "--part", "1", "period=下学期", status=1)
        self.assertEqual(len(self.seat.json("list", "work_plan")), 1)

    PLAN = ("青禾区小苗圃幼儿园工会2026学年第一学期工作计划\n\n一、指导思想\n以教职工为本。\n\n四、具体安排\n九月\n1.庆祝教师节\n2.制定工会计划\n"
            "十月\n1.趣味运动会\n十一月\n1.消防安全培训\n2.爱心捐赠\n")
    EDITED = ("青禾区小苗圃幼儿园工会2026学年第一学期工作计划\n\n一、指导思想\n以教职工为本，服务大局。\n\n四、具体安排\n九月\n1.庆祝第四十二个教师节\n2.新教师座谈会\n"
              "3.制定工会计划\n十二月\n1.趣味运动会\n")

    def titles(self):
        plan, = self.seat.json("list", "work_plan")
        return {i["title"]: (i["position"], i["month"], i["due_on"], i["state"]) for i in self.items(plan)}

    def test_an_edited_document_replaces_its_draft(self):
        """By hand: one title reworded, one new, two as they were (one of them moved on), one in another month, one gone, one gone but done."""
        path = self.file(self.PLAN, "我的 计划.txt")
        self.seat("import", "work_plan", path)
        plan, = self.seat.json("list", "work_plan")
        ids = {i["title"]: i["id"] for i in self.items(plan)}
        self.seat("act", "plan_item", "爱心捐赠", "done", "evidence=收据")
        self.seat("set", "plan_item", "制定工会计划", "due_on=2026-09-10", "category=常规")
        self.seat.add("plan_item", "plan_id=" + plan["id"], "title=自己加的", "month=9")
        self.seat.sync()
        path.write_text(self.EDITED)
        before = self.titles()
        for more in ([], ["--replace", "--dry-run"]):
            done = self.seat("import", "work_plan", path, *more)
            for line in ("line 8: changed: 庆祝第四十二个教师节", "line 9: new: 新教师座谈会", "line 12: changed: 趣味运动会", "gone: 消防安全培训"):
                self.assertIn(line, done.out.splitlines())
            self.assertRegex(done.out, "gone, but kept, since it is .done.: 爱心捐赠 .*banyan remove plan_item " + ids["爱心捐赠"])
            self.assertEqual(self.titles(), before)
            self.assertEqual(self.seat.json("status")["queued"], 0)
        done = self.seat("import", "work_plan", path)
        self.assertIn("1 known already", done.err)
        command = next(l for l in done.err.splitlines() if "--replace" in l).split(": ", 2)[2]
        run(["sh", "-c", command.replace("banyan ", f"{BANYAN} ", 1)])  # as it stands there, spaces and all
        self.assertEqual(self.titles(), {"庆祝第四十二个教师节": (1, 9, "2026-09-30", "planned"), "新教师座谈会": (2, 9, "2026-09-30", "planned"),
                                         "制定工会计划": (3, 9, "2026-09-10", "planned"), "趣味运动会": (4, 12, "2026-12-31", "planned"),
                                         "爱心捐赠": (5, 11, "2026-11-30", "done"), "自己加的": (None, 9, "2026-09-30", "planned")})
        after = {i["title"]: i for i in self.items(plan)}
        self.assertEqual((after["庆祝第四十二个教师节"]["id"], after["制定工会计划"]["id"], after["制定工会计划"]["category"]),
                         (ids["庆祝教师节"], ids["制定工会计划"], "常规"))
        self.assertEqual(self.seat.record("work_plan", plan["id"])["guiding_text"].splitlines()[-1], "以教职工为本，服务大局。")
        self.seat.sync()
        self.assertEqual(self.seat.json("status")["refused"], 0)
        done = self.seat("import", "work_plan", path, "--replace")
        self.assertIn("nothing differs", done.out)
        self.assertEqual(self.seat.json("status")["queued"], 0)  # a second time nothing is sent
        officer = self.d.join("QH", "district_officer", "张丽")
        self.assertEqual({i["title"] for i in officer.json("list", "plan_item", "--branch", "QH001")}, set(after))

    def test_more_changes_than_a_group_holds(self):
        def text(items):
            return "青禾区小苗圃幼儿园工会2026学年第一学期工作计划\n四、具体安排\n九月\n" + "".join(f"{n}.{t}\n" for n, t in enumerate(items, 1))
        items = [f"第{n}次工会小组学习活动" for n in range(1, 41)]
        path = self.file(text(items), "plan.txt")
        self.seat("import", "work_plan", path)
        self.seat.sync()
        path.write_text(text(["动员会", *items]))
        self.assertIn("1 added, 0 removed, 40 as they were", self.seat("import", "work_plan", path, "--replace").out)
        self.seat.sync()
        self.assertEqual([p for p, *_ in sorted(self.titles().values())], list(range(1, 42)))
        self.assertEqual(self.seat.json("status")["refused"], 0)

    def test_a_plan_that_stands_is_not_replaced(self):
        path = self.file(self.PLAN, "plan.txt")
        self.seat("import", "work_plan", path)
        plan, = self.seat.json("list", "work_plan")
        for action in ("discussed", "adopted", "submitted"):
            self.seat("act", "work_plan", plan["id"], action, *asked_for(action))
        before = self.titles()
        path.write_text(self.EDITED)
        for more, status in (([], 0), (["--replace"], 1)):
            done = self.seat("import", "work_plan", path, *more, status=status)
            for word in ("“submitted”", f"banyan list plan_item plan_id={plan['id']}", "banyan set plan_item", f"banyan act work_plan {plan['id']} returned"):
                self.assertIn(word, done.err)
            self.assertEqual(self.titles(), before)
        self.seat.sync()
        officer = self.d.join("QH", "district_officer", "张丽")
        officer("act", "work_plan", "青禾区小苗圃幼儿园工会2026学年第一学期工作计划", "returned", "return_reason=请补充", "--branch", "QH001")
        officer.sync()
        self.seat.sync()
        self.seat("import", "work_plan", path, "--replace")
        self.assertIn("新教师座谈会", self.titles())
        self.assertEqual(self.seat.record("work_plan", plan["id"])["state"], "returned")

    def test_a_document_under_another_name(self):
        self.seat("import", "work_plan", self.file(self.PLAN, "plan.txt"))
        edited = self.file(self.EDITED, "plan-2.txt")
        done = self.seat("import", "work_plan", edited, "--dry-run")
        self.assertIn("if it is the same plan: banyan import work_plan", done.err)
        self.seat("import", "work_plan", edited, "--replace")
        plan, = self.seat.json("list", "work_plan")
        self.assertEqual(plan["source_name"], "plan-2.txt")
        self.assertIn("新教师座谈会", self.titles())
        self.assertIn("--part", self.seat("import", "member", self.file(HEAD + GOOD), "--replace", status=2).err)
        self.seat("import", "work_plan", self.file(self.PLAN, "other.txt"), "title=别的计划", "--replace")  # none to replace: a new one
        self.assertEqual(len(self.seat.json("list", "work_plan")), 2)

    def test_texts_are_kept(self):
        path = DATA / "plans" / "s0.txt"
        self.seat("import", "work_plan", path, "period=2026-1")
        kept = "".join((p[f] or "") for p in self.seat.json("list", "work_plan") for f in ("guiding_text", "goals_text", "measures_text", "other_text", "title"))
        kept += "".join(i["title"] for i in self.seat.json("list", "plan_item"))
        source = path.read_text()
        squeeze = lambda text: [c for c in text if "\u4e00" <= c <= "\u9fff"]
        self.assertGreater(len(squeeze(kept)), 0.97 * len(squeeze(source)), "hardly a character of the document is missing")


if __name__ == "__main__":
    unittest.main()
