"""How docstrings become Markdown for the API page: doctests are fenced, Sphinx roles are plain code.

An extension of griffe, which mkdocstrings reads docstrings with; it knows doctests only under a heading of their own.
"""

import re
from typing import Any

import griffe

DOCTEST = re.compile(r'^>>> .*(?:\n.+)*', re.MULTILINE)
ROLE = re.compile(r':(?:py:)?\w+:`(~?)([^`]+)`')


class Docstrings(griffe.Extension):
    """Changes each docstring as it is read."""

    def on_instance(self, *, obj: griffe.Object | griffe.Alias, **_: Any) -> None:
        """Change the docstring of one module, class, function or attribute."""
        if obj.docstring:
            obj.docstring.value = markdown(obj.docstring.value)


def markdown(docstring: str) -> str:
    """The docstring with doctests and roles as Markdown has them."""
    plain = ROLE.sub(lambda role: f'`{role[2].rsplit(".", 1)[-1] if role[1] else role[2]}`', docstring)
    return DOCTEST.sub(lambda test: f'```pycon\n{test[0]}\n```', plain)
