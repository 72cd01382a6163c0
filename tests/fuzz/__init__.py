"""Mutants of music and of models, given to the readers by which files come in; ``python -m tests.fuzz --help``.

What is promised: every input gives a label, ``unknown`` or a typed error with a sentence, in bounded time and memory.
"""
