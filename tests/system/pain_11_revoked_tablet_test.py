"""A lost tablet: somebody who is out keeps the data, or keeps syncing. What a revoked seat still had is handed over and refused, then its
copy is destroyed, by an agent that nobody watches, too; a restore of the server from a backup of before does not revive it; and a tablet
that never meets its server again hides its records when its lease is over."""
import unittest
from clock_test import days
from district import wait_for
from restored import Restored


class RevokedTablet(Restored):
    def is_destroyed(self, seat):
        left = sorted(p.name for p in seat.folder.iterdir()) if seat.folder.exists() else []
        for name in ("banyan.db", "key.pem", "cert.pem"):
            self.assertNotIn(name, left)
        for _ in range(2):  # not once alone: whoever comes to the device is told why it holds nothing
            said = seat("status", status=1).err
            self.assertIn("The district has ended the seat", said)
            self.assertIn("Next: ask for a new invitation, then banyan join -", said)

    def test_offline_and_with_unsent_work(self):
        self.colleague.add("member", "name=刘芳")
        self.colleague.sync()
        self.d.stop()
        self.colleague.add("member", "name=没送出")
        self.d.serve()
        number = self.colleague.json("status")["seat"]
        self.chair("seat", "revoke", number)
        said = self.colleague.sync(status=1).err
        self.assertIn("The district has ended this seat. What it still had was handed over; the data on this device are destroyed.", said)
        self.is_destroyed(self.colleague)
        self.chair.sync()
        self.assertEqual([m["name"] for m in self.chair.json("list", "member")], ["刘芳"])  # handed over, not taken
        self.assertIn("what was not taken of a colleague's seat waits for you", self.chair.sync().err)
        self.assertEqual([c["fields"]["name"] for c in self.chair.json("seat", "refused", number)], ["没送出"])
        self.assertEqual({s["state"] for s in self.officer.json("seat", "list") if s["id"] == number}, {"revoked"})
        self.colleague("join", "-", stdin=self.d.invite("QH001", "committee_member", "赵岚") + "\n")  # the tablet itself may be used again
        self.assertEqual([m["name"] for m in self.colleague.json("list", "member")], ["刘芳"])
        (self.colleague.folder / "banyan.db").rename(self.d.base / "away")
        said = self.colleague("status", status=1).err  # of the seat that ended nothing is said any more
        self.assertIn("is gone, though the keys of its seat are there", said)
        self.assertNotIn("has ended this seat", said)

    def test_while_an_agent_is_connected(self):
        self.colleague.add("member", "name=刘芳")
        agent = self.colleague.watch()
        wait_for(lambda: self.colleague.json("status")["queued"] == 0, "the agent is level")
        self.chair("seat", "revoke", self.colleague.json("status")["seat"])
        wait_for(lambda: agent.popen.poll() is not None, "the agent ends by itself")
        agent.end()
        self.assertIn("ended this seat", agent.err + agent.out)
        self.is_destroyed(self.colleague)

    def test_a_restore_does_not_revive_it(self):
        self.work("早")
        copy = self.backup("one")
        number = self.accountant.json("status")["seat"]
        self.d("seat", "revoke", number)
        newcomer = self.d.join("QH001", "accountant", "新会计")
        self.d.stop()
        self.d("restore", copy)
        self.d.serve()
        self.assertEqual({s["state"] for s in self.d("seat", "list", "--json").json if s["id"] == number}, {"revoked"})
        self.assertEqual(self.accountant.sync(status=None).status, 1)
        self.sync_all(self.chair, self.colleague, self.neighbour, self.officer, newcomer, status=None)
        wait_for(lambda: newcomer.sync(status=None).status == 0, "the newcomer works on", 60)

    def test_it_never_comes_back(self):
        self.colleague.add("member", "name=刘芳")
        self.colleague.sync()
        self.chair("seat", "revoke", self.colleague.json("status")["seat"])
        self.d.stop()
        done = self.colleague("list", "member", env=days(121), status=1)
        self.assertNotIn("刘芳", done.out + done.err)
        self.assertIn("its records are hidden", done.err)


if __name__ == "__main__":
    unittest.main()
