"""Loss and accuracy by epoch."""

from collections.abc import Mapping
from typing import Any

from components.report.elements import Cell, Figure, Spec, Table, layout, number, title
from components.report.facts import Facts
from schemas.contracts.encode import given
from schemas.contracts.training import History

NAMES = {"loss": "Loss (nats)", "accuracy": "Accuracy", "top_5_accuracy": "Top-5 accuracy",
         "auc": "Area under the ROC curve"}  # fmt: skip

Epochs = tuple[Mapping[str, float], ...]
"""The measurements of each epoch by name; those on the validation data begin with `val_`."""


def learning_curves(facts: Facts) -> dict[str, Any]:
    """Two figures, a table of all epochs, and the epoch whose weights the model has."""
    history = facts.read(History, "Model")
    epochs, best = tuple(given(epoch) for epoch in history.epochs), history.best_epoch
    measured = [name for name in NAMES if all(name in epoch for epoch in epochs)]
    table = Table("All epochs", _columns(measured), tuple(_row(epoch, measured, best) for epoch in epochs))
    figures = [_figure(epochs, name, best) for name in measured[:2]] if epochs else []
    return {"figures": figures, "table": table, "best": best, "epochs": len(epochs), "split": _split(facts)}


def _split(facts: Facts) -> str:
    """The split that the epoch was chosen on."""
    default = "test" if facts.settings.get("preset") == "notebook" else "validation"
    return str(facts.settings.get("validate_on") or default)


def _figure(epochs: Epochs, name: str, best: int) -> Figure:
    drawn = [
        _line(epochs, name, "train", "--second", "dot"),
        _line(epochs, f"val_{name}", "validation", "--accent", "solid"),
    ]
    chosen = {"type": "line", "xref": "x", "yref": "paper", "x0": best, "x1": best, "y0": 0, "y1": 1,
              "line": {"color": "--soft", "width": 1, "dash": "dash"}}  # fmt: skip
    note = {"x": best, "xanchor": "right", "y": 1 if name == "loss" else 0, "yref": "paper",
            "yanchor": "top" if name == "loss" else "bottom", "text": "best epoch", "textangle": -90,
            "showarrow": False, "font": {"color": "--soft", "size": 11}}  # fmt: skip
    last = epochs[-1]
    words = (
        f"{NAMES[name]} by epoch, 1 to {len(epochs)}: in the last epoch {last[name]:.4f} on train and "
        f"{last[f'val_{name}']:.4f} on the validation data; in the best epoch, {best}, "
        f"{epochs[best - 1][f'val_{name}']:.4f}."
    )
    ticks = {"dtick": max(1, len(epochs) // 10)} if len(epochs) > 1 else {"tickvals": [1]}
    return Figure(
        data=drawn,
        layout=layout(
            260,
            {**title("Epoch"), **ticks},
            {"tickformat": ".3~g" if name == "loss" else ".0%", "rangemode": "tozero" if name == "loss" else "normal"},
            shapes=[chosen],
            annotations=[note],
            hovermode="x unified",
        ),
        alt=words,
        caption=NAMES[name],
    )


def _line(epochs: Epochs, name: str, label: str, color: str, dash: str) -> Spec:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": label,
        "x": [epoch["epoch"] for epoch in epochs],
        "y": [epoch[name] for epoch in epochs],
        "line": {"color": color, "width": 2, "dash": dash},
        "marker": {"size": 5, "symbol": "circle" if dash == "solid" else "circle-open", "color": color},
        "hovertemplate": "%{y:.4f}",
    }


def _columns(measured: list[str]) -> tuple[str, ...]:
    short = {"loss": "loss", "accuracy": "acc.", "top_5_accuracy": "top 5", "auc": "AUC"}
    pairs = [f"{split} {short[name]}" for name in measured for split in ("train", "val.")]
    return ("Epoch", *pairs, "Learning rate")


def _row(epoch: Mapping[str, float], measured: list[str], best: int) -> tuple[Cell, ...]:
    values = [number(epoch.get(prefix + name), ".4f") for name in measured for prefix in ("", "val_")]
    first = number(int(epoch["epoch"]), "d", note="best" if int(epoch["epoch"]) == best else "")
    return (first, *values, number(epoch.get("learning_rate"), "g"))
