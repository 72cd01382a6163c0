"""What stands in the place of a part's name where nobody has chosen one: "Track 1", "MIDI", "(untitled)"."""

import re

# Words, with numbers, that programs write where nobody has named a track, be they in brackets. A number alone has two
# digits, or begins with 0: "808" is the name of a bass.
_PLACEHOLDER = re.compile(
    r'[(<\[{"\'#]*+(?:(?:untitled|unnamed|no name|new|midi|track|trk|staff|part|channel|chan|ch|instrument|inst'
    r'|sequence|seq|region|clip|layer|out|in|spur|piste|pista)'
    r'(?![^\W\d_])[\W_]*+(?:\d++[\W_]*+)?|(?:0\d++|\d{1,2}+(?!\d))[\W_]*+)++',
    re.I,
)


def is_placeholder(name: str) -> bool:
    """Whether a name says no more than that nobody has chosen one.

    >>> [is_placeholder(name) for name in ('Track 1', 'MIDI', '<untitled>', 'Staff-2', '#3', 'Track of tears', '808')]
    [True, True, True, True, True, False, False]
    """
    return _PLACEHOLDER.fullmatch(name) is not None


def is_unnamed(name: str | None) -> bool:
    """Whether a part of this name has none that somebody chose: no name, or a placeholder.

    >>> is_unnamed(None), is_unnamed(''), is_unnamed('Track 1'), is_unnamed('Lead')
    (True, True, True, False)
    """
    return not name or is_placeholder(name)
