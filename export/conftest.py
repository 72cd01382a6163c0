"""The examples in docstrings are tests, where what they need is installed (extra `train`)."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec('torch') else ['*']
