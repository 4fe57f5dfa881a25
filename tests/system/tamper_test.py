"""What does `banyand verify` see? A district with every kind of record, a device that was copied, a handover, two backups and a restore;
then a value of each column of each table of its database is made another one, one at a time, and verify has to say so. What it cannot see
stands in UNSEEN with the reason, and has to stay unseen: who makes it seen takes it from the list."""
import os
import random
import shutil
import sqlite3
import unittest
from district import District

# Of history, meta and the seats' reports. Nothing that is said here moves a record or a sum.
UNSEEN = {
    ("history", "g"): "the order of arrival: nothing hangs on it",
    ("history", "field"): "of a refusal, for people: no hash covers it",
    ("history", "arguments"): "of a refusal, for people: no hash covers them",
    ("contact", "at_ms"): "what a seat reported last: it reports anew with its next hello",
    ("contact", "queued"): "the same", ("contact", "refused"): "the same", ("contact", "conflicts"): "the same",
    ("contact", "oldest_queued_ms"): "the same", ("contact", "version"): "the same",
    ("contact", "changed"): "counts what boards have read; they read anew",
    ("contact", "seat"): "as the report's other values, where it is some seat's",
    ("meta", "name"): "names of the house's own notes: a note that is missing is as if it was never taken",
    ("meta", "value"): "the same; journal_number is seen",
    ("erasure", "done"): "whether it was carried out is looked up in rows and logs themselves",
    ("kept_by", "kinds"): "which program kept the file last: serve takes it over anew, or refuses a newer one's",
    ("person_key", "proof"): "with another one the marks are made anew when serve starts",
}
VALUES = {"TEXT": "x", "INTEGER": 7, "BLOB": b"\x07" * 16}


