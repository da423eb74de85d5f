"""The settings classes together: one meaning for each flag, help everywhere, and configurations that flags rebuild."""

import importlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from absl import flags

import run_local
from components.app.config import SETTINGS, Config, make_config
from components.app.flags import define_flags
from components.app.presets import PRESETS
from components.ingestion.sources import DATASETS, FILES
from pipeline.cli import engine_flags
from pipeline.core.errors import ConfigError
from pipeline.core.settings import Settings, default_of, settings_classes, settings_of, type_of
from tests.support.paths import PROJECT


def all_classes() -> list[type[Settings]]:
    """Every settings class in a module `settings.py` of a component, the bases of others too."""
    paths = sorted((PROJECT / "components").rglob("settings.py"))
    names = [".".join(path.relative_to(PROJECT).with_suffix("").parts) for path in paths]
    modules = [importlib.import_module(name) for name in names]
    values = chain.from_iterable(vars(module).values() for module in modules)
    found = {value for value in values if isinstance(value, type) and issubclass(value, Settings)} - {Settings}
    return sorted(found, key=lambda cls: cls.__name__)


CLASSES = all_classes()
OFFERED = [*SETTINGS.values(), *chain.from_iterable(settings_classes(cls).values() for cls in SETTINGS.values())]
NAMED = sorted({name for cls in OFFERED for name, declared in settings_of(cls).items() if declared.flag})


def parsed(*arguments: str) -> flags.FlagValues:
    values = engine_flags.define_flags(run_local.APP)
    values(["run_local.py", *arguments], known_only=False)
    return values


def test_the_classes_are_found() -> None:
    assert {"TrainerSettings", "IngestionSettings", "PusherSettings"} <= {cls.__name__ for cls in CLASSES}
    assert set(OFFERED) <= set(CLASSES)


@pytest.mark.parametrize("cls", CLASSES)
def test_every_field_says_what_it_is_for(cls: type[Settings]) -> None:
    assert [field.name for field in fields(cls) if "setting" not in field.metadata] == []
    for name, declared in settings_of(cls).items():
        assert declared.help.strip(" .") == declared.help != "", name


@pytest.mark.parametrize("cls", CLASSES)
def test_every_field_with_a_flag_is_offered(cls: type[Settings]) -> None:
    named = {name for name, declared in settings_of(cls).items() if declared.flag}
    assert named <= set(NAMED), f"add {cls.__name__} to Config in components/app/config.py"


@pytest.mark.parametrize("cls", CLASSES)
def test_every_default_is_allowed(cls: type[Settings]) -> None:
    """A default outside its range would stop every run that does not set the flag."""
    for name, declared in settings_of(cls).items():
        default = default_of(cls, name)
        assert declared.choices == () or default is None or set(as_tuple(default)) <= set(declared.choices), name
        for item in as_tuple(default):
            assert declared.minimum is None or item is None or item >= declared.minimum, name
            assert declared.maximum is None or item is None or item <= declared.maximum, name


def as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def declarations() -> Iterator[tuple[str, type[Settings]]]:
    for cls in CLASSES:
        yield from ((name, cls) for name, declared in settings_of(cls).items() if declared.flag)


def test_a_name_has_one_declaration_in_all_classes() -> None:
    by_name = defaultdict(list)
    for name, cls in declarations():
        by_name[name].append((settings_of(cls)[name], default_of(cls, name), type_of(cls, name)))
    shared = {name for name, found in by_name.items() if len(found) > 1}
    assert {"seed", "max_len", "max_words"} <= shared
    assert [name for name in sorted(shared) if any(one != by_name[name][0] for one in by_name[name])] == []


def test_no_flag_has_two_meanings() -> None:
    """absl refuses a second flag of a name; `define_settings` skips one, so a setting could be another flag unseen."""
    values = flags.FlagValues()
    define_flags(values)
    for cls in OFFERED:
        for name, declared in settings_of(cls).items():
            if declared.flag:
                assert str(values[name].help).split(">: ")[-1].startswith(declared.help), (cls, name)
    aliases = [declared.alias for cls in OFFERED for declared in settings_of(cls).values() if declared.alias]
    assert len(set(aliases)) == len(aliases)
    assert set(aliases).isdisjoint(NAMED)
    hidden = {name for cls in OFFERED for name, declared in settings_of(cls).items() if not declared.flag}
    assert hidden.isdisjoint(NAMED), "a setting without a flag is called like the flag of another setting"


@pytest.mark.parametrize("place", [*PRESETS, *DATASETS])
def test_presets_and_data_sets_change_settings_that_exist(place: str) -> None:
    changed = {**PRESETS, **DATASETS}[place]
    assert set(changed) <= set(NAMED)


def config_of(*arguments: str, dataset: str) -> Config:
    return make_config(parsed("--pipeline_root=/root", "--data_dir=/data", *arguments), dataset)


