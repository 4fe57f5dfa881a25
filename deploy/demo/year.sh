# What the year of a branch is made of, in small: dues, proposals, people who come and go, a new accountant, the year's statement. Read by
# deploy/quickstart.sh, with its words: show, load and seat SEAT COMMAND ..., only SEAT KIND ... (the id of the one record).
# shellcheck shell=bash disable=SC2154
month=$(date +%Y-%m) year=$(date +%Y)
colleague() {                   # FOLDER ROLES: invited by the chair
  seat 王敏 invite --role "$2" --name "$1" 2>/dev/null | seat "$1" join - 2>&1 | sed 's/^/  /'
}
proposal() { seat 王敏 act proposal "$@"; }

say "九、会费：按工资核定一个月（工资不保存），代扣的导入，录错的一笔冲销" "9. dues: a month by wages, which are not kept; payroll comes in; a slip is taken back"
colleague 赵蓉 accountant
show 赵蓉 assess "$month" --wages deploy/demo/wages-xiaomiaopu.csv
load 赵蓉 import dues_payment deploy/demo/payroll-xiaomiaopu.csv period="$month" paid_on="$today" method=代扣
wrong=$(only 赵蓉 dues_payment member_id=何伟)
show 赵蓉 add dues_payment member_id=何伟 period="$month" amount_fen=-20.05 paid_on="$today" reverses_id="$wrong" reason=金额抄错
seat 赵蓉 add dues_payment member_id=何伟 period="$month" amount_fen=20.50 paid_on="$today" method=现金 >/dev/null
seat 赵蓉 add dues_payment member_id=程晓文 period="$month" amount_fen=10 paid_on="$today" method=现金 >/dev/null
show 赵蓉 sync
show 赵蓉 list dues_assessment period="$month"

say "十、提案：相似的先提示，并案、立案、书面和当面答复、反馈，优秀的报区里" "10. a proposal: merged with one like it, filed, answered both ways, rated, sent to the district"
drums=$(seat 王敏 add proposal title=妥善保管乐器 category=设备 reason=打击乐器借还没有登记 suggestion=设专柜和借用登记本 proposer_id=孙丽芳)
show 王敏 add proposal title=妥善保管并维修乐器 category=设备 reason=铃鼓等有缺件 suggestion=请供应商维修 proposer_id=刘佳怡
repair=$(only 王敏 proposal title=妥善保管并维修乐器)
seat 王敏 add proposal_support proposal_id="$drums" member_id=田颖 signed_on="$today" >/dev/null
proposal "$drums" "$repair" submitted submitted_on="$today"
proposal "$drums" "$repair" collated
proposal "$repair" merged merged_into="$drums"
proposal "$drums" under_review
proposal "$drums" filed filed_on="$today"
proposal "$drums" assigned department=总务部 due_on="$today" handler_id=何伟
proposal "$drums" in_progress
for way in 书面 当面; do
  for one in "$drums" "$repair"; do seat 王敏 add proposal_reply proposal_id="$one" mode=$way replied_by=总务部 replied_on="$today" text=专柜已做好 >/dev/null; done
done
proposal "$drums" "$repair" replied replied_on="$today"
proposal "$drums" "$repair" rated rating=满意 rated_on="$today"
proposal "$drums" resulted result=已落实
proposal "$drums" "$repair" closed
for award in nominated awarded sent; do seat 王敏 set proposal "$drums" award=$award; done
seat 王敏 sync
show 王敏 show proposal "$drums"
show 区工会 list proposal --branch QH001

say "十一、会员：退休的保留会籍，调走的由那边接收，不用重新登记" "11. members: one retires, one moves and is taken over there with the file"
seat 王敏 act member 马强 retained state_effective_on="$today" retained_reason=退休
show 王敏 act member 吕思宁 transferred_out to_branch=QH002 state_effective_on="$today"
seat 王敏 sync
show 陈燕 list member --incoming
show 陈燕 add member --from 吕思宁 transferred_in_on="$today"
show 陈燕 sync

say "十二、换会计：没有发出的改动写成文件，由接手的人收下" "12. a new accountant: what was not sent goes over as a file"
seat 赵蓉 add dues_payment member_id=田颖 period="$month" amount_fen=25.05 paid_on="$today" method=现金 >/dev/null
show 赵蓉 handover write "$demo/移交.bin"
show 王敏 seat revoke "$(seat 赵蓉 status --json | sed -n 's/^ *"seat": \([0-9]*\),*$/\1/p')"
colleague 赵雨桐 accountant
show 赵雨桐 handover take "$demo/移交.bin"
show 赵雨桐 sync

say "十三、会费使用情况：从缴费起草，经审，公布；明年的计划从今年的起草" "13. the year's statement, audited and published; next year's plan from this year's"
colleague 徐红 audit_member
report=$(seat 赵雨桐 add dues_usage_report --from "$year" 2>/dev/null)
seat 赵雨桐 set dues_usage_report "$report" opening_fen=1250
seat 赵雨桐 add dues_usage_line report_id="$report" category=expense.rights.warmth amount_fen=600 note=住院慰问 >/dev/null
show 赵雨桐 add dues_usage_report --from "$year"
seat 赵雨桐 sync
seat 徐红 sync
seat 徐红 act dues_usage_report "$report" audited
seat 徐红 sync
seat 王敏 sync
show 王敏 act dues_usage_report "$report" published published_on="$today" session=五届四次教代会
show 王敏 add work_plan --from "$plan"
show 王敏 due
for who in 王敏 李静 赵雨桐 徐红; do seat $who sync; done
