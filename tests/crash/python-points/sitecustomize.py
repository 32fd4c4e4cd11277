# Ends a Python bridge at a named point, by SIGKILL from inside: what crash-points.ts is for Node.
# Not part of the product: Python loads it before everything else only when a test starts a process
# with this folder in PYTHONPATH, and it does nothing unless PANKOU_CRASH names a point (see there).
import errno
import os
import signal
import socket

POINT, _, COUNT = os.environ.get('PANKOU_CRASH', '').partition(':')
journals = set()
passed = [0]


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def passes(name):
    if POINT != name:
        return False
    passed[0] += 1
    return passed[0] == int(COUNT or 0)


def install():
    real_open, real_write, real_send = os.open, os.write, socket.socket.send

    def open_noted(path, *rest, **named):
        handle = real_open(path, *rest, **named)
        if str(path).endswith('.pkj'):
            journals.add(handle)
        else:
            journals.discard(handle)
        return handle

    def write(handle, data):
        if handle not in journals:
            return real_write(handle, data)
        if passes('before-write'):
            die()
        if POINT == 'no-space':
            passed[0] += 1
            if passed[0] >= int(COUNT):
                raise OSError(errno.ENOSPC, 'no space left on device')
        if passes('torn-write'):
            real_write(handle, data[:128])
            die()
        done = real_write(handle, data)
        if passes('after-write'):
            die()
        return done

    def synced(real):
        def sync(handle):
            if handle not in journals:
                return real(handle)
            if passes('before-sync'):
                die()
            real(handle)
            if passes('after-sync'):
                die()
        return sync

    def send(self, data, *rest):
        if passes('before-send'):
            die()
        done = real_send(self, data, *rest)
        if passes('after-send'):
            die()
        return done

    os.open = open_noted
    os.write = write
    os.fsync = synced(os.fsync)
    os.fdatasync = synced(os.fdatasync)
    socket.socket.send = send


if POINT:
    install()
