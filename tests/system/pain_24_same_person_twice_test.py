"""The same person is entered twice. An ID number is no key: the second record is taken, who enters it is told whose number it is, and the board
counts both until one of them goes; the operator's list names the records, never the number. (One record for both under an alias: README.md.)"""
import unittest
from district import district

NUMBER = "990103200001012282"


class SamePersonTwice(unittest.TestCase):
    def test_taken_and_flagged(self):
        with district((("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区云雀幼儿园工会"))) as d:
            chair, colleague = d.join("QH001", "union_chair", "王敏"), d.join("QH001", "committee_member", "李静")
            neighbour, officer = d.join("QH002", "union_chair", "周平"), d.join("QH", "district_officer", "张丽")
            first = chair.add("member", "name=林晓岚", "state=active", f"id_number={NUMBER}")
            done = chair("add", "member", "name=林晓兰", "state=active", f"id_number={NUMBER}")
            self.assertTrue(done.out.strip())
            self.assertIn("林晓岚", done.err)
            apart = colleague.add("member", "name=林小岚", "state=active", "id_type=111", f"id_number={NUMBER}")  # nobody can know it here
            neighbour.add("member", "name=晓岚", "state=active", "id_type=111", f"id_number={NUMBER}")
            for seat in (chair, colleague, neighbour):
                seat.sync()
                self.assertEqual(seat.json("attention"), [])  # accepted, no conflict, no refusal
            board = officer.json("overview")
            self.assertEqual({b["code"]: b["measures"]["member.possible_duplicates"] for b in board["branches"]}, {"QH001": 3, "QH002": 1})
            person, = d("duplicates", "--json").json
            self.assertEqual(len(person), 4)
            self.assertTrue({first, apart} <= {m["member"] for m in person})
            self.assertNotIn(NUMBER, d("duplicates").out + officer("overview", "--json").out)
            chair.sync()
            chair("remove", "member", apart)
            chair.sync()
            self.assertEqual(officer.json("overview")["totals"]["member.possible_duplicates"], 3)


if __name__ == "__main__":
    unittest.main()
