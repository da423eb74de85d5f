"""How training went: loss and accuracy by epoch."""

from collections.abc import Mapping

from components.report.contracts import History
from components.report.elements import Cell, Figure, Section, Spec, Table, layout, number, title
from components.report.facts import Facts
from components.report.forms import read_form

NAMES = {"loss": "Loss (nats)", "accuracy": "Accuracy", "top_5_accuracy": "Accuracy among the first five",
         "auc": "Area under the ROC curve"}  # fmt: skip


def curves(facts: Facts) -> Section:
    """The section."""
    history = read_form(History, facts.path("Model") / "history.json")
    epochs, best = history.epochs, history.best_epoch
    measured = [name for name in NAMES if all(name in epoch for epoch in epochs)]
    table = Table("Every epoch", _columns(measured), tuple(_row(epoch, measured, best) for epoch in epochs))
    figures = [_figure(epochs, name, best) for name in measured[:2]]
    kept = f"Epoch {best} of {len(epochs)} was kept"
    return Section(
        "curves", "How it learned", shown={"figures": figures, "table": table, "kept": kept, "data": _data(facts)}
    )


def _data(facts: Facts) -> str:
    on = facts.settings.get("validate_on") or ("test" if facts.settings.get("preset") == "notebook" else "validation")
    return f"the {on} split"


def _figure(epochs: tuple[Mapping[str, float], ...], name: str, best: int) -> Figure:
    drawn = [_line(epochs, name, "train", "--second", "dot")]
    if f"val_{name}" in epochs[0]:
        drawn.append(_line(epochs, f"val_{name}", "validation", "--accent", "solid"))
    kept = {"type": "line", "xref": "x", "yref": "paper", "x0": best, "x1": best, "y0": 0, "y1": 1,
            "line": {"color": "--soft", "width": 1, "dash": "dash"}}  # fmt: skip
    note = {"x": best, "xanchor": "right", "y": 1 if name == "loss" else 0, "yref": "paper",
            "yanchor": "top" if name == "loss" else "bottom", "text": "kept", "textangle": -90,
            "showarrow": False, "font": {"color": "--soft", "size": 11}}  # fmt: skip
    last = epochs[-1]
    words = f"{NAMES[name]} by epoch, 1 to {len(epochs)}: at the end train {last[name]:.4f}"
    if f"val_{name}" in last:
        words += (
            f", validation {last[f'val_{name}']:.4f}; at the kept epoch {best} {epochs[best - 1][f'val_{name}']:.4f}"
        )
    ticks = {"dtick": max(1, len(epochs) // 10)} if len(epochs) > 1 else {"tickvals": [1]}
    return Figure(
        data=drawn,
        layout=layout(
            260,
            {**title("Epoch"), **ticks},
            {"tickformat": ".3~g" if name == "loss" else ".0%", "rangemode": "tozero" if name == "loss" else "normal"},
            shapes=[kept],
            annotations=[note],
            hovermode="x unified",
        ),
        alt=words + ".",
        caption=NAMES[name],
    )


def _line(epochs: tuple[Mapping[str, float], ...], name: str, label: str, colour: str, dash: str) -> Spec:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": label,
        "x": [epoch["epoch"] for epoch in epochs],
        "y": [epoch[name] for epoch in epochs],
        "line": {"color": colour, "width": 2, "dash": dash},
        "marker": {"size": 5, "symbol": "circle" if dash == "solid" else "circle-open", "color": colour},
        "hovertemplate": "%{y:.4f}",
    }


def _columns(measured: list[str]) -> tuple[str, ...]:
    short = {"loss": "loss", "accuracy": "acc.", "top_5_accuracy": "top 5", "auc": "AUC"}
    pairs = [f"{split} {short[name]}" for name in measured for split in ("train", "val.")]
    return ("Epoch", *pairs, "Rate")


def _row(epoch: Mapping[str, float], measured: list[str], best: int) -> tuple[Cell, ...]:
    values = [number(epoch.get(prefix + name), ".4f") for name in measured for prefix in ("", "val_")]
    kept = int(epoch["epoch"]) == best
    first = number(int(epoch["epoch"]), "d", note="kept" if kept else "")
    return (first, *values, number(epoch.get("learning_rate"), "g"))
