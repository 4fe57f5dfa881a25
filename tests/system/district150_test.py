"""A district of its real size: 150 branches enter their year by the rows of tests/data/samples/load_profile.tsv for the kinds that
there are, offline, through the real client (rosters and items by import, the rest by command), then sync to one server. What is at
the district equals what was entered, by count and by content.

Per branch: members by the profile (stock, m12 m20 m45 m120), one group for each twelve, two plans (a term each; summaries are no kind
yet), 40 items, moved on 1.25 times on average ("40 items x 2.5 states"). Nothing is scaled down; a seat a branch does the work, in every fifteenth branch a
colleague's device reads it. Policy limits come from the district."""
import collections
import concurrent.futures
import os
import sqlite3
import unittest
from district import District
from roster import branches

AT_ONCE = 3  # people who work at the same time; the test's machines have two cores


class Entered:
    """What one branch entered, as rows that must stand at the district: kind -> multiset of fields."""

    def __init__(self, branch):
        self.rows = {"union_group": [(g,) for g in branch.groups], "work_plan": [], "plan_item": []}
        self.rows["member"] = [tuple(m[f] for f in MEMBER) for m in branch.members]


MEMBER = ("name", "sex", "birth_date", "id_number", "mobile", "education", "political_status", "group_id", "joined_on", "state")


def work(d, branch):
    """A branch's year on its own device: join, enter everything without a network, then one round."""
    seat = d.join(branch.code, "union_chair", branch.members[0]["name"], folder=f"seat-{branch.code}")
    entered = Entered(branch)
    files = d.base / f"files-{branch.code}"
    files.mkdir()
    (files / "groups.csv").write_bytes(branch.group_sheet())
    (files / "members.csv").write_bytes(branch.sheet())
    seat("import", "union_group", files / "groups.csv")
    seat("import", "member", files / "members.csv")
    for term in branch.terms:
        plan = seat.add("work_plan", f"title={branch.name}{term}工作计划", f"period={term}", "goals_text=凝聚人心，服务教职工。")
        (files / "items.csv").write_bytes(branch.item_sheet(term))
        seat("import", "plan_item", files / "items.csv", f"plan_id={plan}")
        items = [i for i in seat.json("list", "plan_item") if i["plan_id"] == plan]
        items.sort(key=lambda i: i["position"])
        half, quarter = len(items) // 2, len(items) // 4
        states = ["done"] * half + ["doing"] * quarter + ["planned"] * (len(items) - half - quarter)
        seat("act", "plan_item", *(i["id"] for i in items[:half + quarter]), "doing")
        seat("act", "plan_item", *(i["id"] for i in items[:half]), "done", "evidence=活动照片和签到表", "actual_on=2026-10-15")
        seat("act", "work_plan", plan, "discussed")
        seat("act", "work_plan", plan, "adopted", "adopted_on=2026-09-05", "adopted_by=工会委员会")
        state = "adopted"
        if term == "2026-1":
            seat("act", "work_plan", plan, "submitted", "submitted_on=2026-09-10")
            state = "submitted"
        entered.rows["work_plan"].append((f"{branch.name}{term}工作计划", term, state))
        entered.rows["plan_item"] += [(term, n + 1, int(item["month"]), item["title"], states[n]) for n, item in enumerate(branch.items[term])]
    seat.sync()
    return seat, entered


