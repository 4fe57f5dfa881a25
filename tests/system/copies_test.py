"""A seat's folder copied, or set back to an old copy (sync rules 4, 5, 35 aside): it goes on under an incarnation of its own,
nothing is lost, nothing comes twice, and no person has to do anything."""
import unittest
from copied import Copied


class Copies(Copied):
    def test_a_copy_with_things_to_send_sends_them_once(self):
        self.seat.add("member", "name=排队甲")
        self.seat.add("member", "name=排队乙")
        clone = self.seat.copy("clone")
        clone.add("member", "name=副本")
        self.level(self.seat, clone, expected=["排队甲", "排队乙", "副本"])

    def test_three_copies_of_copies(self):
        self.seat.add("member", "name=根")
        two = self.seat.copy("two")
        two.add("member", "name=二")
        three = two.copy("three")
        three.add("member", "name=三")
        self.seat.add("member", "name=一")
        four = three.copy("four")
        four.add("member", "name=四")
        self.level(four, self.seat, three, two, expected=["根", "一", "二", "三", "四"])

    def test_an_old_copy_and_the_same_field(self):
        member = self.seat.add("member", "name=刘芳", "campus=东区")
        self.seat.sync()
        old = self.seat.copy("old")
        self.seat("set", "member", member, "campus=西区")
        self.seat.sync()
        old("set", "member", member, "campus=南区")
        old("sync", status=4)  # another path of the same seat: a person decides
        entry, = old.json("attention", status=4)
        self.assertEqual({entry["fields"]["campus"][side] for side in ("mine", "theirs")}, {"西区", "南区"})
        old("resolve", entry["id"], "campus=北区")
        old.sync()
        for seat in (self.seat, self.other):
            seat.sync()
            self.assertEqual(seat.record("member", member)["campus"], "北区")
        self.assertEqual(self.d("verify").status, 0)


    def test_two_copies_in_use_are_told(self):
        """A copy gets stolen: the operator and the chair are told; a device alone, or one whose server was restarted, is not."""
        number = self.seat.json("status")["seat"]
        clone = self.seat.copy("clone")
        self.assertFalse([s for s in self.d("seat", "list", "--json").json if "copies_at" in s])
        for n in range(3):
            self.seat.add("member", f"name=本{n}")
            clone.add("member", f"name=副{n}")
            self.seat.sync(status=None)
            clone.sync(status=None)
        self.assertEqual([s["id"] for s in self.d("seat", "list", "--json").json if "copies_at" in s], [number])
        self.assertIn(f"Seat {number}, ", self.d("seat", "list").out)
        self.assertIn("two copies of its data", self.d("seat", "list").out)
        self.assertIn("two copies of its database", self.d.server.err)

    def test_the_devices_and_the_board_are_told(self):
        """Who answers for the seat, and the seat itself: at the next contact, once a day, and for as long as it is so; the board counts it."""
        officer = self.d.join("QH", "district_officer", "张丽")
        second = self.d.join("QH001", "union_chair", "陈晨")
        number = self.other.json("status")["seat"]
        self.other("set", "member", self.seat.add("member", "name=根"), "note=x", status=None)
        self.seat.sync()
        clone = self.other.copy("clone")
        for seat in (second, officer, self.other, self.seat):
            seat.sync()
            self.assertEqual(seat.json("status")["copies"], [])
        for overview in (self.d.overview(), officer.json("overview")):
            self.assertEqual([b["copies"] for b in overview["branches"]], [0])
        for n in range(3):
            self.other.add("proposal", f"title=案{n}", "reason=由", "suggestion=建议")
            clone.add("proposal", f"title=副{n}", "reason=由", "suggestion=建议")
            self.other.sync(status=None)
            clone.sync(status=None)
        at, = [s["copies_at"] for s in self.d("seat", "list", "--json").json if "copies_at" in s]
        for seat in (second, officer):
            said = seat.sync(status=None).err
            self.assertIn(f"Seat {number}, 李静: two copies of its data are in use", said)
            self.assertEqual(seat.json("status")["copies"], [{"seat": number, "person": "李静", "branch": "QH001", "at": at}])
            self.assertIn(f"Seat {number}, 李静: two copies", seat("status").out)
            self.assertNotIn("two copies", seat.sync(status=None).err)  # once
        clone.sync(status=None)
        self.assertIn("Two copies of this seat's data are in use", clone("status").out)
        self.assertEqual([c["seat"] for c in clone.json("status")["copies"]], [number])
        colleague = self.d.join("QH001", "committee_member", "吕静")
        colleague.sync(status=None)
        self.assertEqual(colleague.json("status")["copies"], [])  # it answers for nobody
        for overview in (self.d.overview(), officer.json("overview")):
            self.assertEqual([b["copies"] for b in overview["branches"]], [1])
        for text in (self.d("overview").out, officer("overview").out):
            self.assertIn("QH001 青禾区小苗圃幼儿园工会: of 1 seats there two copies of the data are in use", text)
        self.d("seat", "revoke", number)
        second.sync(status=None)
        self.assertEqual(second.json("status")["copies"], [])
        self.assertEqual([b["copies"] for b in self.d.overview()["branches"]], [0])


if __name__ == "__main__":
    unittest.main()
