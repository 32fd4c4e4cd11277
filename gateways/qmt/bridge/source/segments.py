# Journals on disk: folders of segments of 256-byte records with CRC and chain, as engine/journal has
# them. Used by journal.py. Always: what is read was proved record by record; a torn end is cut and
# kept aside, any other damage is refused; when flush() says False, nothing of its batch counts.
import hashlib
import json
import os
import socket
import struct
import sys
import threading
import time
import zlib
from wire import *

RECORD_BYTES = 256
RECORD_MAGIC = b'PKJ1'
SEGMENT_SIZE = 4 * 1048576
# Room at the end of a segment that only kills may use, of the part for cancels and fences.
KILL_BYTES = RESERVED_BYTES // 8 // RECORD_BYTES * RECORD_BYTES
BATCH_RECORDS_MAX = 64
# Longest damaged end that one interrupted write can leave.
TAIL_LIMIT = 256 * RECORD_BYTES
PAGE_BYTES = 4096
PAYLOAD_AT = 48
LOCK_FILE = 'pankou.lock'

_RECORD = struct.Struct('<4shhiiiiddiI')
_CRC = struct.Struct('<I')
_ZERO = bytes(RECORD_BYTES)
_SEGMENT = struct.Struct('<iiiid16s32s')
_CHAIN_0 = GENESIS_CHAIN & 0xffffffff


class JournalError(Exception):
    """The journal cannot be used; the text says where and what to do."""


def segment_name(index):
    return 'journal-%06d.pkj' % index


