import tomllib
from dataclasses import FrozenInstanceError

import pytest

from export.recipe import RECIPES, RecipeError, load_recipe


@pytest.fixture
def recipe_file(tmp_path):
    def write(text):
        path = tmp_path / 'try.toml'
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize('name', sorted(path.stem for path in RECIPES.glob('*.toml')))
def test_the_recipes_of_the_project_are_sound(name):
    assert load_recipe(name).name == name


def test_a_file_of_differences(recipe_file):
    recipe = load_recipe(recipe_file('seed = 7\ncolumns = 32\n[student]\nepochs = 3\nlearning_rate = 1\n'))
    assert (recipe.name, recipe.seed, recipe.grid.columns) == ('try', 7, 32)
    assert (recipe.student.epochs, recipe.student.learning_rate, recipe.student.network) == (3, 1.0, 'table1')
    assert recipe.teacher.epochs == 10
    with pytest.raises(FrozenInstanceError):
        recipe.seed = 8


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('sede = 7', "unknown setting 'sede', wanted one of .*seed"),
        ('[student]\nepoch = 3', r"\[student\]: unknown setting 'epoch'"),
        ('seed = "7"', "seed = '7', wanted int"),
        ('seed = true', 'seed = True, wanted int'),
        ('student = 3', 'student = 3, wanted a table'),
        ('soundfonts = "a.sf2"', 'wanted a list of strings'),
        ('soundfonts = []', 'wanted at least one'),
        ('planes = ["velocity"]', 'wanted some of'),
        ('columns = 0', 'wanted 1 to 1024'),
        ('windows_per_part = 0', 'wanted at least 1'),
        ('[student]\nepochs = 0', 'epochs = 0: wanted at least 1'),
        ('[parts]\nfolds = 1', 'folds = 1: wanted at least 2'),
        ('[parts]\nheat = 1', r'\[parts\]: unknown setting'),
        ('[parts]\nshape = {bins = 0}', 'bins = 0: wanted at least 1'),
        ('[parts]\nassistants = 0.6\naudio = 0.6', 'together at most 1'),
        ('[parts]\nalone = 1.5', 'alone = 1.5: wanted 0 to 1'),
        *(
            (f'[{table}]\n{name} = 1', rf"\[{table}\]: unknown setting '{name}'")
            for table, names in {
                'folded': ('alone', 'audio', 'folds', 'rounds'),
                'without': ('assistants', 'audio', 'folds', 'rounds'),
            }.items()
            for name in names
        ),
        ('[folded]\nshape = {trees = 3}', 'trees = 3: wanted 0'),
        ('taught_by = "hole"', 'no such recipe'),
        ('taught_by = 3', 'taught_by = 3, wanted the name of another recipe'),
        ('taught_by = "try"', "taught_by = 'try', wanted a recipe that trains an audio teacher of its own"),
        ('frames = 0', 'frames = 0: wanted at least 1'),
        ('[distil]\ntemperature = 0.0', 'temperature = 0.0: wanted above 0'),
        ('[distil]\nhard_weight = 1.5', 'hard_weight = 1.5: wanted 0 to 1'),
        ('seed = ', 'not TOML'),
    ],
)
def test_a_recipe_that_cannot_be_run_says_why(recipe_file, text, message):
    with pytest.raises(RecipeError, match=message):
        load_recipe(recipe_file(text))


def test_a_recipe_that_teaches_is_looked_for_beside_the_one_it_teaches(recipe_file, tmp_path):
    (tmp_path / 'near.toml').write_text('frames = 11')
    assert load_recipe(recipe_file('taught_by = "near"')).taught_by.frames == 11
    assert load_recipe(recipe_file('taught_by = "controls"')).taught_by == load_recipe('controls')


def test_a_student_of_parts_is_described_with_the_teacher_that_it_had():
    teacher = tomllib.loads((RECIPES / 'parts-teacher.toml').read_text())
    told = load_recipe('kdic-5').of_parts(7)
    heard = told['audio_teacher']
    assert (told['name'], told['seed'], heard['name'], heard['seed']) == ('kdic-5', 7, 'parts-teacher', 20)
    assert {name: heard[name] for name in ('windows_per_part', 'frames')} == {
        name: teacher[name] for name in ('windows_per_part', 'frames')
    }
    assert heard['teacher'].items() >= teacher['teacher'].items()
    # of students of windows, which no student of parts is
    assert not {'student', 'distil', 'columns', 'planes', 'teacher', 'frames'} & told.keys()


def test_a_student_of_parts_without_an_audio_teacher_is_described_without_one(recipe_file):
    assert 'audio_teacher' not in load_recipe(recipe_file('[parts]\naudio = 0')).of_parts(1)


def test_a_recipe_that_is_not_there_names_those_that_are():
    with pytest.raises(RecipeError, match='no such recipe; there are controls, kdic-5, paper, paper-fast, parts'):
        load_recipe('hole')
