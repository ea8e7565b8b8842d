"""Fit another library's error into one line of ours."""

_LONGEST = 200


def one_line(error: BaseException) -> str:
    r"""Return an error's text in one line, shortened; the kind of error when it has no text.

    Example:
        >>> one_line(ValueError("two\n  lines"))
        'two lines'
        >>> one_line(EOFError())
        'EOFError'
    """
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
