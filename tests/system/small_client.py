"""A client of the sync protocol in Python's standard library alone, written from proto/PROTOCOL.md and the .proto files. It
joins nothing: it uses key.pem, cert.pem and ca.pem of a folder that `banyan join` made, says hello, pushes a member under
an incarnation of its own, and pulls a log whose chain it checks. Messages are dicts from tag to value.

    small_client.py FOLDER HOST:PORT [NAME OF A MEMBER TO ADD]
"""
import hashlib
import json
import os
import pathlib
import socket
import ssl
import struct
import sys
import time

FRAMES = ("HELLO WELCOME PUSH VERDICTS PULL ENTRIES SNAPSHOT_ASK SNAPSHOT_PAGE DIGEST_ASK DIGESTS NEWS HAND_BACK TAKEN REPORT "
          "ROWS_ASK ROWS HISTORY_ASK HISTORY OVERVIEW_ASK OVERVIEW SEAT_ASK SEATS INVITE_ASK INVITED JOIN JOINED RENEW RENEWED "
          "WIPE PING PONG ERROR TRANSFER_ASK TRANSFERS ERASURES_ASK ERASURES").split()
TYPES = {name: number for number, name in enumerate(FRAMES, 1)}
VERDICTS = ["", "APPLIED", "MERGED", "CONFLICT", "REFUSED", "SAME"]
STOPS = ["", "FORKED", "GAP", "LATER"]
MEMBER, CREATE = 1, 1


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def encode(fields):
    """{tag: int | str | bytes | dict | list of these}; None: absent. Tags ascend, as the canonical form wants it."""
    out = b""
    for tag in sorted(fields):
        values = fields[tag] if isinstance(fields[tag], list) else [fields[tag]]
        for value in values:
            if isinstance(value, int):
                out += varint(tag << 3) + varint(value)
            elif value is not None:
                data = encode(value) if isinstance(value, dict) else value.encode() if isinstance(value, str) else value
                out += varint(tag << 3 | 2) + varint(len(data)) + data
    return out


def decode(data):
    """{tag: [int or bytes, ...]}; raises on what is cut short."""
    out, at = {}, 0

    def take():
        nonlocal at
        value = shift = 0
        while True:
            byte, at = data[at], at + 1
            value, shift = value | (byte & 0x7f) << shift, shift + 7
            if byte < 0x80:
                return value

    while at < len(data):
        head, value = take(), take()
        if head & 7 == 2:
            value, at = data[at:at + value], at + value
        elif head & 7 != 0:
            raise ValueError(f"wire type {head & 7}")
        if at > len(data):
            raise ValueError("cut short")
        out.setdefault(head >> 3, []).append(value)
    return out


def one(message, tag, otherwise=0):
    return message.get(tag, [otherwise])[0]


def text(message, tag):
    return one(message, tag, b"").decode()


class Refused(Exception):  # the server sent ERROR
    def __init__(self, error):
        self.code, self.text, self.fatal = text(error, 2), text(error, 3), one(error, 4)
        super().__init__(f"{self.code}: {self.text}")