class District150(unittest.TestCase):
    def test_what_is_at_the_district_equals_what_was_entered(self):
        all_branches = branches(int(os.environ.get("BRANCHES", "150")))
        d = District()
        self.addCleanup(d.close)
        sheet = d.base / "branches.csv"
        sheet.write_text("code,name\n" + "".join(f"{b.code},{b.name}\n" for b in all_branches))
        d("branch", "import", sheet)
        d.serve()
        officer = d.join("QH", "district_officer", "张丽")
        limit = officer.add("policy_limit", "rule_code=dues.rate_permille", "value=5", "unit=permille", "effective_from=2026-01-01")
        officer("act", "policy_limit", limit, "in_force")
        officer.sync()
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            done = list(pool.map(lambda b: work(d, b), all_branches))
        seats = {b.code: seat for b, (seat, _) in zip(all_branches, done)}
        entered = {b.code: e for b, (_, e) in zip(all_branches, done)}
        self.by_count(d, officer, entered)
        self.by_content(d, entered)
        self.by_asking(officer, all_branches[::30], entered)
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda b: self.by_a_colleague(d, b, seats[b.code], limit), all_branches[::15]))
        self.assertIn(f"{len(all_branches) + 1} unions", d("verify").err)

    def by_count(self, d, officer, entered):
        """The board's sums, which are kept in every commit, against sums over what was entered."""
        expected = collections.Counter({"policy_limit.state.in_force": 1})
        for e in entered.values():
            expected["member.total"] += len(e.rows["member"])
            expected["union_group.total"] += len(e.rows["union_group"])
            expected["work_plan.total"] += len(e.rows["work_plan"])
            for row in e.rows["member"]:
                expected["member.state." + row[-1]] += 1
            for _, term, state in e.rows["work_plan"]:
                expected[f"work_plan.{term}.{state}"] += 1
            for row in e.rows["plan_item"]:
                expected["plan_item.state." + row[-1]] += 1
        board = officer.json("overview")
        self.assertEqual({k: v for k, v in board["totals"].items() if k in expected}, dict(expected))
        self.assertEqual(len(board["branches"]), len(entered))
        for b in board["branches"]:
            e = entered[b["code"]]
            self.assertEqual((b["queued"], b["refused"], b["conflicts"]), (0, 0, 0))
            self.assertEqual(b["measures"]["member.total"], len(e.rows["member"]))
            self.assertEqual(b["measures"]["work_plan.total"], len(e.rows["work_plan"]))
        self.assertEqual(d.overview()["totals"], board["totals"])

    def by_content(self, d, entered):
        """Every row of the central database, with all that was entered, nothing more and nothing twice."""
        db = sqlite3.connect(f"file:{d.data}/banyan.db?mode=ro", uri=True)
        self.addCleanup(db.close)
        orgs = {code: number for number, code in db.execute("SELECT number, code FROM org")}
        name = dict(db.execute("SELECT id, name FROM union_group"))
        period = dict(db.execute("SELECT id, period FROM work_plan"))
        found = {kind: collections.defaultdict(list) for kind in ("member", "union_group", "work_plan", "plan_item")}
        for org, *row in db.execute(f"SELECT _org, {', '.join(MEMBER)} FROM member"):
            row[MEMBER.index("group_id")] = name[row[MEMBER.index("group_id")]]
            found["member"][org].append(tuple(row))
        for org, *row in db.execute("SELECT _org, name FROM union_group"):
            found["union_group"][org].append(tuple(row))
        for org, *row in db.execute("SELECT _org, title, period, state FROM work_plan"):
            found["work_plan"][org].append(tuple(row))
        for org, plan, *row in db.execute("SELECT _org, plan_id, position, month, title, state FROM plan_item"):
            found["plan_item"][org].append((period[plan], *row))
        for kind, by_org in found.items():
            self.assertEqual(len(by_org), len(entered))
            for code, e in entered.items():
                self.assertEqual(sorted(by_org[orgs[code]]), sorted(e.rows[kind]), (code, kind))
        numbers = db.execute("SELECT _org, count(*), count(DISTINCT member_no) FROM member GROUP BY _org").fetchall()
        self.assertEqual([n for n in numbers if n[1] != n[2]], [])

    def by_asking(self, officer, some, entered):
        """The same over the wire, without what the district may not read."""
        for b in some:
            listed = officer.json("list", "member", "--branch", b.code)
            self.assertEqual(sorted((m["name"], m["state"]) for m in listed), sorted((r[0], r[-1]) for r in entered[b.code].rows["member"]))
            self.assertFalse({"id_number", "mobile", "birth_date"} & set(listed[0]))
            self.assertEqual(len(officer.json("list", "plan_item", "--branch", b.code)), len(entered[b.code].rows["plan_item"]))

    def by_a_colleague(self, d, branch, seat, limit):
        """A first sync brings all of the branch, and the district's settings, and nothing of others."""
        seat.sync()
        colleague = d.join(branch.code, "committee_member", "李静", folder=f"colleague-{branch.code}")
        for kind in ("member", "union_group", "work_plan", "plan_item", "policy_limit"):
            self.assertEqual(colleague.json("list", kind), seat.json("list", kind))
        self.assertEqual([p["id"] for p in colleague.json("list", "policy_limit")], [limit])


if __name__ == "__main__":
    unittest.main()
