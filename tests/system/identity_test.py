"""A seat is its key and its number: where the control journal went with the disk, a number that was given after the backup is not given
again, so nobody's name stands on another's entries."""
import shutil
import sqlite3
import unittest
from district import district, run, BANYAND


class Identity(unittest.TestCase):
    def test_a_number_that_was_given_again_is_somebody_else(self):
        """As a server of before did it, which left no numbers out after such a restore: the certificate of the first has another key."""
        with district(branches=(("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区云雀幼儿园工会"))) as d:
            d.join("QH001", "union_chair", "王敏").sync()
            backup = d.base / "backup.db"
            d("backup", backup)
            first = d.join("QH001", "committee_member", "李静")
            first.sync()
            d.stop()
            shutil.rmtree(d.data)
            run([BANYAND, "restore", "--data", d.data, backup])
            with sqlite3.connect(d.data / "banyan.db") as db:
                self.assertEqual(db.execute("DELETE FROM jump").rowcount, 1)
            db.close()
            d.serve()
            d("recovered")
            second = d.join("QH002", "union_chair", "赵蓉")
            second.add("member", "name=孙丽芳")
            second.sync()
            self.assertEqual([first.json("status")["seat"], second.json("status")["seat"]], [2, 2])
            first("add", "member", "name=之后")
            said = first.sync(status=None)
            self.assertNotEqual(said.status, 0)
            self.assertIn("does not know this seat", said.err)
            self.assertIn("a certificate of seat 2 with another key", d.server.err)
            self.assertEqual([m["name"] for m in first.json("list", "member")], ["之后"])  # its own, not the other's
            self.assertEqual(first.json("status")["queued"], 1)
            second.sync()
            self.assertEqual([m["name"] for m in second.json("list", "member")], ["孙丽芳"])

    def test_a_number_is_not_given_again(self):
        with district(branches=(("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区云雀幼儿园工会"))) as d:
            chair = d.join("QH001", "union_chair", "王敏")
            chair.add("member", "name=周文")
            chair.sync()
            backup = d.base / "backup.db"
            d("backup", backup)
            late = d.join("QH001", "committee_member", "李静")  # of whom the backup knows nothing
            late.sync()
            d.stop()
            shutil.rmtree(d.data)
            run([BANYAND, "restore", "--data", d.data, backup])
            d.serve()
            d("recovered")
            other = d.join("QH002", "union_chair", "赵蓉")
            other.add("member", "name=孙丽芳")
            other.sync()
            seats = {s["name"]: s["id"] for s in d("seat", "list", "--json").json}
            self.assertEqual(seats["王敏"], 1)
            self.assertGreater(seats["赵蓉"], 1000)  # 李静 was 2
            self.assertEqual(seats["赵蓉"] % 1000, 1)
            late("add", "member", "name=之后")
            said = late.sync(status=None)
            self.assertNotEqual(said.status, 0)
            self.assertIn("does not know this seat", said.err)
            self.assertEqual([m["name"] for m in late.json("list", "member")], ["周文", "之后"])  # its own, not the other's
            self.assertEqual(late.json("status")["queued"], 1)
            self.assertEqual(d("seat", "list", "--json").json[1]["queued"], 0)
            other.sync()
            chair.sync()
            d("verify")


if __name__ == "__main__":
    unittest.main()
