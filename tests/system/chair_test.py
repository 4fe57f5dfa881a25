"""What the chair of a kindergarten's union types, in Chinese, with the slips that people make: each is understood, or answered with
what would have been understood. Output that nobody reads, and streams that are closed, do no harm."""
import os
import pty
import subprocess
import unittest
from district import district, run, BANYAN, DATA, ENVIRONMENT

ZH = {"BANYAN_LANG": "zh"}


class Chair(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = district()
        cls.d = cls.context.__enter__()
        cls.addClassCleanup(cls.context.__exit__, None, None, None)
        cls.seat = cls.d.join("QH001", "union_chair", "王敏")

    def zh(self, *words, status=0, **more):
        return self.seat(*words, status=status, env=ZH, **more)

    def says(self, *words, status, all_of):
        done = self.zh(*words, status=status)
        for text in all_of:
            self.assertIn(text, done.err)
        self.assertEqual(done.out, "")
        return done

    def file(self, name, content):
        path = self.d.base / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    # ---- words ----

    def test_help_of_a_command_however_asked(self):
        wanted = run([BANYAN, "list", "--help"], env=ZH).out
        self.assertIn("例如：", wanted)
        for words in (["help", "list"], ["list", "-h"], ["list", "会员", "--help"]):
            self.assertEqual(run([BANYAN, *words], env=ZH).out, wanted, words)
        self.assertEqual(run([BANYAN, "-h"], env=ZH).out, run([BANYAN, "--help"], env=ZH).out)
        self.assertIn("--help", run([BANYAN, "--hepl"], env=ZH, status=2).err)

    def test_kinds_fields_states_and_steps_in_ones_own_words(self):
        member = self.zh("add", "会员", "姓名=周文", "手机=13012345678", "身份证=990101198506120024", "入会日期=2026年9月1日").out.strip()
        record = self.seat.record("member", member)
        self.assertEqual((record["mobile"], record["id_number"], record["joined_on"]), ("13012345678", "990101198506120024", "2026-09-01"))
        self.zh("act", "会员", "周文", "在籍")  # the state that the step leads to
        self.assertEqual([m["id"] for m in self.zh("list", "会员", "姓名=周文", "--state", "在籍", "--json").json], [member])
        self.says("list", "小组", status=2, all_of=["“小组”", "您要的是不是“工会小组”？", "会员、工会小组"])
        self.says("add", "会员", "组=大班组", status=2, all_of=["会员没有“组”这一栏", "您要的是不是“工会小组”？", "姓名、性别"])
        self.says("act", "会员", "周文", "退", status=2, all_of=["会员没有“退”这一步", "退会"])
        self.says("act", "会员", "周文", "会籍保留", status=2, all_of=["保留会籍"])
        self.says("list", "会员", "--state", "退了", status=2, all_of=["会员没有“退了”这个状态", "已退会"])
        self.says("show", "会员", "周闻", status=1, all_of=["您要的是不是“周文”？", "banyan list member"])

    def test_empty_and_formless_words(self):
        for words in (["add", "会员", ""], ["add", "会员", "姓名"], ["set", "会员", "x", "姓名"], ["list", "会员", ""]):
            self.zh(*words, status=None)
            self.assertNotEqual(self.zh(*words, status=None).status, 0, words)
        self.says("add", "会员", "", status=2, all_of=["“”", "栏目=内容"])
        self.says("add", "会员", "=x", status=2, all_of=["“”"])
        self.says("show", "会员", "", status=1, all_of=["banyan list member"])
        self.says("add", "会员", "姓名=", status=1, all_of=["姓名"])
        self.says("remove", "会员", "一", "二", status=2, all_of=["banyan remove"])
        self.says("list", "会员", "--json", "--csv", status=2, all_of=["只能写一个"])
        self.says("invite", "--role", "会计", "--name", "陈晨", "--days", "7x", status=2, all_of=["1 到 30"])
        self.says("join", status=2, all_of=["banyan join - | 加入码"])

    def test_values_that_are_none_say_the_form_once(self):
        done = self.says("add", "会员", "姓名=甲", "入会时间=昨天", status=1, all_of=["昨天", "2026年9月1日"])
        self.assertEqual(done.err.count("2026年9月1日"), 1)
        self.says("add", "会员", "姓名=甲", "性别=女生", status=1, all_of=["女生", "男性、女性"])
        self.says("list", "计划项", "序号=第一", status=1, all_of=["写整数"])
        self.says("list", "计划项", "月份=13", status=1, all_of=["12"])

    def test_what_is_so_already_is_told(self):
        self.zh("add", "会员", "姓名=赵不变")
        self.assertEqual(self.zh("set", "会员", "赵不变", "性别=女").err, "")
        self.assertIn("没有改动", self.zh("set", "会员", "赵不变", "性别=女").err)
        self.zh("act", "会员", "赵不变", "批准在籍")
        self.assertIn("没有改动", self.zh("act", "会员", "赵不变", "批准在籍").err)

    # ---- a terminal ----

    def test_a_terminal_says_that_it_is_saved(self):
        self.zh("add", "会员", "姓名=钱终端")
        for words, said in ((["set", "会员", "钱终端", "性别=男"], "已存在本机"), (["act", "会员", "钱终端", "在籍"], "已存在本机"), (["set", "会员", "钱终端", "性别=男"], "没有改动")):
            ours, theirs = pty.openpty()
            done = subprocess.run([BANYAN, *words, "--data", self.seat.folder], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs,
                                  env={**ENVIRONMENT, **ZH})
            os.close(theirs)
            text = os.read(ours, 4000).decode()
            os.close(ours)
            self.assertEqual((done.returncode, done.stdout), (0, b""))
            self.assertIn(said, text)

    # ---- files ----

    def test_files_that_are_not_there_or_hold_nothing(self):
        self.says("import", "会员", self.d.base / "没有.csv", status=1, all_of=["没有.csv", "没有这个文件"])
        for name, kind in (("空.csv", "会员"), ("空.txt", "工作计划")):
            for content in ("", "\n \n", "\ufeff"):
                self.says("import", kind, self.file(name, content), status=1, all_of=[name, "文件是空的"])
        self.says("export", "会员", self.d.base / "没有" / "x.csv", status=1, all_of=["没有这个文件夹"])

    def test_groups_that_are_missing_are_named_with_the_command(self):
        self.zh("add", "工会小组", "小组名称=大班组")
        done = self.zh("import", "会员", self.file("名册.csv", "姓名,工会小组\n甲,大班祖\n乙,后勤组\n丙,后勤组\n"), status=1)
        self.assertIn("您要的是不是“大班组”？", done.out)
        self.assertEqual(done.err.count("banyan add union_group name=后勤组"), 1)
        line = next(l.strip() for l in done.err.splitlines() if "name=后勤组" in l)
        run([BANYAN, *line.split()[1:], "--data", self.seat.folder])
        self.assertNotIn("后勤组", self.zh("import", "会员", self.file("名册.csv", "姓名,工会小组\n乙,后勤组\n"), "--dry-run").err)

    def test_an_export_of_some(self):
        for name, sex in (("冯一", "女"), ("冯二", "男")):
            self.zh("add", "会员", "姓名=" + name, "性别=" + sex, "校区=出口")
        out = self.d.base / "女.csv"
        done = self.zh("export", "会员", out, "校区=出口", "性别=女")
        self.assertIn("1 条", done.err)
        self.assertIn("妥善保管", done.err)
        self.assertTrue("冯一" in out.read_text(encoding="utf-8-sig") and "冯二" not in out.read_text(encoding="utf-8-sig"))

    def test_a_plan_goes_with_its_items(self):
        path = self.file("计划.txt", "青禾区小苗圃幼儿园工会2025学年第一学期工作计划\n四、具体安排\n九月\n" + "".join(f"{n}.第{n}项活动安排\n" for n in range(1, 21)))
        plan = self.zh("import", "工作计划", path).out.split()[0]
        self.zh("act", "计划项", "第3项活动安排", "开始")
        self.says("remove", "工作计划", plan, status=1, all_of=["1 个计划项", f"plan_id={plan}"])
        self.assertEqual(len(self.zh("list", "计划项", f"plan_id={plan}", "--json").json), 20)
        self.zh("act", "计划项", "第3项活动安排", "未开始")
        self.assertIn("连同 20 个计划项", self.zh("remove", "工作计划", plan).err)
        self.assertEqual([i for i in self.zh("list", "计划项", "--json").json if i["plan_id"] == plan], [])
        self.seat.sync()
        self.assertEqual(self.seat.json("status")["refused"], 0)

    # ---- streams ----

    def test_closed_streams_harm_nothing(self):
        """With stdout closed, the next file that is opened would be number 1, and the list would be written into it."""
        self.zh("add", "会员", "姓名=流")
        for shut, status in ((">&-", 1), ("2>&-", 0), ("<&-", 0), (">&- 2>&- <&-", 1)):
            done = subprocess.run(["sh", "-c", f'"$0" list member --data "$1" {shut}', BANYAN, self.seat.folder], capture_output=True, env={**ENVIRONMENT, **ZH})
            self.assertEqual(done.returncode, status, shut)
        self.assertEqual([m["name"] for m in self.zh("list", "会员", "姓名=流", "--json").json], ["流"])
        self.seat.sync()

    def test_readers_that_have_seen_enough(self):
        for words in ("list 会员", "kinds", "--help", "describe 会员"):
            data = f"--data {self.seat.folder}" if words.startswith("list") else ""
            done = subprocess.run(["bash", "-c", f"{BANYAN} {words} {data} | true; echo ${{PIPESTATUS[0]}}"], capture_output=True, text=True, env={**ENVIRONMENT, **ZH})
            self.assertEqual((done.stdout.strip(), done.stderr), ("0", ""), words)


if __name__ == "__main__":
    unittest.main()
