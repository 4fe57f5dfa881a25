"""Somebody with all of the server's files rewrites the past: a payment of dues becomes a smaller one in the log and in the rows, and all
hashes, digests and sums are worked out anew. verify finds nothing, a new device sees nothing; a device that was there says so, says which
part of which union's log, goes on working, and what it holds shows the operator's successor the place."""
import json
import os
import unittest
from district import District, run, wait_for

REWRITE = os.environ["REWRITE_PAST"]


class Rewritten(unittest.TestCase):
    def setUp(self):
        self.d = District(branches=[("QH001", "青禾区小苗圃幼儿园工会")])
        self.addCleanup(self.d.close)
        self.d.serve()
        self.chair = self.d.join("QH001", "union_chair", "王敏")
        self.accountant = self.d.join("QH001", "accountant", "赵蓉")
        self.officer = self.d.join("QH", "district_officer", "张丽")
        self.li = self.chair.add("member", "name=李静")
        self.chair("act", "member", self.li, "active", "joined_on=2026-01-05", "state_effective_on=2026-01-05")
        self.chair.sync()
        self.accountant.sync()
        self.before = self.accountant.json("heads")["heads"][-1]["seq"]
        self.accountant.add("dues_payment", f"member_id={self.li}", "period=2026-10", "amount_fen=200.00", "paid_on=2026-10-20", "method=cash",
                            "reason=补缴")
        self.accountant.sync()
        self.payment = self.accountant.json("list", "dues_payment")[0]["seq"]
        self.accountant.add("dues_payment", f"member_id={self.li}", "period=2026-11", "amount_fen=20.00", "paid_on=2026-11-20", "method=cash", "reason=补缴")
        self.accountant.sync()

    def rewrite(self):
        self.d.stop()
        self.assertEqual(run([REWRITE, self.d.data, "dues_payment", "amount_fen", "20000", "2000"]).out.strip(), str(self.payment))
        self.d("verify")  # nothing to see: that is the point
        self.d.serve()

    def found(self, seat):
        """What the device says; the sync itself is done, and waits for a person."""
        done = seat.sync(status=4)
        self.assertIn("its past was rewritten", done.err)
        self.assertIn("see: banyan heads", done.err)
        x, = seat.json("heads", status=4)["rewritten"]
        self.assertEqual(x["org"], 2)
        self.assertLess(x["after"], self.payment)
        self.assertGreaterEqual(x["up_to"], self.payment)
        return x

    def test_who_was_there_notices(self):
        self.rewrite()
        x = self.found(self.accountant)
        self.assertEqual((x["after"], x["up_to"]), (self.before, self.payment))  # a round after each: the very entry
        self.assertTrue(x["after_seen_at"] <= x["seen_at"] <= x["found_at"])
        words = self.accountant("heads", status=4).out
        self.assertIn("QH001 青禾区小苗圃幼儿园工会: the server's history is another one", words)
        self.assertIn(f"Up to entry {self.before}, seen on 2", words)
        self.assertIn(f"up to entry {self.payment}, as it was seen on 2", words)
        self.assertEqual(self.accountant.json("status")["rewritten"], 1)
        self.assertIn("its past was rewritten", self.accountant("status").out)
        # people's work goes on, both ways
        self.chair.sync(status=None)
        self.chair.add("union_group", "name=大班组")
        self.chair.sync(status=None)
        self.accountant.sync(status=4)
        self.assertEqual([g["name"] for g in self.accountant.json("list", "union_group")], ["大班组"])
        # nothing was mended in silence: what the server says now is shown, and that it is another thing stays said
        self.assertEqual([p["amount_fen"] for p in self.accountant.json("list", "dues_payment")], [2000, 2000])
        self.assertEqual(self.accountant.json("heads", status=4)["rewritten"][0]["up_to"], self.payment)

    def test_the_district_hears_of_it(self):
        self.rewrite()
        self.found(self.accountant)
        self.accountant.sync(status=4)
        self.assertIn(f"seat {self.accountant.json('status')['seat']} holds chain heads that the log of org 2 contradicts, behind entry {self.before}"
                      f" and up to entry {self.payment}", self.d.server.err)
        branch = [b for b in self.d.overview()["branches"] if b["code"] == "QH001"][0]
        self.assertEqual(branch["rewritten"], 1)
        self.assertIn("1 devices there saw another history", self.officer("overview").out)

    def test_new_devices_see_nothing(self):
        self.rewrite()
        new = self.d.join("QH001", "accountant", "钱多")
        new.sync()
        self.assertEqual(new.json("heads")["rewritten"], [])
        self.assertEqual(new.json("status")["rewritten"], 0)

    def test_heads_show_the_operator_the_place(self):
        good = self.d.base / "before.json"
        good.write_text(self.accountant("heads", "--json").out)
        heads = len(self.accountant.json("heads")["heads"])
        self.assertIn(f"{heads} heads were compared, and they fit", self.d("verify", "--heads", good).err)  # as long as nobody cheats
        self.not_believed(good, heads)
        self.rewrite()
        done = self.d("verify", "--heads", good, status=1)
        self.assertIn(f"QH001 青禾区小苗圃幼儿园工会 heads: behind entry {self.before} and up to entry {self.payment} the log is another one", done.out)
        self.assertEqual(done.out.count(" heads: "), 1)  # the first
        self.found(self.accountant)
        later = self.d.base / "after.json"
        later.write_text(self.accountant("heads", "--json", status=4).out)
        found, = self.d("verify", "--heads", later, "--json", status=1).json["findings"]
        self.assertEqual((found["what"], found["seq"], found["org"]), ("heads", self.payment, "QH001"))
        # a head that this server never gave is nobody's proof
        forged = self.d.base / "forged.json"
        forged.write_text(good.read_text().replace('"mac": "', '"mac": "00', 1).replace('"chain": "', '"chain": "', 1))
        self.assertIn("1 heads bear no mac", self.d("verify", "--heads", forged, status=1).err)  # the others still tell
        none = self.d.base / "none.json"
        none.write_text("{}")
        self.assertIn("cannot be read", self.d("verify", "--heads", none, status=1).err)
        missing = self.d("verify", "--heads", self.d.base / "nowhere.json", status=1)
        self.assertIn("nowhere.json: there is no such file", missing.err)
        self.assertNotIn("everything fits", missing.err)

    def not_believed(self, good, count):
        """A head that somebody changed is no finding about the database."""
        document = json.loads(good.read_text())
        for name, change in (("seq", lambda seq: seq + 1), ("chain", lambda chain: ("1" if chain[0] == "0" else "0") + chain[1:])):
            for h in document["heads"]:
                h[name] = change(h[name])
            forged = self.d.base / "changed.json"
            forged.write_text(json.dumps(document))
            done = self.d("verify", "--heads", forged)
            self.assertEqual(done.out, "")
            self.assertIn(f"{count} heads bear no mac", done.err)
            self.assertIn("none of these heads is this server's: nothing was compared", done.err)
            self.assertNotIn("they fit", done.err)
            self.assertIn("prove nothing about the database", done.err)
            self.assertIn("everything fits", done.err)
            self.assertNotIn("damaged", done.err)
            told = self.d("verify", "--heads", forged, "--json").json
            self.assertEqual((told["heads"], told["heads_not_believed"], told["findings"]), (0, count, []))

    def test_noted(self):
        self.rewrite()
        self.found(self.accountant)
        waits, = [w for w in self.accountant.json("attention", status=4) if w["type"] == "rewritten"]
        self.assertEqual((waits["id"], waits["type"], waits["branch"], waits["next"]),
                         ("history-2", "rewritten", "QH001", ["banyan heads", "banyan heads --noted"]))
        self.assertIn("QH001 青禾区小苗圃幼儿园工会: the server's history is another one than this device saw.\n  see: banyan heads",
                      self.accountant("attention", status=4).out)
        self.accountant("heads", "--noted")
        self.assertNotIn("rewritten", [w["type"] for w in self.accountant.json("attention", status=None)])
        done = self.accountant.sync(status=4)  # the payment that it had made was sent again, and is another one than the one there
        self.assertIn("1 refused", done.err)
        self.assertNotIn("rewritten", done.err)
        x, = self.accountant.json("heads")["rewritten"]  # and it is not forgotten
        self.assertTrue(x["noted"])

    def test_one_who_stays_connected(self):
        """The server is stopped and started under a device that watches."""
        self.accountant.watch()
        self.rewrite()
        wait_for(lambda: self.accountant.json("status")["rewritten"] == 1, "the device notices")

    def test_a_restore_is_no_rewriting(self):
        self.d("backup", self.d.base / "b.db")
        self.chair.sync()
        self.chair.add("union_group", "name=小班组")
        self.chair.sync()
        lost = self.chair.json("heads")["heads"][-1]["seq"]
        self.d.stop()
        self.d("restore", self.d.base / "b.db")
        self.d("recovered")  # before the chair could hand back: what came after the backup is given up
        self.d.serve()
        for seat in (self.chair, self.accountant, self.chair, self.accountant):
            seat.sync()
            self.assertEqual(seat.json("heads")["rewritten"], [])
        self.assertNotIn(lost, [h["seq"] for h in self.chair.json("heads")["heads"]])
        self.assertEqual([g["name"] for g in self.accountant.json("list", "union_group")], ["小班组"])


if __name__ == "__main__":
    unittest.main()
