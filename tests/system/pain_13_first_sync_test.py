"""A slow first sync: eighteen thousand records in three minutes, and from the start at every cut of the line. Two thousand records on a line
that is cut every 50 KiB: how many there will be is told before they have come, no cut takes away what has arrived, and after some
rounds all is there. On a good line 5,000 take a second or two with the sanitizers."""
import os
import pty
import re
import subprocess
import time
import unittest
from cut_line import CutLine
from district import district, run, Seat, BANYAN, ENVIRONMENT

CUT = 50 * 1024


class FirstSync(unittest.TestCase):
    def setUp(self):
        context = district(serve=False)
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.line = CutLine.before(self.d, self)
        self.chair = self.d.join("QH001", "union_chair", "王敏")

    def members(self, count):
        sheet = self.d.base / "members.csv"
        sheet.write_text("姓名,手机,备注\n" + "".join(f"会员{n},130{n:08},备注{'甲' * 50}{n}\n" for n in range(count)))
        self.chair("import", "member", sheet)
        self.chair.sync()

    def on_a_terminal(self, *words):
        """Status, and what a person sees: progress is told at a terminal alone."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen([BANYAN, *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs, env=ENVIRONMENT)
        os.close(theirs)
        seen = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break  # nobody writes any more
            if not piece:
                break
            seen += piece
        os.close(ours)
        return process.wait(60), seen.decode(errors="replace")

    def progress(self, seen):
        return [(int(done), int(total)) for done, total in re.findall(r"records received (\d+)/(\d+)", seen)]

    def test_a_line_that_is_cut_every_50_kib(self):
        self.members(2000)
        folder = self.d.base / "tablet"
        code = self.d.invite("QH001", "committee_member", "李静")
        self.line.down_max = CUT
        run([BANYAN, "join", "-", "--data", folder], stdin=code)  # joined, though not all could come
        tablet, told = Seat(self.d, folder), []
        for rounds in range(1, 80):
            status, seen = self.on_a_terminal("sync", "--data", folder)
            told += self.progress(seen)
            if status == 0:
                break
            self.assertEqual(status, 3, seen)
            self.assertIn("The connection to the server was cut.", seen)
        self.assertEqual(status, 0, "it never ended")
        self.assertGreater(rounds, 5)
        self.assertEqual(len(tablet.json("list", "member")), 2000)
        self.assertEqual({total for _, total in told}, {2000})           # known beforehand
        self.assertEqual([done for done, _ in told], sorted({done for done, _ in told}))  # and nothing comes twice
        self.assertEqual(told[-1], (2000, 2000))
        self.line.down_max = None
        self.d("verify")

    def test_a_great_upload_on_such_a_line(self):
        self.line.up_max = CUT
        sheet = self.d.base / "members.csv"
        sheet.write_text("姓名,手机,备注\n" + "".join(f"会员{n},130{n:08},备注{'甲' * 50}{n}\n" for n in range(2000)))
        self.chair("import", "member", sheet)
        waits = [2000]
        for rounds in range(1, 40):
            status = self.chair.sync(status=None).status
            waits.append(self.chair.json("status")["queued"])
            if status == 0:
                break
            self.assertEqual(status, 3)
        self.assertEqual(waits[-1], 0, waits)
        self.assertGreater(rounds, 5)
        self.assertEqual(self.d.overview()["totals"]["member.total"], 2000)

    def test_5000_on_a_good_line(self):
        self.members(5000)
        start = time.monotonic()
        newcomer = self.d.join("QH001", "committee_member", "李静")
        self.assertLess(time.monotonic() - start, 30)
        self.assertEqual(len(newcomer.json("list", "member")), 5000)
        self.assertEqual(newcomer.json("status")["queued"], 0)


if __name__ == "__main__":
    unittest.main()
