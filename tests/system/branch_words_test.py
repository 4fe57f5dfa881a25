"""The district works on a branch's records by what people call them (cli.md): --branch CODE with a number, a title or a name, looked
up in the live list of that branch; what is not there names the nearest that is."""
import socket
import threading
import unittest
from district import district, asked_for


class Deaf:
    """In the server's place: takes every call, answers none, and counts them."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.calls, self.socket = 0, socket.create_server((host, int(port)))
        self.thread = threading.Thread(target=self.take)
        self.thread.start()

    def take(self):
        while True:
            try:
                line, _ = self.socket.accept()
            except OSError:
                return
            self.calls += 1
            line.close()

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()


class BranchWords(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = district(branches=(("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区云雀幼儿园工会")))
        cls.d = cls.context.__enter__()
        cls.addClassCleanup(cls.context.__exit__, None, None, None)
        cls.officer = cls.d.join("QH", "district_officer", "张丽")
        cls.chairs = {}
        for code in ("QH001", "QH002"):
            chair = cls.chairs[code] = cls.d.join(code, "union_chair", "王敏")
            for title, period in (("第一学期工作计划", "2026-1"), ("全年工作计划", "2026")):
                plan = chair.add("work_plan", "title=" + title, "period=" + period)
                for action in ("discussed", "adopted", "submitted"):
                    chair("act", "work_plan", plan, action, *asked_for(action))
                chair.add("plan_item", "plan_id=" + plan, "title=" + title + "的第一项", "month=9")
            chair.add("member", "name=孙丽芳")
            chair.sync()

    def plans(self, code):
        return {p["title"]: p["state"] for p in self.officer.json("list", "work_plan", "--branch", code)}

    def test_a_plan_is_acknowledged_by_its_title(self):
        self.officer("act", "work_plan", "第一学期工作计划", "acknowledged", "--branch", "QH001")
        self.officer.sync()
        self.assertEqual(self.plans("QH001"), {"第一学期工作计划": "acknowledged", "全年工作计划": "submitted"})
        self.assertEqual(set(self.plans("QH002").values()), {"submitted"})  # the same title in another branch stays
        self.chairs["QH001"].sync()
        self.assertEqual([p["state"] for p in self.chairs["QH001"].json("list", "work_plan", "title=第一学期工作计划")], ["acknowledged"])
        self.officer("act", "work_plan", "第一学期工作计划", "全年工作计划", "returned", "return_reason=请补充经费", "--branch", "QH001")
        self.assertEqual(set(self.plans("QH001").values()), {"returned"})  # waiting here, on top of what the server has

    def test_members_by_number_and_name(self):
        member, = self.officer.json("list", "member", "--branch", "QH002")
        self.assertTrue(member["member_no"])
        for word in ("孙丽芳", str(member["member_no"]), member["id"], member["id"][:-1]):
            self.assertEqual(self.officer.json("show", "member", word, "--branch", "QH002")["id"], member["id"], word)
        other, = self.officer.json("list", "member", "--branch", "QH001")
        self.assertNotEqual(self.officer.json("show", "member", "孙丽芳", "--branch", "QH001")["id"], member["id"])
        self.assertEqual(self.officer.json("history", "member", "孙丽芳", "--branch", "QH001")[0]["changed"]["name"], [None, "孙丽芳"])
        self.assertIn("role", self.officer("set", "member", "孙丽芳", "campus=东区", "--branch", "QH001", status=1).err)

    def test_groups_are_shown_by_name(self):
        chair = self.chairs["QH001"]
        group = chair.add("union_group", "name=大班组")
        chair("set", "member", "孙丽芳", f"group_id={group}")
        chair.sync()
        for words in (("list", "member"), ("list", "member", "--csv"), ("show", "member", "孙丽芳")):
            said = self.officer(*words, "--branch", "QH001").out
            self.assertIn("大班组", said)
            self.assertNotIn(group, said)
        self.assertEqual(self.officer.json("list", "member", "--branch", "QH001")[0]["group_id"], group)

    def test_references_are_looked_up_there_too(self):
        items = self.officer.json("list", "plan_item", "plan_id=第一学期工作计划", "--branch", "QH002")
        self.assertEqual([i["title"] for i in items], ["第一学期工作计划的第一项"])
        self.assertIn("did you mean 第一学期工作计划?", self.officer("list", "plan_item", "plan_id=一学期工作计划", "--branch", "QH002", status=1).err)

    def test_what_is_not_there_names_the_nearest(self):
        for word, near in (("第一学期工作", "第一学期工作计划"), ("全年", "全年工作计划"), ("第一学期工做计划", "第一学期工作计划")):
            done = self.officer("act", "work_plan", word, "acknowledged", "--branch", "QH002", status=1)
            self.assertIn(f"did you mean {near}?", done.err)
            self.assertIn("banyan list work_plan --branch QH002", done.err)
        self.assertNotIn("did you mean", self.officer("show", "member", "毫不相干的人", "--branch", "QH002", status=1).err)
        self.assertIn("did you mean 孙丽芳?", self.chairs["QH001"]("show", "member", "孙丽方", status=1).err)  # and on one's own device
        self.assertIn("no such branch", self.officer("show", "member", "孙丽芳", "--branch", "QH009", status=1).err)
        self.chairs["QH002"].add("work_plan", "title=重名", "period=2025")
        self.chairs["QH002"].add("work_plan", "title=重名", "period=2024")
        self.chairs["QH002"].sync()
        self.assertIn("more than one", self.officer("show", "work_plan", "重名", "--branch", "QH002", status=1).err)

    def test_without_the_server_the_last_answer_will_do(self):
        officer = self.d.join("QH", "district_officer", "李静")
        officer("list", "work_plan", "--branch", "QH002")
        self.d.stop()
        try:
            done = officer("show", "work_plan", "全年工作计划", "--branch", "QH002")
            self.assertIn("answered last", done.err)
            self.assertEqual(officer("show", "member", "孙丽芳", "--branch", "QH002", status=1).out, "")  # never asked for
        finally:
            self.d.serve()

    def test_who_cannot_be_reached_is_called_once(self):
        """Each call may take until its patience ends: what only helps to show names is not asked from a server that has just not answered."""
        officer = self.d.join("QH", "district_officer", "李静")
        group = self.chairs["QH001"].add("union_group", "name=中班组")
        self.chairs["QH001"]("set", "member", "孙丽芳", f"group_id={group}")
        self.chairs["QH001"].sync()
        member, = officer.json("list", "member", "--branch", "QH001")
        officer("list", "member", "--branch", "QH001")
        self.d.stop()
        deaf = Deaf(self.d.address)
        try:
            officer.json("list", "member", "--branch", "QH001")  # which gives its ticket up: from now on each contact is one call
            for words, says in ((("show", "member", "孙丽芳"), "answered last"), (("show", "member", member["id"]), "answered last"), (("list", "member"), "last answer")):
                deaf.calls = 0
                done = officer(*words, "--branch", "QH001")
                self.assertIn(says, done.err)
                self.assertIn("中班组", done.out)  # as it was answered last
                self.assertEqual(deaf.calls, 1, words)
        finally:
            deaf.close()
            self.d.serve()


if __name__ == "__main__":
    unittest.main()
