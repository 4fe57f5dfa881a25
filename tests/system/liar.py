"""A server that says what it likes, on the address of a district's own: with that district's keys, or with somebody else's. One
connection at a time, in a thread; what it does with one is a function of the frames that came."""
import contextlib
import pathlib
import socket
import ssl
import struct
import tempfile
import threading

from small_client import FRAMES, TYPES, decode, encode

SILENCE_S = 3  # of a client that waits for what it does not say; then it hangs up
ENDS = (EOFError, OSError, ValueError)


class Peer:
    """The client, as the liar sees it."""

    def __init__(self, stream):
        self.stream = stream

    def raw(self, data):
        self.stream.sendall(data)

    def say(self, name, message):
        payload = message if isinstance(message, bytes) else encode(message)
        self.raw(struct.pack(">IB", len(payload) + 1, TYPES[name]) + payload)

    def exactly(self, size):
        data = b""
        while len(data) < size:
            data += (more := self.stream.recv(size - len(data)))
            if not more:
                raise EOFError("the client has gone")
        return data

    def hear(self):
        size, number = struct.unpack(">IB", self.exactly(5))
        return FRAMES[number - 1], decode(self.exactly(size - 1))


class Liar:
    """keys: a folder with server.pem, server.key, ca.pem. play(peer) is called for each connection whose handshake went well; `heard`
    counts those, `came` all."""

    def __init__(self, address, keys, play, certificate="server.pem", key="server.key"):
        host, port = address.rsplit(":", 1)
        keys = pathlib.Path(keys)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_3
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.load_verify_locations(keys / "ca.pem")
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as chain:
            chain.write((keys / certificate).read_text() + (keys / "ca.pem").read_text())
            chain.flush()
            self.context.load_cert_chain(chain.name, keys / key)
        self.context.set_alpn_protocols(["banyan/1"])
        self.play, self.came, self.heard = play, 0, 0
        self.socket = socket.create_server((host, int(port)))
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while True:
            try:
                stream, _ = self.socket.accept()
            except OSError:
                return
            self.came += 1
            stream.settimeout(SILENCE_S)
            with contextlib.suppress(*ENDS), stream, self.context.wrap_socket(stream, server_side=True) as t:
                peer = Peer(t)
                peer.first = peer.hear()
                self.heard += 1
                self.play(peer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(60)
        if self.thread.is_alive():
            raise AssertionError("the liar does not end")