class Tamper(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.d = d = District(branches=[("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区云雀幼儿园工会")])
        cls.addClassCleanup(d.close)
        d.serve()
        cls.fill(d)
        d("backup", d.base / "b1.db")
        d("backup", d.base / "b2.db")
        d.stop()
        d("restore", d.base / "b2.db")
        d("recovered")
        d.serve()
        cls.chair.add("union_group", "name=恢复之后")
        cls.chair.sync(status=4)  # the conflict waits
        cls.officer.sync()
        d.stop()
        d("verify")
        cls.file = d.data / "banyan.db"
        cls.clean = d.base / "clean.db"
        db = sqlite3.connect(cls.file)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        shutil.copy(cls.file, cls.clean)

    @classmethod
    def fill(cls, d):
        cls.officer = officer = d.join("QH", "district_officer", "张丽")
        cls.chair = chair = d.join("QH001", "union_chair,proposal_group", "王敏")
        accountant = d.join("QH001", "accountant", "赵蓉")
        limit = officer.add("policy_limit", "rule_code=dues.rate_permille", "value=5", "unit=permille", "effective_from=2026-01-01")
        officer("act", "policy_limit", limit, "in_force")
        officer.sync()
        chair.sync()
        group = chair.add("union_group", "name=大班组")
        chair("import", "member", os.environ["TEST_DATA"] + "/../../deploy/demo/roster-xiaomiaopu.csv", "--skip-bad", status=None)
        li, sun = chair.add("member", "name=白雪见", f"group_id={group}"), chair.add("member", "name=孙丽")
        chair("act", "member", li, "active", "joined_on=2026-01-05", "state_effective_on=2026-01-05")
        gone = chair.add("member", "name=误录")
        chair("remove", "member", gone)
        plan = chair.add("work_plan", "title=计划", "period=2026-1")
        chair.add("plan_item", f"plan_id={plan}", "title=例会", "month=9")
        chair.add("branch_union", "name=小苗圃工会")
        chair.add("committee_meeting", "held_on=2026-09-02")
        chair.add("proposal_call", "session=一届二次")
        proposal = chair.add("proposal", "title=增加专柜", "category=equipment", "reason=没有", "suggestion=增加", f"proposer_id={li}")
        chair.add("proposal_support", f"proposal_id={proposal}", f"member_id={sun}", "signed_on=2026-09-03")
        chair("act", "proposal", proposal, "submitted", "submitted_on=2026-09-05")
        chair.add("proposal_reply", f"proposal_id={proposal}", "mode=written", "replied_on=2026-09-10", "text=同意")
        chair.add("work_summary", "period=2026-1")
        chair.add("handover", "role=accountant", "from_name=赵蓉")
        chair.add("membership_change", f"member_id={li}", "to_state=active", "effective_on=2026-01-05")
        chair.sync()
        accountant.sync()
        accountant.add("dues_standard", f"member_id={li}", "mode=flat", "amount_fen=20.00", "effective_from=2026-01-01")
        accountant("assess", "2026-10")
        accountant.add("dues_payment", f"member_id={li}", "period=2026-10", "amount_fen=20.00", "paid_on=2026-10-20", "method=cash")
        accountant.add("dues_year", "year=2026")
        report = accountant.add("dues_usage_report", "period=2026", "opening_fen=0")
        accountant.add("dues_usage_line", f"report_id={report}", "category=expense.rights.warmth", "amount_fen=10.00")
        accountant.sync()
        # a copied device: two changes with one number
        copy = chair.copy("copy")
        chair("set", "member", sun, "campus=东区")
        copy("set", "member", li, "campus=西区")
        chair.sync()
        copy.sync()
        # two people change one field
        other = d.join("QH001", "union_chair", "陈晨")
        other("set", "member", sun, "note=甲")
        chair.sync()
        chair("set", "member", sun, "note=乙")
        chair.sync()
        other.sync(status=None)
        # a handover, unsent changes taken in
        other.add("union_group", "name=移交组")
        other("handover", "write", d.base / "handover.bin")
        other("handover", "write", d.base / "handover2.bin", status=None)
        chair("handover", "take", d.base / "handover.bin")
        chair("sync", status=None)
        chair.sync(status=None)

    def tearDown(self):
        shutil.copy(self.clean, self.file)

    def found(self):
        done = self.d("verify", "--json", status=None)
        return done.json["findings"]

    def edit(self, *statement):
        """True if it could be done."""
        db = sqlite3.connect(self.file, isolation_level=None)
        db.execute("PRAGMA journal_mode=DELETE")
        try:
            return db.execute(*statement).rowcount > 0
        except sqlite3.IntegrityError:
            return False
        finally:
            db.close()

    def tables(self):
        db = sqlite3.connect(self.clean)
        names = [n for n, in db.execute("SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]
        columns = {n: [(c[1], c[2]) for c in db.execute(f"PRAGMA table_info('{n}')")] for n in names}
        counts = {n: db.execute(f"SELECT count(*) FROM \"{n}\"").fetchone()[0] for n in names}
        db.close()
        kinds = {n for n in names if "_stamps" in dict(columns[n])}
        return names, columns, counts, kinds

    def another(self, table, column, type_, random):
        """Makes the column's value in one row, chosen by chance, another one."""
        db = sqlite3.connect(self.clean)
        values = [v for v, in db.execute(f"SELECT \"{column}\" FROM \"{table}\"")]
        db.close()
        at = random.randrange(len(values))
        old = values[at]
        if old is None:
            new = VALUES.get(type_, 7)
        elif isinstance(old, int):
            new = old + random.choice((1, 1000))
        elif isinstance(old, str):
            new = old + "x"
        else:
            new = bytes([old[0] ^ 1]) + old[1:] if old else b"\x07"
        key = {"history": "g"}.get(table)
        where = f"\"{column}\" IS ?"
        return self.edit(f"UPDATE \"{table}\" SET \"{column}\"=? WHERE {where}", (new, old)), (at, old, new, key)

    def test_every_field_of_every_kind(self):
        names, columns, counts, kinds = self.tables()
        self.assertGreaterEqual(len(kinds), 21)
        self.assertEqual([k for k in sorted(kinds) if counts[k] == 0], [], "no record of that kind: nothing was tried")
        for kind in sorted(kinds):
            fields = [(c, t) for c, t in columns[kind] if c not in ("id", "_org", "_seq", "_stamps", "_extra")]
            db = sqlite3.connect(self.clean)
            id_, *values = db.execute(f"SELECT id, {', '.join(chr(34) + c + chr(34) for c, _ in fields)} FROM \"{kind}\" LIMIT 1").fetchone()
            db.close()
            new = [VALUES[t] if v is None else v + 1 if isinstance(v, int) else v + "x" if isinstance(v, str) else bytes([v[0] ^ 1]) + v[1:]
                   for (_, t), v in zip(fields, values)]
            self.assertTrue(self.edit(f"UPDATE \"{kind}\" SET {', '.join(chr(34) + c + chr(34) + '=?' for c, _ in fields)} WHERE id=?", (*new, id_)))
            told = {f["name"] for f in self.found() if f["what"] == "rows" and f["kind"] == kind and f.get("name")}
            self.assertEqual(told, {c for c, _ in fields}, kind)
            self.tearDown()

    def test_columns_of_the_house(self):
        names, columns, counts, kinds = self.tables()
        chance = random.Random(20261122)
        seen, unseen = set(), {}
        for table in names:
            if counts[table] == 0:
                continue
            for column, type_ in columns[table]:
                if table in kinds and (table != "member" or column not in ("id", "_org", "_seq", "_stamps", "_extra")):
                    continue
                done, what = self.another(table, column, type_, chance)
                if done:
                    if self.found():
                        seen.add((table, column))
                    else:
                        unseen[table, column] = what
                self.tearDown()
        self.assertEqual({k: v for k, v in unseen.items() if k not in UNSEEN}, {})
        self.assertEqual(seen & (set(UNSEEN) - {("meta", "name"), ("meta", "value"), ("contact", "seat")}), set(), "seen now: take it from the list")
        self.assertEqual({t for t in names if counts[t] == 0} - {"awaited", "broken", "cut", "erasure", "jump", "late", "person_twin", "reading", "recovery", "stranger"}, set(), "nothing was tried there")

    def test_rows_taken_away_and_put_in(self):
        names, columns, counts, kinds = self.tables()
        unseen = set()
        for table in names:
            if counts[table]:
                if self.edit(f"DELETE FROM \"{table}\"") and not self.found():
                    unseen.add(table)
                self.tearDown()
        self.assertEqual(unseen, {"contact", "kept_by", "person_key"})
        # where nothing stands, something that is of nobody
        for table, values in (("awaited", (99, 99)), ("broken", (99, 1, 2, 3)), ("cut", (99, 1, 1, b"x", b"x")), ("late", (99, 1, 99, 1, 0)), ("recovery", (99, 1))):
            self.assertTrue(self.edit(f"INSERT INTO \"{table}\" VALUES({', '.join('?' * len(values))})", values))
            self.assertTrue(self.found(), table)
            self.tearDown()

    def test_what_is_said(self):
        """The union by code and name, the record by name, the field, both values; the next step; nothing of what is sensitive."""
        self.edit("UPDATE dues_payment SET amount_fen=amount_fen+1 WHERE amount_fen=2000")
        self.edit("UPDATE member SET mobile='13912345678' WHERE name='白雪见'")
        done = self.d("verify", status=1)
        self.assertIn("QH001 青禾区小苗圃幼儿园工会 rows: dues_payment ", done.out)
        self.assertIn("amount_fen is “20.01”, history says “20.00”", done.out)
        self.assertIn("rows: member 白雪见 (", done.out)
        self.assertIn("mobile is not what history says", done.out)
        self.assertNotIn("139123", done.out)
        self.assertEqual(done.out.count("next: "), 1)  # both want the same
        self.assertIn("the history is whole", done.out)
        self.assertNotIn("restore the newest backup", done.err)  # one step, and it stands above
        money, mobile = sorted((f for f in self.found() if f["what"] == "rows"), key=lambda f: f["kind"])
        self.assertEqual((money["org"], money["org_name"], money["kind"], money["name"], money["stored"], money["expected"]),
                         ("QH001", "青禾区小苗圃幼儿园工会", "dues_payment", "amount_fen", "20.01", "20.00"))
        self.assertTrue(money["seq"] and money["id"] and money["next"])
        self.assertEqual((mobile["record"], mobile["name"], "stored" in mobile, "expected" in mobile), ("白雪见", "mobile", False, False))
        self.assertNotIn("1391234", str(self.found()))

    def test_taken(self):
        self.assertTrue(self.edit("DELETE FROM taken"))
        self.assertEqual({f["what"] for f in self.found()}, {"taken"})
        self.tearDown()
        self.assertTrue(self.edit("UPDATE taken SET seq=seq-1"))
        self.assertEqual([f["what"] for f in self.found()], ["taken", "taken"])  # the one that is missing, the one that is not so


if __name__ == "__main__":
    unittest.main()
