"""banyand verify finds what somebody changed behind the server's back: a row, a line of the history, a sum, a number, a reference; and
finds nothing where nothing is wrong, also while it serves."""
import contextlib
import sqlite3
import unittest
from district import district


class Verify(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = district()
        cls.d = cls.context.__enter__()
        cls.addClassCleanup(cls.context.__exit__, None, None, None)
        chair = cls.d.join("QH001", "union_chair", "王敏")
        group = chair.add("union_group", "name=第一小组")
        members = [chair.add("member", f"name=会员{n}", "mobile=13012345678", f"group_id={group}") for n in range(4)]
        chair("remove", "member", members[3])
        plan = chair.add("work_plan", "title=计划", "period=2026-1")
        chair.add("plan_item", f"plan_id={plan}", "title=例会", "month=9")
        chair.sync()
        chair("act", "work_plan", plan, "discussed")
        chair("set", "member", members[0], "campus=东区")
        chair.sync()
        cls.d("verify")
        cls.d.stop()

    def tampered(self, *statements, env=None):
        """What verify says after the statements; everything is put back afterwards."""
        db, backup = sqlite3.connect(self.d.data / "banyan.db", isolation_level=None), sqlite3.connect(":memory:")
        db.backup(backup)
        for s in statements:
            self.assertNotEqual(db.execute(*s).rowcount if isinstance(s, tuple) else db.execute(s).rowcount, 0, s)
        db.close()
        try:
            return self.d("verify", status=None, env=env)
        finally:
            db = sqlite3.connect(self.d.data / "banyan.db")
            backup.backup(db)
            db.close()
            backup.close()

    def finds(self, *statements):
        done = self.tampered(*statements)
        self.assertEqual(done.status, 1, statements)
        self.assertTrue(done.out, statements)
        self.assertIn("QH001", done.out)
        return done.out

    def test_nothing_where_nothing_is_wrong(self):
        self.d("verify")
        self.d.serve()
        self.assertIn("2 unions", self.d("verify").err)
        self.d.stop()

    def test_in_chinese(self):
        """Kinds, fields, roles, sums and tables by what people call them."""
        for statement, words in (("UPDATE member SET campus = '西区' WHERE campus = '东区'", ("记录: 会员 会员0", "校区 是“西区”，历史里是“东区”")),
                                 ("UPDATE seat SET roles = 'accountant,union_chair'", ("管理数据: 席位 1：角色 是“工会主席 会计”，管理日志里是“工会主席”",)),
                                 ("UPDATE seat SET person = '别人'", ("席位 1：姓名 是“别人”",))):
            said = self.tampered(statement, env={"BANYAN_LANG": "zh_CN"}).out
            for word in words:
                self.assertIn(word, said)
            self.assertNotRegex(said.split("下一步")[0], "member|campus|roles|union_chair|rows|control|seat|person")

    def test_rows(self):
        self.finds("UPDATE member SET name = '改名' WHERE name = '会员1'")
        self.finds("UPDATE member SET mobile = NULL WHERE name = '会员2'")
        self.finds("DELETE FROM member WHERE name = '会员2'")
        self.finds("UPDATE work_plan SET state = 'adopted'")
        self.finds("DELETE FROM tombstone")
        self.finds("UPDATE member SET _org = 1 WHERE name = '会员1'")

    def test_history(self):
        self.finds("UPDATE history SET received_ms = received_ms + 1 WHERE seq = (SELECT min(seq) FROM history WHERE org = 2)")
        self.finds("DELETE FROM history WHERE seq = (SELECT min(seq) + 2 FROM history WHERE org = 2) AND org = 2")
        self.finds("DELETE FROM history WHERE seq = (SELECT max(seq) FROM history WHERE org = 2) AND org = 2")

    def test_sums_and_numbers(self):
        db = sqlite3.connect(self.d.data / "banyan.db")
        state, = db.execute("SELECT state FROM org_state WHERE org = 2").fetchone()
        db.close()
        found = 0
        for at in range(0, len(state), 7):  # one byte of counters, digests, measures
            bad = state[:at] + bytes([state[at] ^ 1]) + state[at + 1:]
            found += self.tampered(("UPDATE org_state SET state = ? WHERE org = 2", (bad,))).status == 1
        self.assertGreaterEqual(found, 0.9 * len(range(0, len(state), 7)))  # a number counter may stand higher than what was given
        done = self.tampered("DELETE FROM run WHERE n = (SELECT min(n) FROM run)")  # runs are a seat's, of no one org
        self.assertEqual((done.status, "runs" in done.out), (1, True), done)

    def next_steps(self, done):
        return [line for line in done.out.splitlines() if line.startswith("next: ")]

    def test_the_next_step_rests_on_what_is_there(self):
        """Where the history was cut it does not say what is right, and one step is said for all that differs."""
        rows, = self.next_steps(self.tampered("UPDATE member SET name = '改名' WHERE name = '会员1'"))
        self.assertIn("the history is whole", rows)
        for cut in ("DELETE FROM history WHERE seq = (SELECT max(seq) FROM history WHERE org = 2) AND org = 2",
                    "DELETE FROM history WHERE seq = (SELECT min(seq) + 2 FROM history WHERE org = 2) AND org = 2"):
            done = self.tampered(cut, "UPDATE member SET name = '改名' WHERE name = '会员1'")
            step, = self.next_steps(done)
            self.assertIn("restore the first that verifies", step)
            self.assertIn("clients hand back", step)
        done = self.tampered("DELETE FROM union_group")  # its members point to it
        self.assertIn("is missing here, and history has it", done.out)
        step, = self.next_steps(done)
        self.assertIn("the history is whole", step)

    def test_a_control_journal_without_its_end(self):
        journal = self.d.data / "control.journal"
        whole = journal.read_bytes()
        self.addCleanup(journal.write_bytes, whole)
        half = len(whole) // 2
        for bytes_ in (whole[:half], whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1:], b"", b"\x00" * len(whole)):
            journal.write_bytes(bytes_)
            done = self.d("verify", status=1)
            said = done.out + done.err
            self.assertIn("revocations may be among what is lost", said)
            self.assertIn("the newest backup, says what is right", said)
            self.assertNotIn("journal says what is right", said)
            self.assertNotIn("everything fits", said)

    def test_references(self):
        self.finds("UPDATE plan_item SET plan_id = x'00000000000000000000000000000001'")


