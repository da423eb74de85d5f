"""What can be demanded, how it is written, and what is refused with which words; slices likewise."""

import pytest

from components.evaluator.slices import length_bucket, parse_slices
from components.evaluator.thresholds import Threshold, check_measured, parse_thresholds
from pipeline.core.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "thresholds", "canonical"),
    [
        ("", [], ""),
        ("accuracy>=0.6", [Threshold("accuracy", 0.6)], "accuracy>=0.6"),
        (" loss <= 1.5 , ece<=.1,", [Threshold("loss", 1.5), Threshold("ece", 0.1)], "loss<=1.5,ece<=0.1"),
        ("macro_f1>=baseline", [Threshold("macro_f1", 0.0, relative=True)], "macro_f1>=baseline"),
        ("auc>=baseline - 0.01", [Threshold("auc", -0.01, relative=True)], "auc>=baseline-0.01"),
        ("loss<=baseline+1e-3", [Threshold("loss", 0.001, relative=True)], "loss<=baseline+0.001"),
    ],
)
def test_thresholds_are_read_and_written(text: str, thresholds: list[Threshold], canonical: str) -> None:
    found = parse_thresholds(text)
    assert list(found) == thresholds
    assert ",".join(map(str, found)) == canonical
    assert parse_thresholds(canonical) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("acuracy>=0.6", "threshold 'acuracy>=0.6': there is no metric 'acuracy'; did you mean 'accuracy'?"),
        ("makro_f1>=0.6", "there is no metric 'makro_f1'; did you mean 'macro_f1'?"),
        (">=0.6", "threshold '>=0.6': there is no metric ''; one of: accuracy, auc, ece, loss,"),
        (
            "accuracy",
            "threshold 'accuracy' cannot be understood; write accuracy>=0.6, loss<=1.5, macro_f1>=baseline or",
        ),
        ("accuracy>0.6", "threshold 'accuracy>0.6' cannot be understood"),
        ("accuracy>=0.6.1", "threshold 'accuracy>=0.6.1' cannot be understood"),
        ("accuracy>=nan", "threshold 'accuracy>=nan' cannot be understood"),
        ("accuracy>=baselin", "threshold 'accuracy>=baselin' cannot be understood"),
        ("accuracy<=0.6", "threshold 'accuracy<=0.6': more accuracy is better; write accuracy>=0.6"),
        ("loss>=baseline", "threshold 'loss>=baseline': less loss is better; write loss<=baseline"),
        ("accuracy>=60", "threshold 'accuracy>=60': accuracy is in 0..1"),
        ("loss<=-1", "threshold 'loss<=-1': loss is in 0..∞"),
    ],
)
def test_what_is_no_threshold_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_thresholds(text)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "classes", "message"),
    [
        ("auc>=0.9", 46, "threshold 'auc>=0.9': with 46 classes there is no auc, but top_5_accuracy"),
        (
            "top_5_accuracy>=0.9",
            2,
            "threshold 'top_5_accuracy>=0.9': with 2 classes there is no top_5_accuracy, but auc",
        ),
    ],
)
def test_a_metric_of_other_tasks_is_refused(text: str, classes: int, message: str) -> None:
    check_measured(parse_thresholds(text), 48 - classes)
    with pytest.raises(ConfigError) as error:
        check_measured(parse_thresholds(text), classes)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "names"),
    [("", ()), ("label, length", ("label", "length")), ("span,feature:source", ("span", "feature:source"))],
)
def test_slices_are_read(text: str, names: tuple[str, ...]) -> None:
    assert parse_slices(text) == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lenght", "there is no slice 'lenght'; did you mean 'length'? (a feature of your own: feature:lenght)"),
        ("feature:", "there is no slice 'feature:'"),
        ("label,label", "slices must be different ones, got label, label"),
    ],
)
def test_what_is_no_slice_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_slices(text)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("words", "bucket"),
    [
        (0, "0"),
        (1, "1–49"),
        (49, "1–49"),
        (50, "50–99"),
        (999, "500–999"),
        (1000, "1000 or more"),
        (5000, "1000 or more"),
    ],
)
def test_texts_are_put_into_buckets_by_their_words(words: int, bucket: str) -> None:
    assert length_bucket("  word\n" * words) == bucket
