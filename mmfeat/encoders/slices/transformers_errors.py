"""What transformers raises where the settings in a folder are odd."""

from huggingface_hub.errors import StrictDataclassError

RAISED_BY_ODD_SETTINGS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    StrictDataclassError,
    TypeError,
    ValueError,
)
"""What odd settings make transformers and torch raise."""