CONFIGS = [
    *[(dataset, [f"--preset={preset}"]) for dataset in DATASETS if dataset != FILES for preset in PRESETS],
    ("sample", ["--stop_on=overlap,duplicates", "--tolerate=short_texts", "--thresholds=accuracy>=0.5", "--nopush"]),
    ("sample", ["--max_loss=2", "--learning_rate=1e-07", "--max_words=0", "--vocabulary_splits=test,train"]),
    ("sample", ["--served_as=other", "--serving_dir=/tmp/served", "--slices=", "--offline"]),
    ("sample", ["--filters=8,4", "--kernels=3,2", "--pooling=mean", "--dropout=0.2", "--truncate=back"]),
    ("sample", ["--build_style=functional", "--kernels=4", "--filters=", "--max_len_percentile=95"]),
    ("imdb", ["--label_smoothing=0.1", "--class_weights=balanced", "--average_weights=0.99"]),
    (FILES, ["--labels=a,b", "--id_column=key", "--eval_fraction=0.3"]),
    (FILES, ["--labels=\n@a\nb, c", "--text_column=words", "--max_bad_rows=2"]),
]


@pytest.mark.parametrize(("dataset", "arguments"), CONFIGS)
def test_the_flags_of_a_configuration_make_it_again(dataset: str, arguments: list[str], tmp_path: Path) -> None:
    """`replay` and `verify` rest on it, and must give the same whatever preset made the first one."""
    (tmp_path / "a.csv").write_text("text,label\n")
    more = [f"--source={tmp_path}/*.csv"] if dataset == FILES else []
    config = config_of(*arguments, *more, dataset=dataset)
    again = [f"--{name}={value}" for name, value in config.as_flags().items()]
    assert config_of(*again, dataset=dataset) == config


@pytest.mark.parametrize(
    ("arguments", "shortest"),
    [
        ([], 1),
        (["--build_style=functional"], 1),
        (["--max_len_percentile=90"], 12),
        (["--max_len_percentile=90", "--build_style=functional"], 55),
        (["--max_len_percentile=90", "--kernels=3,3"], 10),
    ],
)
def test_the_shortest_length_follows_from_the_layers_if_a_percentile_sets_it(
    arguments: list[str], shortest: int
) -> None:
    config = config_of(*arguments, dataset="sample")
    assert config.preprocessing.min_len == config.statistics_gen.min_len == shortest


def test_an_empty_folder_is_the_usual_folder() -> None:
    assert config_of("--data_dir=", dataset="imdb") == make_config(parsed("--pipeline_root=/root"), "imdb")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs=0"], "epochs must be at least 1, got 0"),
        (["--max_words=3"], "max_words must be 0 (all words) or at least 4 (3 ids are not words), got 3"),
        (["--max_len=11"], "max_len 11 is too short for build_style sequential, which needs at least 12 tokens; "
         "raise --max_len or choose another --build_style"),
        (["--kernels=40,40"], "max_len 100 is too short for build_style sequential with these --filters and --kernels, "
         "which needs at least 121 tokens; raise --max_len, lower --kernels or choose another --build_style"),
        (["--build_style=functional", "--kernels=11"],
         "max_len 100 is too short for build_style functional with these --filters and --kernels, "
         "which needs at least 131 tokens; raise --max_len, lower --kernels or choose another --build_style"),
        (["--build_style=functional", "--max_len=300", "--filters=8,8,8"],
         "max_len 300 is too short for build_style functional with these --filters and --kernels, "
         "which needs at least 391 tokens; raise --max_len, lower --kernels or choose another --build_style"),
        (["--build_style=subclass", "--kernels=3,3,3,3,3,3,3"],
         "max_len 100 is too short for build_style subclass with these --filters and --kernels, "
         "which needs at least 128 tokens; raise --max_len, lower --kernels or choose another --build_style"),
        (["--filters=64"], "build_style sequential needs one kernel for each convolution, got 1 filters and 2 kernels; "
         "set --filters and --kernels to as many numbers"),
        (["--build_style=functional", "--kernels=3,3"],
         "build_style functional needs a different kernel for each branch, got 3 more than once; change --kernels"),
        (["--filters=64,x"],
         "--filters: 'x' is not a whole number; separate whole numbers by commas, such as 64,32"),
        (["--kernels=0,3"], "kernels must be at least 1 and at most 1,000, got 0"),
        (["--filters=64,9999"], "filters must be at least 1 and at most 4,096, got 9,999"),
        (["--dropout=1"], "dropout must be at least 0 and below 1, got 1.0"),
        (["--serving_dir=/dev/null/x"], "--serving_dir: /dev/null is a file; name a directory"),
        (["--served_as=a/b"], "a model cannot be served as 'a/b'; use letters, digits, - and _, a letter first"),
        (["--labels=a,b"], "--labels goes with --dataset=files"),
        (["--stop_on=overlap", "--tolerate=overlap"],
         "anomaly 'overlap' is in both stop_on and tolerate; remove it from one of them"),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_work(arguments: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config_of(*arguments, dataset="sample")
    assert str(caught.value) == message
