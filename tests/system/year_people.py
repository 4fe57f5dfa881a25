"""The people of the branch, all invented: 45 on the roster of September, by what they owe, and one who joins in October."""
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁余叶蒋杜苏魏程"
GIVEN = ("敏", "静", "丽娜", "思宁", "雨桐", "晓文", "佳怡", "若清", "倩")
NAMES = [surname + GIVEN[n % len(GIVEN)] for n, surname in enumerate(SURNAMES)]

# By what they owe a month (wage, dues), in the order of the roster.
WAGES = {28.35: ("5,678.90", NAMES[0:10]), 40.00: ("8,004.99", NAMES[10:20]), 24.95: ("4999.99", NAMES[20:26]), 30.60: ("6120.50", NAMES[26:30])}
FLAT, DELIVERED = NAMES[30:36], NAMES[36:40]  # 20.00 and 35.50
LEFT_BEFORE = NAMES[40]                       # withdrew on 30 September
RETIRED = NAMES[41:45]
NEWCOMER = "顾小满"                            # joined on 8 October: 4,105.60, so 20.50

PART, PART_LATER, MISTYPED, EXEMPT, RAISED, TAKEN_BACK = NAMES[1], NAMES[10], NAMES[2], NAMES[3], NAMES[4], NAMES[5]
CASH = NAMES[6:8]
OWING, MOVED, RETIRING, EXPELLED, DECEASED = NAMES[30], NAMES[20], NAMES[11], NAMES[36], NAMES[41]
DUES = {**{name: fen for fen, (_, names) in WAGES.items() for name in names}, **dict.fromkeys(FLAT, 20.00), **dict.fromkeys(DELIVERED, 35.50)}

CHECK = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(n, birth):
    digits = f"990101{birth.replace('-', '')}{n * 2 + 2:03}"
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, CHECK)) % 11]


def roster():
    """As the kindergarten keeps it. All twelve fields of the real-name set but the phone of every fifth, and what a retired one had as post."""
    lines = ["姓名,性别,出生日期,民族,学历,政治面貌,身份证号,手机号码,岗位,用工形式,入会时间,会籍状态,会籍变动日期,保留会籍原因"]
    for n, name in enumerate(NAMES):
        retired = name in RETIRED
        birth = f"{1960 + n % 5 if retired else 1975 + n % 25}-{n % 12 + 1:02}-{n % 28 + 1:02}"
        lines.append(",".join((name, "女", birth, "汉族", "本科", "群众", id_number(n, birth), "" if n % 5 == 4 else f"1002{n:07}",
                               "" if retired else "教师", "在编" if n < 30 or retired else "聘用", f"{2005 + n % 20}/9/1",
                               "保留会籍" if retired else "在籍", "2020/3/1" if retired else "", "退休" if retired else "")))
    return "\n".join(lines) + "\n"


def wages():
    return "姓名,计费工资\n" + "".join(f'{name},"{wage}"\n' for wage, names in WAGES.values() for name in names)


def sheet(names, amount):
    """What payroll took: name and sum."""
    return "姓名,扣款金额\n" + "".join(f"{name},{amount(name):.2f}\n" for name in names)
