"""What stands in MEI for something that is written elsewhere, written out: copies, repeats of a measure, long rests."""

import copy
from xml.etree.ElementTree import Element

from music21_kdic.errors import UnreadableError

NAMESPACE = '{http://www.music-encoding.org/ns/mei}'
_ID = '{http://www.w3.org/XML/1998/namespace}id'
_MOST_COPIED = 200_000  # elements
_OF_SEVERAL_MEASURES = ('mRpt2', 'multiRpt', 'halfmRpt')


def write_copies_out(document: Element) -> None:
    """Give each element that is there as a copy of another what that one has.

    Raises:
        UnreadableError: where the other is not there, or the copies hold more than _MOST_COPIED elements.
    """
    by_name = {each.get(_ID): each for each in document.iter() if each.get(_ID)}
    stack, copied = [document], 0
    while stack:
        element = stack.pop()
        name = (element.get('copyof') or element.get('sameas') or '').removeprefix('#')
        if name and not len(element) and not element.get('pname'):
            original = by_name.get(name)
            if original is None or original.tag != element.tag:
                raise UnreadableError(f'a copy of {name!r}, which is not there')
            copied += sum(1 for _ in original.iter())
            _check_copied(copied)
            element.extend([_twin(child) for child in original])
            for key in ('copyof', 'sameas'):
                element.attrib.pop(key, None)
            element.attrib.update({key: value for key, value in original.items() if key not in (_ID, *element.attrib)})
            stack.append(element)  # the original may be a copy, too
        else:
            stack.extend(reversed(element))


def write_repeats_out(document: Element) -> None:
    """Put the notes of the measure before where a measure has a sign that repeats them (``mRpt``).

    Raises:
        UnreadableError: where there is no measure before, or a sign repeats several measures or half of one.
    """
    sign = next((each for kind in _OF_SEVERAL_MEASURES for each in document.iter(NAMESPACE + kind)), None)
    if sign is not None:
        raise UnreadableError(f'a sign that repeats other than one measure ({sign.tag.removeprefix(NAMESPACE)})')
    copied = 0
    for mdiv in document.iter(f'{NAMESPACE}mdiv'):
        before: dict[str, Element] = {}  # the last measure of each staff
        for staff in (
            staff for measure in mdiv.iter(f'{NAMESPACE}measure') for staff in measure.findall(f'{NAMESPACE}staff')
        ):
            number = staff.get('n', '')
            for layer in staff.findall(f'{NAMESPACE}layer'):
                if layer.find(f'{NAMESPACE}mRpt') is None:
                    continue
                layers = before[number].findall(f'{NAMESPACE}layer') if number in before else []
                alone = len(staff.findall(f'{NAMESPACE}layer')) == 1
                same = layers if alone else [each for each in layers if each.get('n') == layer.get('n')]
                if not same:
                    raise UnreadableError(f'a sign that repeats a measure that is not there, on staff {number}')
                copied += sum(1 for each in same for _ in each.iter())
                _check_copied(copied)
                place = list(staff).index(layer)
                staff[place : place + 1] = [_twin(each) for each in same]
            before[number] = staff


def write_rests_out(document: Element) -> None:
    """Put as many measures as it counts where a measure has nothing but a rest of several (``multiRest``)."""
    copied = 0
    for parent in list(document.iter()):
        for measure in parent.findall(f'{NAMESPACE}measure'):
            layers = list(measure.iter(f'{NAMESPACE}layer'))
            rests = [layer.find(f'{NAMESPACE}multiRest') for layer in layers]
            counts = {rest.get('num', '1') for rest in rests if rest is not None}
            if not layers or None in rests or len(counts) > 1 or not (count := counts.pop()).isdecimal():
                continue
            number = measure.get('n', '')
            copied += int(count) * sum(1 for _ in measure.iter())
            _check_copied(copied)
            for layer in layers:
                layer[:] = [Element(f'{NAMESPACE}mRest')]
            place = list(parent).index(measure) + 1
            for more in range(1, int(count)):
                rest = _twin(measure)
                rest[:] = rest.findall(f'{NAMESPACE}staff')
                if number.isdecimal():
                    rest.set('n', str(int(number) + more))
                parent.insert(place, rest)
                place += 1


def _check_copied(count: int) -> None:
    if count > _MOST_COPIED:
        raise UnreadableError(f'copies of more than {_MOST_COPIED} elements')


def _twin(element: Element) -> Element:
    """A copy without the names that no two elements may have."""
    twin = copy.deepcopy(element)
    for each in twin.iter():
        each.attrib.pop(_ID, None)
    return twin
