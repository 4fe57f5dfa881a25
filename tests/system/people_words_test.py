"""What new users stumbled over: units, names, bases, days to come, whose standard, our own export brought back in; in the words
that people read."""
import os
import pty
import subprocess
import unittest
from district import BANYAN, ENVIRONMENT, district, run

ZH = {"BANYAN_LANG": "zh"}


def at_a_terminal(words, folder):
    """Status, and what a person sees whose terminal is a real one."""
    master, slave = pty.openpty()
    done = subprocess.Popen([str(w) for w in words], stdin=slave, stdout=slave, stderr=slave, cwd=folder, env={**ENVIRONMENT, **ZH})
    os.close(slave)
    seen = b""
    try:
        while part := os.read(master, 65536):
            seen += part
    except OSError:
        pass  # the other end is closed
    os.close(master)
    return done.wait(60), seen.decode()


class Words(unittest.TestCase):
    def test_without_a_seat(self):
        said = run([BANYAN, "describe", "dues_payment"], env=ZH).out
        self.assertRegex(said, r"amount_fen +实缴金额 +金额（元） .*JSON 中是以分为单位的整数")
        self.assertRegex(run([BANYAN, "describe", "dues_payment"]).out, r"amount_fen +amount +yuan .*whole fen")
        field, = [f for f in run([BANYAN, "describe", "dues_payment", "--json"]).json["fields"] if f["name"] == "amount_fen"]
        self.assertEqual(field["unit"], "fen")
        said = run([BANYAN, "describe", "policy_limit"], env=ZH).out
        for inner in ("rules.md", "functions.md", "[P]", "[V]", "SM-"):
            self.assertNotIn(inner, said)
        self.assertIn("《中国工会章程》", said)
        self.assertIn("金额写元：12.50", run([BANYAN, "add", "--help"], env=ZH).out)
        said = run([BANYAN, "add", "--help"], env=ZH).out
        self.assertIn("banyan add 类别 栏目=值", said)
        self.assertNotRegex(said, r"\b(KIND|FIELD|VALUE)\b")
        self.assertIn("banyan add KIND FIELD=VALUE", run([BANYAN, "add", "--help"]).out)
        said = run([BANYAN, "overview", "--sort", "最多"], status=2, env=ZH).err
        self.assertIn("失联、未传、逾期、欠缴", said)

    def test_at_a_seat(self):
        with district() as d:
            chair, officer = d.join("QH001", "union_chair"), d.join("QH", "district_officer", "张丽")
            said = chair("add", "member", "sex=女", status=1, env=ZH).err
            self.assertIn("“姓名”（name）", said)
            self.assertIn("“name” is missing", chair("add", "member", "sex=女", status=1).err)
            member = chair.add("member", "name=周文", "state=active", "joined_on=2020-09-01")
            # name, state and joined_on: 2 of the 12 of the real-name set
            self.assertRegex(chair("show", "member", member, env=ZH).out, r"资料完整度（%）: 16\b")
            said = chair("add", "committee_meeting", "held_on=2099-01-01", env=ZH).err
            self.assertIn("“会议日期”填的是还没有到的日子", said)
            self.assertNotIn("还没有到", chair("add", "committee_meeting", "held_on=2020-01-01", env=ZH).err)
            sheet = d.base / "members.csv"
            chair("export", "member", sheet, env=ZH)
            self.assertIn("资料完整度", sheet.read_text(encoding="utf-8-sig"))
            said = chair("import", "member", sheet, env=ZH)
            self.assertNotIn("资料完整度", said.out + said.err, "what we wrote ourselves is no unknown column")
            chair.sync()
            board = d.base / "board.csv"
            officer("overview", "--sort", "失联", "--csv", board, env=ZH)
            first = board.read_bytes()
            self.assertIn("已经有同名的文件", officer("overview", "--csv", board, status=1, env=ZH).err)
            self.assertEqual(board.read_bytes(), first)

    def test_whose_standard_a_run_takes(self):
        with district() as d:
            chair, accountant = d.join("QH001", "union_chair"), d.join("QH001", "accountant", "赵蓉")
            ids = {n: chair.add("member", f"name={n}", "state=active", "joined_on=2020-09-01") for n in ("周文", "赵云", "刘芳", "李静", "陈晨")}
            chair.sync()
            accountant.sync()
            for name, mode, start in (("周文", "flat", "2024-09-01"), ("赵云", "flat", "2024-09-01"), ("刘芳", "delivered", "2024-10-01"),
                                      ("李静", "flat", "2024-10-02")):
                accountant.add("dues_standard", f"member_id={ids[name]}", f"mode={mode}", "amount_fen=20", f"effective_from={start}")
            said = accountant("assess", "2024-10", "--dry-run", env=ZH)
            self.assertIn("（2024-10 首日有效的那一条）核定： 定额 2 由工资单给出 1", said.err)
            self.assertIn("2 位会员没有会费标准", said.err)
            self.assertIn("1 人从没有登记过标准，1 人的标准以后才开始", said.err)
            self.assertIn("李静  还没有标准：登记的标准以后才开始", said.out)
            modes = {l["name"]: l["mode"] for l in accountant.json("assess", "2024-10", "--dry-run")["members"]}
            self.assertEqual(modes, {"周文": "flat", "赵云": "flat", "刘芳": "delivered", "李静": None, "陈晨": None})

    def test_a_terminal_gets_a_file(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            member = chair.add("member", "name=周文")
            words = [BANYAN, "print", "member", "周文", "--data", chair.folder]
            status, seen = at_a_terminal(words, d.base)
            self.assertEqual(status, 0, seen)
            self.assertNotIn("<html", seen)
            self.assertIn("会员-周文.html", seen)
            page = d.base / "会员-周文.html"
            self.assertIn("<html", page.read_text())
            self.assertEqual(page.stat().st_mode & 0o777, 0o600)
            at_a_terminal(words, d.base)
            self.assertTrue((d.base / "会员-周文-2.html").exists(), "nothing is written over")
            self.assertIn("<html", run(words).out, "a pipe gets the page")
            self.assertEqual(chair("print", "member", member, "--output", d.base / "a.html").out, "")


if __name__ == "__main__":
    unittest.main()
