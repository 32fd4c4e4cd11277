# The bridge's end of its connections: listening, messages with length and CRC-32, frames verified
# and numbered, heartbeats both ways, and the handshake in which both ends prove the secret.
# Used by core.py. The other end is gateways/bridge/link-channel.ts; described in docs/BRIDGE.md.
# Always: nothing is read before the proof of the secret; a frame out of number, a broken message
# or 2 s without a byte close the connection; nobody is let in where there is no secret.
import hashlib
import hmac
import json
import os
import selectors
import socket
import struct
import zlib
from wire import *
from guard import SettingsError, both

HEARTBEAT_S = 0.5
SILENT_S = 2.0
HANDSHAKE_S = 5.0
SECRET_MIN = 16
# Of one connection in one turn: some 90 orders, so that a kill on another link is heard between.
READ_BYTES = 16384
# An end that reads nothing costs this much memory and then its connection.
BACKLOG_MAX = 64 * 1048576
# More rows of a query wait while this much waits for the other end.
BACKLOG_PAGE = 262144
LINKS_MAX = 32

_MESSAGE = struct.Struct('<IIBBH')
_SEQUENCE = struct.Struct('<i')
_SEQUENCE_AT = 24


def read_secret(path):
    """The shared secret in the file; raises SettingsError."""
    try:
        with open(path, 'rb') as source:
            secret = source.read(4097).decode('utf-8').strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(both('无法读取密钥文件 %s: %s' % (path, error),
                                 'cannot read the secret file %s: %s' % (path, error)))
    if os.name != 'nt' and os.stat(path).st_mode & 0o077:
        raise SettingsError(both('密钥文件 %s 其他用户可读: chmod 600' % path,
                                 'secret file %s can be read by others: chmod 600 it' % path))
    if not SECRET_MIN <= len(secret) <= 4096:
        raise SettingsError(both('密钥文件 %s 须有至少 %d 个字符' % (path, SECRET_MIN),
                                 'secret in %s: expected %d characters or more'
                                 % (path, SECRET_MIN)))
    return secret.encode('utf-8')


def proof_of(secret, by, own, other):
    """Proof of the secret by one end, bound to both nonces and to the end that gives it."""
    text = '%d|%s|%s|%s' % (PROTOCOL, by, own, other)
    return hmac.new(secret, text.encode('utf-8'), hashlib.sha256).hexdigest()


