"""The command `policykb`: each subcommand lives in a file of its own and is imported when it is called.

So `policykb search` starts without what training or the web page need. Errors that a user can mend end with status 1
and one line; wrong usage ends with status 2, as click does it.
"""

from __future__ import annotations

import errno
from importlib import import_module
from importlib.metadata import version

import click

from ingest.problem import Problem

# In the order in which a newcomer needs them, with the line that `policykb --help` shows.
COMMANDS = {
    "rebuild": "Clean, split, embed and index pages, and publish the build.",
    "watch": "Rebuild whenever the corpus has changed and come to rest.",
    "ask": "Answer a question with cited sentences.",
    "search": "Rank passages for a query and say why.",
    "kwic": "Show every place of a phrase or pattern with what stands around it.",
    "export": "Write results, or a whole base, as a table or as references.",
    "serve": "Open the web page.",
    "clean": "Show what a page becomes; needs no knowledge base.",
    "prepare": "Make what the exploring pages read: word counts, statements, the map.",
    "compare": "Say what each place, year, scheme or site states to one question.",
    "conflicts": "List where sources give different numbers for one matter.",
    "similar": "List the passages nearest to a passage.",
    "map": "Show the groups of like passages, or draw the map.",
    "words": "Count words: keywords of a sub-corpus, collocates, use over time.",
    "audit": "List doubtful pages and removals, worst first.",
    "duplicates": "List articles that say nearly the same, or compare two.",
    "plan": "Say what so many passages take, and which store to choose.",
    "status": "Say what is published and how healthy it is.",
    "unanswered": "List the questions that got a no, or clear their log.",
    "coverage": "Say which provinces, years, schemes and sites the articles are about.",
    "card": "Write what the collection holds, lacks and how it was made, for a paper.",
    "builds": "List the builds that are kept.",
    "diff": "Say what changed between two builds, and what is found first now.",
    "rollback": "Publish an earlier build again.",
    "gc": "Remove builds, raw pages and caches that are not to be kept.",
    "verify": "Prove every passage against the raw pages.",
    "evaluate": "Measure retrieval on a folder with corpus, queries and qrels.",
    "calibrate": "Measure thresholds and weights of a model on questions with known answers.",
    "train": "Train an embedding model from pairs, or adapt one.",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, and whose mendable errors are one line each."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands in reading order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Import and return a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"search_app.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; a problem that the user can mend becomes one line and exit status 1."""
        try:
            return super().invoke(ctx)
        except Problem as problem:
            raise click.ClickException(" ".join(str(problem).split())) from problem
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise click.ClickException("no space left where the output goes; free some and run it again") from error


def _show_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:  # noqa: ARG001 - click's signature
    """Print what a report of a problem should begin with."""
    if not value or ctx.resilient_parsing:
        return
    from index.store.compiled import compiled_loops

    ways = "compiled loops" if compiled_loops() is not None else "NumPy; a C compiler at installing makes them quicker"
    click.echo(f"policykb {version('policykb')}\nwords are added up by {ways}")
    ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version, and how words are added up.",
)
def main() -> None:
    """Search Chinese policy articles by meaning, with every answer cited to its source.

    \b
    First steps:
      policykb rebuild corpus/pages     build a knowledge base in ./kb
      policykb ask 医保断了还能报销吗    answer a question
      policykb serve                    open the web page
    """


if __name__ == "__main__":
    main()
