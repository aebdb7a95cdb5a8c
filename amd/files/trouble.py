"""What the YAML parser complains of, in plain words."""

from __future__ import annotations

from ruamel.yaml.error import MarkedYAMLError

_TAB = "found character '\\t'"

# (what the parser says begins with, what to say instead)
_WORDS = (
    ("mapping values are not allowed", "a ':' is out of place here: put the text in quotes, or mend the indentation"),
    ("mapping keys are not allowed", "a '?' is out of place here: put the text in quotes"),
    ("sequence entries are not allowed", "a '-' is out of place here: start the list on a line of its own"),
    ("expected chomping or indentation", "a text that starts with '>' or '|' must be in quotes, such as \">= 3\""),
    ("found undefined alias", "this alias has no anchor before it"),
    ("could not find expected ':'", "a key without ':' after it; mend the line, or the indentation"),
    ("found duplicate anchor", "this anchor was used before"),
    ("expected '<document start>'", "there is more text after the end of the document: check the brackets"),
    ("did not find expected hexdecimal", "an escape in double quotes needs hexadecimal digits"),
    (
        "found unknown escape character",
        "an unknown escape in double quotes; use single quotes",
    ),
)
_TOKENS = {
    "<stream end>": "the end of the file",
    "<block end>": "the end of the block",
    "<scalar>": "a text",
    "<block mapping start>": "a deeper mapping",
    "<block sequence start>": "a deeper list",
    "<document start>": "'---'",
    "<document end>": "'...'",
}


def explain(error: MarkedYAMLError, text: str) -> tuple[int | None, str]:
    """The line and a sentence for what the parser found."""
    mark = error.problem_mark or error.context_mark
    line = None if mark is None else min(mark.line, max(text.count("\n"), 0)) + 1
    problem = error.problem or "cannot be read"
    opened = None if error.context_mark is None else error.context_mark.line + 1
    context = error.context or ""
    if "quoted scalar" in context and "unexpected end of stream" in problem:
        return opened, "the quotation mark that opens here is never closed"
    if "flow" in context:
        return line, _flow(problem, context, opened)
    if problem.startswith(_TAB) or "tab" in problem:
        return line, "a tab stands where only blanks may: indent with blanks"
    if problem.startswith("found character"):
        return line, f"{problem.split()[2]} cannot start a text: put it in quotes"
    for start, words in _WORDS:
        if problem.startswith(start):
            return line, words
    if problem.startswith("expected <block end>"):
        return line, f"{_found(problem)} does not fit here: check the indentation, quotation marks and brackets above"
    if problem.startswith("expected the node content"):
        return line, f"{_found(problem)} stands where a value is wanted: put it in quotes if it is text"
    plain = problem.replace("'\\x00'", "the end of the file").replace("'\\n'", "the end of the line")
    return line, f"is not YAML: {plain}"


def _flow(problem: str, context: str, opened: int | None) -> str:
    bracket = "'['" if "sequence" in context else "'{'" if "mapping" in context else "'[' or '{'"
    found = _found(problem)
    if problem.startswith("expected the node content") and found != "the end of the file":
        return f"a value is missing before {found}"
    if found == "the end of the file":
        return f"the bracket {bracket} opened on line {opened} is never closed"
    if found in ("'['", "'{'", "':'", "'?'"):
        return (
            f"{found} inside {bracket} of line {opened} ends the text before it: "
            f"put that text in quotes, or close the bracket"
        )
    return f"the bracket {bracket} opened on line {opened} is not closed before {found}"


def _found(problem: str) -> str:
    """What the parser got instead, in words."""
    for word in (", but found ", ", but got "):
        if word in problem:
            token = problem.split(word, 1)[1].strip().strip("'\"")
            return _TOKENS.get(token, f"'{token}'")
    return problem