def is_number(value):
    """Whether a value out of JSON is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


class Link(object):
    """One connection. The owner hears on_json, on_frame and on_closed(link, why,
    refused): refused = the reason was told already."""

    def __init__(self, connection, peer_name, owner, now):
        self.socket = connection
        self.name = peer_name
        self.owner = owner
        self.is_open = True
        self.opened_at = now
        # Handshake: 'hello', 'login', then the role: 'engine', 'control', ...
        self.state = 'hello'
        self.wanted = ''
        self.nonce = ''
        self.other_nonce = ''
        self.role = ''
        self.engine_id = 0
        # The engine's instruments by index, and back
        self.symbols = []
        self.index_of = {}
        # Account -> symbols of its pilot: accounts whose stage this engine tells
        self.pilots = {}
        # Epoch with which each account was fenced on this connection; 0 = not
        self.epochs = []
        self._in = bytearray()
        self._out = bytearray()
        self._sent = 0
        self._received = 0
        self._said_at = now
        self._heard_at = now
        self._ends = ''

    @property
    def backlog(self):
        return len(self._out)

    def say(self, frame):
        """Numbers and queues a frame; it leaves in the owner's turn."""
        if not self.is_open or self._ends:
            return
        self._sent = self._sent + 1 & 0xffffffff
        number = self._sent
        frame.sequence = number - 4294967296 if number > 0x7fffffff else number
        self._queue(LINK_KIND_FRAME, frame.pack())

    def say_json(self, message):
        if not self.is_open or self._ends:
            return
        text = json.dumps(message, separators=(',', ':')).encode('ascii')
        self._queue(LINK_KIND_JSON, text)

    def _queue(self, kind, payload):
        crc = zlib.crc32(payload) & 0xffffffff
        self._out += _MESSAGE.pack(len(payload), crc, kind, 0, 0)
        self._out += payload

    def flush(self, now):
        """Hands what is queued to the system; keeps what it does not take."""
        if not self._out or not self.is_open:
            return
        try:
            done = self.socket.send(self._out)
        except (BlockingIOError, InterruptedError):
            done = 0
        except OSError as error:
            self.close(str(error))
            return
        if done:
            self._said_at = now
            del self._out[:done]
        if len(self._out) > BACKLOG_MAX:
            self.close(both('对方读取过慢', 'the other end reads too slowly'))
        elif self._ends and not self._out:
            self.close(self._ends)

    def read(self, now):
        """Takes what has arrived and hands whole messages to the owner."""
        try:
            data = self.socket.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self.close(str(error))
            return
        if not data:
            self.close(both('对方已断开', 'the other end closed'))
            return
        self._heard_at = now
        if self._ends:
            return
        self._in += data
        self._take()

    def _take(self):
        data = bytes(self._in)
        at = 0
        while self.is_open and not self._ends and len(data) - at >= LINK_HEADER_BYTES:
            length, crc, kind, pad, pads = _MESSAGE.unpack_from(data, at)
            if not 0 < length <= LINK_MAX_PAYLOAD or pad or pads:
                self._broken('length %d' % length)
                return
            end = at + LINK_HEADER_BYTES + length
            if len(data) < end:
                break
            start = at + LINK_HEADER_BYTES
            if zlib.crc32(data[start:end]) & 0xffffffff != crc:
                self._broken('CRC-32')
                return
            if kind == LINK_KIND_FRAME:
                self._take_frame(data, start, length)
            elif kind == LINK_KIND_JSON:
                self._take_json(data[start:end])
            else:
                self._broken('kind %d' % kind)
            at = end
        del self._in[:at]

    def _take_frame(self, data, at, length):
        wrong = verify_frame(data, at, length)
        if wrong or frame_length_differs(data, at, length):
            self._broken(wrong or 'frame length')
            return
        self._received = self._received + 1 & 0xffffffff
        found = _SEQUENCE.unpack_from(data, at + _SEQUENCE_AT)[0] & 0xffffffff
        if found != self._received:
            self._broken('frame number %d, expected %d' % (found, self._received))
            return
        kind = frame_type(data, at)
        if kind != Clock.TYPE:
            self.owner.on_frame(self, kind, data, at)

    def _take_json(self, data):
        try:
            message = json.loads(data.decode('utf-8'))
        except ValueError:
            message = None
        if not isinstance(message, dict):
            self._broken('JSON')
            return
        self.owner.on_json(self, message)

    def _broken(self, what):
        self.close(both('报文损坏 (%s)，断开' % what, 'a broken message (%s), closed' % what))

    def beat(self, now):
        """Heartbeat, silence and the handshake's time; called several times a second."""
        if self.state in ('hello', 'login') and now - self.opened_at > HANDSHAKE_S:
            self.refuse(both('握手超时', 'no handshake'))
        elif now - self._heard_at > SILENT_S:
            self.close(both('%.1f 秒无数据' % (now - self._heard_at),
                            'nothing heard for %.1f s' % (now - self._heard_at)))
        elif now - self._said_at >= HEARTBEAT_S and self.state not in ('hello', 'login'):
            self.say(Clock())

    def forgive(self, now):
        self._heard_at = now

    def refuse(self, text):
        """Says why, then ends the connection."""
        if self._ends or not self.is_open:
            return
        self.owner.log_text(text)
        self.say_json({'kind': 'refused', 'text': text[:1000]})
        self._ends = text

    def close(self, why):
        if not self.is_open:
            return
        self.is_open = False
        self.owner.on_closed(self, self._ends or why, self._ends != '')
        try:
            self.socket.close()
        except OSError:
            pass


def frame_length_differs(data, at, length):
    """Whether a frame says another length than the message that carries it."""
    return _SEQUENCE.unpack_from(data, at)[0] != length


