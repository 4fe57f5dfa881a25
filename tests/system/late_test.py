"""The server was restored and the operator has ended its recovery; then a device comes that holds what a colleague wrote since the backup,
whose own device is lost. It stands there once, under the colleague's name; what somebody has written meanwhile is not overwritten, and what
can't be done any more is told to those who answer for the colleague."""
import unittest
from district import wait_for
from restored import Restored


class LateHolder(Restored):
    def restored(self, copy):
        self.d.stop()
        self.d("restore", copy)
        self.d.serve()
        self.d("recovered")

    def members(self, seat):
        return sorted(m["name"] for m in seat.json("list", "member"))

    def test_a_lost_colleague(self):
        lost = self.d.join("QH001", "union_chair", "钱晓")
        one, two = (self.chair.add("member", f"name={name}") for name in ("刘芳", "待退"))
        self.sync_all(*self.all, lost)
        copy = self.backup("one")
        new = lost.add("member", "name=同事甲")
        lost("set", "member", new, "note=交接")
        lost("set", "member", one, "note=同事写的", "campus=东区")
        lost("act", "member", two, "active")
        lost.sync()
        self.chair.sync()  # holds it all, and does not come while the server recovers
        self.restored(copy)
        number = lost.json("status")["seat"]
        self.d("seat", "revoke", number)
        self.colleague("set", "member", one, "note=新写的")
        self.colleague("remove", "member", two)
        self.colleague.sync()
        self.assertEqual(self.members(self.colleague), ["刘芳"])
        self.chair("set", "member", new, "campus=西区")  # on top of it
        said = self.chair.sync(status=4).err  # a conflict waits
        self.assertIn("this device handed them over: 4 were taken up again, 1 of them are refused now", said)
        self.assertNotIn("only in part", said)
        self.assertNotIn("handed them over", self.chair("status").out + self.chair("status").err)  # told once
        self.colleague.sync(status=None)
        for seat in (self.chair, self.colleague):
            self.assertEqual(self.members(seat), ["刘芳", "同事甲"])
            found = seat.record("member", new)
            self.assertEqual((found["note"], found["campus"]), ("交接", "西区"))
            found = seat.record("member", one)
            self.assertEqual((found["note"], found["campus"]), ("新写的", "东区"))
        clash, = self.chair.json("list", "conflict")
        self.assertIn("seat of the later value: 钱晓", self.chair("show", "conflict", clash["id"]).out)
        said = self.chair("history", "member", new).out
        self.assertEqual((said.count("钱晓"), said.count("王敏")), (2, 1))
        self.assertIn("what was not taken of a colleague's seat waits for you", self.chair.sync(status=4).err)
        refused, = self.chair.json("seat", "refused", number)
        self.assertEqual((refused["record"], refused["action"]), (two, "active"))
        again = self.chair("history", "member", new).out
        self.chair.sync(status=4)
        self.assertEqual(self.chair("history", "member", new).out, again)

    def test_the_author_lives(self):
        """Who is not revoked is not called so; why each was refused stands beside it."""
        author = self.d.join("QH001", "union_chair", "钱晓")
        one = self.chair.add("member", "name=待退")
        self.sync_all(*self.all, author)
        copy = self.backup("one")
        author("act", "member", one, "active")
        author.sync()
        self.chair.sync()
        self.restored(copy)
        self.colleague("remove", "member", one)
        self.colleague.sync()
        self.chair.sync(status=None)  # hands the author's step over: the member has gone
        number = author.json("status")["seat"]
        said = self.chair.sync(status=None).err
        self.assertIn("of a colleague's seat waits for you", said)
        self.assertNotIn("revoked", said)
        found, = self.chair.json("attention", status=4)
        self.assertEqual((found["id"], found["type"], found["code"], found["person"]), (f"seat-{number}", "late_refused", "LATE_REFUSED", "钱晓"))
        self.assertIn("has not been here since", found["text"])
        status = self.chair.json("status")
        self.assertEqual((status["revoked"], status["late_refused"]), (0, 1))
        refused, = self.chair.json("seat", "refused", number)
        self.assertEqual((refused["record"], refused["code"]), (one, "STATE_MOVED"))
        self.assertIn("This step is not open", self.chair("seat", "refused", number).out)

    def test_an_agent_handed_it_over(self):
        """Which talks to nobody: status says so once, to a program as well."""
        self.sync_all()
        copy = self.backup("one")
        new = self.colleague.add("member", "name=同事甲")
        self.colleague.sync()
        self.chair.sync()
        self.restored(copy)
        nothing = {"taken_up": 0, "refused": 0, "left": 0}
        self.assertEqual(self.chair.json("status")["late"], nothing)
        agent = self.chair.watch()
        wait_for(lambda: self.chair.record("member", new)["member_no"] == "1001", "the agent hands it over")
        for _ in range(2):  # a program that asks takes nothing from what people are told
            done = self.chair("status", "--json")
            self.assertEqual((done.json["late"], done.err), ({**nothing, "taken_up": 1}, ""))
        self.assertIn("this device handed them over: 1", self.chair("status").err)
        self.assertEqual(self.chair.json("status")["late"], nothing)
        agent.end()

    def test_its_author_comes_after_all(self):
        self.sync_all()
        copy = self.backup("one")
        new = self.colleague.add("member", "name=同事甲")
        self.colleague.sync()
        self.chair.sync()
        self.restored(copy)
        self.assertIn("this device handed them over: 1 were taken up again\n", self.chair.sync().err)
        self.assertNotIn("handed them over", self.colleague.sync().err)  # all of it is known
        self.chair.sync()
        for seat in (self.chair, self.colleague):
            self.assertEqual(self.members(seat), ["同事甲"])
            self.assertEqual(seat.json("status")["queued"], 0)
        self.assertEqual(self.chair("history", "member", new).out.count("李静"), 1)


if __name__ == "__main__":
    unittest.main()
