"""What the commands about weights show: what is to come, what came, what is here."""

from typing import TYPE_CHECKING, Any

from .console import console, messages, print_json

if TYPE_CHECKING:
    from mmfeat.encoders.weights.found_weights import FoundWeights
    from mmfeat.stages.weights.fetch_plan import FetchPlan
    from mmfeat.stages.weights.here import WeightsHere
    from mmfeat.weights_store.record import WeightsRecord
    from mmfeat.weights_store.remote import RemoteFile


def print_plan(plan: "FetchPlan", remote: "RemoteFile", found: "FoundWeights | None") -> None:
    """Say what is to be downloaded, before anyone is asked."""
    from mmfeat.size_in_words import size_in_words

    facts, published = plan.facts, plan.published
    size = "unknown" if remote.n_bytes is None else size_in_words(remote.n_bytes)
    lines = [
        f"{plan.encoder}: {published.name} of {published.place}",
        f"  from: {remote.url}",
        f"  size: {size}",
        f"  to: {plan.folder}",
        f"  licence of the code: {facts.code_licence}",
        f"  licence of the weights: {facts.weights_licence}",
        f"  trained on: {', '.join(facts.trained_on) or 'nothing that is stated'}",
    ]
    if found is not None:
        lines.append(f"  already here: {found.file or 'in packages'}")
    for line in lines:
        messages.print(line, soft_wrap=True)


def print_result(name: str, result: "WeightsRecord | FoundWeights", *, as_json: bool) -> None:
    """Print what is remembered of weights that came, or that they were here."""
    from mmfeat.encoders.weights.found_weights import FoundWeights
    from mmfeat.stages.weights.here import found_as_json, record_as_json

    if isinstance(result, FoundWeights):
        described = found_as_json(result)
        place = result.file or "packages that are installed"
        text = f"{name}: already here, in {place}; --overwrite fetches it again"
    else:
        described = record_as_json(result)
        compared = result.compared_with or "no published digest to compare with"
        text = (
            f"{name}: {result.file}; every tensor fits; sha256 {result.sha256} ({compared}); "
            f"licence: {result.weights_licence}"
        )
    if as_json:
        print_json({"encoder": name, "was_here": isinstance(result, FoundWeights), **described})
    else:
        console.print(text, soft_wrap=True)


def dry_run_as_json(
    plan: "FetchPlan", remote: "RemoteFile", found: "FoundWeights | None"
) -> dict[str, Any]:
    """Return what would be fetched as JSON values."""
    facts = plan.facts
    return {
        "encoder": plan.encoder,
        "file": plan.published.name,
        "url": remote.url,
        "revision": remote.revision,
        "n_bytes": remote.n_bytes,
        "sha256": remote.sha256,
        "folder": str(plan.folder),
        "code_licence": facts.code_licence,
        "weights_licence": facts.weights_licence,
        "trained_on": list(facts.trained_on),
        "is_here": found is not None,
    }


def print_here(here: "WeightsHere") -> None:
    """Print which weights are here, and what is not whole."""
    from mmfeat.size_in_words import size_in_words

    for name, found in here.found.items():
        size = "" if found.n_bytes is None else f", {size_in_words(found.n_bytes)}"
        record = found.record
        since = "" if record is None else f", since {record.added[:10]}, from {record.source}"
        place = found.file or "in packages that are installed"
        kept = {"hub cache": " (the hub's cache)", "elsewhere": " (remembered)"}
        text = f"{name}: {place}{kept.get(found.kept_in, '')}{size}{since}"
        console.print(text, soft_wrap=True)
    for path in here.unfinished:
        size = size_in_words(path.stat().st_size)
        console.print(f"unfinished: {path}, {size}", soft_wrap=True)
    console.print(f"The folder of weights is {here.folder}", soft_wrap=True)
