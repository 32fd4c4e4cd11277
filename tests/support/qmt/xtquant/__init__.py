"""A stand-in for the vendor's package of this name, written from public facts only.

Public names, threads and the order of events are those of the vendor's interface; behind it is
the simulated counter of this project (gateways/counter). Nothing here is the vendor's.
"""
__version__ = 'standin'
