"""What is to be fetched, from where, and to where."""

from dataclasses import dataclass
from pathlib import Path

from mmfeat import encoders
from mmfeat.encoders.recipe import ModelFacts
from mmfeat.encoders.weights.found_weights import FoundWeights
from mmfeat.errors import EncoderError
from mmfeat.stages.weights.proof import facts_of
from mmfeat.weights_store.folder import PARTIAL, WeightsStore
from mmfeat.weights_store.hub import ask_hub
from mmfeat.weights_store.hub_cache import (
    hub_cache_folder,
    lock_in_hub_cache,
    partial_in_hub_cache,
)
from mmfeat.weights_store.published import PublishedFile
from mmfeat.weights_store.remote import RemoteFile, ask_address


@dataclass(frozen=True)
class FetchPlan:
    """Hold what is to be fetched for an encoder, and where to.

    Args:
        encoder: Its name.
        published: The file.
        to: A folder of the user's, from where the file is carried elsewhere; without one it becomes
            the weights of the encoder on this machine.
        chosen: Whether the user asked for this file among several.
    """

    encoder: str
    published: PublishedFile
    to: Path | None = None
    chosen: bool = False

    @property
    def file_name(self) -> str:
        """Its name without folders."""
        return self.published.file_name

    @property
    def facts(self) -> ModelFacts:
        """What the user is told before."""
        return facts_of(self.encoder)

    @property
    def folder(self) -> Path:
        """Where the file will be kept, in one place or another below."""
        if self.to is not None:
            return self.to
        return hub_cache_folder() if self.published.hub else WeightsStore().root

    def ask(self) -> RemoteFile:
        """Ask the server for size and version.

        Raises:
            EncoderError: It cannot be reached, or refuses; the message says what to do.
        """
        return ask_hub(self.published) if self.published.hub else ask_address(self.published)

    def partial(self, remote: RemoteFile) -> Path:
        """Return where the file grows until it is whole and proven."""
        if self.to is not None:
            return self.to / f"{self.file_name}{PARTIAL}"
        if self.published.hub:
            return partial_in_hub_cache(self.published, str(remote.etag))
        return WeightsStore().partial_for(self.encoder, self.file_name)

    def lock(self, remote: RemoteFile) -> Path:
        """Return the file whose lock its fetching holds; on the hub, that of the hub's package."""
        if self.to is None and self.published.hub:
            return lock_in_hub_cache(self.published, str(remote.etag))
        partial = self.partial(remote)
        return partial.with_name(f"{partial.name}.lock")

    def here(self) -> FoundWeights | None:
        """Return the weights if they are already where they would come to.

        Raises:
            EncoderError: This file was asked for, and another one is here.
        """
        if self.to is None:
            found = encoders.weights_on_this_machine(self.encoder)
            is_this = found is None or found.file is None or found.file.name == self.file_name
            if not self.chosen or is_this:
                return found
            if found is not None and found.record is not None:
                raise EncoderError(
                    f"encoder {self.encoder}: has its weights in {found.file}, which is another "
                    "file; --overwrite to replace them"
                )
            return None
        file = self.to / self.file_name
        if not file.is_file():
            return None
        return FoundWeights("elsewhere", file, file.stat().st_size, None, None)


def plan_fetch(encoder: str, *, which: str | None = None, to: Path | None = None) -> FetchPlan:
    """Choose the file to fetch; nothing is asked of any server.

    Args:
        encoder: Its name.
        which: Name of a published file, or its place; None is the usual one.
        to: As in `FetchPlan`.

    Raises:
        EncoderError: The encoder has no published file, or none is called so.
    """
    source = encoders.encoder_class(encoder).weights_source
    if source is None:
        raise EncoderError(f"encoder {encoder}: has no weights; there is nothing to fetch")
    if not source.published:
        raise EncoderError(
            f"encoder {encoder}: there is no address to fetch from; its weights are {source.where}"
        )
    if which is None:
        return FetchPlan(encoder, source.published[0], to)
    names = {one: (one.name, one.file_name, one.hub, one.place) for one in source.published}
    fitting = [one for one, known in names.items() if which in known]
    if len(fitting) != 1:
        raise EncoderError(
            f"encoder {encoder}: --file {which} is {'more' if fitting else 'less'} than one of "
            f"{', or '.join(one.in_words for one in source.published)}"
        )
    return FetchPlan(encoder, fitting[0], to, chosen=True)
