"""Sync state that lies beside the database gets out of step with it, or goes with a damaged file. All is in one file and one transaction; a
file that is damaged is set aside by the next command, what had not been sent is carried over, and the rows come again from the server."""
import unittest
from district import district
from folder_test import checkpoint, damage
import sqlite3


class DamagedFile(unittest.TestCase):
    def test_the_queue_is_carried_over(self):
        with district() as d:
            seat = d.join("QH001", "union_chair", "王敏")
            members = [seat.add("member", f"name=会员{n}", "note=" + "字" * 200) for n in range(20)]
            seat.sync()
            queued = [seat.add("member", f"name=没送出{n}") for n in range(5)]
            seat("set", "member", members[3], "campus=东区")
            checkpoint(seat.folder / "banyan.db")
            db = sqlite3.connect(seat.folder / "banyan.db")
            page, = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'member' AND type = 'table'").fetchone()
            db.close()
            damage(seat.folder / "banyan.db", page - 1, 1)  # the rows of the members are gone
            said = seat("list", "member", status=None)
            self.assertTrue(said.err)  # it is told
            self.assertIn("Waiting to be sent: 6", seat("status").out)
            self.assertTrue(list(seat.folder.glob("banyan.db.damaged-*")))
            seat.sync()
            self.assertEqual(seat.json("status")["queued"], 0)
            listed = {m["id"]: m for m in seat.json("list", "member")}
            self.assertEqual(set(listed), set(members) | set(queued))
            self.assertEqual(listed[members[3]]["campus"], "东区")
            self.assertEqual(d.overview()["totals"]["member.total"], 25)
            seat.add("member", "name=之后")
            seat.sync()
            d("verify")

    def test_nothing_lies_beside_it(self):
        """The database put back alone, with none of its neighbours, is a whole seat of that day but for its keys."""
        with district() as d:
            seat, other = d.join("QH001", "union_chair", "王敏"), d.join("QH001", "committee_member", "李静")
            seat.add("member", "name=之前")
            seat.sync()
            seat.add("member", "name=没送出")
            checkpoint(seat.folder / "banyan.db")
            for path in seat.folder.iterdir():
                if path.name not in ("banyan.db", "key.pem", "cert.pem", "ca.pem"):
                    path.unlink()
            self.assertEqual(seat.json("status")["queued"], 1)
            seat.sync()
            other.sync()
            self.assertEqual(sorted(m["name"] for m in other.json("list", "member")), ["之前", "没送出"])
            self.assertEqual(other.json("list", "member"), seat.json("list", "member"))
            d("verify")


if __name__ == "__main__":
    unittest.main()
