"""What a salvage set aside goes, too, when a seat loses the roles that let it hold what stands there (rule 31)."""
import sqlite3
import unittest
from district import district
from folder_test import checkpoint, damage

MOBILE = "13055667788"


def root_page(path, table):
    db = sqlite3.connect(path)
    page, = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ? AND type = 'table'", (table,)).fetchone()
    db.close()
    return page


class SetAside(unittest.TestCase):
    def files_with(self, folder):
        return [p.name for p in folder.iterdir() if p.is_file() and MOBILE.encode() in p.read_bytes()]

    def test_lost_roles(self):
        with district() as d:
            chair, seat = d.join("QH001", "union_chair", "王敏"), d.join("QH001", "committee_member", "李静")
            chair.add("member", "name=刘芳", f"mobile={MOBILE}")
            chair.sync()
            seat.sync()
            checkpoint(seat.folder / "banyan.db")
            damage(seat.folder / "banyan.db", root_page(seat.folder / "banyan.db", "work_plan") - 1, 1)
            seat("list", "work_plan", status=None)
            aside, = seat.folder.glob("banyan.db.damaged-*")
            self.assertIn(aside.name, self.files_with(seat.folder))
            seat.sync()
            self.assertTrue(aside.exists(), "it stays while its roles do")
            d("seat", "roles", seat.json("status")["seat"], "--role", "audit_member", "--yes")
            seat.sync()
            self.assertEqual(self.files_with(seat.folder), [])


if __name__ == "__main__":
    unittest.main()