class Connection:
    """Frames over TLS 1.3. folder None: without a certificate; then `ca` says whom to trust."""

    def __init__(self, address, folder=None, ca=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False  # the district's CA is the name
        context.load_verify_locations(ca or pathlib.Path(folder) / "ca.pem")
        context.set_alpn_protocols(["banyan/1"])
        if folder:
            context.load_cert_chain(pathlib.Path(folder) / "cert.pem", pathlib.Path(folder) / "key.pem")
        host, port = address.rsplit(":", 1)
        self.socket = context.wrap_socket(socket.create_connection((host, int(port)), timeout=30))
        self.received = b""  # every plain byte that came, for who wants to search it

    def send(self, frame, message):
        payload = message if isinstance(message, bytes) else encode(message)
        self.socket.sendall(struct.pack(">IB", len(payload) + 1, TYPES[frame]) + payload)

    def exactly(self, size):
        data = b""
        while len(data) < size:
            data += (more := self.socket.recv(size - len(data)))
            if not more:
                raise EOFError("the server closed the connection")
        self.received += data
        return data

    def receive(self):
        size, number = struct.unpack(">IB", self.exactly(5))
        frame, message = FRAMES[number - 1], decode(self.exactly(size - 1))
        if frame == "ERROR":
            raise Refused(message)
        return frame, message

    def ask(self, frame, message, answer):
        """The answer to a request; NEWS may come in between."""
        self.send(frame, message)
        while True:
            came, fields = self.receive()
            if came == answer:
                return fields
            if came != "NEWS":
                raise ValueError(f"{came} instead of {answer}")

    def hello(self, incarnation, positions=(), watch=0):
        return self.ask("HELLO", {1: 1, 2: "small", 3: incarnation, 4: int(time.time() * 1000), 5: list(positions), 6: {1: 0},
                                  7: watch}, "WELCOME")

    def push(self, incarnation, changes, **fork):
        """changes: packed. Gives ({n: (verdict, seq, code)}, (stop, n))."""
        answer = self.ask("PUSH", {1: incarnation, 2: [{1: c} for c in changes], 3: fork.get("parent"), 4: fork.get("fork_n")},
                          "VERDICTS")
        verdicts = {one(v, 1): (VERDICTS[one(v, 2)], one(v, 3), text(decode(one(v, 4, b"")), 1))
                    for v in map(decode, answer.get(2, []))}
        return verdicts, (STOPS[one(answer, 3)], one(answer, 4))

    def pull(self, org, after=0, chain=bytes(32)):
        """All entries after a seq, decoded; the chain is checked from the hash given on."""
        entries, head = [], None
        while head is None or after < head:
            answer = self.ask("PULL", {1: org, 2: after, 3: 65536}, "ENTRIES")
            head = one(answer, 3)
            for entry in map(decode, answer.get(2, [])):
                chain = hashlib.sha256(chain + entry_hash(entry)).digest()
                if chain != one(entry, 12):
                    raise ValueError(f"entry {one(entry, 1)} does not follow")
                entries.append(entry)
                after = one(entry, 1)
        return entries

    def close(self):
        self.socket.close()


def entry_hash(entry):
    """PROTOCOL.md "The chain"."""
    if 13 in entry:
        return one(entry, 13)

    part = lambda data: struct.pack(">I", len(data)) + data
    content = hashlib.sha256(b"".join(part(one(entry, tag, b"")) for tag in (11, 9, 10))).digest()
    code = one(decode(one(entry, 7, b"")), 1, b"")
    head = struct.pack(">QI16sQ16sB", one(entry, 1), one(entry, 2), one(entry, 3), one(entry, 4), one(entry, 5), one(entry, 6))
    return hashlib.sha256(head + part(code) + struct.pack(">q", one(entry, 8)) + content).digest()


def new_id():  # UUIDv7
    data = bytearray((int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")).to_bytes(16, "big"))
    data[6], data[8] = data[6] & 0x0f | 0x70, data[8] & 0x3f | 0x80
    return bytes(data)


def create_member(n, org, fields, record=None):
    return encode({1: n, 2: org, 3: MEMBER, 4: record or new_id(), 6: CREATE, 7: encode(fields), 13: int(time.time() * 1000)})


def main():
    connection = Connection(sys.argv[2], folder=sys.argv[1])
    incarnation = os.urandom(16)
    welcome = connection.hello(incarnation)
    home = one(welcome, 7)
    pushed = connection.push(incarnation, [create_member(1, home, {2: sys.argv[3]})]) if len(sys.argv) > 3 else None
    entries = connection.pull(home)
    print(json.dumps({"seat": one(welcome, 4), "roles": text(welcome, 6), "home": home, "pushed": pushed,
                      "entries": len(entries), "seq": one(entries[-1], 1) if entries else 0}, ensure_ascii=False))
    connection.close()


if __name__ == "__main__":
    main()