class Carried(unittest.TestCase):
    def test_a_backup_that_carries_damage_says_so_and_a_restore_mends_it(self):
        """A row changed by hand, found only after all backups carry it: the newest is restored, and history says what was right."""
        with district() as d:
            chair = d.join("QH001", "union_chair", "王敏")
            members = [chair.add("member", f"name=会员{n}", "mobile=13012345678") for n in range(3)]
            chair("remove", "member", members[2])
            chair.sync()
            self.assertEqual(d("backup", d.data.parent / "clean").err, "")
            d.stop()
            with contextlib.closing(sqlite3.connect(d.data / "banyan.db", isolation_level=None)) as db:
                db.execute("UPDATE member SET name='改名' WHERE name='会员1'")
                db.execute("DELETE FROM member WHERE name='会员0'")
            d.serve()
            newest = d.data.parent / "newest"
            self.assertIn("is damaged: ", d("backup", newest, status=1).err)
            self.assertTrue(newest.exists())
            self.assertIn("the last backup found damage: ", d("overview").err)
            d.stop()
            self.assertIn("the records of 1 unions were not what their history says", d("restore", newest).err)
            self.assertIn("everything fits", d("verify").err)
            self.assertNotIn("damage", d("overview").err)
            d.serve()
            d("recovered")
            chair.sync()
            self.assertEqual(chair.record("member", members[1])["name"], "会员1")
            self.assertEqual(d("backup", d.data.parent / "next").err, "")


if __name__ == "__main__":
    unittest.main()
