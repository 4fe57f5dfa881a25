"""One bad record holds up a whole queue: a change in the middle of fifty that the server refuses. The other forty-nine go through, the one
leaves the queue with its reason, what hangs on it alone is refused with it, and it can be mended and sent again."""
import unittest
from district import district


class OneBadRecord(unittest.TestCase):
    def test_one_in_the_middle_of_fifty(self):
        with district() as d:
            one, two = d.join("QH001", "union_chair", "王敏"), d.join("QH001", "union_chair", "李静")
            member = one.add("member", "name=刘芳", "state=active", "joined_on=2020-09-01")
            one.sync()
            two.sync()
            one("act", "member", member, "withdrawn", "note=本人申请")
            one.sync()

            def roster(name, first):
                sheet = d.base / name
                sheet.write_text("姓名,工号\n" + "".join(f"会员{n},{n}\n" for n in range(first, first + 24)))
                two("import", "member", sheet)

            roster("before.csv", 100)
            two("act", "member", member, "retained", "retained_reason=study", "state_effective_on=2026-09-01")  # the bad one: the 25th
            two("act", "member", member, "transferred_out")                                                  # hangs on it: the 26th
            roster("after.csv", 200)
            self.assertEqual(two.json("status")["queued"], 50)

            said = two.sync(status=4).err
            self.assertIn("everything was sent; 2 refused and 0 in conflict wait for you", said)
            status = two.json("status")
            self.assertEqual((status["queued"], status["refused"]), (0, 2))
            self.assertIn("Waiting to be sent: 0", two("status").out)
            self.assertEqual([m["sync"] for m in two.json("list", "member")].count("confirmed"), 48)
            one.sync()
            self.assertEqual(len(one.json("list", "member")), 49)

            first, second = two.json("attention", status=4)
            self.assertEqual((first["code"], second["code"]), ("STATE_MOVED", "STATE_MOVED"))
            for word in ("withdrawn", "王敏"):
                self.assertIn(word, first["text"])  # where it stands by now, and by whom
            shown = two("attention", status=4).out
            for word in ("刘芳", "Look at it as it is now and decide anew.", f"banyan discard {first['id']}"):
                self.assertIn(word, shown)

            two.add("member", "name=之后")  # the queue goes on as if nothing waited
            two.sync(status=4)
            self.assertEqual(two.json("status")["queued"], 0)
            self.assertEqual(d.overview()["branches"][0]["refused"], 2)

            two("discard", second["id"])
            one("act", "member", member, "active")
            one.sync()
            two.sync(status=4)
            two("retry", first["id"], "state_effective_on=2026-10-01")  # mended, and sent again
            two.sync()
            one.sync()
            record = one.record("member", member)
            self.assertEqual((record["state"], record["retained_reason"], record["state_effective_on"]), ("retained", "study", "2026-10-01"))
            self.assertEqual(d.overview()["branches"][0]["refused"], 0)


if __name__ == "__main__":
    unittest.main()
