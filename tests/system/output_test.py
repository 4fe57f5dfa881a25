"""An answer that could not be written is no answer; what was saved stays saved."""
import subprocess
import unittest
from district import BANYAN, ENVIRONMENT, district


def to_full(*words):
    """The command with a full disk as its standard output."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run([BANYAN, *[str(w) for w in words]], stdout=full, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=ENVIRONMENT)
    return done.returncode, done.stderr.decode()


class Output(unittest.TestCase):
    def test_a_list_that_was_not_written(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            chair.add("member", "name=刘芳")
            status, said = to_full("list", "member", "--json", "--data", chair.folder)
            self.assertEqual((status, "written" in said), (1, True), said)
            status, said = to_full("add", "member", "name=周文", "--data", chair.folder)
            self.assertEqual((status, "written" in said), (0, True), said)
            self.assertEqual(chair.json("status")["queued"], 2)


if __name__ == "__main__":
    unittest.main()
