#!/usr/bin/env python3
"""Writes the golden vectors NAME.hex and NAME.txt of this folder (README.md). --check: says if one is missing or different."""
import hashlib
import hmac
import struct
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from codec import Packed, Schema

HERE = Path(__file__).resolve().parent
SCHEMA = Schema(HERE.parent)

# ---- values that many vectors share; everything is invented ----
T = 1795309323000  # 2026-11-22T01:02:03Z
DAY = 86400000
ORG_ROOT, ORG_BRANCH = 1, 2
MEMBER, GROUP, PLAN, ITEM, LIMIT = 1, 2, 3, 4, 5
INCARNATION = bytes.fromhex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf")
ID_MEMBER = bytes.fromhex("019aa8e0d1c87a1bb0010203040506f1")
ID_GROUP = bytes.fromhex("019aa8e0d1c87a1bb0010203040506f2")
ID_PLAN = bytes.fromhex("019aa8e0d1c97a1bb0010203040506f3")
ID_CONFLICT = bytes.fromhex("019aa8e0d1ca7a1bb0010203040506f4")
BRANCH = dict(number=ORG_BRANCH, code="QH-002", name="青禾区云雀幼儿园", level="branch", parent=ORG_ROOT, state="active")
ROOT = dict(number=ORG_ROOT, code="QH", name="青禾区教育工会", level="district", parent=0, state="active")
REPORT = dict(queued=3, oldest_queued_ms=T - 14 * DAY, refused=1, conflicts=0)
KNOWN_REPORT = dict(REPORT, broken=2, rewritten=1, copies=1)  # as the server tells it on
REFUSAL = dict(code="VALUE", field="mobile", text="mobile: not a phone number", argument=["12345"])


def sha(data):
    return hashlib.sha256(data).digest()


def filled(first, size):
    """size bytes counting up from first: stands for a hash or a key whose value does not matter."""
    return bytes((first + i) & 0xFF for i in range(size))


# ---- changes, effects, and the chain over them (common recipe: PROTOCOL.md "The chain") ----
CREATE = Packed("wire.Change", n=1, org=ORG_BRANCH, kind=MEMBER, id=ID_MEMBER, base_seq=0, op="CREATE",
                patch=Packed("record.Member", member_no="001", name="吕静", sex="2", mobile="10000000001",
                             group_id=ID_GROUP, joined_on="2026-09-01", note='写作"小静"\n旧册第3页\\4行'),
                group=bytes.fromhex("019aa8e0d1c77a1bb0010203040506f0"), group_position=1, group_size=2, made_ms=T - DAY)
SET = Packed("wire.Change", n=2, org=ORG_BRANCH, kind=MEMBER, id=ID_MEMBER, base_seq=1, op="SET",
             patch=Packed("record.Member", post="主班教师", title=""), cleared=[10, 21], made_ms=T)
WRONG = Packed("wire.Change", n=3, org=ORG_BRANCH, kind=MEMBER, id=ID_MEMBER, base_seq=2, op="SET",
               patch=Packed("record.Member", mobile="12345"), made_ms=T + 1)
ACT = Packed("wire.Change", n=4, org=ORG_BRANCH, kind=PLAN, id=ID_PLAN, base_seq=7, op="ACT", action="submitted", made_ms=T + 2,
             nonce=filled(0x61, 8))
HANDED_IN = Packed("wire.Change", n=5, org=ORG_BRANCH, kind=MEMBER, id=ID_MEMBER, base_seq=2, op="SET",
                   patch=Packed("record.Member", note="接任者代为提交"), made_ms=T - DAY, nonce=filled(0x69, 8), for_seat=9)
SIGNATURE = bytes.fromhex("3045022100")  # cut short
TAKEN_IN = Packed("wire.Change", n=6, org=ORG_BRANCH, kind=MEMBER, id=ID_MEMBER, base_seq=2, op="SET",
                  patch=Packed("record.Member", note="移交文件带来"), made_ms=T - DAY, nonce=filled(0x69, 8), for_seat=9,
                  origin=dict(incarnation=filled(0xB0, 16), n=41, signature=SIGNATURE))
