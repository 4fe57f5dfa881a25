"""Who is not of a branch and is given sensitive values of its records stands in the control journal before the values go: the branch's chair
sees it, without a network too; it outlives kill -9 and a restore. Roles of the district are given none at all."""
import shutil
import signal
import subprocess
import unittest
from district import BANYAN, District

NUMBER, MOBILE = "11010119900307109X", "13800138000"
SENSITIVE = ("11010119900307109X", "13800138000", "1990-03-07", "2000")


class Accesses(unittest.TestCase):
    def setUp(self):
        self.d = District(branches=[("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区云雀幼儿园工会")])
        self.addCleanup(self.d.close)
        self.d.serve()
        self.officer = self.d.join("QH", "district_officer", "张丽")
        self.chair = self.d.join("QH001", "union_chair", "王敏")
        self.member = self.chair.add("member", "name=周文", f"id_number={NUMBER}", f"mobile={MOBILE}", "birth_date=1990-03-07")
        self.chair("act", "member", self.member, "active", "joined_on=2026-01-05", "state_effective_on=2026-01-05")
        self.chair.sync()

    def transfer(self):
        other = self.d.join("QH002", "union_chair", "陈燕")
        self.chair("act", "member", self.member, "transferred_out", "to_branch=QH002", "state_effective_on=2026-10-15")
        self.chair.sync()
        other("list", "member", "--incoming")  # names alone: no reading
        self.chair.sync()
        self.assertEqual(self.chair.json("accesses"), [])
        other.add("member", "--from", "周文", "transferred_in_on=2026-10-16")
        return other

    def seen(self):
        one, = self.chair.json("accesses")
        self.assertEqual((one["person"], one["roles"], one["branch"], one["kind"], one["id"], one["records"]),
                         ("陈燕", "union_chair", "QH002", "member", self.member, 1))
        self.assertEqual(set(one["fields"].split(",")), {"id_number", "mobile", "birth_date"})
        return one

    def test_a_file_that_goes_along(self):
        self.transfer()
        self.assertEqual(self.chair.json("status")["readings"], 0)  # not told yet
        self.chair.sync()
        self.assertEqual(self.chair.json("status")["readings"], 1)
        self.assertIn("see: banyan accesses", self.chair("status").out)
        self.d.stop()  # without a network
        words = self.chair("accesses").out
        for word in ("陈燕", "QH002", "周文", "2026-"):
            self.assertIn(word, words)
        self.assertNotIn(NUMBER, words)
        self.assertEqual(self.chair.json("status")["readings"], 0)  # looked at
        self.assertFalse(self.seen()["new"])
        self.d("verify")

    def test_colleagues_are_not_told(self):
        colleague = self.d.join("QH001", "committee_member", "李静")
        self.transfer()
        colleague.sync()
        self.assertEqual(colleague.json("accesses"), [])
        for seat in (colleague, self.officer):  # whoever is not told cannot say that there was none
            words = seat("accesses").out
            self.assertIn("Only the branch's chair is told", words)
            self.assertNotIn("Nobody", words)

    def test_it_outlives_the_server(self):
        self.d("backup", self.d.base / "before.db")
        self.transfer()
        self.d.stop(signal.SIGKILL)
        self.d("restore", self.d.base / "before.db")  # of a time when it had not happened; the journal knows
        self.d("recovered")
        self.d.serve()
        self.chair.sync(status=None)
        self.seen()
        self.d("verify")

    def test_the_journal_went_with_the_disk(self):
        """The backup's record of readings is older than the loss: the branch is told from when on there is one again, a new device too."""
        self.d("backup", self.d.base / "before.db")
        self.assertIsNone(self.chair.json("status")["readings_lost_before"])
        self.transfer()
        self.d.stop(signal.SIGKILL)
        shutil.rmtree(self.d.data)
        self.d.data.mkdir(mode=0o700)
        self.d("restore", self.d.base / "before.db")  # its own journal is taken, and knows of no reading
        self.d("recovered")
        self.d.serve()
        self.chair.sync(status=None)
        self.assertEqual(self.chair.json("accesses"), [])
        words = self.chair("accesses")
        self.assertIn("The server was restored", words.out)
        self.assertNotIn("Nobody else was given", words.out)  # nobody can say so
        lost = self.chair.json("status")["readings_lost_before"]
        self.assertRegex(words.out, r"restored on \d{4}-\d\d-\d\d \d\d:\d\d,")
        self.assertRegex(lost, r"^\d{4}-\d\d-\d\dT")
        self.assertIn("The server was restored", self.chair("accesses", "--json").err)
        second = self.d.join("QH001", "union_chair", "李静")
        second.sync()
        self.assertEqual(second.json("status")["readings_lost_before"], lost)
        colleague = self.d.join("QH001", "committee_member", "吕静")
        colleague.sync()
        self.assertIsNone(colleague.json("status")["readings_lost_before"])  # who is told of none is told of no gap
        words = self.chair("accesses", env={"BANYAN_LANG": "zh_CN"}).out
        self.assertIn("恢复", words)

    def test_the_district_is_given_none(self):
        """Whatever it asks, in whatever form, no sensitive value comes; so there is nothing to record."""
        for words in (("list", "member", "--branch", "QH001", "--json"), ("list", "member", "--branch", "QH001", "--csv"),
                      ("show", "member", self.member, "--branch", "QH001", "--json"), ("history", "member", self.member, "--branch", "QH001", "--json"),
                      ("list", "dues_standard", "--branch", "QH001", "--json"), ("overview", "--json")):
            done = subprocess.run([BANYAN, *words, "--data", self.officer.folder], capture_output=True, text=True, timeout=60)
            for value in (NUMBER, MOBILE, "1990-03-07"):
                self.assertNotIn(value, done.stdout + done.stderr, words)
        self.chair.sync()
        self.assertEqual(self.chair.json("accesses"), [])


if __name__ == "__main__":
    unittest.main()
