# Does the client give the order remark of an account back whole? Our id of an order is all there.
# Used by way_xtquant.py and way_terminal.py on the core's thread. Where it was never shown, one order of
# ours is on its way at a time, the probe, and all others wait for what comes back of it; so a client
# that cuts remarks off can leave one order in doubt, not a burst. What a client has shown is written
# down by account and version: from then on nothing waits, and the first row of each session is
# looked at again. An order of which nothing is seen in time puts its account back to one at a time,
# until one comes back. Always: an order that waited too long was never sent, and says so.
import collections
import json
import os
from wire import *
from desk import parse_id

# An order does not wait longer; the engine gives an answer up after 5 s.
PROBE_HOLD_S = 4.0
# A probe that is placed and in no list by then has shown nothing: the next order is the probe.
PROBE_S = 6.0
# What the client's lists show is looked at so often meanwhile.
PROBE_LOOK_S = 0.5
# A shorter remark may be anybody's.
CUT_LEAST = 4
PROBE_FILE = 'remark.json'


class RemarkMemory(object):
    """Clients that have shown whole remarks, in a file beside the journals ('' = kept nowhere). A
    file that is lost or cannot be read costs a probe, nothing else."""

    def __init__(self, folder):
        self._path = os.path.join(folder, PROBE_FILE) if folder else ''
        self._known = set()
        try:
            with open(self._path, 'rb') as source:
                found = json.loads(source.read(65536).decode('utf-8'))
            self._known.update(one for one in found if isinstance(one, str))
        except (OSError, ValueError, TypeError):
            pass

    def has(self, client):
        return client in self._known

    def note(self, client, kept):
        if kept == (client in self._known):
            return
        if kept:
            self._known.add(client)
        else:
            self._known.discard(client)
        if not self._path:
            return
        try:
            with open(self._path + '.new', 'wb') as target:
                target.write(json.dumps(sorted(self._known)).encode('utf-8'))
            os.replace(self._path + '.new', self._path)
        except OSError:
            pass


class RemarkProbe(object):
    """Of one account."""

    def __init__(self):
        # None = never seen, True = whole, False = altered
        self.kept = None
        # Nothing of this session has shown it yet
        self.is_open = True
        self._memory = None
        self._client = ''
        self._remark = ''
        self._account = ''
        self._since = 0.0
        self._looked = 0.0
        self._held = collections.deque()

    @property
    def word(self):
        if self.kept and self.is_open:
            return 'whole before'
        return {None: 'not seen yet', True: 'whole', False: 'lost'}[self.kept]

    def begin(self, memory, client):
        """Another session with the client, maybe of another version."""
        self._memory = memory
        self._client = client
        self.kept = True if memory.has(client) else None
        self.is_open = True
        self._remark = ''

    def holds(self, account, order, now):
        """Whether an order has to wait; the first that need not is the probe."""
        if not self.is_open:
            return False
        if self._remark == '' and not self._held:
            self._become(account, order, now)
            return False
        if self.kept:
            return False
        self._held.append((account, order, now))
        return True

    def hear(self, remark, expected):
        """A row of the client with this remark; expected: what it should be, '' = not known.
        True = it is news that remarks do not come back whole."""
        if expected:
            kept = remark == expected
        elif parse_id(remark) is not None or (remark != '' and remark == self._remark):
            kept = True
        elif self._remark and len(remark) >= CUT_LEAST and (
                self._remark.startswith(remark) or remark.startswith(self._remark)):
            # The probe's, cut off or added to
            kept = False
        else:
            return False
        was = self.kept
        self.kept = kept
        self.is_open = False
        if self._memory is not None:
            self._memory.note(self._client, kept)
        return not kept and was is not False

    def over(self, remark):
        """An order came to its end without a row: the probe must be another."""
        if remark == self._remark:
            self._remark = ''

    def doubt(self, remark):
        """An order was handed over and nothing came of it: one at a time until one comes back."""
        self.over(remark)
        if self.kept:
            self.kept = None
            self.is_open = True
            self._remark = ''

    def wants_look(self, now):
        """Account whose orders should be listed now, or ''."""
        if self.kept is not None or self._remark == '' or now - self._looked < PROBE_LOOK_S:
            return ''
        self._looked = now
        return self._account

    def free(self, now):
        """Orders that need not wait any longer: [(account, order, REJECT_* when it was too long)]."""
        out = []
        if self._remark and self.kept is None and now - self._since > PROBE_S:
            self._remark = ''
        while self._held:
            account, order, since = self._held[0]
            code = REJECT_BUSY if now - since > PROBE_HOLD_S else REJECT_NONE
            if code == REJECT_NONE and self.kept is None:
                if self._remark:
                    break
                self._become(account, order, now)
            self._held.popleft()
            out.append((account, order, code))
        return out

    def give_up(self):
        """All that wait; the client is gone and the probe with it."""
        out = list(self._held)
        self._held.clear()
        self._remark = ''
        return [(account, order) for account, order, _ in out]

    @property
    def is_holding(self):
        return bool(self._held)

    def _become(self, account, order, now):
        self._remark = order.remark
        self._account = account
        self._since = now
        # A push is given its time before the first look.
        self._looked = now