TAKEN_FOR = Packed("wire.Change", **{**TAKEN_IN.fields, "origin": dict(TAKEN_IN.fields["origin"], for_seat=5)})
MADE = Packed("wire.Change", **{k: v for k, v in TAKEN_IN.fields.items() if k not in ("for_seat", "origin", "n")}, n=41)


def effect_of(change, **more):
    f = change.fields
    return dict(kind=f["kind"], id=f["id"], **({"patch": f["patch"]} if "patch" in f else {}),
                **({"cleared": f["cleared"]} if "cleared" in f else {}), **more)


EFFECTS = Packed("wire.Effects", effect=[effect_of(SET, life="KEEP"), dict(kind=GROUP, id=ID_GROUP, life="TOMBSTONE")])


def part(data):
    return struct.pack(">I", len(data)) + data


def entry(seq, change, verdict, salt, before, refusal=None, effects=None):
    """An entry as its branch gets it, and its two hashes. before: the chain at seq - 1, 32 zero bytes at the start."""
    change_bytes = SCHEMA.bytes_of("bytes", change)
    effects_bytes = SCHEMA.bytes_of("bytes", effects) if effects else b""
    code = refusal["code"].encode() if refusal else b""
    number = SCHEMA.enums["wire.VerdictType"][verdict]
    fields = dict(seq=seq, seat=7, incarnation=INCARNATION, n=change.fields["n"], hash=sha(change_bytes)[:16],
                  verdict=verdict, received_ms=T + 1000 * seq, change=change, salt=salt)
    content = sha(part(salt) + part(change_bytes) + part(effects_bytes))
    entry_hash = sha(struct.pack(">QI", seq, 7) + INCARNATION + struct.pack(">Q", fields["n"]) + fields["hash"] +
                     bytes([number]) + part(code) + struct.pack(">Q", fields["received_ms"]) + content)
    fields["chain"] = sha(before + entry_hash)
    if refusal:
        fields["refusal"] = refusal
    if effects:
        fields["effects"] = effects
    return fields, entry_hash


E1, H1 = entry(1, CREATE, "APPLIED", filled(0x10, 16), bytes(32),
               effects=Packed("wire.Effects", effect=[effect_of(CREATE)]))
E2, H2 = entry(2, SET, "MERGED", filled(0x20, 16), E1["chain"], effects=EFFECTS)
E3, H3 = entry(3, WRONG, "REFUSED", filled(0x30, 16), E2["chain"],
               refusal=dict(code="VALUE", field="mobile", argument=["12345"]))


# ---- what the server adds to chain heads (PROTOCOL.md "The chain") ----
HEAD_KEY, DISTRICT = filled(0x00, 32), filled(0xD0, 16)


def mac(label, *parts):
    return hmac.new(HEAD_KEY, label + DISTRICT + b"".join(parts), hashlib.sha256).digest()[:16]


def head_mac(seq, chain, org=ORG_BRANCH):
    return mac(b"banyan head", struct.pack(">IQ", org, seq), chain)


def given(fields):
    """An entry as ENTRIES brings it and HAND_BACK takes it back."""
    return dict(fields, head_mac=head_mac(fields["seq"], fields["chain"]))


def epoch_mac(epoch):
    return mac(b"banyan epoch", struct.pack(">I", epoch))


LATE_FORK = dict(incarnation=INCARNATION, n=2, hash=filled(0x20, 16))


def stripped(fields, entry_hash, effects=None):
    """What a reader gets who may not read it all: entry_hash stands for salt, change and (here) the rest of the effects."""
    out = {k: v for k, v in fields.items() if k not in ("change", "salt", "effects")}
    return dict(out, entry_hash=entry_hash, **({"effects": effects} if effects else {}))


S1 = stripped(E1, H1, Packed("wire.Effects", effect=[
    dict(kind=MEMBER, id=ID_MEMBER, patch=Packed("record.Member", member_no="001", name="吕静", sex="2"), life="KEEP")]))
