# The line from a QMT stand-in to the simulated counter (gateways/counter): JSON lines over loopback,
# with a reader thread that plays the client's native layer. Used by xtquant/ and terminal/.
# Always: answers and pushes are handed on in the order in which they came, on the reader thread;
# an answer that never comes never calls back.
import json
import os
import socket
import threading


class CounterLink(object):
    """on_said(message) for pushes, on_gone() once when the connection ends. Raises OSError."""

    def __init__(self, host, port, on_said, on_gone):
        self._on_said = on_said
        self._on_gone = on_gone
        self._lock = threading.Lock()
        self._waiting = {}
        self._seq = 0
        self.up = True
        self.hello = threading.Event()
        self.day = 0
        self._socket = socket.create_connection((host, port), timeout=3)
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = threading.Thread(target=self._read, name='native')
        self._reader.daemon = True
        self._reader.start()

    def call(self, message, on_answer=None):
        """Sends a call; on_answer(value) on the reader thread. False = the line is down."""
        with self._lock:
            if not self.up:
                return False
            self._seq += 1
            message = dict(message, seq=self._seq)
            if on_answer is not None:
                self._waiting[self._seq] = on_answer
            data = (json.dumps(message) + '\n').encode('utf-8')
            try:
                self._socket.sendall(data)
            except OSError:
                return False
        return True

    def ask(self, message, seconds=None):
        """The answer; None also when none came in time or the line is down."""
        done = threading.Event()
        box = []

        def answered(value):
            box.append(value)
            done.set()

        if not self.call(message, answered):
            return None
        done.wait(seconds)
        return box[0] if box else None

    def close(self):
        with self._lock:
            self.up = False
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()

    def _read(self):
        rest = b''
        while True:
            try:
                data = self._socket.recv(1 << 16)
            except OSError:
                data = b''
            if not data:
                break
            lines = (rest + data).split(b'\n')
            rest = lines.pop()
            for line in lines:
                self._on_line(json.loads(line.decode('utf-8')))
        with self._lock:
            was_up, self.up = self.up, False
        if was_up:
            self._on_gone()

    def _on_line(self, message):
        what = message['t']
        if what == 'hello':
            self.day = message['day']
            self.hello.set()
        elif what == 'answer':
            on_answer = self._waiting.pop(message['seq'], None)
            if on_answer is not None:
                on_answer(message['value'])
        else:
            self._on_said(message)


def address_in(folder):
    """(host, port) that the client's folder names, or None: no client there."""
    try:
        with open(os.path.join(folder, 'counter.json')) as file:
            found = json.load(file)
        return found['host'], int(found['port'])
    except (OSError, ValueError, KeyError):
        return None
