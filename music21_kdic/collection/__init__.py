"""Whole collections of files: label, rank, audit and tag, in worker processes that a bad file cannot bring down.

Each verb has a module, ``tag`` has two: its rows (a dataclass, from which the columns of its table follow), its query
(what is asked of a file) and the function. :mod:`.options` holds what all verbs share, :mod:`.terminal` what they show.

:mod:`.engine` goes through the files, and of the verbs knows only that a file may get a copy: paths (``inputs``) go to
workers (``pool``, ``worker``), each of which asks one file after another (``query``). The answers (``rows``) are kept
in a journal (``journal``), from which the run can be resumed, and become a table (``tables``). ``on_dask`` does the
same on a cluster, ``standing`` keeps workers for files that come one by one.
"""
