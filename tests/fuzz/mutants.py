"""Mutants: seeds damaged at random, each made again from the reader, the seed of the run and its number alone."""

import random
from dataclasses import dataclass

from tests.fuzz.mutate_audio import change_head, mend_pages
from tests.fuzz.mutate_bytes import BYTES, Mutation
from tests.fuzz.mutate_midi import MIDI, change_messages
from tests.fuzz.mutate_model import change_model
from tests.fuzz.mutate_score import change_element, change_line, change_value, change_word
from tests.fuzz.seeds import audio_seeds, compressed, midi_seeds, model_seeds, score_seeds


@dataclass(frozen=True)
class Mutant:
    """A damaged file: the ending of its name, and its content."""

    suffix: str
    content: bytes


def make_mutant(reader: str, seed: int, number: int) -> Mutant:
    """One mutant for a reader: 'midi', 'score', 'model' or 'audio'."""
    rng = random.Random(f'{reader} {seed} {number}')
    suffix, content = rng.choice(SEEDS[reader]())
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 8))):
        content = rng.choice(_mutations(reader, suffix))(rng, content)
    if suffix == '.mxl' and not content.startswith(b'PK') and rng.random() < 0.8:
        content = compressed(content)
    if suffix == '.ogg' and rng.random() < 0.5:
        content = mend_pages(content)
    return Mutant(suffix, content)


def _mutations(reader: str, suffix: str) -> tuple[Mutation, ...]:
    if reader == 'midi':
        return (*BYTES, *MIDI, *[change_messages] * 2 * len(BYTES))
    if reader == 'model':
        return (*BYTES, *[change_model] * 3 * len(BYTES))
    if reader == 'audio':
        return (*BYTES, *[change_head] * len(BYTES))
    if suffix in ('.abc', '.krn'):
        return (*BYTES, *[change_line, change_word] * len(BYTES))
    return (*BYTES, *[change_element, change_value, change_word] * len(BYTES))


SEEDS = {'midi': midi_seeds, 'score': score_seeds, 'model': model_seeds, 'audio': audio_seeds}
