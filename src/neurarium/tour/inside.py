"""What can be opened in the page: the looks inside the networks of a tour, and the labs.

To make a look its module is traced as a program, which takes a second or two. So the networks are shared out between
processes, each of which makes whole networks and hands back what a page needs of them.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any, Literal

import torch

from neurarium.chart import place_of
from neurarium.page.html import Part
from neurarium.page.scene import Scene
from neurarium.page.words import Text
from neurarium.tour.figures import Result
from neurarium.views.laboratory import found_labs, lab
from neurarium.views.looking import found_looks, look


@dataclass(frozen=True)
class Inside:
    """A network or a lab that can be opened.

    Attributes:
        kind: "net" or "lab".
        name: The network's code or the lab's name.
        title: What to call it.
        parts: Its looks by name, in the order of their tabs.
        left_out: The names of looks that it has and that are not there.
        sentence: What a lab says as it opens.
    """

    kind: Literal["net", "lab"]
    name: str
    title: Text
    parts: Mapping[str, Part] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    sentence: Text | None = None


@dataclass(frozen=True)
class _Job:
    """One network, or one lab where nothing is fitted."""

    name: str
    title: Text
    views: tuple[str, ...] = ()
    fitted: Any = None
    rows: tuple[Any, Any] = (None, None)
    own: bool = False


def insides(
    results: Sequence[Result],
    *,
    fast: bool = False,
    labs: bool = True,
    workers: int = 2,
    heard: Callable[[str, int, int], None] = lambda name, done, total: None,
) -> list[Inside]:
    """Make the looks of the networks that were on tour, and the labs.

    A look that brings an example of its own is shown on that, the others on the network as it was fitted on tour.

    Args:
        results: Of the tour.
        fast: Whether to make only the first look of each network, on the tour's own rows: the one that is made soonest.
        labs: Whether to make the labs too.
        workers: Processes to share the work; 1 for none but this one.
        heard: Told the name of each network or lab as it is done, how many are done, and how many there are.
    """
    jobs = _jobs(results, fast=fast) + ([_Job(name, file.TITLE) for name, file in found_labs().items()] if labs else [])
    found: dict[str, Inside] = {}
    for inside in _shared(jobs, min(workers, len(jobs))):
        found[inside.name] = inside
        heard(inside.name, len(found), len(jobs))
    return [found[job.name] for job in jobs]


def _jobs(results: Sequence[Result], *, fast: bool) -> list[_Job]:
    toured = {result.card.code: result for result in results if result.runs and result.runs[0].fitted is not None}
    views = {code: _views(code, result.runs[0].fitted, own=not fast) for code, result in toured.items()}
    if fast:
        views = {code: names[:1] for code, names in views.items()}
    jobs: list[_Job] = []
    for code, result in toured.items():
        place, run = place_of(result.card), result.runs[0]
        jobs.append(_Job(code, Text(place.name, place.spanish), views[code], run.fitted, run.rows, own=not fast))
    return jobs


def _views(code: str, fitted: Any, *, own: bool) -> tuple[str, ...]:
    """The looks that a network has, as it is or on an example of the look's own."""
    return tuple(
        name for name, file in found_looks().items() if file.can(fitted) or (own and _example(name, code) is not None)
    )


def _example(view: str, code: str) -> Any:
    return getattr(found_looks()[view], "example", lambda code: None)(code)


def _shared(jobs: Sequence[_Job], workers: int) -> Iterator[Inside]:
    """The work, by so many processes, in the order in which it is done."""
    if workers < 2:
        yield from map(_done, jobs)
        return
    pool = ProcessPoolExecutor(workers, get_context("spawn"), torch.set_num_threads, (1,))
    try:
        asked = {pool.submit(_done, job): job for job in jobs}
        for future in as_completed(asked):
            # A network of the caller's own may be one that no other process can read: then it is done here.
            yield _done(asked[future]) if future.exception() else future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _done(job: _Job) -> Inside:
    return of_lab(job.name) if job.fitted is None else _network(job)


def of_lab(name: str) -> Inside:
    """A lab as the page opens it.

    Args:
        name: Which.
    """
    scene = lab(name)
    told = Text(scene.told("en"), scene.told("es"))
    return Inside("lab", name, found_labs()[name].TITLE, {name: Part.of(scene)}, sentence=told)


def _network(job: _Job) -> Inside:
    parts, failed = {}, []
    for view in job.views:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # advice on short fits, which were chosen for the looks
                parts[view] = Part.of(_scene(job, view))
        except Exception:  # a look that fails costs this look and not the page, which names the command that says why
            failed.append(view)
    return Inside("net", job.name, job.title, parts, tuple(failed))


def _scene(job: _Job, view: str) -> Scene:
    own = _example(view, job.name) if job.own else None
    if own is None:
        return look(job.fitted, view, *job.rows)
    estimator, X, y = own
    return look(estimator.fit(X) if y is None else estimator.fit(X, y), view, X, y)
