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
        ('[student]\naverage = 1.0', 'average = 1.0: wanted 0 to below 1'),
        ('[polish]\nepochs = -1', 'epochs = -1: wanted at least 0'),
        ('[polish.distil]\nheat = 1', r'\[polish\] \[distil\]: unknown setting'),
        ('[distil]\ntemperature = 0.0', 'temperature = 0.0: wanted above 0'),
        ('[distil]\nhard_weight = 1.5', 'hard_weight = 1.5: wanted 0 to 1'),
        ('[distil]\nassistant = "compact"', 'wanted a name and a weight, or neither'),
        ('[distil]\nassistant_weight = 0.5', 'wanted a name and a weight, or neither'),
        ('[distil]\nassistant_weight = 2.0', 'assistant_weight = 2.0: wanted 0 to 1'),
        ('seed = ', 'not TOML'),
    ],
)
def test_a_recipe_that_cannot_be_run_says_why(recipe_file, text, message):
    with pytest.raises(RecipeError, match=message):
        load_recipe(recipe_file(text))


def test_polishing_is_a_second_training_like_the_first_but_for_what_it_says(recipe_file):
    one = load_recipe(recipe_file('[student]\nepochs = 3\ntranspose = 2\n'))
    assert [settings.epochs for settings, _ in one.student_stages] == [3]
    two = load_recipe(
        recipe_file('[student]\nepochs = 3\ntranspose = 2\n[polish]\nepochs = 1\n[polish.distil]\nhard_weight = 0.5')
    )
    (first, hard), (second, mixed) = two.student_stages
    assert (first.epochs, first.transpose, second.epochs, second.transpose) == (3, 2, 1, 0)
    assert (hard.hard_weight, mixed.hard_weight) == (0.0, 0.5)
    assert second.batch_size == first.batch_size


def test_a_recipe_that_is_not_there_names_those_that_are():
    with pytest.raises(RecipeError, match='no such recipe; there are compact, fast, small-fast, small-table1, table1'):
        load_recipe('compcat')
