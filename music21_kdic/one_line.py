"""Names of tracks and files hold anything: what is shown of them is one line."""

from unicodedata import category


def one_line(text: str, sign: str = '\ufffd') -> str:
    """Return a text with a sign in place of whatever is not printable, line breaks too; any space is a plain one.

    >>> one_line('Lead' + chr(10) + 'Guitar', '?')
    'Lead?Guitar'
    >>> one_line('Lead' + chr(0x3000) + 'Guitar', '?')  # an ideographic space
    'Lead Guitar'
    """
    # The no-break and the ideographic space are not printable to Python.
    spaced = (' ' if category(character) == 'Zs' else character for character in text)
    return ''.join(character if character.isprintable() else sign for character in spaced)