S3 = dict(seq=3, chain=E3["chain"], entry_hash=H3)  # the record itself is hidden

ROW = dict(kind=MEMBER, id=ID_MEMBER, seq=2, row=Packed("record.Member", member_no="001", name="吕静", post="主班教师"))

# ---- erased by law (PROTOCOL.md "Erasing") ----
ERASURE = Packed("wire.Erasure", id=filled(0xE0, 16), org=ORG_BRANCH, at_ms=T, reason="2026 年第 18 号决定",
                 erased=[dict(kind=MEMBER, id=ID_MEMBER, field=[2, 9, 10, 21], **{"from": 30}), dict(kind=100, id=ID_CONFLICT, field=[2, 9, 10, 21])])
ERASURE_BYTES = SCHEMA.encode(ERASURE.type_name, ERASURE.fields)
ERASED = sha(ERASURE_BYTES)[:16]  # of one erasure its hash is the sum
KNOWN_ERASURE = dict(erasure=ERASURE, mac=mac(b"banyan erasure", ERASURE_BYTES))

# ---- NAME: (what it shows, fields of the frame's message) ----
FRAMES = {
    "HELLO": ("A client that holds its branch and the district's settings.",
              dict(protocol=1, version="0.1.0", incarnation=INCARNATION, sent_ms=T,
                   position=[dict(org=ORG_ROOT, seq=0, chain=b""),
                             dict(org=ORG_BRANCH, seq=3, chain=E3["chain"], head_mac=head_mac(3, E3["chain"]))],
                   report=REPORT, watch=1, kind=[1, 2, 3, 4, 5, 100], epoch=1, epoch_mac=epoch_mac(1),
                   left_ms=T - DAY, reading_ms=T - DAY, reading_number=12)),
    "WELCOME": ("After a restore: epoch 2 began when epoch 1 was left at seq 41.",
                dict(protocol=1, version="0.1.0", now_ms=T + 250, seat=7, person="吕静", roles="union_chair,accountant",
                     home=ORG_BRANCH, state="active",
                     head=[dict(org=ROOT, seq=12, chain=filled(0, 32), promise=9, rows=4, entries=12, recovering=0,
                                head_mac=head_mac(12, filled(0, 32), ORG_ROOT)),
                           dict(org=BRANCH, seq=41, chain=filled(1, 32), promise=40, rows=310, entries=38, recovering=1,
                                recovering_until_ms=T + DAY, hand_back_after=41, head_mac=head_mac(41, filled(1, 32)))],
                     lineage=[dict(epoch=1, parent=0), dict(epoch=2, parent=1, last=[dict(org=ORG_BRANCH, seq=41)])],
                     psk=dict(identity=filled(0x40, 44), key=filled(0x80, 32), expires_ms=T + 7 * DAY),
                     certificate_ends_ms=T + 365 * DAY, lease_days=120, changes_max=500,
                     promise=[dict(org=9, seq=17)], author=[dict(seat=3, person="王敏", roles="union_chair"), dict(seat=7, person="吕静")],
                     epoch_mac=epoch_mac(2), left=[dict(seat=5, person="石榴", branch="QH-002", changes=3, at_ms=T - 1000, state="revoked")],
                     erased=ERASED,
                     reading=[dict(number=31, at_ms=T - 2000, seat=9, person="陈燕", roles="union_chair",
                                   org=dict(number=3, code="QH-003", name="青禾区石榴幼儿园工会"), kind=MEMBER, id=ID_MEMBER, records=1,
                                   fields="id_number,mobile")], readings_lost_ms=T - 3 * DAY,
                     copies=[dict(seat=5, person="石榴", branch="QH-002", at_ms=T - DAY)])),
    "PUSH": ("Two new changes and one that was refused before (rule 20), sent by a fork of an older incarnation.",
             dict(incarnation=INCARNATION, sent=[dict(change=CREATE), dict(change=SET), dict(change=WRONG, refused=REFUSAL)],
                  parent=filled(0x50, 16), fork_n=1)),
    "PUSH_trimmed": ("After GAP at n 1: n 1 and 2 are held no longer.",
                     dict(incarnation=INCARNATION, sent=[dict(change=WRONG)], trimmed_to=2)),
    "PUSH_missing": ("After a restore: is anything missing up to n 7? What is missing up to n 3 is held no longer.",
                     dict(incarnation=INCARNATION, trimmed_to=3, made_to=7)),
    "PUSH_taken": ("A change out of seat 9's file; certificate and signature are cut short here.",
                   dict(incarnation=INCARNATION, sent=[dict(change=TAKEN_IN)], certificate=[bytes.fromhex("308201a23082014802")])),
    "PUSH_erased": ("A change that an erasure took a phone number from, under the hash that it was made with.",
                    dict(incarnation=INCARNATION, sent=[dict(change=Packed("wire.Change", **{k: v for k, v in SET.fields.items() if k != "cleared"}),
                                                             hash=sha(SCHEMA.bytes_of("bytes", SET))[:16])])),
    "VERDICTS": ("One of each; n 6 was put off.",
                 dict(incarnation=INCARNATION,
                      verdict=[dict(n=1, type="APPLIED", seq=1), dict(n=2, type="MERGED", seq=2),
                               dict(n=3, type="REFUSED", seq=3, refusal=REFUSAL),
                               dict(n=4, type="CONFLICT", seq=4, conflict=[ID_CONFLICT]), dict(n=5, type="SAME", seq=5)],
                      stop="LATER", stop_n=6, retry_after_ms=1500)),
    "VERDICTS_missing": ("The answer to PUSH_missing: n 4 and 5 are missing.",
                         dict(incarnation=INCARNATION, stop="GAP", stop_n=4, stop_last=5)),
    "PULL": ("Everything after seq 3, in pages of 256 KiB.", dict(org=ORG_BRANCH, after=3, size_max=262144)),
    "ENTRIES": ("The chain example whole, from the first entry on: E1 and E2 are accepted, E3 is refused.",
                dict(org=ORG_BRANCH, entry=[given(E1), given(E2), given(E3)], head=3, promise=1, author=[dict(seat=7, person="吕静")])),
    "ENTRIES_stripped": ("The same chain for a reader who may not read all of it: E1 in part, E2 whole, E3 hidden.",
                         dict(org=ORG_BRANCH, entry=[given(S1), given(E2), given(S3)], head=3, promise=1)),
    "SNAPSHOT_ASK": ("Goes on after a member; members alone.",
                     dict(org=ORG_BRANCH, after_kind=MEMBER, after_id=ID_MEMBER, only_kind=MEMBER, size_max=262144)),
    "SNAPSHOT_PAGE": ("A living row and a tombstone; the last page.",
                      dict(org=ORG_BRANCH, seq=3, chain=E3["chain"], row=[ROW, dict(kind=GROUP, id=ID_GROUP, seq=2)],
                           done=1, total=2, head_mac=head_mac(3, E3["chain"]))),
    "DIGEST_ASK": ("", dict(org=ORG_BRANCH)),
    "DIGESTS": ("Members open and sensitive, conflict records about members (100 * 65536 + 1).",
                dict(org=ORG_BRANCH, seq=3,
                     digest=[{"scope": MEMBER, "class": 1, "sum": filled(1, 16), "fields": 21},
                             {"scope": MEMBER, "class": 2, "sum": filled(2, 16), "fields": 21},
                             {"scope": 100 << 16 | MEMBER, "class": 1, "sum": bytes(16)}], erased=ERASED)),
    "NEWS": ("", dict(org=ORG_BRANCH, seq=4)),
    "NEWS_erased": ("Something was erased by law.", dict(erased=ERASED)),
    "HAND_BACK": ("After a restore: entries that the server lost.", dict(org=ORG_BRANCH, entry=[given(E2), given(E3)], done=1)),
    "HAND_BACK_late": ("Recovery has ended: entries of a given up path, behind seq 1; of the same path an answer named a fork before.",
                       dict(org=ORG_BRANCH, entry=[given(E2), given(E3)], done=1, late=1, chain_before=E1["chain"], fork=[LATE_FORK])),
    "TAKEN": ("", dict(org=ORG_BRANCH, seq=3)),
    "TAKEN_late": ("Dealt with up to seq 3; the change at n 2 was another one's n.",
                   dict(org=ORG_BRANCH, seq=2 << 40 | 2, late_to=3, fork=[LATE_FORK], late_decided=2, late_refused=1, late_left=0)),
    "TAKEN_again": ("The org recovers.", dict(org=ORG_BRANCH, seq=3, retry_after_ms=10000)),
    "REPORT": ("", REPORT),
    "REPORT_rewritten": ("The server's log of org 2 is another one than this device saw.",
                         dict(REPORT, rewritten=1, rewritten_org=2, rewritten_after=1 << 40 | 1, rewritten_seq=1 << 40 | 3)),
    "ROWS_ASK": ("One record by the first 20 bits of its id, of a branch named by its code.",
                 dict(number=5, org_code="QH-002", kind=MEMBER, id=ID_MEMBER[:2] + b"\xe0" + bytes(13), id_bits=20)),
    "ROWS_ASK_list": ("Submitted plans, after one that was seen.",
                      dict(number=6, org=ORG_BRANCH, kind=PLAN, state="submitted", after_id=ID_PLAN)),
    "ROWS": ("A plan of a term, and the group that something in it names.",
             dict(number=6, org=ORG_BRANCH,
                  row=[dict(kind=PLAN, id=ID_PLAN, seq=9,
                            row=Packed("record.WorkPlan", title="工会工作计划", period_kind="term", period="2026-1",
                                       state="submitted"))],
                  done=1, named=[dict(kind=GROUP, id=ID_GROUP, seq=2, row=Packed("record.UnionGroup", name="第一小组"))])),
    "ROWS_on": ("Looked at up to there, and found none yet.", dict(number=6, org=ORG_BRANCH, done=0, after_id=ID_PLAN)),
    "HISTORY_ASK": ("", dict(number=7, org=ORG_BRANCH, kind=MEMBER, id=ID_MEMBER)),
    "HISTORY": ("Older entries were left out.", dict(number=7, entry=[E1, E2], author=[dict(seat=7, person="吕静")], cut=1)),
    "OVERVIEW_ASK": ("", dict(number=8, org_code="QH")),
    "OVERVIEW_ASK_totals": ("Totals alone came, the last of them this.", dict(number=8, org_code="QH", after_total="member.total")),
    "OVERVIEW_ASK_on": ("A branch came.", dict(number=8, org_code="QH", after_branch=2)),
    "OVERVIEW": ("One branch, its numbers and those of all; a measure may be negative. Its dues are withheld (few members); of a total a part is told of no branch.",
                 dict(number=8, as_of_ms=T, org=ROOT,
                      total=[dict(name="member.total", value=48), dict(name="proposal.satisfied.2026", value=7, pooled=6),
                             dict(name="work_plan.2026-1.submitted", value=1)],
                      branch=[dict(org=BRANCH, last_contact_ms=T - 60000, report=KNOWN_REPORT,
                                   measure=[dict(name="member.total", value=48), dict(name="sample.balance", value=-1)], withheld=[11, 12],
                                   recovery=dict(since_ms=T - DAY, until_ms=T, awaited=1, seat=[7], person=["吕静"]))],
                      done=1, withheld=[11], recovery=dict(since_ms=T - DAY, until_ms=T, awaited=0))),
    "SEAT_ASK_on": ("The list, behind that seat.", dict(number=9, action="SEAT_LIST", after=7)),
    "SEAT_ASK": ("", dict(number=9, action="SEAT_REVOKE", seat=7)),
    "SEAT_ASK_roles": ("Nobody is left there then who answers for the seats, and the asker knows.",
                       dict(number=9, action="SEAT_ROLES", seat=7, roles="accountant,group_leader", confirmed=1)),
    "SEATS_roles": ("The answer.",
                    dict(number=9, seat=[dict(number=7, person="吕静", branch="QH-002", roles="group_leader,accountant", state="active",
                                              last_contact_ms=T, report=KNOWN_REPORT, version="0.1.0", roles_ms=T, roles_by=3,
                                              roles_by_person="张丽", copies_ms=T)], done=1)),
    "SEAT_ASK_refused": ("Behind one that came.", dict(number=9, action="SEAT_REFUSED", seat=7, after_org=ORG_BRANCH, after_seq=12)),
    "SEATS_refused": ("What a revoked seat had not sent in time; a mobile number was left out.",
                      dict(number=9, seat=[dict(number=7, person="吕静", branch="QH-002", roles="union_chair", state="revoked")], done=1,
                           refused=[dict(org=ORG_BRANCH, seq=13, received_ms=T,
                                         change=Packed("wire.Change", n=5, org=ORG_BRANCH, kind=MEMBER, id=ID_MEMBER, base_seq=2, op="SET",
                                                       patch=Packed("record.Member", note="调到分园"), made_ms=T - DAY), hidden=1, code="SEAT_REVOKED")],
                           named=[dict(kind=MEMBER, id=ID_MEMBER, seq=2, row=Packed("record.Member", name="石榴"))])),
    "SEATS": ("", dict(number=9, seat=[dict(number=7, person="吕静", branch="QH-002", roles="union_chair", state="revoked",
                                            last_contact_ms=T, report=KNOWN_REPORT, version="0.1.0")], done=1)),
    "TRANSFER_ASK_list": ("Who waits, behind one that came.", dict(number=11, after_id=ID_MEMBER)),
    "TRANSFER_ASK": ("One member's file.", dict(number=11, id=ID_MEMBER)),
    "TRANSFERS_list": ("Who waits; there are more.",
                       dict(number=11, transfer=[{"id": ID_MEMBER, "from": BRANCH, "left_on": "2026-11-30",
                                                  "file": Packed("record.Member", name="石榴")}],
                            done=0, after_id=ID_MEMBER)),
    "TRANSFERS": ("A file as it goes along.",
                  dict(number=11, transfer=[{"id": ID_MEMBER, "from": BRANCH, "left_on": "2026-11-30",
                                             "file": Packed("record.Member", name="石榴", sex="2", mobile="10012345678", post="teacher",
                                                            joined_on="2020-09-01")}], done=1)),
    "ERASURES_ASK": ("Behind the last that came.", dict(after=17)),
    "ERASURES_ASK_back": ("What the server has lost with its journal.", dict(after=17, known=[KNOWN_ERASURE])),
    "ERASURES": ("A member's name and more, and the same in a conflict about it.", dict(known=[KNOWN_ERASURE], last=18, done=1, erased=ERASED)),
    "INVITE_ASK": ("", dict(number=10, org_code="QH-002", roles="group_leader", person="欧阳敏", days=30)),
    "INVITED": ("", dict(number=10, code="BANYAN-00000-00000", ends_ms=T + 30 * DAY)),
    "JOIN": ("csr is cut short here.",
             dict(protocol=1, secret=filled(0x60, 16), csr=bytes.fromhex("3081c3306a020100"), sent_ms=T)),
    "JOINED": ("certificate is cut short here.",
               dict(certificate=bytes.fromhex("308201a23082014802"), seat=7, person="吕静", roles="union_chair", home=BRANCH,
                    server="127.0.0.1:7443", now_ms=T, district="青禾区教育工会")),
    "RENEW": ("csr is cut short here.", dict(csr=bytes.fromhex("3081c3306a020100"))),
    "RENEWED": ("certificate is cut short here.", dict(certificate=bytes.fromhex("308201a23082014802"))),
    "WIPE": ("signature is cut short here.", dict(seat=7, at_ms=T, signature=bytes.fromhex("3045022100"))),
    "PING": ("", dict(sent_ms=T)),
    "PONG": ("The clock of a machine that believes it is before 1970: -1 takes ten bytes.", dict(now_ms=-1)),
    "ERROR": ("Ends request 5, not the connection.",
              dict(number=5, code="NOT_FOUND", text="no such record", fatal=0, retry_after_ms=0, field="id")),
}

