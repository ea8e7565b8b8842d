"""Method `average`: the mean of the probabilities of one logistic regression for each modality."""

from mmfeat.fusion.logistic import LinearMethod

METHOD = LinearMethod(
    "average",
    "mean of the probabilities of one logistic regression for each modality",
    with_joint_models=False,
)