class LinkServer(object):
    """The listening socket, its connections, and the wake-up for other threads."""

    def __init__(self, address, owner):
        self.owner = owner
        self.links = []
        self._selector = selectors.DefaultSelector()
        self._listener = listen_at(address)
        self._selector.register(self._listener, selectors.EVENT_READ, 'listener')
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._selector.register(self._wake_in, selectors.EVENT_READ, 'wake')
        self._writers = set()
        self._beat_at = None

    def wake(self):
        """Ends the wait of poll(); from any thread."""
        try:
            self._wake_out.send(b'.')
        except (BlockingIOError, InterruptedError):
            # Full: it is awake anyway.
            pass
        except OSError:
            pass

    def poll(self, timeout, now):
        """Waits for bytes at most this long and hands them on; now() reads the clock."""
        for key, events in self._selector.select(timeout):
            if key.data == 'wake':
                self._drain_wake()
            elif key.data == 'listener':
                self._accept(now())
            else:
                link = key.data
                if events & selectors.EVENT_WRITE and link.is_open:
                    link.flush(now())
                if events & selectors.EVENT_READ and link.is_open:
                    link.read(now())
        self._sweep()

    def flush(self, now):
        """Sends what is queued on every connection."""
        for link in self.links:
            if not link.is_open:
                continue
            link.flush(now)
            if not link.is_open:
                continue
            wants = link.backlog > 0
            if wants != (link in self._writers):
                mask = selectors.EVENT_READ | (selectors.EVENT_WRITE if wants else 0)
                self._selector.modify(link.socket, mask, link)
                if wants:
                    self._writers.add(link)
                else:
                    self._writers.discard(link)
        self._sweep()

    def beat(self, now):
        # This process was frozen: what others said meanwhile waits in the sockets.
        frozen = self._beat_at is not None and now - self._beat_at > SILENT_S / 2
        self._beat_at = now
        for link in list(self.links):
            if frozen:
                link.forgive(now)
            link.beat(now)
        self._sweep()

    def forget(self, link):
        """The connection is about to be closed: no longer waited for."""
        try:
            self._selector.unregister(link.socket)
        except (KeyError, ValueError):
            pass

    def close(self):
        for link in list(self.links):
            link.flush(link.opened_at)
            link.close(both('桥接程序结束', 'the bridge ends'))
        self._selector.close()
        for one in (self._listener, self._wake_in, self._wake_out):
            one.close()

    def _drain_wake(self):
        try:
            while self._wake_in.recv(4096):
                pass
        except (BlockingIOError, InterruptedError):
            pass

    def _accept(self, now):
        try:
            connection, address = self._listener.accept()
        except OSError:
            return
        if len(self.links) >= LINKS_MAX:
            connection.close()
            return
        connection.setblocking(False)
        if connection.family != getattr(socket, 'AF_UNIX', None):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = '%s:%s' % address[:2] if isinstance(address, tuple) else 'local'
        link = Link(connection, name, self.owner, now)
        self.links.append(link)
        self._selector.register(connection, selectors.EVENT_READ, link)

    def _sweep(self):
        if all(link.is_open for link in self.links):
            return
        self._writers = set(link for link in self._writers if link.is_open)
        self.links = [link for link in self.links if link.is_open]


def listen_at(address):
    """A listening socket at tcp:HOST:PORT, or at a Unix path; raises SettingsError."""
    try:
        if not address.startswith('tcp:'):
            return _listen_path(address)
        host, colon, port = address[4:].rpartition(':')
        host = host.strip('[]')
        if not colon or not port.isdigit() or int(port) > 65535 or host == '':
            raise SettingsError(both('监听地址 %s 有误，应为 tcp:主机:端口' % address,
                                     "address '%s', expected tcp:HOST:PORT" % address))
        family = socket.AF_INET6 if ':' in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        if os.name == 'nt':
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, int(port)))
    except OSError as error:
        raise SettingsError(both('无法监听 %s: %s（端口被占用？另一个桥接程序在运行？）'
                                 % (address, error),
                                 'cannot listen on %s: %s (is the port taken, or another bridge '
                                 'running?)' % (address, error)))
    listener.listen(16)
    listener.setblocking(False)
    return listener


def _listen_path(path):
    if not hasattr(socket, 'AF_UNIX') or path == '':
        raise SettingsError(both('监听地址 %s 有误，应为 tcp:主机:端口' % path,
                                 "address '%s', expected tcp:HOST:PORT" % path))
    if os.path.exists(path):
        probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            probe.connect(path)
        except OSError:
            # Left over from a killed bridge.
            os.remove(path)
        else:
            raise SettingsError(both('%s 已有桥接程序在监听' % path,
                                     'another bridge listens on %s' % path))
        finally:
            probe.close()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    os.chmod(path, 0o600)
    listener.listen(16)
    listener.setblocking(False)
    return listener
