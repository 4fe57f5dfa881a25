"""A device is cloned, or set back to an old copy, and what it enters then is dropped as known already. Both go on under numbers of their own,
by themselves: nothing is lost, nothing comes twice, nobody has to do anything."""
import shutil
import unittest
from copied import Copied


class ClientCloned(Copied):
    def test_both_work_on(self):
        self.seat.add("member", "name=之前")
        self.seat.sync()
        clone = self.seat.copy("clone")
        for seat, name in ((self.seat, "原件"), (clone, "副本")):
            for n in range(2):
                seat.add("member", f"name={name}{n}")
        all_of_them = ["之前", "原件0", "原件1", "副本0", "副本1"]
        self.level(self.seat, clone, expected=all_of_them)
        self.seat.add("member", "name=后来原件")
        clone.add("member", "name=后来副本")
        self.level(clone, self.seat, expected=[*all_of_them, "后来原件", "后来副本"])

    def test_the_disk_of_last_week(self):
        """What was made since stands at the server, what is made now is new."""
        self.seat.add("member", "name=上周")
        self.seat.sync()
        old = self.seat.copy("old")
        week = [self.seat.add("member", f"name=这周{n}") for n in range(3)]
        self.seat("set", "member", week[0], "campus=东区")
        self.seat.sync()
        shutil.rmtree(self.seat.folder)
        shutil.copytree(old.folder, self.seat.folder)
        self.assertEqual(self.names(self.seat), ["上周"])
        for n in range(5):
            self.seat.add("member", f"name=现在{n}")
        self.level(self.seat, expected=["上周", *(f"这周{n}" for n in range(3)), *(f"现在{n}" for n in range(5))])
        self.assertEqual(self.seat.record("member", week[0])["campus"], "东区")


if __name__ == "__main__":
    unittest.main()