class FolderLock(object):
    """One process per folder; the operating system frees it when the process dies."""

    def __init__(self, folder):
        self._socket = None
        self._handle = None
        if sys.platform.startswith('linux'):
            stat = os.stat(folder)
            name = '%d:%d' % (stat.st_dev, stat.st_ino)
            digest = hashlib.sha256(name.encode('ascii')).hexdigest()[:40]
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                self._socket.bind('\0pankou-folder-' + digest)
                self._socket.listen(1)
            except OSError:
                self.free()
                raise JournalError('folder %s is in use by another bridge: end that one first'
                                   % folder)
        else:
            self._lock_byte(folder)
        with open(os.path.join(folder, LOCK_FILE), 'w') as out:
            since = time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime())
            me = {'pid': os.getpid(), 'host': socket.gethostname(), 'since': since}
            out.write(json.dumps(me, separators=(',', ':')))

    def _lock_byte(self, folder):
        # Beside the file that names the holder: that one must stay readable.
        self._handle = open(os.path.join(folder, LOCK_FILE + '.held'), 'a+')
        try:
            if os.name == 'nt':
                import msvcrt
                self._handle.seek(0)
                msvcrt.locking(self._handle.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl
                fcntl.flock(self._handle.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (IOError, OSError):
            self.free()
            raise JournalError('folder %s is in use by another bridge: end that one first'
                               % folder)

    def free(self):
        for held in (self._socket, self._handle):
            if held is not None:
                held.close()
        self._socket = self._handle = None


def _is_sound(data, at):
    if data[at:at + 4] != RECORD_MAGIC or at + RECORD_BYTES > len(data):
        return False
    crc = zlib.crc32(data[at:at + 252]) & 0xffffffff
    return crc == _CRC.unpack_from(data, at + 252)[0]


def _sound_after(data, at):
    at = data.find(RECORD_MAGIC, at)
    while at >= 0:
        if at % RECORD_BYTES == 0 and _is_sound(data, at):
            return True
        at = data.find(RECORD_MAGIC, at + 1)
    return False


def _last_non_zero(data, at):
    """End of the record slot with the last byte that is not 0, at or after at."""
    size = len(data[at:].rstrip(b'\0'))
    return at + (size + RECORD_BYTES - 1) // RECORD_BYTES * RECORD_BYTES


class JournalScan(object):
    """Reads a folder of segments from the first record to the last and proves each."""

    def __init__(self, folder, visit):
        self.folder = folder
        self.seq = 0
        self.chain = _CHAIN_0
        self.epoch = 0
        self.day = 0
        self.account = -1
        self.segment = 0
        self.offset = 0
        # (file, offset, end) of a torn end, or None
        self.tail = None
        # Fields of the last SEGMENT record, or None
        self.header = None
        self._visit = visit
        names = [name for name in os.listdir(folder) if name.endswith('.pkj')]
        count = len(names)
        for index in range(1, count + 1):
            if segment_name(index) not in names:
                raise JournalError('%s is missing in %s: put it back from a backup'
                                   % (segment_name(index), folder))
        self._data = {}
        for index in range(1, count + 1):
            self._read(index, count)
            if self.tail is not None:
                break

    def _load(self, index):
        if index not in self._data:
            with open(os.path.join(self.folder, segment_name(index)), 'rb') as source:
                self._data = {index: source.read()}
        return self._data[index]

    def _later_sound(self, index, count):
        for later in range(index + 1, count + 1):
            with open(os.path.join(self.folder, segment_name(later)), 'rb') as source:
                if _sound_after(source.read(), 0):
                    return True
        return False

    def _read(self, index, count):
        data = self._load(index)
        at = 0
        while at + RECORD_BYTES <= len(data) and data[at:at + RECORD_BYTES] != _ZERO:
            if not _is_sound(data, at):
                self._torn(index, count, data, at)
                return
            self._take(index, data, at)
            at += RECORD_BYTES
        if at > 0 or index == 1:
            self.segment = index
            self.offset = at
        rest = _last_non_zero(data, at)
        if rest == at:
            if at == 0 and self._later_sound(index, count):
                self._corrupt(index, at, 'sound records follow the gap')
            size = self.header['segment_bytes'] if self.header is not None else 0
            if size and len(data) < size and at > 0:
                # Ends early: filled up again when the writer goes on, unless records followed.
                self._cut(index, count, data, at)
            return
        first = at
        while data[first] == 0:
            first += 1
        is_head = at == 0 and index == 1
        lost = first // RECORD_BYTES * RECORD_BYTES % PAGE_BYTES == 0
        lost = lost and rest - at <= TAIL_LIMIT and not is_head
        if not lost and _sound_after(data, at):
            self._corrupt(index, at, 'sound records follow the gap')
        self._cut(index, count, data, at)

    def _torn(self, index, count, data, at):
        if _sound_after(data, at + RECORD_BYTES):
            self._corrupt(index, at, 'sound records follow it')
        if at == 0 and data[:4].rstrip(b'\0') != RECORD_MAGIC[:len(data[:4].rstrip(b'\0'))]:
            self._corrupt(index, at, "it does not begin with 'PKJ1'")
        self._cut(index, count, data, at)

    def _cut(self, index, count, data, at):
        if self._later_sound(index, count):
            self._corrupt(index, at, 'later segments hold sound records')
        end = _last_non_zero(data, at)
        if end - at > TAIL_LIMIT:
            self._corrupt(index, at, 'the damage is longer than one write can leave')
        self.segment = index
        self.offset = at
        self.tail = (index, at, end)

    def _corrupt(self, index, at, why):
        name = os.path.join(self.folder, segment_name(index))
        raise JournalError('%s is damaged at byte %d (%s): restore it from a backup; nothing was '
                           'changed' % (name, at, why))

    def _take(self, index, data, at):
        head = _RECORD.unpack_from(data, at)
        _, version, kind, seq, epoch, day, account, _, _, length, chain = head
        is_segment = kind == RECORD_SEGMENT
        wrong = version != 1 or chain != self.chain or seq != self.seq + 1
        wrong = wrong or is_segment != (at == 0)
        wrong = wrong or (self.account >= 0 and account != self.account)
        if not is_segment and kind != RECORD_EPOCH and epoch != self.epoch:
            wrong = True
        if kind == RECORD_EPOCH and epoch <= self.epoch:
            wrong = True
        if wrong:
            self._corrupt(index, at, 'a whole record that does not belong here')
        self.chain = _CRC.unpack_from(data, at + 252)[0]
        self.account = account
        if is_segment:
            fields = _SEGMENT.unpack_from(data, at + PAYLOAD_AT)
            if fields[0] != FORMAT_VERSION or fields[1] != RECORD_BYTES or fields[2] != index:
                self._corrupt(index, at, 'another format, or a renamed file')
            self.header = {
                'reserved_bytes': fields[3],
                'segment_bytes': int(fields[4]),
                'schema': fields[5].rstrip(b'\0').decode('ascii'),
                'version': fields[6].rstrip(b'\0').decode('ascii', 'replace'),
            }
            return
        wrong_frame = verify_frame(data, at + PAYLOAD_AT, length)
        if wrong_frame != '':
            self._corrupt(index, at, wrong_frame)
        self.seq = seq
        self.epoch = epoch
        self.day = day
        self._visit(data, at + PAYLOAD_AT)


class JournalFile(object):
    """Appends frames as records and flushes them. flush() False = nothing of the batch counts."""

    def __init__(self, folder, account, day, visit):
        self.folder = folder
        self.failed = ''
        self._lock = FolderLock(folder)
        try:
            self._open(account, day, visit)
        except Exception:
            self._lock.free()
            raise

    def _open(self, account, day, visit):
        for name in os.listdir(self.folder):
            if name.endswith('.draft'):
                os.remove(os.path.join(self.folder, name))
        scan = JournalScan(self.folder, visit)
        header = scan.header
        if scan.account not in (-1, account):
            raise JournalError('journal %s belongs to account %d, not %d: one folder per account'
                               % (self.folder, scan.account, account))
        if header is not None and header['schema'] != SCHEMA_HASH:
            raise JournalError('journal %s was written by another version of the bridge: go on '
                               'with that one today, the new one from tomorrow' % self.folder)
        if scan.epoch + 1 > 1023:
            raise JournalError('journal %s: 1023 starts in one day, no more fit' % self.folder)
        if scan.tail is not None:
            self._cut_tail(scan)
        same = header is not None and header['version'] == VERSION
        same = same and header['segment_bytes'] == SEGMENT_SIZE
        same = same and header['reserved_bytes'] == RESERVED_BYTES
        self.account = account
        self.day = day
        self.epoch = scan.epoch + 1
        self._segment = 1 if header is None else scan.segment + (0 if same else 1)
        self._offset = scan.offset if same else 0
        self._seq = scan.seq
        self._chain = scan.chain
        self._batch = []
        # Byte up to which a failed write may have left bytes; the next one covers them
        self._dirty = 0
        # (seq, chain) of the last record that was written
        self._mark = (self._seq, self._chain)
        # A write failed inside append(): the next flush() must say so
        self._owed = False
        self._next = None
        self._make(self._segment)
        self._handle = self._open_segment(self._segment)
        self._sync()
        epoch = Epoch()
        epoch.account = account
        epoch.day = day
        epoch.epoch = self.epoch
        if not (self.append(RECORD_EPOCH, epoch.pack()) and self.flush()):
            raise JournalError('cannot write to journal %s: %s' % (self.folder, self.failed))

    def _path(self, index):
        return os.path.join(self.folder, segment_name(index))

    def _open_segment(self, index):
        return os.open(self._path(index), os.O_RDWR | getattr(os, 'O_BINARY', 0))

    def _make(self, index):
        """Makes a segment of zeros, durable, under its name only once it is whole."""
        path = self._path(index)
        if os.path.exists(path) and os.path.getsize(path) == SEGMENT_SIZE:
            return
        if os.path.exists(path):
            # Cut short by a power failure: filled up with zeros; a foreign size is not ours.
            with open(path, 'r+b') as out:
                out.seek(0, 2)
                out.write(bytes(max(0, SEGMENT_SIZE - out.tell())))
                out.flush()
                os.fsync(out.fileno())
            return
        draft = '%s.%d.draft' % (path, os.getpid())
        with open(draft, 'wb') as out:
            # In small pieces: what is written as one, the system keeps in memory as one.
            for at in range(0, SEGMENT_SIZE, 65536):
                out.write(bytes(min(65536, SEGMENT_SIZE - at)))
            out.flush()
            os.fsync(out.fileno())
        os.rename(draft, path)
        sync_folder(self.folder)

    def _cut_tail(self, scan):
        index, at, end = scan.tail
        path = self._path(index)
        with open(path, 'r+b') as out:
            out.seek(at)
            torn = out.read(end - at)
            if torn:
                with open('%s.torn-%d' % (path, at), 'wb') as copy:
                    copy.write(torn)
            out.seek(at)
            out.write(bytes(end - at))
            out.seek(0, 2)
            out.write(bytes(max(0, SEGMENT_SIZE - out.tell())))
            out.flush()
            os.fsync(out.fileno())

    def append(self, kind, frame):
        """Adds a record to the batch; False = refused, nothing is added."""
        only_lowers = kind in (RECORD_KILL, RECORD_CANCEL)
        only_lowers = only_lowers or (kind == RECORD_BRIDGE and frame_type(frame) == Fence.TYPE)
        if self.failed and not only_lowers:
            return False
        if len(self._batch) >= BATCH_RECORDS_MAX and not self.write():
            return False
        end = self._offset + (len(self._batch) + 2) * RECORD_BYTES
        if end > SEGMENT_SIZE - RESERVED_BYTES and not self.failed:
            if not self._roll_over() and not only_lowers:
                return False
        last = SEGMENT_SIZE - (0 if kind == RECORD_KILL else KILL_BYTES)
        if self._offset + (len(self._batch) + 2) * RECORD_BYTES > last:
            return False
        if self._offset == 0 and not self._batch:
            self._put(RECORD_SEGMENT, self._seq + 1, _SEGMENT.pack(
                FORMAT_VERSION, RECORD_BYTES, self._segment, RESERVED_BYTES,
                float(SEGMENT_SIZE), SCHEMA_HASH.encode('ascii'), VERSION.encode('ascii')))
        self._seq += 1
        self._put(kind, self._seq, frame)
        return True

    def _put(self, kind, seq, payload):
        head = _RECORD.pack(
            RECORD_MAGIC, 1, kind, seq, self.epoch, self.day, self.account,
            0.0, time.perf_counter() * 1e9, len(payload), self._chain)
        body = head + payload + bytes(252 - PAYLOAD_AT - len(payload))
        self._chain = zlib.crc32(body) & 0xffffffff
        self._batch.append(body + _CRC.pack(self._chain))

    def write(self):
        """Writes the batch without waiting for the device; on failure all of it is undone."""
        if not self._batch:
            return True
        data = b''.join(self._batch)
        if self._dirty > self._offset + len(data):
            data += bytes(self._dirty - self._offset - len(data))
        try:
            os.lseek(self._handle, self._offset, os.SEEK_SET)
            done = os.write(self._handle, data)
            while done < len(data):
                done += os.write(self._handle, data[done:])
        except OSError as error:
            self._take_back(str(error), self._offset + len(data))
            return False
        self._dirty = 0
        self._offset += len(self._batch) * RECORD_BYTES
        self._batch = []
        self._mark = (self._seq, self._chain)
        return True

    def _take_back(self, why, dirty):
        self.failed = why
        self._dirty = max(self._dirty, dirty)
        self._batch = []
        self._seq, self._chain = self._mark
        self._owed = True

    def flush(self):
        """All that was appended is on the device: True. False: none of it may be done."""
        written = self.write() and not self._owed
        self._owed = False
        if not (self._sync() and written):
            return False
        self._prepare()
        return True

    def _sync(self):
        try:
            getattr(os, 'fdatasync', os.fsync)(self._handle)
        except OSError as error:
            # The system may have dropped the pages: a second try that says fine proves nothing.
            self.failed = str(error) or 'fsync'
            return False
        return True

    def _prepare(self):
        """Past half of a segment the next one is made by another thread."""
        if self._next is not None or self._offset < SEGMENT_SIZE // 2:
            return
        self._next = threading.Thread(target=self._make_quietly, args=(self._segment + 1,))
        self._next.daemon = True
        self._next.start()

    def _make_quietly(self, index):
        try:
            self._make(index)
        except OSError:
            # Tried again, and then told, when the segment is needed.
            pass

    def _roll_over(self):
        if not self.flush():
            return False
        if self._next is not None:
            self._next.join()
            self._next = None
        try:
            self._make(self._segment + 1)
            handle = self._open_segment(self._segment + 1)
        except OSError as error:
            self.failed = str(error)
            return False
        os.close(self._handle)
        self._handle = handle
        self._segment += 1
        self._offset = 0
        self._dirty = 0
        return True

    def close(self):
        self.flush()
        os.close(self._handle)
        self._lock.free()


def sync_folder(folder):
    """Flushes a folder's own entries, where the system has such a call."""
    if os.name == 'nt':
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
