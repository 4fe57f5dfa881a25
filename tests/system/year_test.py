"""A school year of one branch in a district of 150, September 2026 to August 2027, typed as a chair and an accountant would. What must come
of it was worked out on paper before it was run. Of what is different the one or the other is wrong: the paper or the product.

Members      roster of September 45: 41 active, 4 retired (retained). Withdrew 30 Sep 1; joined 8 Oct 1; moved to QH002 15 Oct 1; a retired
             one died 5 Jan; retired 1 Feb 1; expelled 15 Mar 1. August: 46 rows: active 41-1+1-1-1-1 = 38, retained 4-1+1 = 4, withdrawn,
             moved, deceased, expelled 1 each. Net change 2026: +1-1-1 = -1; 2027: -1-1 = -2. Staff 46: 38/46 = 82.6 %.
             Filled in of 12 fields: 8 of the 38 from the roster lack the phone (91 each), 30 nothing (100), retired lack the post (91, 91; one
             the phone too: 83), the newcomer has 3 (25): but 37 from the roster are active and one is retained, so 3000+728+265+25 = 4018 of
             4200 = 95.7 %.
Dues a month 10 of wage 5,678.90 -> 28.35; 10 of 8,004.99 -> 40.00; 6 of 4,999.99 -> 24.95; 4 of 6,120.50 -> 30.60; 6 flat 20.00; 4 delivered 35.50:
             283.50+400.00+149.70+122.40+120.00+142.00 = 1,217.60 of 40. The newcomer 4,105.60 -> 20.50; one rises to 6,000 -> 30.00 in November.
October      40 owe 1,217.60 (who left on 30 Sep not, who moved on the 15th does, the newcomer not). 1 exempt: 1,189.25 of 39. Payroll took 35,
             one of them miscopied (24.95 for 28.35: taken back, entered anew); cash: the moved one 24.95, part 20.00 of 28.35 and 15.00 of 40.00;
             one nothing. 31 Oct: 36 paid, 2 in part, 1 due, 1 exempt, 1,189.25-8.35-25.00-20.00 = 1,135.90 paid. 3 Nov: 25.00 more, so 1 settled,
             2 in arrears (8.35, 20.00), 1,160.90 = 97.6 %. Payments: 35 + 1 + 2 + (-1, +1) + 1 = 41 rows, 41 receipts. Next door 60.00, paid
             50.00 = 83.3 %; both 1,210.90 of 1,249.25 = 96.9 %.
November     1,217.60-24.95+20.50+1.65 = 1,214.80 of 40, all paid.
December     the same, by two seats apart: 40. One owes 20.00 until 5 Jan; one's 28.35 went back on 31 Dec (after closing) and came on 6 Jan: 38 paid, 2 settled.
2026         assessed 1,189.25+1,214.80+1,214.80 = 3,618.85, owed 28.35: 99.2 %; with next door 3,640.50 of 3,678.85 = 99.0 %. Received by the
             day: 1,160.90+1,214.80+1,214.80-20.00 = 3,570.50, less 28.35 = 3,542.15. Statement: 1,250.00 + 3,542.15 - (1,800.00+1,260.40+600.00)
             = 1,131.75; with the first sum it is off by 28.35.
2027         January 1,214.80 of 40, assessed by the old accountant and 2 of them taken in cash (42 changes unsent), 38 by the new one; without the retired one's 40.00 1,174.80 of 39 in February and March; without the expelled one's 35.50
             1,139.30 of 38 from April on; all paid. Queued in July and August: 2 x (38 assessed + 38 paid) = 152.
Proposals    8: 2 merged into one, 1 declined, 1 converted, 4 filed of 6 = 66.7 %; all replied. Days: 28+27+26+18+17+50+20+21 = 207/8 = 25.9 (the
             fourth from last was answered twice: 23 Nov to 12 Jan). Done 2 of 4. Satisfied 5, basically 2, not 1: 7/8 = 87.5 %. One sent.
             Replies recorded: 2 each, 2 more for the one that was handled again = 18. Overdue on 28 Dec: 1.
Plan         13 items (3 Sep, 3 Oct, 2 Nov, 2 Dec, 3 Jan): 10 done in the term, 1 cancelled, 1 put off to February (done there), 1 under way:
             10/11 = 90.9 %; second term 1/1. Its summary of the term: 40 members, 1 came, 3 went (withdrew, moved, died); dues 1,189.25 +
             3 x 1,214.80 = 4,833.65, paid 4,805.30 = 99.4 %; 8 proposals, 4 filed, 8 answered.
District     150 branches: 1, 2, and 34 of 3..40 (without each tenth) came, 114 have no plan. Of the 34 4 kept a draft, 30 handed in; with 1 and
             2 32/150 = 21.3 %, while 2's was sent back 31/150 = 20.7 %. Items of the first term 11+2+30x2 (of drafts none),
             done 10+0+30: 40/73 = 54.8 %.
             Members of the 34: 4 decades x (5+...+13 = 81) - 5 - 6 = 313; of 2: 6, and who moved there. Net change 2026 of both: -1+1 = 0.
             Statement published, summary handed in: 1/150 = 0.7 %. In union (registered as such, or with active members): 36/150 = 24.0 %.
Summer       50 days without the server: 20 changes of the chair, 21 of a colleague (20 fields of the same members: merged; 1 the same: a
             conflict), 152 of the accountant, 2 of the district. All arrive; all hold the same; nothing was repaired; verify is clean.
"""
import unittest
from year_district import Around
from year_dues import Dues
from year_people import EXPELLED, RETIRING
from year_plans import Plans
from year_proposals import Proposals
from year_world import Year


class ASchoolYear(Around, Plans, Dues, Proposals, unittest.TestCase):
    maxDiff = None
    gone = (RETIRING, EXPELLED)

    def setUp(self):
        self.d = Year("2026-09-01")
        self.addCleanup(self.d.close)

    def level(self):
        """All hold the same, and nothing had to be repaired on the way."""
        for seat in (*self.everybody, *self.everybody, self.officer):
            seat.sync()
        for seat in self.everybody:
            self.assertEqual(seat.json("attention"), [])
            self.assertEqual(seat.json("status")["repairs"], 0)
        for kind in ("work_plan", "plan_item", "proposal", "proposal_reply", "committee_meeting", "dues_usage_report"):
            held = [seat.rows(kind) for seat in self.everybody]
            self.assertEqual([h for h in held if h != held[0]], [], kind)
        for kind in ("dues_assessment", "dues_payment", "dues_year", "member"):
            held = [seat.rows(kind) for seat in (self.chair, self.deputy)]
            self.assertEqual(held[0], held[1], kind)
        self.d("verify")

    def test_a_school_year(self):
        for step in (self.the_district, self.roster_and_colleagues, self.plan, self.the_others, self.read_by_the_district, self.who_is_missing,
                     self.newcomer, self.october, self.taken_over, self.dues_next_door, self.october_put_right, self.figures_of_october, self.handed_in,
                     self.november, self.decided, self.answered, self.december, self.worked_on, self.closing, self.one_dies, self.statement,
                     self.answered_again, self.new_accountant, self.what_became_of_the_items, self.summary, self.proposals_as_written_down, self.one_retires,
                     self.february, self.what_was_put_off, self.one_is_expelled, self.march, self.spring, self.summer, self.autumn, self.level, self.roster_as_written_down, self.the_year_in_figures):
            step()


if __name__ == "__main__":
    unittest.main()
