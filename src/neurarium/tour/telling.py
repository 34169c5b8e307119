"""The tour on the terminal: live while it runs, then a table, the summary and the surprises.

Progress goes to stderr: on a terminal a table that grows, else a plain line a network. The result goes to stdout.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from neurarium.core.card import Card
from neurarium.core.messages import say, seconds, share
from neurarium.tour.figures import Result, Verdict
from neurarium.tour.run import Started, run
from neurarium.tour.summary import place_name, summary, surprises

_COLOURS: dict[Verdict, str] = {
    "ahead": "green",
    "level": "green",
    "behind": "yellow",
    "below floor": "bold red",
    "failed": "bold red",
    "no verb yet": "dim",
}
_WIDE = 160  # columns of a table that nobody looks at on a terminal


class Teller:
    """Follows a tour and tells it: `with Teller("en") as teller: results = teller.follow(cards, seeds)`.

    Args:
        speech: The language.
    """

    def __init__(self, speech: str) -> None:
        self._speech = speech
        self._err = Console(stderr=True)
        self._live = Live(console=self._err, transient=True, refresh_per_second=10) if self._err.is_terminal else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def follow(self, cards: Sequence[Card], seeds: Sequence[int], *, fast: bool = False) -> list[Result]:
        """Run the tour and show where it stands.

        Args:
            cards: Which networks.
            seeds: Of the splits.
            fast: Whether from half of the digits only.
        """
        results: list[Result] = []
        for event in run(cards, seeds, fast=fast):
            if isinstance(event, Result):
                results.append(event)
            if self._live is not None:
                self._live.update(self._growing(results, event if isinstance(event, Started) else None))
            elif isinstance(event, Result):
                self._err.out(self._line(event), highlight=False)
        return results

    def making(self, name: str, done: int, total: int) -> None:
        """Show which network or lab has been made ready to be opened."""
        words = say("tour.inside", self._speech, name=name, done=done, total=total)
        if self._live is not None:
            self._live.update(Spinner("dots", Text(words)))
        else:
            self._err.out(words, highlight=False)

    def conclude(self, results: Sequence[Result], path: Path) -> None:
        """Print the table, the summary, the surprises and where the page is."""
        out = Console(file=sys.stdout, highlight=False)
        if not out.is_terminal:
            out = Console(file=sys.stdout, highlight=False, width=_WIDE)
        out.print(self._table(results))
        for result in results:
            if result.trouble:
                out.print(Text(say("tour.trouble", self._speech, code=result.card.code, text=result.trouble)))
        out.print(Text("\n" + summary(results, self._speech)), soft_wrap=True)
        for sentence in surprises(results, self._speech):
            out.print(Text("- " + sentence), soft_wrap=True)
        out.print(Text("\n" + say("tour.page", self._speech, path=path)), soft_wrap=True)

    def _growing(self, results: Sequence[Result], now: Started | None) -> Group:
        parts: list[Table | Spinner] = [self._table(results)] if results else []
        if now is not None:
            verb = say(f"verb.{now.card.verb}", self._speech)
            place = {"number": now.number, "total": now.total, "seed": now.seed}
            text = Text(say("tour.now", self._speech, name=now.card.name, verb=verb, **place))
            parts.append(Spinner("dots", text))
        return Group(*parts)

    def _table(self, results: Sequence[Result]) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("")
        for column in ("network", "verb"):
            table.add_column(say(f"tour.{column}", self._speech), overflow="fold")
        for column in ("floor", "ours", "rival", "seconds"):
            table.add_column(say(f"tour.{column}", self._speech), justify="right", no_wrap=True)
        table.add_column(say("tour.against", self._speech), overflow="fold")
        table.add_column(say("tour.verdict", self._speech), overflow="fold")
        for result in results:
            table.add_row(*self._cells(result))
        return table

    def _cells(self, result: Result) -> list[Text]:
        verdict = Text(say(f"verdict.{result.verdict}", self._speech), style=_COLOURS[result.verdict])
        start = [result.card.code, place_name(result, self._speech), say(f"verb.{result.card.verb}", self._speech)]
        if not result.runs:
            return [*map(Text, [*start, "", "", "", "", ""]), verdict]
        shares = [share(result.median(part), self._speech) for part in ("floor", "ours", "rival")]
        took = seconds(result.median("seconds"), self._speech)
        return [*map(Text, [*start, *shares, took, result.runs[0].rival_name]), verdict]

    def _line(self, result: Result) -> str:
        words = [cell.plain for cell in self._cells(result) if cell.plain]
        return "  ".join([*words, result.trouble] if result.trouble else words)
