"""Whole collections of files: label, rank, audit and tag, in worker processes that a bad file cannot bring down.

A list of paths (:mod:`.inputs`) goes to workers (:mod:`.pool`, :mod:`.worker`), each of which answers one file after
another (:mod:`.files`); the answers are kept in a journal (:mod:`.journal`), from which the run can be resumed, and
become a table (:mod:`.tables`). :mod:`.on_dask` does the same on a cluster.
"""
