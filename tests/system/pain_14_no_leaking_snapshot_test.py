"""A shared snapshot leaks: who may not read a field finds it in the file all the same. Rows, log entries and conflicts that a seat is given
are read through its own rights, in the first sync as in every later one: no byte of a sensitive field lies in any of its files."""
import unittest
from district import district, wait_for

SECRETS = ("990101198506120024", "10055667788", "1985-06-12")
CHANGED = ("990103200001012282", "10099887766", "2000-01-01")
FIELDS = ("id_number", "mobile", "birth_date")
CLASHED = ("10011110000", "10022220000")


def bytes_of(folder):
    """Everything that stands in a folder, databases with what has not been checkpointed yet."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


class NoLeakingSnapshot(unittest.TestCase):
    def holds_none(self, seat):
        held = bytes_of(seat.folder)
        for text in (*SECRETS, *CHANGED, *CLASHED):
            self.assertNotIn(text.encode(), held, text)

    def test_seats_without_the_right_hold_no_sensitive_byte(self):
        with district() as d:
            chair, second = d.join("QH001", "union_chair", "王敏"), d.join("QH001", "committee_member", "李静")
            accountant = d.join("QH001", "accountant", "陈晨")
            member = chair.add("member", "name=刘芳", "id_type=111", *(f"{f}={v}" for f, v in zip(FIELDS, SECRETS)))
            sheet = d.base / "members.csv"
            sheet.write_text("姓名,工号\n" + "".join(f"会员{n},{n}\n" for n in range(220)))  # so many that rows are sent, not the log
            chair("import", "member", sheet)
            chair.sync()
            second.sync()
            for seat, mobile in zip((chair, second), CLASHED):  # both numbers stand in a conflict from now on
                seat("set", "member", member, f"mobile={mobile}")
            chair("set", "member", member, f"id_number={CHANGED[0]}", f"birth_date={CHANGED[2]}")
            chair.sync()
            second.sync(status=4)
            accountant.watch()
            chair("set", "member", member, f"mobile={CHANGED[1]}")
            chair.sync(status=4)
            cursor = chair.json("status")["cursor"]
            wait_for(lambda: accountant.json("status")["cursor"] == cursor, "the accountant is level")
            accountant.agent.end()
            accountant("history", "member", member, "--json")  # what is asked for is stripped as well
            late = d.join("QH001", "audit_member", "后来")      # by snapshot
            for seat in (late, accountant):
                record = seat.record("member", member)
                self.assertEqual(record["name"], "刘芳")
                for field in FIELDS:
                    self.assertNotIn(field, record)
                self.holds_none(seat)
                entry, = seat("attention", "--json", status=4).json  # that there is a conflict, and nothing of it
                self.assertEqual((entry["record"], entry["fields"], entry["next"]), (member, {}, []))
                self.assertEqual(seat.json("status")["repairs"], 0)  # and digests agree on what it is given
            self.assertIn(SECRETS[0].encode(), bytes_of(second.folder))  # the test can see what it looks for


if __name__ == "__main__":
    unittest.main()