# ---- messages that travel as bytes inside of others, or in a join code ----
MESSAGES = {
    "Change": ("A new record; its hash is the first 16 bytes of SHA-256 over these bytes.", CREATE),
    "Change_act": ("A move to another state carries no patch.", ACT),
    "Change_for": ("Seat 9 wrote it; its successor hands it in.", HANDED_IN),
    "Change_made": ("What seat 9 made: Change_taken without for_seat and origin, n as it was there.", MADE),
    "Change_taken_for": ("Seat 9 had handed it in for seat 5, without a file, and not sent it.", TAKEN_FOR),
    "Change_taken": ("The same as its successor hands it in.", TAKEN_IN),
    "Change_set": ("Fields 10 and 21 are emptied; title is set to the empty text, which is not the same.", SET),
    "Effects": ("What a change did to two records.", EFFECTS),
    "Erasure": ("What was erased of two records; no value stands in it.", ERASURE),
    "HandoverHead": ("certificate is cut short here.",
                     Packed("wire.HandoverHead", version=1, district=DISTRICT, org=dict(number=ORG_BRANCH, code="QH-002", name="青禾区云雀幼儿园"),
                            seat=9, person="石榴", roles="accountant", made_ms=T, certificate=[bytes.fromhex("308201a23082014802")], entries=1)),
    "HandoverEntry": ("", Packed("wire.HandoverEntry", incarnation=filled(0xB0, 16), change=MADE, signature=SIGNATURE)),
    "HandoverSeal": ("", Packed("wire.HandoverSeal", signature=SIGNATURE)),
    "JoinCode": ("", Packed("wire.JoinCode", version=1, server="127.0.0.1:7443", ca_fingerprint=filled(0x70, 16),
                            secret=filled(0x60, 16), ends_ms=T + 30 * DAY)),
}


