# The terminal's own line to the counter, without a thread of Python: the emulator's loop reads it
# between two calls of the strategy, as the terminal's native layer would. Used by emulator.py.
# Always: the lists that a strategy reads are a cache, renewed at the terminal's own pace.
import json
import select
import socket
import time

from standin.counter_link import address_in

RETRY_S = 0.2


class Native(object):
    """One client of the counter. on_push(message) and on_day(day) are called from poll()."""

    def __init__(self, folder, session, accounts, on_push, on_day):
        self._folder = folder
        self._session = session
        self._accounts = accounts
        self._on_push = on_push
        self._on_day = on_day
        self._socket = None
        self._rest = b''
        self._waiting = {}
        self._seq = 0
        self._tried_at = 0.0
        self.is_up = False
        self.day = 0

    def call(self, message, on_answer=None):
        if self._socket is None:
            return False
        self._seq += 1
        if on_answer is not None:
            self._waiting[self._seq] = on_answer
        data = (json.dumps(dict(message, seq=self._seq)) + '\n').encode('utf-8')
        try:
            self._socket.setblocking(True)
            self._socket.sendall(data)
            self._socket.setblocking(False)
        except OSError:
            self._lose()
            return False
        return True

    def poll(self, seconds):
        """Waits for bytes at most this long (the interpreter lock is free), handles them."""
        if self._socket is None:
            self._connect()
        if self._socket is None:
            time.sleep(min(seconds, 0.01))
            return
        if seconds > 0:
            select.select([self._socket], [], [], seconds)
        while self._socket is not None:
            try:
                data = self._socket.recv(1 << 16)
            except BlockingIOError:
                return
            except OSError:
                data = b''
            if not data:
                self._lose()
                return
            lines = (self._rest + data).split(b'\n')
            self._rest = lines.pop()
            for line in lines:
                self._on_line(json.loads(line.decode('utf-8')))

    def ask(self, message, seconds=1.0):
        """The answer, for calls whose result the terminal gives back at once; None = none came."""
        box = []
        self.call(message, box.append)
        end = time.monotonic() + seconds
        while not box and self._socket is not None and time.monotonic() < end:
            self.poll(0.005)
        return box[0] if box else None

    def _connect(self):
        now = time.monotonic()
        place = address_in(self._folder)
        if now - self._tried_at < RETRY_S or place is None:
            return
        self._tried_at = now
        try:
            self._socket = socket.create_connection(place, timeout=1)
        except OSError:
            return
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)
        self._rest = b''

    def _lose(self):
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._waiting.clear()
        self.is_up = False

    def _on_line(self, message):
        what = message['t']
        if what == 'hello':
            self.call({'op': 'login', 'session': self._session},
                      lambda value: self._logged_in(value, message['day']))
        elif what == 'answer':
            on_answer = self._waiting.pop(message['seq'], None)
            if on_answer is not None:
                on_answer(message['value'])
        else:
            self._on_push(message)

    def _logged_in(self, value, day):
        if value != 0:
            self._lose()
            return
        for account, kind in self._accounts.items():
            self.call({'op': 'subscribe', 'account': account, 'type': 3 if kind == 'CREDIT' else 2})
        self.is_up = True
        before, self.day = self.day, day
        self._on_day(before, day)
