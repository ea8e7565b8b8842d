"""Which targets can be trained on, with which methods."""

from collections.abc import Mapping

from mmfeat.config.learning import TrainSettings
from mmfeat.errors import TrainError
from mmfeat.fusion.contract import Method
from mmfeat.manifest.cohort import Cohort


def check_targets(settings: TrainSettings, cohort: Cohort, methods: Mapping[str, Method]) -> None:
    """Raise TrainError when no method learns a group, or one has no form for a target."""
    if settings.joint and not any(one.uses_seed for one in methods.values()):
        raise TrainError(
            "train.joint: only networks learn several targets together, and "
            f"{', '.join(methods)} train none; add `mmfeat` or `paper` to train.methods"
        )
    wanted = settings.targets if settings.targets is not None else list(cohort.targets)
    together = [name for weights in settings.joint.values() for name in weights]
    for name in dict.fromkeys([*wanted, *together]):
        times = cohort.targets[name].times
        without = [label for label, one in methods.items() if not one.has_cox]
        if times is not None and times.is_cox and without:
            raise TrainError(
                f"cohort.targets.{name}: `model: cox` has no form in {', '.join(without)}; set "
                "`model: hazards`, or leave these methods out of train.methods"
            )
