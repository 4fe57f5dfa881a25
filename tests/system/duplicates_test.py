"""Members who stand twice in the district are found by a keyed hash of their ID number: in two branches or in one, as soon as the
second is accepted, gone as soon as one of them goes; the number itself stands in no answer and in no mark."""
import sqlite3
import unittest
from district import district

BRANCHES = (("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区云雀幼儿园工会"))
NUMBER, OTHER = "990101198506120024", "990101199003070015"


class Duplicates(unittest.TestCase):
    def setUp(self):
        context = district(branches=BRANCHES)
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.one = self.d.join("QH001", "union_chair", "王敏")
        self.two = self.d.join("QH002", "union_chair", "李静")

    def member(self, seat, number=NUMBER, **fields):
        words = {"name": "林晓岚", "state": "active", "id_number": number, **fields}
        member = seat.add("member", *[f"{k}={v}" for k, v in words.items()])
        seat.sync()
        return member

    def counts(self):
        board = self.d.overview()
        figure, = [f for f in board["figures"] if f["name"] == "possible_duplicates"]
        measures = [b["measures"].get("member.possible_duplicates", 0) for b in sorted(board["branches"], key=lambda b: b["code"])]
        self.assertEqual(board["totals"].get("member.possible_duplicates", 0), sum(measures))
        self.assertEqual(figure["numerator"], sum(measures))
        return measures

    def listed(self):
        return [sorted((m["branch"], m["member"]) for m in person) for person in self.d("duplicates", "--json").json]

    def test_in_two_branches(self):
        a = self.member(self.one)
        self.assertEqual(self.counts(), [0, 0])
        b = self.member(self.two, name="林晓兰")
        self.member(self.two, OTHER, name="石榴")
        self.assertEqual(self.counts(), [1, 1])
        self.assertEqual(self.listed(), [[("QH001", a), ("QH002", b)]])
        told = self.d("duplicates")
        self.assertIn(a, told.out)
        self.assertNotIn(NUMBER, told.out + self.d("duplicates", "--json").out + self.d("overview", "--json").out)
        officer = self.d.join("QH", "district_officer", "张丽")
        self.assertEqual(officer.json("overview")["totals"]["member.possible_duplicates"], 2)
        # A branch is told nothing of others: who adds a number and looks would learn whose it is.
        self.assertNotIn("member.possible_duplicates", self.two.json("overview")["totals"])
        self.assertNotIn("member.possible_duplicates", self.two.json("overview")["branches"][0]["measures"])
        self.member(self.two, name="林晓兰")
        self.assertEqual(self.two.json("overview")["totals"]["member.possible_duplicates"], 2)  # but of its own
        self.assertEqual(self.counts(), [1, 2])
        self.assertIn("possible duplicates", officer("overview").out)
        self.assertEqual(self.d("verify").status, 0)

    def test_what_ends_it(self):
        a, b = self.member(self.one), self.member(self.two)
        for seat, words in ((self.one, ("set", "member", a, "id_number=")), (self.one, ("set", "member", a, "id_type=414", "id_number=" + NUMBER))):
            self.assertEqual(self.counts(), [1, 1])
            seat(*words)
            seat.sync()
            self.assertEqual(self.counts(), [0, 0], words)
            seat("set", "member", a, "id_type=111", "id_number=" + NUMBER)
            seat.sync()
        self.assertEqual(self.counts(), [1, 1])
        self.two("act", "member", b, "retained", "retained_reason=退休")
        self.two.sync()
        self.assertEqual(self.counts(), [1, 1])  # who is retained is a member
        self.two("act", "member", b, "active")
        self.two("act", "member", b, "transferred_out", "to_branch=QH001")
        self.two.sync()
        self.assertEqual((self.counts(), self.listed()), ([0, 0], []))
        self.assertIn("no ID number stands twice", self.d("duplicates").err)
        self.one("remove", "member", a)
        self.one.sync()
        self.assertEqual(self.d("verify").status, 0)

    def test_in_one_branch_entered_apart(self):
        colleague = self.d.join("QH001", "committee_member", "赵蓉")
        a, b = self.one.add("member", "name=林晓岚", "state=active", f"id_number={NUMBER}"), \
            colleague.add("member", "name=林晓岚", "state=active", "id_type=111", f"id_number={NUMBER}")
        self.one.sync()
        colleague.sync()
        self.assertEqual((self.counts(), self.listed()), ([2, 0], [sorted([("QH001", a), ("QH001", b)])]))

    def test_a_transfer_is_none(self):
        member = self.member(self.one)
        self.one("act", "member", member, "transferred_out", "to_branch=QH002")
        self.one.sync()
        self.two("add", "member", "--from", member)
        self.two.sync()
        self.assertEqual(self.counts(), [0, 0])

    def marks(self):
        with sqlite3.connect(f"file:{self.d.data / 'banyan.db'}?mode=ro", uri=True) as db:
            return [bytes(m) for m, in db.execute("SELECT mark FROM person ORDER BY id")]

    def test_key_and_backup(self):
        self.member(self.one)
        self.member(self.two)
        first = self.marks()
        self.assertEqual((len(first), len(set(first)), {len(m) for m in first}), (2, 1, {16}))
        backup = self.d.base / "a.backup"
        self.d("backup", backup)
        self.d.stop()
        key = (self.d.data / "person.key").read_bytes()
        self.assertEqual((len(key), (self.d.data / "person.key").stat().st_mode & 0o777), (32, 0o600))
        (self.d.data / "person.key").unlink()  # another key: all marks anew
        self.d.serve()
        second = self.marks()
        self.assertEqual(len(second), 2)
        self.assertNotEqual(second[0], first[0])
        self.assertEqual((self.counts(), self.d("verify").status), ([1, 1], 0))
        self.d.stop()
        (self.d.data / "person.key").unlink()
        self.d("restore", backup)
        self.assertEqual((self.d.data / "person.key").read_bytes(), key)
        self.d.serve()
        self.assertEqual((self.marks(), self.counts()), (first, [1, 1]))

    def test_verify_finds_a_wrong_mark(self):
        a = self.member(self.one)
        self.d.stop()
        for damage in ("DELETE FROM person", "INSERT INTO person VALUES(x'00112233445566778899aabbccddeeff', 2, x'00')"):
            with sqlite3.connect(self.d.data / "banyan.db") as db:
                saved = db.execute("SELECT * FROM person").fetchall()
                db.execute(damage)
            self.assertIn("marks of ID numbers", (lambda r: r.out + r.err)(self.d("verify", status=1)), damage)
            with sqlite3.connect(self.d.data / "banyan.db") as db:
                db.execute("DELETE FROM person")
                db.executemany("INSERT INTO person VALUES(?, ?, ?)", saved)
        self.assertEqual(self.d("verify").status, 0)
        self.assertTrue(a)
        self.d.serve()


if __name__ == "__main__":
    unittest.main()
