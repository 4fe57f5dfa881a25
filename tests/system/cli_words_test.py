"""cli.md: what people may write. Options anywhere, ids by prefix, references by what people call a record, dates and codes in all
their forms, full-width characters, FIELD= clears; what is wrong names the nearest right word."""
import sqlite3
import unittest
from district import district, run, BANYAN, BANYAND


class Words(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = district()
        cls.d = cls.context.__enter__()
        cls.addClassCleanup(cls.context.__exit__, None, None, None)
        cls.chair = cls.d.join("QH001", "union_chair", "王敏")

    def fails(self, *words, status=1, says=()):
        done = self.chair(*words, status=status)
        for text in [says] if isinstance(says, str) else says:
            self.assertIn(text, done.err)
        self.assertEqual(done.out, "")
        return done

    def get(self, record, field, kind="member"):
        return self.chair.record(kind, record)[field]

    # ---- values ----

    def test_dates_in_all_forms(self):
        member = self.chair.add("member", "name=日期")
        for day, text in enumerate(("2026-9-{}", "2026/9/{}", "2026.9.{}", "2026090{}", "2026年9月{}日", "2026年9月{}号", "２０２６-０９-０{}", " 2026/09/0{} "), 1):
            self.chair("set", "member", member, "joined_on=" + text.format(day))
            self.assertEqual(self.get(member, "joined_on"), f"2026-09-{day:02}", text)
        for text in ("2026-02-30", "2026-13-01", "九月一日", "26-9-1", "2026-9", "0000-01-01"):
            self.fails("set", "member", member, "joined_on=" + text, says=["joined on", "2026-09-01"])
        self.fails("set", "member", member, "joined_on=2026/2/30", says=["There is no day 2026/2/30", "look at month and day"])
        self.fails("list", "member", "joined_on=2026-13-01", says=["There is no day 2026-13-01"])
        self.assertIn("没有 2026年2月30日 这一天",
                      self.chair("set", "member", member, "joined_on=2026年2月30日", status=1, env={"BANYAN_LANG": "zh"}).err)
        self.assertEqual(self.get(member, "joined_on"), "2026-09-08")

    def test_codes_by_identifier_or_label(self):
        member = self.chair.add("member", "name=代码")
        for text, stored in (("女性", "2"), ("男", "1"), ("2", "2"), ("１", "1"), ("未知的性别", "0")):
            self.chair("set", "member", member, "sex=" + text)
            self.assertEqual(self.get(member, "sex"), stored, text)
        self.chair("set", "member", member, "ethnicity=汉族", "education=本科", "political_status=党员")
        record = self.chair.record("member", member)
        self.assertEqual((record["ethnicity"], record["education"], record["political_status"]), ("01", "21", "01"))
        self.fails("set", "member", member, "sex=不知道", says=["sex", "不知道", "describe"])
        self.chair("act", "member", member, "批准在籍")  # an action by its label
        self.assertEqual(self.get(member, "state"), "active")

    def test_months_quarters_periods_and_dates_in_conditions(self):
        """The same forms wherever a value is written: add, set and list; what is none says which are."""
        plan = self.chair.add("work_plan", "title=月份计划", "period=2026学年第一学期", "submitted_on=")
        item = self.chair.add("plan_item", "plan_id=月份计划", "title=趣味运动会", "month=九月份", "due_on=2026年9月30日")
        other = self.chair.add("plan_item", "plan_id=月份计划", "title=读书会", "quarter=第三季度")
        for words, found in ((["month=9月"], [item]), (["月份=九月"], [item]), (["month=０９"], [item]), (["month=10月"], []), (["quarter=三季度"], [other]),
                             (["季度=Q3"], [other]), (["due_on=2026/9/30"], [item]), (["应完成日期=2026年9月30日"], [item])):
            self.assertEqual([i["id"] for i in self.chair.json("list", "plan_item", f"plan_id={plan}", *words)], found, words)
        for period in ("2026-1", "2026-2027学年第一学期", "２０２６学年第一学期"):
            self.assertEqual([p["id"] for p in self.chair.json("list", "work_plan", "title=月份计划", "period=" + period)], [plan], period)
        self.chair("set", "plan_item", item, "month=十一月", "month_to=元月")
        self.assertEqual([self.chair.record("plan_item", item)[f] for f in ("month", "month_to")], [11, 1])
        for word, forms in (("month=2026年9月", ["2026年9月", "9月"]), ("month=13月", ["9月"]), ("quarter=第五季度", ["Q3"]), ("due_on=2026年9月", ["2026/9/1"]),
                            ("period=下学期", ["2026-1"]), ("state=完了", ["done"])):
            kind = "work_plan" if word.startswith("period") else "plan_item"
            self.fails("list", kind, word, says=forms)
        self.fails("set", "plan_item", item, "month=2026年9月", says=["9月"])

    def test_full_width_is_folded(self):
        member = self.chair.add("member", "name=ＡＢ教师", "mobile=１３０１２３４５６７８", "id_number=９９０１０２１９７４０９３０１０３６")
        record = self.chair.record("member", member)
        self.assertEqual((record["name"], record["mobile"], record["id_number"]), ("AB教师", "13012345678", "990102197409301036"))

    def test_a_field_with_nothing_is_cleared(self):
        member = self.chair.add("member", "name=清空", "mobile=13012345678", "campus=东区")
        self.chair("set", "member", member, "mobile=", "campus=西区")
        self.assertEqual((self.get(member, "mobile"), self.get(member, "campus")), (None, "西区"))
        self.fails("set", "member", member, "name=", says="name")  # required
        self.assertEqual(self.get(member, "name"), "清空")

    def test_a_field_by_its_chinese_label(self):
        member = self.chair.add("member", "姓名=标签", "手机号=13012345678")
        self.assertEqual((self.get(member, "name"), self.get(member, "mobile")), ("标签", "13012345678"))

    def test_setting_what_stands_is_no_change(self):
        member = self.chair.add("member", "name=不变")
        before = self.chair.json("status")["queued"]
        self.chair("set", "member", member, "name=不变")
        self.assertEqual(self.chair.json("status")["queued"], before)

    def test_too_long_not_utf8_and_control(self):
        member = self.chair.add("member", "name=长短")
        self.fails("set", "member", member, "name=" + "长" * 171, says=["name", "long"])
        self.fails("set", "member", member, "note=" + "长" * 8193, says=["note", "long"])
        self.chair("set", "member", member, "note=" + "长" * 8000)
        done = run([BANYAN, "set", "member", member, b"name=\xb2\xe2\xca\xd4".decode("utf-8", "surrogateescape"), "--data", self.chair.folder], status=1)
        self.assertIn("name", done.err)
        self.fails("add", "member", "name= 　 ", says="name")
        self.assertEqual(self.get(member, "name"), "长短")

    def test_integers_have_their_range(self):
        plan = self.chair.add("work_plan", "title=范围", "period=2026")
        item = self.chair.add("plan_item", f"plan_id={plan}", "title=例会", "month=9")
        for text in ("13", "0", "-1", "1.5", "九", "99999999999999999999"):
            self.fails("set", "plan_item", item, "month=" + text, says="month")
        self.chair("set", "plan_item", item, "month=１２")
        self.assertEqual(self.get(item, "month", "plan_item"), 12)
        self.fails("set", "plan_item", item, "quarter=1", says="month")  # one or the other

    # ---- naming records ----

    def test_references_by_number_name_id_number_and_prefix(self):
        member = self.chair.add("member", "name=欧阳雪", "id_number=990101199002280141")
        self.chair.sync()
        number = self.get(member, "member_no")
        for n, word in enumerate((number, "欧阳雪", "990101199002280141", member, member[:20])):
            group = self.chair.add("union_group", f"name=小组{n}", f"leader_member_id={word}")
            self.assertEqual(self.get(group, "leader_member_id", "union_group"), member, word)
        self.fails("add", "union_group", "name=小组九", "leader_member_id=没有这个人", says=["leader", "没有这个人", "banyan list member"])
        self.chair("set", "member", member, "group_id=小组3")
        self.assertEqual([m["id"] for m in self.chair.json("list", "member", "group_id=小组3")], [member])

    def test_a_name_that_two_bear_is_asked_about(self):
        self.chair.add("member", "name=双胞胎")
        self.chair.add("member", "name=双胞胎")
        self.fails("add", "union_group", "name=双", "leader_member_id=双胞胎", says=["双胞胎", "more than one"])

    def test_ids_by_prefix(self):
        plan = self.chair.add("work_plan", "title=前缀", "period=2026-2")
        others = [p["id"] for p in self.chair.json("list", "work_plan") if p["id"] != plan]
        size = next(n for n in range(1, 37) if not any(o.startswith(plan[:n]) for o in others))
        self.assertEqual(self.chair.record("work_plan", plan[:max(size, 4)])["id"], plan)
        self.assertEqual(self.chair.record("work_plan", plan.replace("-", ""))["id"], plan)
        self.assertEqual(self.chair.record("work_plan", plan.upper())["id"], plan)
        self.chair.add("work_plan", "title=前缀二", "period=2026-2")
        self.fails("show", "work_plan", plan[:4], says="more than one")
        self.fails("show", "work_plan", "ffffffff", says="ffffffff")
        self.fails("show", "work_plan", "xyz", says="xyz")

    def test_a_record_is_called_by_its_number_or_name(self):
        member = self.chair.add("member", "name=点名")
        self.chair.sync()
        number = self.get(member, "member_no")
        self.assertEqual(self.chair.record("member", number)["id"], member)
        self.chair("set", "member", number, "campus=东区")
        self.chair("act", "member", "点名", "active")
        self.assertEqual((self.get(member, "campus"), self.get(member, "state")), ("东区", "active"))
        self.assertEqual(self.chair.json("history", "member", number), self.chair.json("history", "member", member))
        self.chair.add("member", "name=点名")
        self.fails("remove", "member", "点名", says=["more than one", "点名", "banyan list member"])
        self.assertIn("点名", self.chair("remove", "member", number).err)  # says whom it removed
        self.fails("show", "member", member, says=member)

    def test_a_plan_is_called_by_its_period(self):
        plan = self.chair.add("work_plan", "title=下学期的计划", "period=2031-2")
        self.chair("act", "work_plan", "2031-2", "discussed")
        self.assertEqual(self.get(plan, "state", "work_plan"), "discussed")
        self.chair.add("work_plan", "title=另一份", "period=2031-2")
        self.fails("act", "work_plan", "2031-2", "discussed", says=["more than one", "2031-2"])
        self.fails("show", "work_plan", "2032-2", says=["there is no work plan", "2032-2"])

    def test_a_second_bearer_of_an_id_number_is_told(self):
        self.chair.add("member", "name=先来", "id_number=990101198506120024")
        self.assertIn("先来", self.chair("add", "member", "name=后到", "id_number=990101198506120024").err)
        done = self.chair("add", "member", "name=先来")  # of a name there may be two
        self.assertEqual(done.err, "")

    # ---- options and suggestions ----

    def test_files_of_office_programs_are_named_as_such(self):
        for name, head in (("a.xlsx", b"PK\x03\x04"), ("a.xls", b"\xd0\xcf\x11\xe0"), ("a.csv", b"PK\x03\x04")):
            path = self.d.base / name
            path.write_bytes(head + b"\0" * 100)
            self.fails("import", "member", path, says=[name, "office program", "CSV"])
        path = self.d.base / "a.docx"
        path.write_bytes(b"PK\x03\x04" + b"\0" * 100)
        self.fails("import", "work_plan", path, says=["a.docx", "plain text (.txt)"])

    def test_states_by_label_and_what_there_is(self):
        member = self.chair.add("member", "name=状态名")
        self.assertIn(member, [m["id"] for m in self.chair.json("list", "member", "--state", "申请中")])
        self.assertNotIn(member, [m["id"] for m in self.chair.json("list", "member", "--state", "在籍")])
        self.fails("list", "member", "--state", "在编", status=2, says=["active", "retained"])
        self.fails("act", "member", member, "批准", status=2, says=["active", "retained"])

    def test_the_district_is_led_to_the_branches(self):
        officer = self.d.join("QH", "district_officer", "张丽")
        done = officer("list", "member")
        self.assertEqual(done.out, "")
        self.assertIn("--branch CODE", done.err)
        self.assertNotIn("--branch", officer("list", "policy_limit").err)  # those are the district's own
        self.assertIn("--branch CODE", officer("act", "work_plan", "没有", "acknowledged", status=1).err)
        for wish, right in (("wrk_plan=2026-1", "work_plan"), ("member=2026-1", "KIND=PERIOD"), ("work_plan=2026-9", "KIND=PERIOD"),
                            ("work_plan", "KIND=PERIOD")):
            done = officer("overview", "--missing", wish, status=2)
            self.assertIn(right, done.err)
            self.assertEqual(done.out, "", wish)
        self.assertIn("QH001", officer("overview", "--missing", "工作计划=2025-1").out)

    def test_a_code_that_was_broken_into_lines(self):
        code = self.d.invite("QH001", "handler", "孙强").strip()
        broken = code.lower()[:50] + "\n" + code.lower()[50:100] + " \n" + code.lower()[100:] + "\n"
        done = run([BANYAN, "join", "-", "--data", self.d.base / "broken"], stdin=broken)
        self.assertIn("孙强", done.err)
        seat = str(run([BANYAN, "status", "--json", "--data", self.d.base / "broken"]).json["seat"])
        self.assertIn("孙强", self.chair("seat", "suspend", seat).err)
        self.assertIn("孙强", self.chair("seat", "resume", seat).err)

    def test_a_persons_name_moves_no_cursor(self):
        refused = self.d("invite", "--branch", "QH001", "--role", "handler", "--name", "孙\x1b[2J\r强", status=1).err
        self.assertIn("a name of one line", refused)
        self.assertNotIn("\x1b", refused)
        # One that got there before names were looked at.
        code = self.d.invite("QH001", "handler", "孙强当年").strip()
        with sqlite3.connect(self.d.data / "banyan.db") as db:
            self.assertEqual(db.execute("UPDATE invitation SET person=? WHERE person='孙强当年'", ("孙\x1b[2J\r强",)).rowcount, 1)
        folder = self.d.base / "escape"
        told = run([BANYAN, "join", "-", "--data", folder], stdin=code).err
        seat = str(run([BANYAN, "status", "--json", "--data", folder]).json["seat"])
        told += self.chair("seat", "suspend", seat).err + self.chair("seat", "resume", seat).err + self.chair("seat", "revoke", seat).err
        self.assertEqual(told.count("孙 [2J 强"), 4)
        self.assertNotIn("\x1b", told)
        self.assertNotIn("\r", told)

    def test_a_plan_under_another_files_name_is_told(self):
        text = "青禾区某幼儿园工会2026学年第一学期工作计划\n\n四、具体安排\n九月\n1.庆祝教师节\n2.制定工会计划\n十月\n1.趣味运动会\n"
        first, second = self.d.base / "plan.txt", self.d.base / "plan-copy.txt"
        first.write_text(text)
        second.write_text(text)
        done = self.chair("import", "work_plan", first)
        self.assertNotIn("please check", done.out)
        self.assertNotIn("please check", self.chair("import", "work_plan", first).out)  # known by its file: nothing is added
        plan, = [p["id"] for p in self.chair.json("list", "work_plan", "source_name=plan.txt")]
        out = self.chair("import", "work_plan", second).out
        self.assertRegex(out, "please check: a plan of this title.*" + plan)
        self.assertNotIn("please check", out.splitlines()[0])  # a plan's line comes first: scripts take its id

    def test_a_seat_that_is_not_there(self):
        self.fails("seat", "revoke", "99", says=["no such seat", "banyan seat list"])

    def test_options_anywhere(self):
        folder = self.chair.folder
        member = run([BANYAN, "add", "--data", folder, "member", "name=选项"]).out.strip()
        for words in (["show", "--json", "member", "--data", folder, member], ["show", f"--data={folder}", "member", member, "--json"]):
            self.assertEqual(run([BANYAN, *words]).json["id"], member)
        self.assertEqual(run([BANYAN, "show", "member", member, "--json"], env={"BANYAN_DATA": str(folder)}).json["id"], member)
        self.assertEqual(run([BANYAND, "branch", "--json", "list", "--data", self.d.data]).json[0]["code"], "QH")

    def test_the_nearest_right_word_is_named(self):
        member = self.chair.add("member", "name=建议")
        for words, right in ((["lst", "member"], "list"), (["list", "membr"], "member"), (["list", "member", "--jsn"], "--json"),
                             (["list", "member", "--brnch", "QH001"], "--branch"), (["add", "member", "nmae=x"], "name"),
                             (["set", "member", member, "moble=1"], "mobile"), (["act", "member", member, "activ"], "active"),
                             (["act", "work_plan", member, "submited"], "submitted"), (["list", "member", "stat=active"], "state"),
                             (["describe", "workplan"], "work_plan"), (["sync", "--wacth"], "--watch")):
            self.fails(*words, status=2, says=right)
        for words, right in ((["brnch", "list"], "branch"), (["overview", "--jason"], "--json"), (["serve", "--listn", "x"], "--listen")):
            self.assertIn(right, self.d(*words, status=2).err)
        self.fails("list", "member", "--state", "actve", status=2, says="active")
        self.assertIn("union_chair", self.d("invite", "--branch", "QH001", "--role", "union_chiar", "--name", "王敏", status=2).err)

    def test_state_is_not_set_and_the_servers_fields_are_the_servers(self):
        member = self.chair.add("member", "name=状态")
        self.fails("set", "member", member, "state=active", says="act")
        self.fails("set", "member", member, "member_no=5", says="server")
        plan = self.chair.add("work_plan", "title=附带", "period=2026-1")
        self.fails("set", "work_plan", plan, "return_reason=不好", says="step")

    def test_roles_are_checked_beforehand(self):
        handler = self.d.join("QH001", "handler", "孙强")
        done = handler("add", "member", "name=不许", status=1)
        self.assertIn("role", done.err)
        finance = self.d.join("QH", "district_finance", "周平")
        self.assertIn("overview", finance("list", "member", "--branch", "QH001", status=1).err)

    def test_roles_as_people_call_them(self):
        self.fails("invite", "--role", "工会主任", "--name", "李静", status=2, says="工会主席")
        self.fails("invite", "--role", "工会委员，国王", "--name", "李静", status=2, says="role")
        self.assertIn("工会主席", self.d("invite", "--branch", "QH001", "--role", "工会主任", "--name", "李静", status=2).err)
        code = self.chair("invite", "--role", "委员，信息员", "--name", "李静").out
        run([BANYAN, "join", "-", "--data", self.d.base / "called"], stdin=code)
        status = run([BANYAN, "status", "--json", "--data", self.d.base / "called"]).json
        self.assertEqual(status["roles"], ["committee_member", "information_officer"])

    def test_a_role_that_only_a_newer_server_knows_is_told(self):
        seat = self.d.join("QH001", "handler", "孙强")
        with sqlite3.connect(seat.folder / "banyan.db") as db:
            db.execute("UPDATE meta SET value = CAST('handler,archivist' AS BLOB) WHERE key = 'roles'")
        db.close()
        self.assertIn("archivist", seat("status").out)
        self.assertEqual(seat.json("status")["roles"], ["handler", "archivist"])
        self.assertEqual((seat.json("status")["roles_unknown"], self.chair.json("status")["roles_unknown"]), (["archivist"], []))
        self.assertNotIn("archivist", self.chair("status").out)

    def test_what_is_asked_without_a_network_speaks_of_nothing_saved(self):
        """Nothing was entered, so nothing stays queued."""
        seat = self.d.join("QH001", "union_chair", "陈晨")
        with sqlite3.connect(seat.folder / "banyan.db") as db:
            db.execute("UPDATE meta SET value = CAST('127.0.0.1:1' AS BLOB) WHERE key = 'server'")
        db.close()
        for words in (["invite", "--role", "accountant", "--name", "李静"], ["seat", "list"], ["overview"]):
            done = seat(*words, status=1)
            self.assertIn("127.0.0.1:1", done.err)
            self.assertIn("again", done.err)
            self.assertNotIn("queued", done.err)
        self.assertIn("queued", seat("sync", status=3).err)

    def test_a_dash_dash_ends_the_options(self):
        member = run([BANYAN, "add", "--data", self.chair.folder, "member", "--", "name=--json"]).out.strip()
        self.assertEqual(self.get(member, "name"), "--json")


if __name__ == "__main__":
    unittest.main()
