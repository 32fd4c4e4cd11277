# A client for the bench of the QMT bridges: the public calls that an order needs, answered at once
# from a push thread of its own, with the time of the call (monotonic clock, ns) as the order number.
__version__ = 'bench'