def frame_numbers():
    """From FRAME_LIST: the one place that numbers them."""
    text = (HERE.parents[1] / "common/wire/frame.h").read_text(encoding="utf-8")
    rows = [line.split("X(")[1].split(")")[0].split(", ") for line in text.splitlines() if line.startswith("    X(")]
    return {name: (int(number), f"wire.{message}") for number, name, _, message in rows}


def in_lines(data):
    text = data.hex()
    return "\n".join(text[i:i + 64] for i in range(0, len(text), 64)) + "\n"


def vector(about, head, type_name, fields):
    lines = [f"# {about}"] if about else []
    return "\n".join(lines + [f"{head} {{"] + SCHEMA.render(type_name, fields) + ["}"]) + "\n"


def files():
    numbers = frame_numbers()
    assert set(numbers) <= set(FRAMES), set(numbers) - set(FRAMES)
    for name, (about, fields) in FRAMES.items():
        frame = name if name in numbers else name.rsplit("_", 1)[0]
        number, type_name = numbers[frame]
        packed = SCHEMA.encode(type_name, fields)
        yield f"{name}.hex", in_lines(struct.pack(">IB", len(packed) + 1, number) + packed)
        yield f"{name}.txt", vector(about, f"frame {frame}", type_name, fields)
    for name, (about, message) in MESSAGES.items():
        yield f"{name}.hex", in_lines(SCHEMA.encode(message.type_name, message.fields))
        yield f"{name}.txt", vector(about, f"message {message.type_name}", message.type_name, message.fields)


def main():
    stale = []
    for name, text in files():
        file = HERE / name
        if "--check" in sys.argv:
            if not file.exists() or file.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            file.write_text(text, encoding="utf-8")
    for name in stale:
        print(f"{name}: not what make.py makes of it")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
