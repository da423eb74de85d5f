"""The syntax of thresholds and slices, and the message for each error."""

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
        ("recall[a]>=0.8", [Threshold("recall", 0.8, label="a")], "recall[a]>=0.8"),
        (
            "accuracy>=Reference-0.02,f1[a]>=reference",
            [
                Threshold("accuracy", -0.02, relative=True, other="reference"),
                Threshold("f1", 0.0, relative=True, label="a", other="reference"),
            ],
            "accuracy>=reference-0.02,f1[a]>=reference",
        ),
        (
            "f1 [ not, spam ] >= baseline - .05,accuracy>=0.5",
            [Threshold("f1", -0.05, relative=True, label="not, spam"), Threshold("accuracy", 0.5)],
            "f1[not, spam]>=baseline-0.05,accuracy>=0.5",
        ),
    ],
)
def test_thresholds_are_parsed_and_formatted(text: str, thresholds: list[Threshold], canonical: str) -> None:
    found = parse_thresholds(text)
    assert list(found) == thresholds
    assert ",".join(map(str, found)) == canonical
    assert parse_thresholds(canonical) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("acuracy>=0.6", "threshold 'acuracy>=0.6': unknown metric 'acuracy'; did you mean 'accuracy'?"),
        ("makro_f1>=0.6", "unknown metric 'makro_f1'; did you mean 'macro_f1'?"),
        (">=0.6", "threshold '>=0.6': unknown metric ''; one of: accuracy, auc, ece, f1, loss,"),
        (
            "accuracy",
            "threshold 'accuracy' is not valid; write accuracy>=0.6, loss<=1.5, macro_f1>=baseline,",
        ),
        ("accuracy>0.6", "threshold 'accuracy>0.6' is not valid"),
        ("accuracy>=0.6.1", "threshold 'accuracy>=0.6.1' is not valid"),
        ("accuracy>=nan", "threshold 'accuracy>=nan' is not valid"),
        ("accuracy>=referenc", "threshold 'accuracy>=referenc' is not valid; write accuracy>=0.6, loss<=1.5,"),
        ("accuracy>=baselin", "threshold 'accuracy>=baselin' is not valid"),
        ("accuracy<=0.6", "threshold 'accuracy<=0.6': a higher accuracy is better; write accuracy>=0.6"),
        ("loss>=baseline", "threshold 'loss>=baseline': a lower loss is better; write loss<=baseline"),
        ("accuracy>=60", "threshold 'accuracy>=60': accuracy must be between 0 and 1"),
        ("loss<=-1", "threshold 'loss<=-1': loss must be 0 or more"),
        ("recall>=0.8", "threshold 'recall>=0.8': recall is a metric of one class, so it needs a label: recall[LABEL]"),
        ("loss[a]<=1", "threshold 'loss[a]<=1': loss is a metric of all classes, so it takes no label"),
        ("recall[a>=0.8", "threshold 'recall[a>=0.8': recall is a metric of one class"),
        ("f1[a]<=0.8", "threshold 'f1[a]<=0.8': a higher f1 is better; write f1[a]>=0.8"),
    ],
)
def test_an_invalid_threshold_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_thresholds(text)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "names", "message"),
    [
        ("auc>=0.9", "abc", "threshold 'auc>=0.9': auc does not exist with 3 classes; use accuracy"),
        ("auc>=0.9", "abcdef", "threshold 'auc>=0.9': auc does not exist with 6 classes; use top_5_accuracy"),
        ("top_5_accuracy>=0.9", "abcde", "threshold 'top_5_accuracy>=0.9': top_5_accuracy does not exist with 5 "
         "classes; use accuracy"),
        ("top_5_accuracy>=0.9", "ab", "threshold 'top_5_accuracy>=0.9': top_5_accuracy does not exist with 2 classes; "
         "use auc"),
        ("f1[d]>=0.5", "abc", "threshold 'f1[d]>=0.5': the data have no label 'd'; one of: a, b, c"),
    ],
)  # fmt: skip
def test_a_threshold_on_what_the_data_do_not_have_is_refused(text: str, names: str, message: str) -> None:
    check_measured(parse_thresholds(text), "ab" if "auc" in text else "abcdef")
    with pytest.raises(ConfigError) as error:
        check_measured(parse_thresholds(text), list(names))
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "names"),
    [("", ()), ("label, length", ("label", "length")), ("span,feature:source", ("span", "feature:source"))],
)
def test_slices_are_parsed(text: str, names: tuple[str, ...]) -> None:
    assert parse_slices(text) == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "lenght",
            "unknown slice 'lenght'; did you mean 'length'? (to slice by a feature of your data: feature:lenght)",
        ),
        ("feature:", "unknown slice 'feature:'"),
        ("label,label", "slices must be different, got label, label"),
    ],
)
def test_an_invalid_slice_is_refused(text: str, message: str) -> None:
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
def test_the_bucket_depends_on_the_number_of_words(words: int, bucket: str) -> None:
    assert length_bucket("  word\n" * words) == bucket
