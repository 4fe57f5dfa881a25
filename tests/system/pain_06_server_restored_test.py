"""The server is restored from a backup, and what the clients had sent since never comes back. It does: they kept it, and hand it back, once
and whole, also when the disk took everything but the keys; people work on meanwhile and are told why their changes wait."""
import unittest
from restored import Restored


class ServerRestored(Restored):
    def test_into_an_empty_folder(self):
        self.work("早")
        copy = self.backup("one")
        self.work("晚")
        expected, numbers = [self.state(s) for s in self.all], self.totals()
        self.lose()
        said = self.d("restore", copy)
        self.assertTrue(said.err)
        self.d.serve()
        self.chair.add("member", "name=恢复时")
        said = self.chair.sync(status=3).err  # others have to come first
        self.assertIn("The server takes no changes now; they stay queued.", said)
        self.assertIn("Waiting to be sent: 1", self.chair("status").out)
        one, = [m["id"] for m in self.chair.json("list", "member") if m["name"] == "恢复时"]
        self.chair("remove", "member", one)
        self.healed(expected, numbers)
        for seat in self.all:
            self.assertEqual(seat.json("status")["broken"], 0)
            self.assertNotIn("Lost:", seat("status").out)
        self.work("后来")


if __name__ == "__main__":
    unittest.main()
