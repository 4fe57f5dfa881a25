"""cli.md, "JSON shapes" and the exit statuses: every document has exactly the promised keys (and those that were added since, which
are named here too), and every status stands where the table says."""
import re
import unittest
from district import district, run, BANYAN, BANYAND

UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"


KINDS = {"member", "union_group", "policy_limit", "work_plan", "plan_item", "conflict", "proposal", "proposal_support", "proposal_reply",
         "proposal_call", "dues_standard", "dues_assessment", "dues_payment", "dues_year", "dues_usage_report", "dues_usage_line",
         "membership_change", "branch_union", "work_summary", "handover", "committee_meeting"}


def fields_of(kind):
    document = run([BANYAN, "describe", kind, "--json"]).json
    return {f["name"] for f in document["fields"] + document["derived"]}


HELD = {"owed_fen", "arrears_months"}  # beside a member that is shown: what is owed


class Shapes(unittest.TestCase):
    """One district for all of them: nobody here spoils what another looks at."""

    @classmethod
    def setUpClass(cls):
        cls.context = district(branches=(("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区云雀幼儿园工会")))
        cls.d = cls.context.__enter__()
        cls.addClassCleanup(cls.context.__exit__, None, None, None)
        cls.chair = cls.d.join("QH001", "union_chair,proposal_group", "王敏")
        cls.second = cls.d.join("QH001", "union_chair", "李静")
        cls.accountant = cls.d.join("QH001", "accountant", "陈晨")
        cls.officer = cls.d.join("QH", "district_officer", "张丽")

    def has_keys(self, document, needed, added=()):
        self.assertEqual(set(document), set(needed) | set(added))

    def member(self, **values):
        words = {"name": "刘芳", "mobile": "13012345678", "birth_date": "1990-02-28", **values}
        return self.chair.add("member", *(f"{k}={v}" for k, v in words.items()))

    # ---- records ----

    def test_add_prints_an_id_alone(self):
        done = self.chair("add", "member", "name=赵红", "mobile=13012345670")
        self.assertRegex(done.out, UUID.replace("$", "\n$"))
        self.assertEqual(done.err, "")

    def test_a_record(self):
        member = self.member()
        record = self.chair.record("member", member)
        self.has_keys(record, {"id", "seq", "sync"} | fields_of("member"), HELD)
        self.assertEqual((record["id"], record["seq"], record["sync"]), (member, 0, "queued"))
        self.assertEqual((record["state"], record["name"], record["birth_date"]), ("applied", "刘芳", "1990-02-28"))
        self.assertIsNone(record["member_no"])
        self.chair.sync()
        record = self.chair.record("member", member)
        self.assertEqual(record["sync"], "confirmed")
        self.assertIsInstance(record["seq"], int)
        self.assertGreater(record["seq"], 0)
        self.assertTrue(record["member_no"])

    def test_a_kind_without_states_has_no_state(self):
        group = self.chair.add("union_group", "name=第一小组", "formed_on=2026-09-01")
        self.has_keys(self.chair.record("union_group", group), {"id", "seq", "sync"} | fields_of("union_group"))
        self.assertNotIn("state", fields_of("union_group"))

    def test_fields_that_may_not_be_read_are_absent(self):
        member = self.member(id_number="990101198506120024", id_type="111")
        self.chair.sync()
        self.accountant.sync()
        hidden = {"id_type", "id_number", "mobile", "birth_date"}
        record = self.accountant.record("member", member)
        self.has_keys(record, ({"id", "seq", "sync"} | fields_of("member")) - hidden - {"completeness"}, HELD) # it would tell what is there
        self.assertEqual(record["name"], "刘芳")
        self.assertEqual({f["name"] for f in run([BANYAN, "describe", "member", "--json"]).json["fields"] if f["sensitive"]}, hidden)

    def test_list_is_an_array_of_records(self):
        one = self.chair.add("work_plan", "title=第一学期计划", "period=2026-1")
        two = self.chair.add("work_plan", "title=第二学期计划", "period=2026-2")
        listed = {r["id"]: r for r in self.chair.json("list", "work_plan")}
        self.assertLessEqual({one, two}, set(listed))
        self.assertEqual(listed[one], self.chair.record("work_plan", one))
        only = self.chair.json("list", "work_plan", "period=2026-2")
        self.assertEqual([r["id"] for r in only], [two])
        self.chair("act", "work_plan", one, "discussed")
        self.assertEqual([r["id"] for r in self.chair.json("list", "work_plan", "--state", "discussed")], [one])
        self.assertEqual(self.accountant.json("list", "work_plan", "period=2031-1"), [])

    def test_set_act_remove_print_nothing_and_do_it(self):
        member = self.member()
        for words in (["set", "member", member, "name=刘芬"], ["act", "member", member, "active", "state_effective_on=2026-09-01"]):
            self.assertEqual(self.chair(*words).out, "")
        record = self.chair.record("member", member)
        self.assertEqual((record["name"], record["state"], record["state_effective_on"]), ("刘芬", "active", "2026-09-01"))
        self.assertEqual(self.chair("remove", "member", member).out, "")
        self.assertEqual(self.chair("show", "member", member, status=1).out, "")

    def test_act_on_several_is_whole_or_nothing(self):
        one, two = self.member(), self.member()
        self.chair("act", "member", one, two, "active")
        self.assertEqual([self.chair.record("member", m)["state"] for m in (one, two)], ["active", "active"])
        three = self.member()
        self.chair("act", "member", one, three, "retained", "retained_reason=study", status=1)  # three is no member yet
        self.assertEqual([self.chair.record("member", m)["state"] for m in (one, three)], ["active", "applied"])

    def test_history(self):
        member = self.member()
        self.chair("set", "member", member, "name=刘芬")
        self.chair("act", "member", member, "active")
        self.chair.sync()
        lines = self.second_json_history(member)
        for line in lines:
            self.assertLessEqual({"seq", "at", "seat", "person", "changed"}, set(line))
            self.assertRegex(line["at"], TIME)
            self.assertEqual(line["person"], "王敏")
        self.assertEqual([line.get("action") for line in lines], [None, None, "active"])
        self.assertEqual([line["seq"] for line in lines], sorted(line["seq"] for line in lines))
        self.assertEqual(lines[0]["changed"]["name"], [None, "刘芳"])
        self.assertEqual(lines[1]["changed"], {"name": ["刘芳", "刘芬"]})
        self.assertEqual(lines[2]["changed"], {"state": ["applied", "active"]})

    def second_json_history(self, member):
        self.second.sync()
        return self.second.json("history", "member", member)

    # ---- the seat ----

    def test_status(self):
        status = self.chair.json("status")
        promised = {"branch", "branch_name", "seat", "person", "roles", "server", "connected", "last_contact", "queued", "refused",
                    "conflicts", "cursor", "certificate_days", "lease_days"}
        self.has_keys(status, promised, {"oldest_queued_at", "kept", "repairs", "clock_offset_seconds", "suspended", "ended", "unknown", "recovering_until", "broken", "revoked", "late_refused", "rewritten", "readings", "readings_lost_before", "renumbered", "copies", "roles_unknown", "key_files", "clock_changed", "erased", "late"})
        self.assertEqual((status["branch"], status["branch_name"], status["person"]), ("QH001", "青禾区小苗圃幼儿园工会", "王敏"))
        self.assertEqual(set(status["roles"]), {"union_chair", "proposal_group"})
        self.assertEqual((status["server"], status["connected"]), (self.d.address, False))
        self.assertRegex(status["last_contact"], TIME)
        self.assertIn(status["certificate_days"], (364, 365))
        self.assertIn(status["lease_days"], (119, 120))
        for name in ("queued", "refused", "conflicts", "cursor", "seat"):
            self.assertIsInstance(status[name], int)

    def test_attention_is_empty_or_an_array(self):
        self.assertEqual(self.accountant("attention", "--json").json, [])

    def test_kinds(self):
        names = [k["kind"] for k in run([BANYAN, "kinds", "--json"]).json]
        self.assertEqual(set(names), KINDS)
        for name in names:
            self.assertIn(name, run([BANYAN, "kinds"]).out)

    def test_describe(self):
        for kind in KINDS:
            document = run([BANYAN, "describe", kind, "--json"]).json
            self.has_keys(document, {"kind", "label", "fields", "states", "actions", "derived"} | ({"settings"} if kind == "policy_limit" else set()))
            self.assertEqual(document["kind"], kind)
            for f in document["fields"]:
                self.assertLessEqual({"name", "type", "label", "required", "sensitive"}, set(f))
                self.assertLessEqual(set(f), {"name", "type", "label", "required", "sensitive", "values", "reference", "rule", "unit"})
                self.assertEqual(f.get("unit"), "fen" if f["type"] == "fen" else None, "people type yuan, programs read fen")
                self.assertTrue(f["label"])
            for s in document["states"]:
                self.has_keys(s, {"name", "label"})
            for a in document["actions"]:
                self.assertLessEqual({"name", "from", "roles", "requires"}, set(a))
                self.assertTrue(a["from"])
        plan = {a["name"]: a for a in run([BANYAN, "describe", "work_plan", "--json"]).json["actions"]}
        self.assertEqual(plan["returned"]["requires"], ["return_reason"])
        self.assertEqual(plan["returned"]["roles"], ["district_officer"])
        self.assertEqual(set(plan["submitted"]["from"]), {"adopted", "returned"})
        self.assertEqual([f["name"] for f in run([BANYAN, "describe", "member", "--json"]).json["fields"] if f["required"]], ["name"])

    # ---- the server's ----

    def test_branch_list(self):
        listed = self.d("branch", "list", "--json").json
        for org in listed:
            self.has_keys(org, {"code", "name", "level", "parent", "state"})
        self.assertEqual([o["code"] for o in listed], ["QH", "QH001", "QH002"])
        self.assertEqual([o["parent"] for o in listed], [None, "QH", "QH"])
        self.assertEqual([o["level"] for o in listed], ["district", "branch", "branch"])

    def test_seat_list_on_both_sides(self):
        shape = {"id", "name", "branch", "roles", "state", "last_contact", "queued", "oldest_queued_at", "version"}
        at_server, at_officer = self.d("seat", "list", "--json").json, self.officer.json("seat", "list")
        for seat in at_server + at_officer:
            self.has_keys(seat, shape, {"broken", "rewritten"})
        self.assertEqual([s["name"] for s in at_server], ["王敏", "李静", "陈晨", "张丽"])
        self.assertEqual([s["id"] for s in at_officer], [s["id"] for s in at_server])
        self.assertEqual(set(at_server[0]["roles"]), {"union_chair", "proposal_group"})
        self.assertEqual([s["branch"] for s in self.chair.json("seat", "list")], ["QH001"] * 3)
        self.assertEqual({s["state"] for s in at_server}, {"active"})

    def test_overview(self):
        self.chair.sync()
        board = self.officer.json("overview")
        self.has_keys(board, {"as_of", "org", "totals", "branches"}, {"org_name", "figures"})
        self.assertRegex(board["as_of"], TIME)
        self.assertEqual(board["org"], "QH")
        for branch in board["branches"]:
            self.has_keys(branch, {"code", "name", "last_contact", "queued", "oldest_queued_at", "refused", "conflicts", "measures"}, {"broken", "rewritten", "copies"})
        self.assertEqual({b["code"] for b in board["branches"]}, {"QH001", "QH002"})
        one = self.officer.json("overview", "--branch", "QH002")
        self.assertEqual([b["code"] for b in one["branches"]], ["QH002"])
        self.assertEqual(self.d.overview()["totals"], board["totals"])

    # ---- help ----

    def test_help_and_version(self):
        for program, names in ((BANYAN, "join kinds describe add set act remove list show history import export invite seat sync status "
                                        "attention resolve retry discard overview"),
                               (BANYAND, "init serve branch invite seat overview verify backup restore recovered")):
            self.assertRegex(run([program, "--version"]).out, r"^banyand? \d+\.\d+")
            overall = run([program, "--help"]).out
            for name in names.split():
                self.assertIn(name, overall)
                self.assertIn(f"{name} ", run([program, name, "--help"]).out)
            run([program], status=2)


