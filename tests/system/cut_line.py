"""A line between clients and their server that can be cut: after so many bytes up or down the connection is gone, in mid-frame or with
an answer that nobody heard; or half dead: it stays open and carries nothing any more. A thread for each direction; ends with its test."""
import socket
import threading


class CutLine:
    @classmethod
    def before(cls, district, test):
        """Starts the district's server behind a line of its own, which ends with the test: who joins is told the line's address."""
        line = cls()
        test.addCleanup(line.close)
        district.serve(announce=line.address)
        line.goes_to(district)
        return line

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.server = None                     # (host, port), once it is known
        self.up_max = self.down_max = None     # bytes of a connection; None: all
        self.connections, self.cuts = 0, 0
        self.up_hold = self.down_hold = None   # bytes after which a connection stays open and carries nothing more that way
        self.held = threading.Event()          # one did
        self.down_pause = None                 # bytes after which a connection waits for go_on before it carries more that way
        self.go_on = threading.Event()
        self.dead = 0                          # so many of the first connections carry nothing any more
        self.up = self.down = 0                # bytes that went through on the last connection
        threading.Thread(target=self.accept, daemon=True).start()

    def goes_to(self, district):
        host, port = district.address.rsplit(":", 1)
        self.server = (host, int(port))

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                self.listener.close()
                return
            try:
                server = socket.create_connection(self.server, 5)
            except OSError:
                client.close()
                continue
            for s in (client, server):
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self.up = self.down = 0
            for name, a, b in (("up", client, server), ("down", server, client)):
                threading.Thread(target=self.carry, args=(name, a, b, self.connections), daemon=True).start()

    def carry(self, name, source, target, number):
        most, hold = getattr(self, name + "_max"), getattr(self, name + "_hold")
        pause = self.down_pause if name == "down" else None
        carried = 0
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                if number <= self.dead:
                    continue
                if pause is not None and carried + len(data) > pause:
                    target.sendall(data[:max(0, pause - carried)])
                    data, carried, pause = data[max(0, pause - carried):], max(carried, pause), None
                    self.held.set()
                    self.go_on.wait(60)
                if hold is not None and carried + len(data) > hold:
                    target.sendall(data[:max(0, hold - carried)])
                    carried = max(carried, hold)
                    self.held.set()
                    continue
                if most is not None and carried + len(data) > most:
                    target.sendall(data[:most - carried])
                    self.cuts += 1
                    break
                target.sendall(data)
                carried += len(data)
                setattr(self, name, carried)
        except OSError:
            pass
        for s in (source, target):
            try:
                s.shutdown(socket.SHUT_RDWR)  # wakes the other direction
            except OSError:
                pass
        source.close()

    def die(self):
        """Every connection that there is stays open, and nobody hears anything on it any more."""
        self.dead = self.connections

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
