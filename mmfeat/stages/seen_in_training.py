"""Warn where an encoder was trained on scans of the cohort that it is to be judged by."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.encoders import encoder_class
from mmfeat.encoders.public_collections import (
    collection_named,
    collections_of_ids,
    nearest_collection,
    share_scans,
)
from mmfeat.manifest.cohort import Cohort
from mmfeat.stages.volume_encoder import recipe_file_of


@dataclass(frozen=True)
class SeenInTraining:
    """Say that an encoder was trained on a collection that the cohort has scans of."""

    modality: str
    encoder: str
    trained_on: tuple[str, ...]
    """What it was trained on that shares scans with the collection."""
    collection: str
    n_cases: int | None
    """Cases that have ids of the collection; None where the settings name it."""
    n_scanned: int
    """Cases that have a scan."""

    @property
    def message(self) -> str:
        """What was found."""
        sets = ", ".join(self.trained_on)
        shares = "" if self.trained_on == (self.collection,) else f" shares scans with {sets}"
        known_by = (
            "named by `cohort.collections`"
            if self.n_cases is None
            else f"{self.n_cases} of {self.n_scanned} cases have its ids"
        )
        trained = f"{self.encoder} was trained on {sets}"
        if shares:
            return f"{trained}, and {self.collection} ({known_by}){shares}"
        return f"{trained} ({known_by})"

    @property
    def advice(self) -> str:
        """What it means, and what to do."""
        return (
            "results on those cases are too good: take an encoder that has not seen them, or test "
            "on other cases"
        )

    @property
    def note(self) -> str:
        """All of it on one line."""
        return f"`{self.modality}`: {self.message}; {self.advice}"


def seen_in_training(project: Project, cohort: Cohort) -> tuple[SeenInTraining, ...]:
    """Return every encoder of the settings that was trained on scans of the cohort.

    The cohort's collections are those that ``cohort.collections`` names, and those whose ids its
    cases, patients or files have.

    Raises:
        EncoderError: The settings name an encoder that does not exist.
    """
    return tuple(
        seen
        for name, modality in project.settings.modalities.items()
        if isinstance(modality, VolumeModality)
        for seen in seen_by_encoder(project, cohort, name, modality)
    )


def seen_by_encoder(
    project: Project, cohort: Cohort, name: str, modality: VolumeModality
) -> Iterator[SeenInTraining]:
    """Return what the encoder of one modality was trained on that the cohort has scans of.

    Raises:
        EncoderError: There is no such encoder.
    """
    kind = encoder_class(modality.encoder, recipe_file_of(project, modality))
    facts = getattr(kind, "facts", None)  # encoders of other packages need not state any
    if facts is None:
        return
    named = [collection_named(one) or one for one in project.settings.cohort.collections]
    of_ids = collections_of_ids(_ids(cohort, name))
    n_scanned = sum(len(scans) > 0 for scans in cohort.sources[name])
    for collection in dict.fromkeys([*named, *of_ids]):
        trained_on = _sharing(facts.trained_on, collection)
        if trained_on:
            n_cases = of_ids.get(collection)
            yield SeenInTraining(name, modality.encoder, trained_on, collection, n_cases, n_scanned)


def training_notes(project: Project, cohort: Cohort) -> tuple[str, ...]:
    """Return a sentence for each of `seen_in_training`.

    Raises:
        EncoderError: The settings name an encoder that does not exist.
    """
    return tuple(seen.note for seen in seen_in_training(project, cohort))


def unknown_collections(names: Iterable[str]) -> tuple[str, ...]:
    """Return a sentence for each name that means no collection known here."""
    notes = []
    for name in names:
        if collection_named(name) is None:
            near = nearest_collection(name)
            hint = (
                f"did you mean `{near}`?"
                if near
                else "correct it, or leave it to be compared by its name"
            )
            notes.append(f"cohort.collections: `{name}` is no collection that mmfeat knows; {hint}")
    return tuple(notes)


def _ids(cohort: Cohort, modality: str) -> Iterable[tuple[str, ...]]:
    """Return of each case that has scans whatever may tell a collection."""
    cases = zip(cohort.case_ids, cohort.patient_ids, cohort.sources[modality], strict=True)
    for case_id, patient_id, scans in cases:
        if scans:
            names = (part for scan in scans for part in scan.path.parts[-3:])
            yield (case_id, patient_id, *names)


def _sharing(trained_on: Iterable[str], collection: str) -> tuple[str, ...]:
    """Return the training sets that share scans with a collection: itself alone, if it is one."""
    sets = [collection_named(name) or name for name in trained_on]
    if collection in sets:
        return (collection,)
    if collection_named(collection) is None:
        return ()
    return tuple(name for name in sets if collection_named(name) and share_scans(name, collection))