class Statuses(unittest.TestCase):
    def test_zero_once_saved_without_a_server(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            d.stop()
            member = chair.add("member", "name=刘芳")
            chair("set", "member", member, "name=刘芬")
            chair("act", "member", member, "active")
            chair("remove", "member", member)
            self.assertEqual(chair.json("status")["queued"], 4)

    def test_one_failed_nothing_half_done(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            chair("add", "member", "name=刘芳", "birth_date=2026-02-30", status=1)
            chair("add", "member", "note=没有名字", status=1)
            self.assertEqual(chair.json("list", "member"), [])
            self.assertEqual(chair.json("status")["queued"], 0)

    def test_three_sync_without_a_server_keeps_the_queue(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            d.stop()
            member = chair.add("member", "name=刘芳")
            done = chair.sync(status=3)
            self.assertIn(d.address, done.err)
            self.assertEqual(chair.json("status")["queued"], 1)
            for asks in (["overview"], ["seat", "list"], ["invite", "--role", "accountant", "--name", "陈晨"], ["list", "member", "--branch", "QH009"]):
                chair(*asks, status=1)  # three is for sync alone
            d.serve()
            chair.sync()
            self.assertEqual(chair.record("member", member)["sync"], "confirmed")

    def test_four_when_people_are_waited_for(self):
        with district() as d:
            chair, second = d.join("QH001", "union_chair", "王敏"), d.join("QH001", "union_chair", "李静")
            member = chair.add("member", "name=刘芳")
            chair("act", "member", member, "active")
            chair.sync()
            second.sync()
            chair("act", "member", member, "withdrawn")
            second("act", "member", member, "transferred_out")
            second("set", "member", member, "note=已转到云雀", status=None)
            chair.sync()
            self.assertIn("attention", second.sync(status=4).err)
            self.assertEqual(second.json("status")["queued"], 0)
            second("attention", status=4)
            listed = second.json("attention", status=4)
            for entry in listed:
                self.assertLessEqual({"id", "type", "kind", "record", "code", "text", "fields", "next"}, set(entry))
                self.assertLessEqual(set(entry), {"id", "type", "kind", "record", "code", "text", "fields", "next", "field", "at"})
            refusal = listed[0]
            self.assertEqual((refusal["type"], refusal["kind"], refusal["record"], refusal["code"]), ("refusal", "member", member, "STATE_MOVED"))
            self.assertEqual(refusal["next"], [f"banyan discard {refusal['id']}"])  # who has withdrawn cannot be transferred: no retry helps
            for entry in listed:
                second("discard", entry["id"])
            self.assertEqual(second("attention", "--json").json, [])
            second.sync()

    def test_two_wrong_usage(self):
        with district(serve=False) as d:
            for words in ([], ["--name"], ["--role", "nobody", "--name", "王敏", "--branch", "QH001"]):
                d("invite", *words, status=2)
            for days in ("0", "31", "7x", "-1"):
                said = d("invite", "--branch", "QH", "--role", "district_officer", "--name", "王敏", "--days", days, status=2)
                self.assertIn("--days is 1 to 30", said.err)
            for words in (["branch"], ["branch", "add"], ["branch", "import"], ["seat"], ["seat", "revoke"], ["backup"], ["overview", "more"]):
                d(*words, status=2)
            run([BANYAND, "serve"], status=2)
        for words in (["add"], ["add", "member"], ["set", "member", "1"], ["list"], ["show", "member"], ["join"], ["sync", "now"],
                      ["resolve", "1"], ["resolve", "1", "--mine", "--theirs"], ["retry"], ["discard"], ["invite"], ["seat", "list", "all"],
                      ["seat", "revoke", "王敏"], ["describe"], ["act", "member", "1"]):
            run([BANYAN, *words, "--data", "/nonexistent"], status=2)


if __name__ == "__main__":
    unittest.main()
