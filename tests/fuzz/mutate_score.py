"""What can be done to a score: lines and words of a text, elements and values of XML."""

import random
import re
from xml.etree import ElementTree

from tests.fuzz.mutate_bytes import TEXTS


def change_line(rng: random.Random, content: bytes) -> bytes:
    """Lines dropped, doubled or put elsewhere."""
    lines = content.splitlines(keepends=True) or [b'']
    line = lines.pop(rng.randrange(len(lines)))
    for _ in range(rng.choice((0, 1, 1, 2, 40))):
        lines.insert(rng.randrange(len(lines) + 1), line)
    return b''.join(lines)


def change_word(rng: random.Random, content: bytes) -> bytes:
    """Another text or number in place of one that is there."""
    words = list(re.finditer(rb'[\w.#-]+', content))
    if not words:
        return content
    begin, end = rng.choice(words).span()
    other = rng.choice(words).group() if rng.random() < 0.3 else rng.choice(TEXTS).encode()
    return content[:begin] + other + content[end:]


def change_element(rng: random.Random, content: bytes) -> bytes:
    """An element dropped, doubled, put elsewhere, or nested in itself."""
    root = _parsed(content)
    if root is None:
        return content
    parents = [element for element in root.iter() if len(element)]
    if not parents:
        return content
    parent = rng.choice(parents)
    child = rng.choice(list(parent))
    kind = rng.choice(('drop', 'double', 'move', 'nest', 'deep'))
    if kind == 'double':
        for _ in range(rng.choice((1, 2, 100))):
            parent.append(child)
    elif kind == 'nest':
        inner = ElementTree.fromstring(ElementTree.tostring(parent))
        child.append(inner)
    elif kind == 'deep':
        for _ in range(rng.choice((10, 1000))):
            inner = ElementTree.SubElement(child, parent.tag, parent.attrib)
            child = inner
    else:
        parent.remove(child)
        if kind == 'move':
            there = rng.choice(list(root.iter()))
            there.insert(rng.randrange(len(there) + 1), child)
    return _written(root, content)


def change_value(rng: random.Random, content: bytes) -> bytes:
    """The text or an attribute of an element made huge, negative, no number, another's."""
    root = _parsed(content)
    if root is None:
        return content
    everything = list(root.iter())
    texts = [element for element in everything if (element.text or '').strip()]
    with_attributes = [element for element in everything if element.attrib]
    text = rng.choice([*TEXTS, *(element.text for element in texts)]).replace('\x00', '')
    if texts and (rng.random() < 0.7 or not with_attributes):
        rng.choice(texts).text = text
    elif with_attributes:
        attributes = rng.choice(with_attributes).attrib
        attributes[rng.choice(list(attributes))] = text
    return _written(root, content)


def _parsed(content: bytes) -> ElementTree.Element | None:
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError):
        return None


def _written(root: ElementTree.Element, before: bytes) -> bytes:
    encoding = 'utf-16' if before.startswith((b'\xff\xfe', b'\xfe\xff')) else 'utf-8'
    try:
        return ElementTree.tostring(root, encoding, xml_declaration=True)
    except RecursionError:  # as deep as that nothing of this is written
        return before
