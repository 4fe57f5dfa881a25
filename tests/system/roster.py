"""Invented branches for load tests: as many rows a branch as tests/data/samples/load_profile.tsv says, names from its vocabulary. The
same seed gives the same district. Everything here is made up; area 99 and phone prefix 100 do not exist."""
import csv
import io
import random
from district import DATA


def table(name):
    with open(DATA / "samples" / name, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


SURNAMES, CHARS, ITEMS, KINDERGARTENS = (table(n) for n in ("surnames.tsv", "given_name_chars.tsv", "plan_items.tsv", "kindergartens.tsv"))
PROFILE = {row["record_kind"]: row for row in table("load_profile.tsv")}
SIZES = (12, 20, 45, 120)  # members of a branch, as in the profile's columns
SHARE = (25, 45, 60, 20)   # branches of each size in a district of 150 (a middle of about 45, a few large ones)
EDUCATION = {"本科": "21", "大专": "31", "中专": "41", "研究生": "14"}
POLITICS = {"党员": "01", "共青团员": "03", "群众": "13"}
HEADINGS = {"name": "姓名", "sex": "性别", "birth_date": "出生日期", "id_number": "身份证号", "mobile": "手机号码", "education": "学历",
            "political_status": "政治面貌", "group_id": "工会小组", "joined_on": "入会时间", "state": "会籍状态"}


def rows_of(kind, size):
    return int(PROFILE[kind][f"m{size}"])


def check_character(digits):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights)) % 11]


class Branch:
    """What a branch enters. members: what must stand at the district; sheet(): the same as a kindergarten would write it."""

    def __init__(self, number, size):
        self.random = random.Random(f"branch {number}")
        self.number, self.size, self.code = number, size, f"QH{number:03}"
        self.name = (KINDERGARTENS[number]["name"] if number < len(KINDERGARTENS) else f"青禾区第{number}幼儿园") + "工会"
        self.groups = [f"第{n + 1}小组" for n in range(max(1, size // 12))]
        self.members = [self.member(n) for n in range(rows_of("member (stock, incl. retirees)", size))]
        self.terms = ["2026-1", "2026-2"]
        each = 40 // len(self.terms)  # "40 items x 2.5 states" a year: 40 rows, moved on by act
        self.items = {term: self.random.sample(ITEMS, each) for term in self.terms}

    def member(self, n):
        r = self.random
        surname = r.choices(SURNAMES, [int(s["weight"]) for s in SURNAMES])[0]["surname"]
        woman = r.random() < 0.93
        chars = [c["char"] for c in CHARS if c["lean"] in ("fn" if woman else "mn")]
        birth = f"{r.randint(1962, 2003)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
        digits = f"9901{self.number % 90 + 10:02}{birth.replace('-', '')}{(n * 2 + (0 if woman else 1)) % 1000:03}"
        # the sequence is odd for men; a branch has fewer than 500 members
        return {"name": surname + "".join(r.sample(chars, r.choice((1, 2, 2)))), "sex": "2" if woman else "1", "birth_date": birth,
                "id_number": digits + check_character(digits), "mobile": f"100{self.number:04}{n:04}", "education": r.choice(list(EDUCATION.values())),
                "political_status": r.choice(list(POLITICS.values())), "group_id": r.choice(self.groups),
                "joined_on": f"{r.randint(1990, 2025)}-09-01", "state": "active" if r.random() < 0.9 else "applied"}

    def sheet(self):
        """CSV in one of the forms that kindergartens keep: encoding, date form and order of columns differ by branch."""
        r = random.Random(f"sheet {self.number}")
        columns = list(HEADINGS)
        r.shuffle(columns)
        date = r.choice(("{}-{}-{}", "{}/{}/{}", "{}.{}.{}", "{}{}{}", "{}年{}月{}日"))
        words = {"sex": {"1": "男", "2": "女"}, "education": {v: k for k, v in EDUCATION.items()}, "political_status": {v: k for k, v in POLITICS.items()},
                 "state": {"active": "在籍", "applied": "申请中"}}
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        writer.writerow(HEADINGS[c] for c in columns)
        for m in self.members:
            writer.writerow(words[c][m[c]] if c in words else date.format(*m[c].split("-")) if c.endswith(("_on", "_date")) else m[c] for c in columns)
        return out.getvalue().encode(r.choice(("utf-8", "utf-8-sig", "gb18030")))

    def group_sheet(self):
        return ("小组名称\n" + "\n".join(self.groups) + "\n").encode()

    def item_sheet(self, term):
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        writer.writerow(("序号", "月份", "工作内容", "类别"))
        for position, item in enumerate(self.items[term], 1):
            writer.writerow((position, item["month"], item["title"], item["category"]))
        return out.getvalue().encode()


def branches(count=150):
    """A district's branches, the sizes in their shares."""
    sizes = [size for size, share in zip(SIZES, SHARE) for _ in range(share)]
    random.Random(150).shuffle(sizes)
    return [Branch(n, sizes[n % len(sizes)]) for n in range(count)]
