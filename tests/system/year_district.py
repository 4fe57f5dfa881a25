"""The district around the branch: 150 branches, what its officer sees of them, and the summer in which nobody is connected."""
import concurrent.futures
import json
import pathlib
import sys
from district import run
from year_people import MOVED, NAMES
from year_world import BRANCH, CODE

HERE = pathlib.Path(__file__).parent
COUNT, CAME = 150, 40  # branches, and how many of them came in the first year, without each tenth
ABSENT = [f"QH{n:03}" for n in (*range(10, CAME + 1, 10), *range(CAME + 1, COUNT + 1))]
SECOND = "QH002"


def code(n):
    return f"QH{n:03}"


class Around:
    """Steps of the story; self.officer is the district's seat, self.neighbour the chair of the second branch."""

    def the_district(self):
        d = self.d
        names = [BRANCH, "青禾区云雀幼儿园工会", *(f"青禾区第{n}幼儿园工会" for n in range(3, COUNT + 1))]
        d("branch", "import", d.file("branches.csv", "code,name\n" + "".join(f"{code(n)},{name}\n" for n, name in enumerate(names, 1))))
        d.serve()
        self.officer = d.join("QH", "district_officer", "张丽")
        limit = self.officer.add("policy_limit", "rule_code=dues.rate_permille", "value=5", "unit=permille", "effective_from=2026-09-01")
        self.officer.done("act", "policy_limit", limit, "in_force")
        self.neighbour = d.join(SECOND, "union_chair", "陈燕")
        for n in range(6):
            self.neighbour.add("member", f"name=会员2之{n}", "state=active", "joined_on=2020-09-01")
        self.neighbour.sync()

    def the_others(self):
        """Each through a seat of its own, over the protocol (year_fill.py)."""
        d = self.d
        numbers = [n for n in range(3, CAME + 1) if n % 10]
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            seats = list(pool.map(lambda n: d.join(code(n), "union_chair", f"主席{n}", folder=f"other-{n}"), numbers))
        work = json.dumps([{"folder": str(s.folder), "number": n} for s, n in zip(seats, numbers)])
        run([sys.executable, HERE / "year_fill.py", d.address], stdin=work, env=d.clock)

    def dues_next_door(self):
        """Six owe 10.00 each for October, five pay."""
        d = self.d
        accountant = d.join(SECOND, "accountant", "林婕")
        for n in range(6):
            accountant.add("dues_standard", f"member_id=会员2之{n}", "mode=flat", "amount_fen=10", "effective_from=2026-10-01")
        self.assertEqual(accountant.json("assess", "2026-10")["added_fen"], 6000)
        for n in range(5):
            accountant.add("dues_payment", f"member_id=会员2之{n}", "period=2026-10", "amount_fen=10", "paid_on=2026-10-20", "method=cash")
        accountant.sync()

    def taken_over(self):
        """Who moved is waited for there and taken over with the file; nothing is typed again."""
        self.neighbour.sync()
        waiting, = self.neighbour.json("list", "member", "--incoming")
        self.assertEqual((waiting["name"], waiting["from_branch"], waiting["left_on"]), (MOVED, CODE, "2026-10-15"))
        here = self.neighbour.done("add", "member", "--from", MOVED, "transferred_in_on=2026-10-16")
        before, after = self.chair.record("member", self.people[MOVED]), self.neighbour.record("member", here)
        for field in ("name", "id_number", "mobile", "birth_date", "education", "joined_on"):
            self.assertEqual(after[field], before[field], field)
        self.assertEqual((before["state"], after["state"]), ("transferred_out", "active"))
        self.assertEqual(self.neighbour.json("list", "member", "--incoming"), [])

    def who_is_missing(self):
        missing = self.officer.json("overview", "--missing", "work_plan=2026-1")
        self.assertEqual([b["code"] for b in missing["branches"]], ABSENT)
        silent = self.officer.json("overview", "--sort", "silent")["branches"]
        self.assertEqual(sorted(b["code"] for b in silent[:len(ABSENT)]), ABSENT)

    def board(self, period):
        """(of the branch, of the second, of all)"""
        board = self.officer.json("overview", "--period", period)
        by_code = {b["code"]: b["measures"] for b in board["branches"]}
        return by_code[CODE], by_code[SECOND], board["totals"]

    def figures(self, period, **expected):
        branch, second, total = self.board(period)
        for name, values in expected.items():
            self.assertEqual((branch.get(name), second.get(name), total.get(name)), values, (period, name))

    def figures_of_october(self):
        self.figures("2026-10", dues_collection_rate=(97.6, 83.3, 96.9))

    # ---- summer ----

    def summer(self):
        """Fifty days without a server: everybody works on, here and in the district; then all of it arrives."""
        d, chair, deputy, accountant, officer = self.d, self.chair, self.deputy, self.successor, self.officer
        d.day("2027-07-06")
        for seat in (*self.everybody, officer):
            seat.sync()
        d.stop()
        d.day("2027-07-20")
        self.month(accountant, "2027-07", "2027-07-20", 38, 113930, *self.gone)
        some = [*NAMES[12:20], *NAMES[21:33]]
        for name in some:
            chair("set", "member", name, "campus=东园")
        for name in some:
            deputy("set", "member", name, "education=硕士")
        deputy("set", "member", some[0], "campus=西园")
        limit = officer.add("policy_limit", "rule_code=proposal.reply_days", "value=20", "unit=天", "effective_from=2027-09-01")
        officer("act", "policy_limit", limit, "in_force")
        accountant.sync(status=3)
        d.day("2027-08-20")
        self.month(accountant, "2027-08", "2027-08-20", 38, 113930, *self.gone)
        self.assertEqual([seat.json("status")["queued"] for seat in (chair, deputy, accountant, officer)], [20, 21, 4 * 38, 2])
        self.some, self.limit = some, limit

    def autumn(self):
        d, chair, deputy = self.d, self.chair, self.deputy
        d.day("2027-08-25")
        d.serve()
        for seat in (self.officer, chair, self.successor):
            seat.sync()
        deputy.sync(status=4)
        clash, = deputy.json("attention", status=4)
        self.assertEqual((clash["type"], clash["fields"]["campus"]["mine"], clash["fields"]["campus"]["theirs"]), ("conflict", "西园", "东园"))
        deputy.done("resolve", clash["id"], "--theirs")
        for seat in (chair, deputy):
            seat.sync()
            rows = {m["name"]: m for m in seat.rows("member")}
            self.assertEqual({(rows[n]["campus"], rows[n]["education"]) for n in self.some}, {("东园", "14")})
            self.assertEqual([l["value"] for l in seat.rows("policy_limit", "rule_code=proposal.reply_days")], ["20"])

    # ---- what the year comes to ----

    def the_year_in_figures(self):
        self.d.day("2027-08-31")
        self.figures("2026", dues_collection_rate=(99.2, 83.3, 99.0), dues_publication_rate=(100.0, 0.0, 0.7), member_net_change=(-1, 1, 0),
                     proposal_count=(8, 0, 8), proposal_filing_rate=(66.7, None, 66.7), proposal_reply_rate=(100.0, None, 100.0),
                     proposal_implementation_rate=(50.0, None, 50.0), proposal_satisfaction_rate=(87.5, None, 87.5),
                     proposal_reply_days=(25.9, None, 25.9))
        self.figures("2027", member_net_change=(-2, 0, -2), dues_collection_rate=(100.0, None, 100.0))
        self.figures("2026-1", plan_submission_rate=(100.0, 100.0, 21.3), plan_item_completion_rate=(90.9, 0.0, 54.8), summary_rate=(100.0, 0.0, 0.7))
        self.figures("2026-2", plan_item_completion_rate=(100.0, None, 100.0))
        branch, second, total = self.board("2027-08")
        self.assertEqual([branch[name] for name in ("membership_rate", "member_completeness", "unionised_rate")], [82.6, 95.7, 100.0])
        self.assertEqual([total[name] for name in ("membership_rate", "unionised_rate")], [82.6, 24.0])
        self.assertEqual((branch["dues_assessment.arrears"], branch["dues_assessment.arrears_fen"]), (2, 2835))
        self.assertEqual((total["member.state.active"], total["member.total"]), (38 + 7 + 313, 46 + 7 + 313))
