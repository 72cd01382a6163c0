"""Names of tracks and files hold anything: what is shown of them is one line."""


def one_line(text: str, sign: str = '\ufffd') -> str:
    """Return a text with a sign in place of whatever is not printable, line breaks too.

    >>> one_line('Lead' + chr(10) + 'Guitar', '?')
    'Lead?Guitar'
    """
    return ''.join(character if character.isprintable() else sign for character in text)
