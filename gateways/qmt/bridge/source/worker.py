# A thread for calls that may block or hang. Used by the ways. Always: errands are done one after the
# other; a thread that hangs is left behind with its errand, another one takes what waits.
import collections
import threading
import time


class Worker(object):
    """A thread that does one errand after the other; one that hangs is left behind."""

    def __init__(self, name):
        self._name = name
        self._errands = collections.deque()
        self._wake = threading.Event()
        self._generation = 0
        self._busy_since = None
        self._ended = False
        self._start()

    def _start(self):
        self._generation += 1
        self._busy_since = None
        thread = threading.Thread(target=self._run, args=(self._generation,), name=self._name)
        thread.daemon = True
        thread.start()

    def give(self, errand, first=False):
        """errand is called on the thread, without arguments; it must not raise."""
        if first:
            self._errands.appendleft(errand)
        else:
            self._errands.append(errand)
        self._wake.set()

    def clear(self):
        self._errands.clear()

    def busy_for(self, now):
        since = self._busy_since
        return 0.0 if since is None else now - since

    def leave_behind(self):
        """The thread hangs: another one takes the errands that wait."""
        self._start()
        self._wake.set()

    def end(self):
        self._ended = True
        self._wake.set()

    def _run(self, generation):
        while not self._ended and generation == self._generation:
            try:
                errand = self._errands.popleft()
            except IndexError:
                self._wake.wait(1.0)
                self._wake.clear()
                continue
            self._busy_since = time.monotonic()
            errand()
            if generation == self._generation:
                self._busy_since = None


def quietly(work):
    """For the end of a trader, whose late errors mean nothing."""
    try:
        work()
    except Exception:
        pass
