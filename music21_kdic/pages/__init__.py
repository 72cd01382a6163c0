"""Pages for a browser: ``report`` writes one, ``serve`` answers with them.

:mod:`.drawing` is what a worker process says of each part for a page. :mod:`.page` makes the page of it, from the
templates beside it. :mod:`.report` and :mod:`.serve` are the verbs.
"""
