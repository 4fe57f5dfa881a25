"""A kind that the programs do not have: one message, one rules file, one line that lists it; nothing else is touched. It is
added, synced, put in conflict, imported, exported and summed; and an older program beside it loses nothing of it."""
import os
import sqlite3
import unittest
import district
from district import Seat, run

PLAIN = district.BANYAN
SEVENTH = os.environ["BANYAN_SEVENTH"]


class SeventhKind(unittest.TestCase):
    def setUp(self):
        district.BANYAND, district.BANYAN = os.environ["BANYAND_SEVENTH"], SEVENTH

    def tearDown(self):
        district.BANYAND, district.BANYAN = os.environ["BANYAND"], PLAIN

    def test_all_that_a_kind_can_do(self):
        with district.district() as d:
            chair, colleague = d.join("QH001", "union_chair"), d.join("QH001", "committee_member", "李静")
            accountant, officer = d.join("QH001", "accountant", "陈洁"), d.join("QH", "district_officer", "张丽")
            member = chair.add("member", "name=刘芳")
            one = chair.add("suggestion", "title=夜间照明", "by_member_id=刘芳", "received_on=2026年9月1日", "saved_fen=120.50", "category=安全", "contact=10012345678")
            self.assertIn("title", chair("add", "suggestion", "content=x", status=1).err)
            self.assertIn("negative", chair("add", "suggestion", "title=y", "saved_fen=-1", status=1).err)
            self.assertIn("saved_fen", chair("add", "suggestion", "title=y", "saved_fem=1", status=2).err)
            for seat in (chair, colleague, accountant):
                seat.sync()
            row = colleague.record("suggestion", one)
            self.assertEqual((row["no"], row["saved_fen"], row["category"], row["by_member_id"], row["received_on"], row["state"]),
                             ("0001", 12050, "safety", member, "2026-09-01", "submitted"))
            self.assertEqual(row["contact"], "10012345678")
            self.assertNotIn("contact", accountant.record("suggestion", one))
            self.assertNotIn(b"10012345678", (accountant.folder / "banyan.db").read_bytes())
            with sqlite3.connect(d.data / "banyan.db") as db:
                self.assertEqual(db.execute("select title, saved_fen, state from suggestion").fetchall(), [("夜间照明", 12050, "submitted")])

            chair("set", "suggestion", one, "title=走廊照明")
            colleague("set", "suggestion", one, "title=夜灯")
            colleague("set", "suggestion", one, "content=装两盏灯")
            chair.sync()
            colleague.sync(status=4)
            chair.sync(status=4)
            conflict = colleague.json("attention", status=4)
            self.assertEqual([(c["type"], c["kind"], c["fields"]["title"]["mine"], c["fields"]["title"]["theirs"]) for c in conflict],
                             [("conflict", "suggestion", "夜灯", "走廊照明")])
            chair("resolve", conflict[0]["id"], "--theirs")  # of the two the colleague's
            chair.sync()
            colleague.sync()
            for seat in (chair, colleague):
                self.assertEqual((seat.record("suggestion", one)["title"], seat.record("suggestion", one)["content"]), ("夜灯", "装两盏灯"))

            sheet = d.base / "in.csv"
            sheet.write_bytes("建议名称,建议人,金额,类别\r\n换锁,刘芳,\"1,000.00\",安全\r\n".encode("gb18030"))
            chair("import", "suggestion", sheet)
            chair("import", "suggestion", sheet)
            self.assertEqual(len(chair.json("list", "suggestion")), 2)
            self.assertIn("requires", str(chair.json("describe", "suggestion")))
            self.assertEqual(chair("act", "suggestion", one, "declined", status=1).status, 1)
            chair("act", "suggestion", one, "declined", "decline_reason=已有计划")
            chair.sync()
            chair("export", "suggestion", d.base / "out.csv")
            self.assertIn("换锁", (d.base / "out.csv").read_text("utf-8-sig"))
            totals = officer.json("overview")["totals"]
            self.assertEqual((totals["suggestion.saved_fen"], totals["suggestion.state.declined"], totals["suggestion.state.submitted"]), (112050, 1, 1))
            self.assertEqual(len(officer.json("list", "suggestion", "--branch", "QH001")), 2)
            d("verify")

    def test_an_older_program_beside_it_loses_nothing(self):
        with district.district() as d:
            new, old = d.join("QH001", "union_chair"), d.join("QH001", "committee_member", "李静")
            one = new.add("suggestion", "title=夜间照明")
            member = new.add("member", "name=刘芳")
            new.sync()
            run([PLAIN, "sync", "--data", old.folder])
            self.assertEqual(run([PLAIN, "show", "member", member, "--json", "--data", old.folder]).json["name"], "刘芳")
            self.assertEqual(run([PLAIN, "list", "suggestion", "--data", old.folder], status=2).status, 2)
            run([PLAIN, "set", "member", member, "note=好", "--data", old.folder])
            run([PLAIN, "sync", "--data", old.folder])
            updated = Seat(d, old.folder)
            updated.sync()
            self.assertEqual(updated.record("suggestion", one)["title"], "夜间照明")
            new.sync()
            self.assertEqual(new.record("member", member)["note"], "好")


if __name__ == "__main__":
    unittest.main()
