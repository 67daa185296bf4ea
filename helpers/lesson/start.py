"""What the notebook "start here" shows: the way, what to try next, and how good you predict.

All of it is read anew each time from the notebooks, the labs and the journal. It needs no cluster.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from functools import cache
from importlib import resources

from helpers.lesson import course
from helpers.lesson.journal import JournalError, mine
from helpers.lesson.run import plain as words_of
from helpers.lesson.telling import there
from helpers.model.journal import Kept
from helpers.model.misconceptions import MISCONCEPTIONS, Misconception
from helpers.model.way import Lab, State, Taught, Way

CHAPTERS = {
    "ch08": "Chapter 8 · Resources",
    "ch09": "Chapter 9 · Storage",
    "ch10": "Chapter 10 · Images",
}
_MARKS: dict[State, tuple[str, str]] = {
    "done": ("✓", "done"),
    "begun": ("◐", "begun"),
    "open": ("○", "not begun"),
}


def next_steps() -> None:
    """Show at most three things to try next."""
    way, trouble = _way()
    steps = way.advice()
    plain = [f"{step.kind}: {step.name} ({step.path}). {step.why}" for step in steps]
    items = "".join(
        f"<li><h4>{step.kind}</h4>{_link(step.path, step.name)}"
        f'<p class="wb-quiet">{html.escape(step.why)}</p></li>'
        for step in steps
    )
    body = f'<ul class="wb-next">{items}</ul>'
    if not steps:
        plain = ["You have done all of it. Change a form, and predict again."]
        body = f"<p><b>{plain[0]}</b></p>"
    _show(plain, body, trouble)


def chapters() -> None:
    """Show all notebooks and labs, with their minutes and what is done."""
    way, trouble = _way()
    minutes, of = way.minutes
    done = sum(way.state(one) == "done" for one in way.course.notebooks)
    told = f"{done} of {len(way.course.notebooks)} notebooks done, {minutes} of {of} minutes"
    parts, plain = [], [told]
    for name, title in CHAPTERS.items():
        taught = [one for one in way.course.notebooks if one.path.startswith(f"{name}/")]
        labs = [one for one in way.course.labs if any(p.startswith(name) for p in one.notebooks)]
        rows = [_notebook(one, way.state(one)) for one in taught]
        tried = [_lab(one, way.lab_state(one)) for one in labs]
        under = f"<h4>Labs</h4><ul>{''.join(row for row, _ in tried)}</ul>" if tried else ""
        parts.append(
            f'<div class="wb-chapter"><h3>{title}</h3>'
            f"<ul>{''.join(row for row, _ in rows)}</ul>{under}</div>"
        )
        plain += [title, *(line for _, line in (*rows, *tried))]
    body = (
        f'<div class="wb-all">{_bar(minutes / of if of else 0.0)}<span>{told}</span></div>'
        f'<div class="wb-chapters">{"".join(parts)}</div>'
    )
    _show(plain, body, trouble)


def predictions() -> None:
    """Show how good the first predictions were, lesson by lesson, and what they got wrong."""
    way, trouble = _way()
    rows, plain = [], []
    for one in way.course.notebooks:
        score = way.score(one)
        if not score.judged:
            continue
        told = f"{score.right} of {score.judged} right"
        plain.append(f"{one.title}: {told}")
        rows.append(
            f'<tr><th scope="row">{_link(f"notebooks/{one.path}", one.title)}</th>'
            f'<td class="wb-share">{_bar(score.share)}</td><td>{told}</td></tr>'
        )
    if not rows:
        plain = [
            "Nothing yet. Here you will see how good your first predictions are, lesson by lesson.",
            "A wrong one is worth most: it names the experiment that tells two ideas apart.",
        ]
        _show(plain, "".join(f'<p class="wb-quiet">{line}</p>' for line in plain), trouble)
        return
    ideas = [f"You may think that {known.idea}; {there(known, '')}" for known in _ideas(way.kept)]
    plain += [words_of(line) for line in ideas]
    more = "".join(f"<li>{line}</li>" for line in ideas)
    body = (
        '<table><thead><tr><th scope="col">lesson</th><th scope="col">first predictions</th>'
        f'<th scope="col"></th></tr></thead><tbody>{"".join(rows)}</tbody></table>'
        + (f'<ul class="wb-ideas">{more}</ul>' if more else "")
    )
    _show(plain, body, trouble)


def journal() -> None:
    """Say where the journal is, and what it holds."""
    try:
        found = mine()
        kept = found.read() if found is not None else Kept()
    except JournalError as error:
        _show([], "", str(error))
        return
    if found is None:
        _show(["This kernel keeps no journal: the lessons play themselves."], None, "")
        return
    held = (
        f"{len(kept.predictions)} predictions, {len(kept.quizzes)} answers to quizzes, "
        f"{len(kept.labs)} checks of labs"
        if not kept.empty
        else "nothing yet"
    )
    where = html.escape(str(found.file))
    _show(
        [f"Your journal is {found.file}. It holds {held}."],
        f"<p>Your journal is <code>{where}</code>. It holds {held}.</p>",
        "",
    )


def delete_journal() -> None:
    """Delete the journal. What was put aside because it was damaged stays beside it."""
    try:
        found = mine()
        gone = found is not None and found.delete()
    except JournalError as error:
        _show([], "", str(error))
        return
    _show(["Your journal is deleted." if gone else "There is no journal to delete."], None, "")


def _way() -> tuple[Way, str]:
    """Return the way, and what is wrong with the journal: then the way begins anew."""
    trouble, kept = "", Kept()
    try:
        found = mine()
        if found is not None:
            kept = found.read()
    except JournalError as error:
        trouble = str(error)
    return Way(course.read(), kept), trouble


def _ideas(kept: Kept) -> list[Misconception]:
    """Return the ideas behind wrong answers, the latest first, each once."""
    held = (one.misconception for one in reversed(kept.answers))
    names = dict.fromkeys(name for name in held if name in MISCONCEPTIONS)
    return [MISCONCEPTIONS[name] for name in list(names)[:5]]


def _notebook(one: Taught, state: State) -> tuple[str, str]:
    return _row(f"notebooks/{one.path}", one.title, one.minutes, state)


def _lab(one: Lab, state: State) -> tuple[str, str]:
    return _row(f"labs/{one.folder}/lab.ipynb", one.title, one.minutes, state)


def _row(path: str, title: str, minutes: int, state: State) -> tuple[str, str]:
    """Return a line of the map as HTML and as text."""
    mark, words = _MARKS[state]
    time = f"{minutes} min" if minutes else ""
    row = (
        f'<li class="wb-{state}">'
        f'<span class="wb-mark" role="img" aria-label="{words}">{mark}</span>'
        f'{_link(path, title)}<span class="wb-minutes">{time}</span></li>'
    )
    return row, f"  {mark} {title} ({time or 'time unknown'}, {words})"


def _link(path: str, words: str) -> str:
    """Return a link from notebooks/ to a path of the project."""
    to = path.removeprefix("notebooks/") if path.startswith("notebooks/") else f"../{path}"
    return f'<a href="{html.escape(to)}">{html.escape(words)}</a>'


def _bar(share: float) -> str:
    """Return a bar; the numbers stand in words beside it."""
    return f'<span class="wb-bar" aria-hidden="true"><span style="width:{share:.0%}"></span></span>'


def _show(plain: Iterable[str], body: str | None, trouble: str) -> None:
    from IPython.display import display

    lines = list(plain)
    notice = f'<p class="wb-notice" role="alert">{html.escape(trouble)}</p>' if trouble else ""
    if body is None:
        body = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    rich = f'<div class="wb-start"><style>{_css()}</style>{notice}{body}</div>'
    text = "\n".join([trouble, *lines] if trouble else lines)
    display({"text/plain": text, "text/html": rich}, raw=True)


@cache
def _css() -> str:
    return resources.files("helpers.lesson").joinpath("start.css").read_text("utf-8")
